"""The settings of a carrier account: ours, and those that its adapter declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q, QuerySet

from ringup.backoffice.recording import changes_of
from ringup.backoffice.sections import Section
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import CREDENTIALS, Carrier, SettingField
from ringup.catalog.defaults import KINDS, Defaults
from ringup.catalog.placing import defaults_of
from ringup.core.money import Money
from ringup.core.phones import NotANumber, to_e164
from ringup.pbx.models import PbxServer, PbxTemplate

ITS = "its_"  # before the names of the adapter's fields: they must not meet ours
LONGEST = 200
SHORTEST_HINT = 12  # of a shorter secret, four characters would tell too much
HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
CURRENCY = re.compile(r"[A-Z]{3}")
REGION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
LINKS = URLValidator(schemes=["http", "https"])

GENERAL = Section("Account", ("name", "environment", "url", "portal_url", "support_contact"))
SELLING = Section(
    "Selling",
    ("countries", "regions", "max_numbers_per_client", "is_first_number_free"),
    "Where its numbers are on sale, and how many one client may have.",
)
SIP = Section(
    "White label and caller id", ("sip_host", "caller_id"), "For trunks that are made from now on."
)
MONEY = Section(
    "Balance",
    ("currency", "low_balance", "low_balance_email"),
    "Ringup asks every 15 minutes, and mails once a day while the balance is low.",
)
PACE = Section("Pace", ("calls_per_second", "connect_timeout_seconds", "read_timeout_seconds"))
PBX = Section(
    "PBX defaults",
    ("server", *KINDS),
    "What orders through this provider get where their product says nothing closer.",
)


def masked(secret: str) -> str:
    """What may be shown of a stored secret."""
    if not secret:
        return ""
    return "••••" + (secret[-4:] if len(secret) >= SHORTEST_HINT else "")


class ProviderForm(forms.Form):
    """All settings of one account. Secrets are never in it: a blank one keeps what is stored."""

    name = forms.CharField(label="Name", max_length=80, help_text="How staff knows this account.")
    environment = forms.ChoiceField(
        label="Environment",
        choices=CarrierAccount.Environment.choices,
        help_text="Sandbox orders cost nothing and stay apart from production.",
    )
    url = forms.CharField(label="Address of the API", max_length=LONGEST, required=False)
    portal_url = forms.CharField(
        label="Address of the portal",
        max_length=LONGEST,
        required=False,
        validators=[LINKS],
        error_messages={"invalid": "Type a web address, for example https://portal.example.com/."},
        help_text="Where staff signs in at the provider, for example to upload documents.",
    )
    support_contact = forms.CharField(
        label="Support contact",
        max_length=150,
        required=False,
        help_text="Whom to call when it does not work: telephone, e-mail, account number.",
    )
    sip_host = forms.CharField(
        label="White-label SIP host",
        max_length=150,
        required=False,
        help_text="A name of yours that points to the provider. Clients are told this one, and "
        "phones and PBXes register there.",
    )
    caller_id = forms.CharField(
        label="Default caller id",
        max_length=30,
        required=False,
        help_text="Shown instead of what the PBX sends. Leave it empty to let each tenant show its "
        "own number.",
    )
    max_numbers_per_client = forms.IntegerField(
        label="Most numbers for one client", min_value=1, max_value=100_000, required=False
    )
    is_first_number_free = forms.BooleanField(
        label="A client's first number is free", required=False
    )
    countries = forms.CharField(
        label="Countries on sale",
        max_length=LONGEST * 5,
        required=False,
        help_text="Two letters each, for example US, CA. Empty: all that the provider has.",
    )
    regions = forms.CharField(
        label="Regions on sale",
        max_length=LONGEST * 10,
        required=False,
        help_text="For example US-NY, CA-ON. A country without a region here is open everywhere.",
    )
    currency = forms.CharField(
        label="Currency of the account", max_length=3, help_text="What the provider charges in."
    )
    low_balance = forms.DecimalField(
        label="Low below",
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=2,
        required=False,
        help_text="Empty: nobody is told.",
    )
    low_balance_email = forms.EmailField(
        label="Tell this address", required=False, help_text="Empty: every owner."
    )
    calls_per_second = forms.FloatField(
        label="Calls per second", min_value=0.01, max_value=1000, help_text="1 is cautious."
    )
    connect_timeout_seconds = forms.FloatField(
        label="Seconds to connect", min_value=0.5, max_value=60
    )
    read_timeout_seconds = forms.FloatField(
        label="Seconds to answer", min_value=1, max_value=300, help_text="30 is usual."
    )
    server = forms.ModelChoiceField(
        PbxServer.objects.none(), label="PBX server", required=False, empty_label="Any with room"
    )

    def __init__(
        self, data: Any = None, *, account: CarrierAccount, adapter: type[Carrier]
    ) -> None:
        self.account, self.adapter = account, adapter
        super().__init__(data, initial=_initial(account, adapter))
        self.fields["url"].help_text = _address_help(adapter)
        _server_field(self).queryset = _servers(account)
        for name, kind in KINDS.items():
            self.fields[name] = forms.ModelChoiceField(
                _templates(kind),
                label=f"{kind.label} template",
                required=False,
                empty_label="Built in",
            )
        stored = account.open_secrets()
        for declared in adapter.connection_fields:
            known = self._choices(declared)
            field = _secret(declared, stored) if declared.secret else _plain(declared, known)
            self.fields[ITS + declared.name] = field

    def _choices(self, declared: SettingField) -> tuple[tuple[str, str], ...]:
        """The declared values, else those that the carrier listed at the last test."""
        report = self.account.last_report
        listed = report.choices.get(declared.name, ()) if report else ()
        if declared.choices or not listed:
            return declared.choices
        now = self.initial.get(ITS + declared.name, "")
        others = () if now in dict((("", ""), *listed)) else ((now, now),)
        return (("", "Chosen by the provider"), *others, *listed)

    def sections(self) -> tuple[Section, ...]:
        """The cards of the page, in their order: the adapter's behind the first."""
        declared: dict[str, list[str]] = {}
        for field in self.adapter.connection_fields:
            declared.setdefault(field.section, []).append(ITS + field.name)
        names = declared.pop(CREDENTIALS, [])
        credentials = [Section(CREDENTIALS, tuple(names))] if names else []
        its = [Section(title, tuple(names)) for title, names in declared.items()]
        return (GENERAL, *credentials, *its, SIP, SELLING, MONEY, PACE, PBX)

    @property
    def secret_names(self) -> frozenset[str]:
        """The form's names of secret fields."""
        return frozenset(ITS + f.name for f in self.adapter.connection_fields if f.secret)

    def refuse(self, sentence: str, field: str) -> None:
        """Show a refusal at its field, whichever side declared it."""
        places = [name for name in (ITS + field, field) if name in self.fields]
        self.add_error(places[0] if places else None, sentence)

    # -- what was typed -----------------------------------------------------------------------

    def clean_sip_host(self) -> str:
        host = str(self.cleaned_data["sip_host"]).lower()
        if host and not HOST.fullmatch(host):
            raise ValidationError("Type a host name without a port, for example sip.example.com.")
        return host

    def clean_caller_id(self) -> str:
        text = str(self.cleaned_data["caller_id"])
        try:
            return to_e164(text) if text else ""
        except NotANumber as error:
            raise ValidationError(str(error)) from error

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper()
        if not CURRENCY.fullmatch(code):
            raise ValidationError("Type the three letters of a currency, for example USD.")
        return code

    def clean_countries(self) -> str:
        codes = _codes(self.cleaned_data["countries"])
        for code in codes:
            if code not in phonenumbers.SUPPORTED_REGIONS:
                raise ValidationError(f"{code[:20]} is no country. Type two letters each: US, CA.")
        return ", ".join(codes)

    def clean_regions(self) -> str:
        codes = _codes(self.cleaned_data["regions"])
        countries = _codes(self.cleaned_data.get("countries", ""))
        for code in codes:
            found = REGION.fullmatch(code)
            if found is None or found[1] not in phonenumbers.SUPPORTED_REGIONS:
                raise ValidationError(f"{code[:20]} is no region. Type country and region: US-NY.")
            if countries and found[1] not in countries:
                raise ValidationError(f"{code} lies in a country that is not on sale.")
        return ", ".join(codes)

    def clean_url(self) -> str:
        """Left empty, the address that belongs to the environment."""
        is_sandbox = self.cleaned_data.get("environment") != CarrierAccount.Environment.PRODUCTION
        usual = self.adapter.sandbox_url if is_sandbox else self.adapter.production_url
        url = str(self.cleaned_data["url"]) or usual
        if not url:
            raise ValidationError("Type the address of the sandbox that this account talks to.")
        return url

    def values(self) -> dict[str, Any]:
        """Column -> value, for ``save_provider``. Secrets are not among them."""
        given = self.cleaned_data
        ours = [*GENERAL.names, *SELLING.names, *SIP.names, *MONEY.names, *PACE.names]
        values = {name: given[name] for name in ours}
        values |= {name: _codes(given[name]) for name in ("countries", "regions")}
        amount = given["low_balance"]
        values["low_balance"] = None if amount is None else Money.of(amount, given["currency"])
        identity, options = dict(self.account.identity), dict(self.account.options)
        for field in self.adapter.connection_fields:
            if field.secret:
                continue
            for kept in (identity, options):
                kept.pop(field.name, None)
            if text := given[ITS + field.name]:
                (identity if field.section == CREDENTIALS else options)[field.name] = text
        return values | {"identity": identity, "options": options}

    def secrets(self) -> dict[str, str]:
        """The secrets that were typed."""
        fields = [field for field in self.adapter.connection_fields if field.secret]
        typed = {field.name: self.cleaned_data[ITS + field.name] for field in fields}
        return {name: secret for name, secret in typed.items() if secret}

    def changes(self) -> dict[str, Any]:
        """For the activity log: what is not as it was, secrets only by name."""
        found = changes_of(self, secret=self.secret_names)
        return {name: pair for name, pair in found.items() if pair[0] != pair[1]}

    def defaults(self) -> Defaults:
        """The section of the PBX."""
        return Defaults(**{name: self.cleaned_data[name] for name in PBX.names})


