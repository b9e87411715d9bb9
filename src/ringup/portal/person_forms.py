"""What a client's people type about themselves, about each other and about their company."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError

from ringup.accounts.forms import NewPasswordForm
from ringup.accounts.member_roles import MemberRole, Topic
from ringup.core.form_fields import EmailAddress, PlainText
from ringup.core.phones import NotANumber, to_e164
from ringup.core.time_zones import time_zones

CHOOSE_ROLE = "Choose a role."
VAT_ID = re.compile(r"[A-Z0-9]{4,20}", re.ASCII)
# Pages and mails are written in English so far; the wish is kept for the day there are more, and
# staff reads it.
LANGUAGES = (
    ("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français"),
    ("it", "Italiano"), ("nl", "Nederlands"), ("pt", "Português"),
)  # fmt: skip


def _name(label: str, autocomplete: str, *, required: bool = True) -> PlainText:
    return PlainText(
        label=label,
        max_length=150,
        required=required,
        error_messages={"required": f"Type a {label.lower()}."},
        widget=forms.TextInput(attrs={"autocomplete": autocomplete}),
    )


class RoleForm(forms.Form):
    """What a member may do."""

    role = forms.ChoiceField(
        label="Role",
        choices=MemberRole.choices,
        error_messages={"required": CHOOSE_ROLE, "invalid_choice": CHOOSE_ROLE},
    )


class InvitationForm(forms.Form):
    """Whom to invite, and for what."""

    email = EmailAddress(
        label="E-mail",
        max_length=254,
        help_text="The invitation goes there, and it is the name to sign in with.",
    )
    role = forms.ChoiceField(
        label="Role",
        choices=[("", "Choose a role"), *MemberRole.choices],
        help_text="Give the smallest that does. It can be changed at any time.",
        error_messages={"required": CHOOSE_ROLE, "invalid_choice": CHOOSE_ROLE},
    )


class JoinForm(NewPasswordForm):
    """Who accepts an invitation with a new login."""

    name = _name("Name", "name")
    field_order = ("name", "new_password1", "new_password2")

    def clean_name(self) -> str:
        """A password that is the name is refused: the validators look at the login."""
        self.user.first_name = self.cleaned_data["name"]
        return str(self.cleaned_data["name"])


class PersonForm(forms.Form):
    """Name, time zone and language of a login."""

    first_name = _name("First name", "given-name")
    last_name = _name("Last name", "family-name", required=False)
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=lambda: [("", "The company's"), *time_zones()],
        required=False,
        error_messages={"invalid_choice": "Choose a time zone from the list."},
    )
    language = forms.ChoiceField(
        label="Language",
        choices=LANGUAGES,
        help_text="Pages and mails are in English for now. We keep your wish.",
        error_messages={"invalid_choice": "Choose a language from the list."},
    )


class EmailForm(forms.Form):
    """Another address to sign in with, and the password."""

    email = EmailAddress(
        label="New e-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        error_messages={"required": "Type your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class TopicsForm(forms.Form):
    """What mails a member wants."""

    topics = forms.MultipleChoiceField(
        label="Mails about",
        choices=Topic.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the list."},
    )


class CompanyForm(forms.Form):
    """Who the client is, for contracts and invoices. The address for mails is the owners' to change:
    links to passwords go there."""

    name = PlainText(
        label="Company",
        max_length=120,
        error_messages={"required": "Type the company's name."},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    contact_name = PlainText(
        label="Contact",
        max_length=120,
        error_messages={"required": "Type the name of a person."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = EmailAddress(
        label="E-mail", max_length=254, help_text="Links to the passwords of your phones go there."
    )
    phone = PlainText(
        label="Telephone",
        max_length=40,
        error_messages={"required": "Type a telephone number, for example +1 416 555 0142."},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    street = PlainText(label="Street and number", max_length=150, required=False)
    postal_code = PlainText(label="Postal code", max_length=20, required=False)
    city = PlainText(label="City", max_length=80, required=False)
    region = PlainText(label="State or province", max_length=80, required=False)
    country = PlainText(
        label="Country",
        max_length=2,
        required=False,
        help_text="Two letters: CA, US, DE.",
        error_messages={"max_length": "Type the country's two letters, for example CA."},
    )
    vat_id = PlainText(
        label="VAT id",
        max_length=24,
        required=False,
        help_text="As your tax office writes it, for example DE123456789.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=time_zones,
        error_messages={"invalid_choice": "Choose a time zone from the list."},
    )

    def __init__(self, *args: Any, is_owner: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_owner:
            del self.fields["email"]

    def clean_phone(self) -> str:
        country = str(self.data.get("country", "")).strip().upper()
        try:
            return to_e164(self.cleaned_data["phone"], country=country)
        except NotANumber as error:
            raise ValidationError(str(error)) from error

    def clean_country(self) -> str:
        code = str(self.cleaned_data["country"]).upper()
        if code and code not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError("Type the country's two letters, for example CA.")
        return code

    def clean_vat_id(self) -> str:
        text = re.sub(r"[\s.\-]", "", str(self.cleaned_data["vat_id"])).upper()
        if text and not VAT_ID.fullmatch(text):
            raise ValidationError("A VAT id has 4 to 20 letters and digits. Check it.")
        return text


class AgainForm(forms.Form):
    """The password once more, before something that cannot be taken back."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        error_messages={"required": "Type your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
