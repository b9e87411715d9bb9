"""What is wrong with one fact, in a sentence to whoever types it: the same rule for the wizard, for a
correction and for the review."""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from phonenumbers import SUPPORTED_REGIONS

from ringup.carriers.papers import PersonKind
from ringup.core.form_fields import EmailAddress, PlainText
from ringup.core.phones import NotANumber, country_name, to_e164
from ringup.regulatory.facts import day_of, word_of

ADULT_YEARS = 18
OLDEST_YEARS = 120
# Longer ones are in no passport; the columns of carriers end near here.
LONGEST = {"street": 150, "company_name": 150, "postal_code": 20, "phone": 20, "contact_email": 254}
LONGEST_ELSE = 100
# What people, and some browsers, put between year, month and day.
_TYPED_DAY = re.compile(r"(\d{4})[-./ ](\d{1,2})[-./ ](\d{1,2})", re.ASCII)
EXAMPLE_DAY = "Type the date as year-month-day, for example 1986-04-17."
_EMAIL, _COUNTRIES = EmailAddress(), frozenset({"country", "birth_country"})


def missing(what: str, kind: PersonKind = PersonKind.PERSONAL) -> str:
    """What to do about one that is not told; ``what`` is ``identity.phone`` and the like."""
    verb = "Choose" if what.endswith("country") else "Type"
    return f"{verb} the {word_of(what, kind)}."


def problem_with(name: str, text: str, *, country: str = "") -> str:
    """Why this fact cannot be sent to a carrier; empty when it can. An empty ``text`` is no problem
    here. ``country`` is the only one that is taken, where there is only one."""
    if not text:
        return ""
    if len(text) > LONGEST.get(name, LONGEST_ELSE):
        return f"Use at most {LONGEST.get(name, LONGEST_ELSE)} characters."
    if name in _COUNTRIES:
        return _country_problem(text, country)
    if name == "birth_date":
        return birth_problem(text)
    if name == "phone":
        return _phone_problem(text)
    return _text_problem(name, text)


def _country_problem(text: str, only: str) -> str:
    if text not in SUPPORTED_REGIONS:
        return "Choose a country from the list."
    if only and text != only:
        return f"It must be {country_name(only)}: the number's rules say so."
    return ""


def _phone_problem(text: str) -> str:
    try:
        same = to_e164(text) == text
    except NotANumber as error:
        return str(error)
    return "" if same else "Type the number with its country code, for example +27 21 001 2200."


def _text_problem(name: str, text: str) -> str:
    field = _EMAIL if name == "contact_email" else PlainText()
    try:
        field.clean(text)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def typed_day(text: str) -> str:
    """``1986-04-17`` from ``1986.4.17`` and the like; what is no date stays as it is."""
    found = _TYPED_DAY.fullmatch(text.strip())
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text.strip()


def birth_problem(text: str, *, today: date | None = None) -> str:
    """Why this is no birth date of an adult who lives."""
    today = today or timezone.localdate()
    day = day_of(text)
    if day is None:
        is_shaped = _TYPED_DAY.fullmatch(text)
        return "There is no such day. Check month and day." if is_shaped else EXAMPLE_DAY
    if day > today:
        return "This day has yet to come. Check the year."
    years = _years(day, today)
    if years > OLDEST_YEARS:
        return "This is too long ago. Check the year."
    if years < ADULT_YEARS:
        return f"Whoever has the number must be {ADULT_YEARS} or older. Name an adult."
    return ""


def _years(day: date, today: date) -> int:
    had_birthday = (today.month, today.day) >= (day.month, day.day)
    return today.year - day.year - (0 if had_birthday else 1)