def _servers(account: CarrierAccount) -> QuerySet[PbxServer]:
    """Servers to choose from; the present one also when it is disabled by now."""
    present = defaults_of(account).server_id if account.pk else None
    return PbxServer.objects.filter(Q(is_enabled=True) | Q(pk=present)).order_by("name")


def _initial(account: CarrierAccount, adapter: type[Carrier]) -> dict[str, Any]:
    initial: dict[str, Any] = {
        section_name: getattr(account, section_name)
        for section in (GENERAL, SIP, SELLING, PACE, MONEY)
        for section_name in section.names
    }
    initial["countries"] = ", ".join(account.countries)
    initial["regions"] = ", ".join(account.regions)
    if account.low_balance is not None:
        initial["low_balance"] = f"{account.low_balance.amount:.2f}"
    else:
        initial["low_balance"] = None
    initial |= {name: value for name, value in _defaults(account)}
    given = account.identity | account.options
    for field in adapter.connection_fields:
        if not field.secret:
            usual = field.choices[0][0] if field.choices and not field.required else ""
            initial[ITS + field.name] = given.get(field.name) or usual
    return initial


def _defaults(account: CarrierAccount) -> Iterator[tuple[str, int | None]]:
    defaults = defaults_of(account) if account.pk else None
    for name in PBX.names:
        yield name, getattr(defaults, f"{name}_id") if defaults else None


