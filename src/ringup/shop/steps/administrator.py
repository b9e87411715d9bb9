"""Step 4: the administrator of the PBX. His password is never rendered again."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ringup.catalog import selling
from ringup.core.form_fields import EmailAddress
from ringup.core.phones import calling_code
from ringup.core.time_zones import time_zones, zone_of
from ringup.flows.checkout import drafting, keeping_passwords
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.pbx.languages import LANGUAGES
from ringup.pbx.port import AdministratorGroup
from ringup.services.domains import tenant_domain
from ringup.shop.choices import ZONE_OF_REGION
from ringup.shop.forms import LongSelect
from ringup.shop.steps.step import Step

# The text beside the checkbox of step 4. Change it together with the text.
EMERGENCY_NOTICE = "2026-2"
USERNAME = re.compile(r"[A-Za-z0-9._-]{2,40}")
# The rule, as the page's script tests it and as the server does, and the sentence for it.
PASSWORD_RULES = (
    (r"^.{8,}$", "8 characters or more"),
    (r"(?=.*\p{Ll})(?=.*\p{Lu})", "Upper and lower case"),
    (r"\d", "A number"),
)
PASSWORD_ADVICE = (r"[^\p{L}\d\s]", "A symbol makes it stronger")
GROUPS = (
    (AdministratorGroup.ADMIN.value, "Administrator"),
    (AdministratorGroup.USER.value, "User"),
)
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
        widget=LongSelect(),
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
    group = forms.ChoiceField(
        label="Rights",
        choices=GROUPS,
        initial=AdministratorGroup.ADMIN.value,
        help_text="An administrator runs this PBX, a user sees one extension. Nobody gets rights over "
        "other companies.",
        error_messages={
            "required": "Choose administrator or user.",
            "invalid_choice": "Choose administrator or user.",
        },
    )
    emergency = forms.BooleanField(
        label="I understand that emergency numbers, such as 911 and 112, do not work from this PBX until "
        "you have told us the street address of your phones and we have confirmed it.",
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


class AdministratorStep(Step):
    slug = "administrator"
    title = "Admin user"
    template = "checkout/administrator.html"
    inputs = frozenset(AdministratorForm.base_fields) - {"email"}

    def applies(self, draft: Draft) -> bool:
        return selling.needs_tenant(draft.sold)

    def complete(self, draft: Draft) -> bool:
        # The page that saves the answers also keeps the password's hash.
        return super().complete(draft) and keeping_passwords.is_kept(draft)

    def form(self, draft: Draft, data: QueryDict | None = None) -> AdministratorForm:
        # Not for what was typed: there the server is only confirmed, by the submit.
        return AdministratorForm(data, initial=self._proposed(draft) if data is None else None)

    def _proposed(self, draft: Draft) -> dict[str, Any]:
        number = draft.answers.get("number", {})
        country, region = number.get("country", ""), number.get("region", "")
        server = drafting.server_of(draft)
        if calling_code(country) == "1":
            zone, is_french = ZONE_OF_REGION.get(region, ""), region == "QC"
        else:
            # Regions elsewhere may have the same letters.
            zone, is_french = zone_of(country), False
        proposed = {
            "username": "admin",
            "email": draft.answers.get("company", {}).get("email", ""),
            "time_zone": zone or server.time_zone,
            "language": "fr-ca" if is_french else server.language,
        }
        return proposed | self.answers(draft)

    def save(self, draft: Draft, form: AdministratorForm, *, buyer: Buyer) -> None:
        kept = ("username", "email", "time_zone", "language", "group")
        answers = {name: form.cleaned_data[name] for name in kept}
        drafting.save_answers(draft, self.slug, answers | {"emergency_notice": EMERGENCY_NOTICE})

    def context(self, draft: Draft, form: Any) -> dict[str, Any]:
        server, label = drafting.server_of(draft), draft.answers["tenant"]["label"]
        return {
            "server": server,
            "domain": tenant_domain(label, server),
            "password_rules": (*PASSWORD_RULES, PASSWORD_ADVICE),
        }
