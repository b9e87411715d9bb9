"""Where the calls of a plain number go."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ringup.accounts.models import Client
from ringup.catalog import selling
from ringup.core.form_fields import PlainText
from ringup.core.phones import NotANumber, to_e164
from ringup.flows.checkout import chosen_numbers, drafting
from ringup.flows.checkout.new_services import live_tenants
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.services.wanted import Goal, WantedTenant
from ringup.shop.steps.step import Step

GOALS = (
    (Goal.EXTENSION.value, "Extension of your PBX"),
    (Goal.TELEPHONE.value, "Telephone"),
    (Goal.SIP_URI.value, "SIP address"),
    (Goal.SIP_ACCOUNT.value, "Own SIP account"),
)
# The carrier charges us for forwarded minutes: only where they cost what the price covers.
FORWARDED_TO = frozenset({"US", "CA"})
EXPENSIVE = frozenset(
    {phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST}
)

SIP_USER = re.compile(r"[A-Za-z0-9._+~-]{1,64}")
HOST_NAME = re.compile(
    r"(?=.{4,190}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
SIP_EXAMPLE = "Type a SIP address, for example reception@pbx.example.com or 1001@203.0.113.7:5060."


class DestinationForm(forms.Form):
    """One goal, and the value that it needs. Values of the other goals are kept as typed."""

    goal = forms.ChoiceField(
        label="Where calls go",
        choices=GOALS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose where calls to this number go.",
            "invalid_choice": "Choose where calls to this number go.",
        },
    )
    extension = forms.ChoiceField(label="Extension", required=False)
    telephone = PlainText(
        max_length=40,
        required=False,
        label="Telephone number",
        help_text="Calls are forwarded to it, in the United States or Canada.",
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )
    sip_uri = PlainText(
        max_length=260,
        required=False,
        label="SIP address",
        help_text="user@host, with :port where it is not 5060.",
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        client: Client | None,
        number: str,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.number = number
        self.extensions = own_extensions(client)
        field = self.fields["extension"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose an extension"), *self.extensions]
        field.error_messages["invalid_choice"] = "Choose an extension of your own PBX."

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        goal = cleaned.get("goal")
        checks = {
            Goal.EXTENSION: ("extension", self._extension),
            Goal.TELEPHONE: ("telephone", self._telephone),
            Goal.SIP_URI: ("sip_uri", sip_uri),
        }
        if not goal or Goal(goal) not in checks:
            return cleaned
        name, check = checks[Goal(goal)]
        if name in self.errors:
            return cleaned
        try:
            cleaned[name] = check(cleaned.get(name, ""))
        except ValidationError as error:
            self.add_error(name, error)
        return cleaned

    def answers(self) -> dict[str, str]:
        """What the draft keeps: goal, value, and the tenant's uid for an extension."""
        goal, cleaned = Goal(self.cleaned_data["goal"]), self.cleaned_data
        tenant, _, extension = cleaned.get("extension", "").partition("/")
        value = {
            Goal.EXTENSION: extension,
            Goal.TELEPHONE: cleaned.get("telephone", ""),
            Goal.SIP_URI: cleaned.get("sip_uri", ""),
            Goal.SIP_ACCOUNT: "",
        }[goal]
        return {
            "goal": goal.value,
            "value": value,
            "tenant": tenant if goal is Goal.EXTENSION else "",
        }

    def _extension(self, text: str) -> str:
        if text:
            return text
        if self.extensions:
            raise ValidationError("Choose an extension of your PBX.")
        raise ValidationError(
            "You have no running PBX here. Sign in with the account that has one, or choose "
            "another place for the calls."
        )

    def _telephone(self, text: str) -> str:
        try:
            e164 = to_e164(text, country="US")
        except NotANumber as error:
            raise ValidationError(str(error)) from error
        if e164 == self.number:
            raise ValidationError(
                "This is the number that you are ordering: calls would go in a circle. "
                "Type another one."
            )
        parsed = phonenumbers.parse(e164)
        country = phonenumbers.region_code_for_number(parsed)
        if country not in FORWARDED_TO or phonenumbers.number_type(parsed) in EXPENSIVE:
            raise ValidationError(
                "Calls can be forwarded to ordinary numbers in the United States and Canada for "
                "now. Type one of those, or choose a SIP address."
            )
        return e164


def initial_of(answers: dict[str, str]) -> dict[str, str]:
    """The form's initial values from what the draft keeps."""
    goal, value = answers.get("goal", ""), answers.get("value", "")
    names = {Goal.TELEPHONE: "telephone", Goal.SIP_URI: "sip_uri"}
    initial = {"goal": goal}
    if goal == Goal.EXTENSION:
        initial["extension"] = f"{answers.get('tenant', '')}/{value}"
    elif goal in names:
        initial[names[Goal(goal)]] = value
    return initial


def own_extensions(client: Client | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of the client's running PBXes with ``(tenant uid/extension, label)``."""
    groups = []
    for tenant in live_tenants(client):
        wanted = WantedTenant.from_data(tenant.wanted)
        rows = [
            (f"{tenant.uid}/{row.extension}", f"{row.extension} {row.name}".strip())
            for row in wanted.extensions
        ]
        groups.append((tenant.name, rows))
    return groups


def sip_uri(text: str) -> str:
    """``user@host[:port]`` with the host in small letters, or a ``ValidationError``."""
    bare = re.sub(r"^sips?:", "", text.strip(), flags=re.IGNORECASE)
    user, _, place = bare.rpartition("@")
    host, has_port, port = place.partition(":")
    host = host.lower()
    if not SIP_USER.fullmatch(user) or not (_is_public_address(host) or HOST_NAME.fullmatch(host)):
        raise ValidationError(SIP_EXAMPLE)
    if has_port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise ValidationError("The port behind the colon is a number from 1 to 65535.")
    return f"{user}@{host}:{int(port)}" if has_port else f"{user}@{host}"


def _is_public_address(host: str) -> bool:
    """Whether the carrier could reach this IPv4 address. Examples' addresses are let through."""
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        return False
    if address.is_loopback or address.is_link_local or address.is_multicast:
        raise ValidationError("The carrier cannot reach this address. Type a public one.")
    if any(address in network for network in PRIVATE):
        raise ValidationError(
            "This is an address inside a private network, which the carrier cannot reach. "
            "Type the public one."
        )
    return True


PRIVATE = tuple(
    ipaddress.IPv4Network(text)
    for text in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
)


class DestinationStep(Step):
    slug = "destination"
    title = "Destination"
    template = "checkout/destination.html"
    inputs = frozenset(DestinationForm.base_fields)

    def applies(self, draft: Draft) -> bool:
        return not selling.needs_tenant(draft.sold)

    def form(self, draft: Draft, data: QueryDict | None = None) -> DestinationForm:
        number = draft.answers.get("number", {}).get("e164", "")
        known = initial_of(self.answers(draft))
        return DestinationForm(data, client=draft.client, number=number, initial=known)

    def save(self, draft: Draft, form: DestinationForm, *, buyer: Buyer) -> None:
        drafting.save_answers(draft, self.slug, form.answers())

    def context(self, draft: Draft, form: Any) -> dict[str, Any]:
        return {"number": chosen_numbers.main_words(draft)}
