"""Forms of mail server, first owner and starting catalogue."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from ringup.accounts.models import User
from ringup.carriers.models import CarrierAccount
from ringup.core.money import Money
from ringup.flows.starting_catalogue import Terms
from ringup.mail.configuring import ServerSettings
from ringup.mail.models import MailServer
from ringup.pbx.models import PbxServer

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,148}[A-Za-z0-9])?|\[?[0-9A-Fa-f:]{2,45}\]?")


class MailServerForm(forms.Form):
    """Where mails go out. A blank password keeps the stored one."""

    host = forms.CharField(label="Host", max_length=150, help_text="smtp.example.com")
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535, initial=587)
    security = forms.ChoiceField(
        label="Security",
        choices=MailServer.Security.choices,
        initial=MailServer.Security.STARTTLS,
    )
    user = forms.CharField(label="User name", max_length=150, required=False)
    password = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        max_length=300,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, stored: MailServer | None, **kwargs: Any) -> None:
        if stored is not None:
            names = ("host", "port", "security", "user")
            kwargs["initial"] = {name: getattr(stored, name) for name in names}
        super().__init__(*args, **kwargs)
        if stored is not None and stored.password:
            self.fields["password"].help_text = "One is stored. Left blank, it stays."

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip()
        if not HOST.fullmatch(host):
            raise ValidationError("Type a host name alone, for example smtp.example.com.")
        return host

    def wanted(self) -> ServerSettings:
        """What was typed, for the verb."""
        given = self.cleaned_data
        return ServerSettings(
            host=given["host"],
            port=given["port"],
            security=given["security"],
            user=given["user"],
            password=given["password"] or None,
        )


class TestMailForm(forms.Form):
    """Whereto."""

    to = forms.EmailField(label="Send a test mail to")


class FirstOwnerForm(forms.Form):
    """The first login."""

    name = forms.CharField(label="Your name", max_length=120)
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=200,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if "password" in cleaned and "email" in cleaned:
            user = User(email=cleaned["email"], first_name=cleaned.get("name", ""))
            try:
                validate_password(cleaned["password"], user)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class StartingCatalogueForm(forms.Form):
    """What the first products cost."""

    account = forms.ModelChoiceField(
        label="Provider",
        queryset=CarrierAccount.objects.filter(is_enabled=True, is_retired=False),
        empty_label=None,
    )
    server = forms.ModelChoiceField(
        label="PBX server",
        queryset=PbxServer.objects.filter(is_enabled=True),
        required=False,
        empty_label="Where there is most room",
    )
    seats = forms.IntegerField(label="Seats", min_value=1, max_value=500, initial=10)
    monthly = forms.DecimalField(
        label="Hosted PBX, a month",
        min_value=Decimal(0),
        max_value=Decimal(1_000_000),
        decimal_places=2,
        initial=Decimal("79.00"),
        help_text="A year is offered at the price of ten months.",
    )
    included = forms.DecimalField(
        label="Number included up to, a month",
        min_value=Decimal(0),
        max_value=Decimal(10_000),
        decimal_places=2,
        initial=Decimal("2.50"),
        help_text="A dearer number costs the difference.",
    )
    percent = forms.IntegerField(
        label="Numbers: percent on the carrier's price",
        min_value=0,
        max_value=10_000,
        initial=60,
    )
    addition = forms.DecimalField(
        label="Numbers: plus an amount, a month",
        min_value=Decimal(0),
        max_value=Decimal(10_000),
        decimal_places=2,
        initial=Decimal("0.50"),
    )

    def terms(self, currency: str) -> Terms:
        """What was typed, for the verb."""
        given = self.cleaned_data
        return Terms(
            seats=given["seats"],
            monthly=Money.of(given["monthly"], currency),
            included_number=Money.of(given["included"], currency),
            number_percent=given["percent"],
            number_addition=Money.of(given["addition"], currency),
        )
