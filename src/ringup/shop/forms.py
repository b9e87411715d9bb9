"""The wizard's inputs. Each refuses nonsense with a sentence that says what to type instead."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ringup.core.phones import NotANumber, to_e164
from ringup.core.time_zones import time_zones
from ringup.pbx.languages import LANGUAGES
from ringup.shop.asked import IN_A_ROW

BAD_EMAIL = "Type a complete e-mail address, for example anna@example.com."
MOST_EMAIL = 254  # RFC 5321 allows no more, and the columns hold no more
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f<>]")


class PlainText(forms.CharField):
    """One line of text without control characters and without what reads as markup."""

    default_error_messages = {"max_length": "Use at most %(limit_value)d characters."}

    def clean(self, value: Any) -> Any:
        # Django itself refuses a zero byte, with words that help nobody.
        text = re.sub(r"\s+", " ", str(value or "").replace("\x00", " ")).strip()
        if CONTROL_CHARACTERS.search(text):
            raise ValidationError("Leave out the characters < and >.")
        return super().clean(text)


class EmailAddress(forms.EmailField):
    """An address in small letters: it is the login, and logins are compared."""

    default_error_messages = {
        "required": BAD_EMAIL,
        "invalid": BAD_EMAIL,
        "max_length": "Use an e-mail address of at most %(limit_value)d characters.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MOST_EMAIL, **options})

    def clean(self, value: Any) -> Any:
        address = str(super().clean(str(value or "").replace("\x00", ""))).lower()
        # The PBX writes it unescaped into its directory.
        if unfit := sorted(set(address) & set('&<>"$')):
            raise ValidationError(
                f"Use an e-mail address without {' and '.join(unfit)}: the PBX cannot store it."
            )
        return address


class CompanyForm(forms.Form):
    """Step 1. ``country`` is where a number without country code is taken to be."""

    company = PlainText(
        max_length=120,
        label="Company name",
        error_messages={"required": "Type the name of your company."},
        widget=forms.TextInput(attrs={"autocomplete": "organization", "dir": "auto"}),
    )
    contact = PlainText(
        max_length=120,
        label="Contact name",
        error_messages={"required": "Type the name of the person we write to."},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    email = EmailAddress(
        label="Contact e-mail",
        help_text="Order updates go here, and a link to set your password.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = PlainText(
        max_length=40,
        label="Contact phone",
        error_messages={
            "required": "Type a telephone number, for example +1 416 555 0142.",
            "max_length": "This number has too many digits. Check it and type it again.",
        },
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(self, *args: Any, country: str = "US", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country

    def clean_phone(self) -> str:
        try:
            return to_e164(self.cleaned_data["phone"], country=self.country)
        except NotANumber as error:
            raise ValidationError(str(error)) from error


# A number, how many follow it one by one, and what it is sold with where that differs by row.
PICKED = re.compile(r"(\+[1-9]\d{6,14})(?:\*(\d{1,2}))?(?: ([-\w]{1,60}))?", re.ASCII)
CHOOSE = "Choose a number from the list."


class NumberForm(forms.Form):
    """Step 2: the chosen number, or the first of several in a row. Its cleaned ``e164s`` are all of
    them, its ``slug`` what they are sold with, if the row says so."""

    e164 = forms.CharField(max_length=90, label="Number", error_messages={"required": CHOOSE})

    def clean_e164(self) -> str:
        found = PICKED.fullmatch(self.cleaned_data["e164"])
        count = int(found[2] or 1) if found else 0
        if found is None or count not in IN_A_ROW:
            raise ValidationError(CHOOSE)
        first = int(found[1])
        self.cleaned_data["e164s"] = [f"+{first + more}" for more in range(count)]
        self.cleaned_data["slug"] = found[3] or ""
        return found[1]


class TenantForm(forms.Form):
    """Step 3: the name in front of the PBX address."""

    label = PlainText(
        max_length=40,
        label="PBX address",
        error_messages={
            "required": "Type a name for your PBX address, for example acme-toronto.",
            "max_length": "Use 1 to 40 letters, digits or hyphens, for example acme-toronto.",
        },
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )


USERNAME = re.compile(r"[A-Za-z0-9._-]{2,40}")
# The rule, as the page's script tests it and as the server does, and the sentence for it.
PASSWORD_RULES = (
    (r"^.{8,}$", "8 characters or more"),
    (r"(?=.*\p{Ll})(?=.*\p{Lu})", "Upper and lower case"),
    (r"\d", "A number"),
)
PASSWORD_ADVICE = (r"[^\p{L}\d\s]", "A symbol makes it stronger")
MOST_PASSWORD_BYTES = 72  # bcrypt reads no more


def weaknesses(password: str) -> list[str]:
    """What the password lacks by the rules; empty when it is good."""
    lacks = []
    if len(password) < 8:
        lacks.append("at least 8 characters")
    if not any(letter.isupper() for letter in password):
        lacks.append("an upper-case letter")
    if not any(letter.islower() for letter in password):
        lacks.append("a lower-case letter")
    if not any(letter.isdigit() for letter in password):
        lacks.append("a number")
    return lacks


class AdministratorForm(forms.Form):
    """Step 4. The password is never rendered again and never stored."""

    username = forms.CharField(
        max_length=40,
        label="User name",
        initial="admin",
        error_messages={
            "required": "Type a user name, for example admin.",
            "max_length": "Use at most 40 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    email = EmailAddress(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label="Password",
        strip=False,
        error_messages={"required": "Type a password for the administrator."},
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "data-rules": "password-rules"}
        ),
    )
    repeated = forms.CharField(
        label="Repeat password",
        strip=False,
        error_messages={"required": "Type the same password once more."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=time_zones,
        help_text="For call logs and opening hours.",
        error_messages={
            "required": "Choose a time zone.",
            "invalid_choice": "Choose a time zone from the list.",
        },
    )
    language = forms.ChoiceField(
        label="Language",
        choices=LANGUAGES,
        initial="en-us",
        error_messages={
            "required": "Choose a language.",
            "invalid_choice": "Choose a language from the list.",
        },
    )
    emergency = forms.BooleanField(
        label="I understand that 911 and 933 do not work from this PBX until you have told us the "
        "street address of your phones and we have confirmed it.",
        error_messages={
            "required": "Tick the box to confirm that you have another telephone for emergencies."
        },
    )

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if "@" in username:
            raise ValidationError("Leave out the @: type a short name, for example admin.")
        if not USERNAME.fullmatch(username):
            raise ValidationError(
                "Use 2 to 40 letters without accents, digits, dots, hyphens or underscores, "
                "for example admin."
            )
        return username

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        lacks = weaknesses(password)
        if lacks:
            raise ValidationError(f"The password needs {_list(lacks)}.")
        if len(password.encode()) > MOST_PASSWORD_BYTES:
            raise ValidationError("Use a password of at most 72 characters.")
        return password

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        first, second = cleaned.get("password"), cleaned.get("repeated")
        if first and second and first != second:
            self.add_error("repeated", "The two passwords differ. Type the same one twice.")
        return cleaned


def _list(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} and {words[-1]}"
