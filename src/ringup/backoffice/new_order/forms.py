"""What staff types about a client who is new."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ringup.accounts.models import Brand
from ringup.core.form_fields import EmailAddress, PlainText
from ringup.core.phones import NotANumber, countries, to_e164
from ringup.flows.checkout.opening_clients import NewClient


def choices() -> list[tuple[str, str]]:
    """Every country, behind the words that ask for one."""
    return [("", "Choose a country"), *countries()]


class NewClientForm(forms.Form):
    """A new client, and his owner's login. The brand is only asked where there are several."""

    company = PlainText(
        label="Company",
        max_length=120,
        error_messages={"required": "Type the company's name."},
    )
    contact = PlainText(
        label="Contact",
        max_length=120,
        error_messages={"required": "Type the name of the person we write to."},
    )
    email = EmailAddress(
        label="E-mail",
        help_text="The name to sign in with. Mails about the order go there, with a link to set a "
        "password.",
    )
    phone = PlainText(
        label="Telephone",
        max_length=40,
        error_messages={"required": "Type a telephone number, for example +1 416 555 0142."},
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
    )
    country = forms.ChoiceField(
        label="Country",
        choices=choices,
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