def _server_field(form: ProviderForm) -> forms.ModelChoiceField[PbxServer]:
    field = form.fields["server"]
    assert isinstance(field, forms.ModelChoiceField)
    return field


def _templates(kind: PbxTemplate.Kind) -> QuerySet[PbxTemplate]:
    return PbxTemplate.objects.filter(kind=kind).order_by("name")


def _address_help(adapter: type[Carrier]) -> str:
    if adapter.sandbox_url:
        return "Empty: the provider's own, of the chosen environment."
    live = (
        f"In production, empty means {adapter.production_url}. " if adapter.production_url else ""
    )
    return (
        f"{live}{adapter.label} has no sandbox: a sandbox account talks to Ringup's own, whose "
        "address ringup sandbox prints."
    )


def _secret(declared: SettingField, stored: dict[str, str]) -> forms.CharField:
    hint = masked(stored.get(declared.name, ""))
    field = forms.CharField(
        label=declared.label,
        max_length=LONGEST,
        # That it is missing is the verb's to say: it alone knows what is stored.
        required=False,
        strip=False,
        help_text=f"{declared.help} Left blank, the stored one stays." if hint else declared.help,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "placeholder": hint or "Not set"}
        ),
    )
    return field


def _plain(declared: SettingField, choices: tuple[tuple[str, str], ...]) -> forms.Field:
    if choices:
        # Where its first value is the usual one, it is chosen and never left out.
        return forms.ChoiceField(
            label=declared.label,
            choices=choices,
            required=declared.required or choices[0][0] != "",
            help_text=declared.help,
        )
    return forms.CharField(
        label=declared.label,
        max_length=LONGEST,
        required=declared.required,
        help_text=declared.help,
    )


def _codes(text: str) -> list[str]:
    """Codes between commas or spaces, each once, in capitals."""
    return (
        list(dict.fromkeys(re.split(r"[\s,;]+", text.upper().strip(" ,;\t\r\n")))) if text else []
    )
