"""What staff types about a client who is new."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError

from ringup.accounts.models import Brand
from ringup.core.phones import NotANumber, country_name, to_e164
from ringup.flows.checkout.opening_clients import NewClient

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f<>]")


def countries() -> list[tuple[str, str]]:
    """``("CA", "Canada")``, by name."""
    named = ((code, country_name(code)) for code in phonenumbers.SUPPORTED_REGIONS)
    return [("", "Choose a country"), *sorted(named, key=lambda pair: pair[1])]


class Line(forms.CharField):
    """One line of text without control characters and without what reads as markup."""

    default_error_messages = {"max_length": "Use at most %(limit_value)d characters."}

    def clean(self, value: Any) -> Any:
        text = re.sub(r"\s+", " ", str(value or "").replace("\x00", " ")).strip()
        if CONTROL_CHARACTERS.search(text):
            raise ValidationError("Leave out the characters < and >.")
        return super().clean(text)


class NewClientForm(forms.Form):
    """A new client, and his owner's login. The brand is only asked where there are several."""

    company = Line(
        label="Company",
        max_length=120,
        error_messages={"required": "Type the company's name."},
    )
    contact = Line(
        label="Contact",
        max_length=120,
        error_messages={"required": "Type the name of the person we write to."},
    )
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="The name to sign in with. Mails about the order go there, with a link to set a "
        "password.",
        error_messages={
            "required": "Type an e-mail address.",
            "invalid": "Type a complete e-mail address, for example anna@example.com.",
            "max_length": "Use an e-mail address of at most 254 characters.",
        },
    )
    phone = Line(
        label="Telephone",
        max_length=40,
        error_messages={"required": "Type a telephone number, for example +1 416 555 0142."},
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
    )
    country = forms.ChoiceField(
        label="Country",
        choices=countries,
        error_messages={
            "required": "Choose a country.",
            "invalid_choice": "Choose a country from the list.",
        },
    )
    brand = forms.ModelChoiceField(
        Brand.objects.order_by("-is_default", "name"),
        label="Brand",
        empty_label=None,
        error_messages={
            "required": "Choose a brand.",
            "invalid_choice": "Choose a brand from the list.",
        },
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if Brand.objects.count() < 2:
            del self.fields["brand"]

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"]).lower()
        # The PBX writes it unescaped into its directory.
        if unfit := sorted(set(address) & set('&<>"$')):
            raise ValidationError(
                f"Use an e-mail address without {' and '.join(unfit)}: the PBX cannot store it."
            )
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if "phone" in cleaned:
            try:
                cleaned["phone"] = to_e164(cleaned["phone"], country=cleaned.get("country", ""))
            except NotANumber as error:
                self.add_error("phone", str(error))
        return cleaned

    def new_client(self) -> NewClient:
        """Of a valid form."""
        typed = self.cleaned_data
        return NewClient(
            company=typed["company"],
            contact=typed["contact"],
            email=typed["email"],
            phone=typed["phone"],
            address={"country": typed["country"]},
        )
