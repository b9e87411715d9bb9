"""The settings of a PBX server. Secrets are never in the form: a blank one keeps what is stored."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError

from ringup.backoffice.sections import Section
from ringup.core.time_zones import time_zones
from ringup.pbx.configuring import Secrets
from ringup.pbx.database_address import NotAnAddress, check_address, masked
from ringup.pbx.languages import LANGUAGES
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import kinds

SECRETS = frozenset({"dsn", "event_password"})
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})*", re.ASCII)
# A tenant's own label of 40 letters stands in front, and all of it is 200 at most.
SUFFIX = re.compile(rf"(?:{LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])", re.ASCII)
ACCESS_LIST = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MOST_ADDRESSES = 50
# Wider than what anybody's PBX calls out from.
WIDEST = {4: 16, 6: 32}

SECTIONS = (
    Section("Server", ("name", "kind", "environment", "is_enabled")),
    Section(
        "How Ringup reaches it",
        (
            "dsn",
            "event_host",
            "event_port",
            "event_password",
            "cache_dir",
            "recordings_dir",
            "voicemail_dir",
        ),
        "Directly: its database and its event socket, and its directories as this machine sees them. "
        "A small agent on the PBX, which keeps both off the network, comes later.",
    ),
    Section(
        "Phones and carriers",
        ("sip_host", "sip_port", "sip_tls_port", "egress_addresses"),
        "To be reachable from the internet: SIP on the first port by UDP, SIP over TLS on the second "
        "by TCP, voice (RTP) on 10000 to 20000 by UDP, and 443 by TCP for the tenants' sign-in pages.",
    ),
    Section(
        "Tenants",
        (
            "domain_suffix",
            "template_domain",
            "access_list",
            "language",
            "time_zone",
            "country",
        ),
        "Where tenants live, what they are copied from, and what the wizard proposes to their buyers.",
    ),
    Section(
        "Capacity",
        ("max_tenants", "max_extensions"),
        "An order counts from the moment when it is placed until it ends.",
    ),
)


class Line(forms.CharField):
    """One line of text without control characters."""

    def clean(self, value: Any) -> Any:
        text = str(value or "")
        if CONTROL.search(text.strip() if self.strip else text):
            raise ValidationError("Leave out control characters and line breaks.")
        return super().clean(value)


class Port(forms.IntegerField):
    """1 to 65535."""

    default_error_messages = {
        name: "Type a port from 1 to 65535."
        for name in ("required", "invalid", "min_value", "max_value")
    }

    def __init__(self, **options: Any) -> None:
        words = self.default_error_messages
        super().__init__(min_value=1, max_value=65535, error_messages=words, **options)


class Directory(Line):
    """A path from the root, or nothing."""

    def clean(self, value: Any) -> Any:
        path = str(super().clean(value))
        if path and (not path.startswith("/") or ".." in path.split("/")):
            raise ValidationError("Type a whole path that begins with /, or leave it empty.")
        return path.rstrip("/") if len(path) > 1 else path


def _room(label: str, most: int) -> forms.IntegerField:
    words = f"Type a number from 1 to {most:,}."
    names = ("required", "invalid", "min_value", "max_value")
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        error_messages=dict.fromkeys(names, words),
    )


class ServerForm(forms.Form):
    """All settings of one server. ``changes_of`` compares with what is stored."""

    name = Line(label="Name", max_length=80, help_text="How staff knows it, for example pbx-ca-1.")
    kind = forms.ChoiceField(label="Kind", choices=kinds)
    environment = forms.ChoiceField(
        label="Environment",
        choices=PbxServer.Environment.choices,
        help_text="Orders through sandbox providers go to sandbox servers only, and the others to "
        "production servers.",
    )
    is_enabled = forms.BooleanField(label="Takes new tenants", required=False)
    dsn = Line(
        label="Address of its database",
        error_messages={"required": "Type the address of the PBX's database."},
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
    )
    event_host = Line(label="Event socket: host", max_length=150)
    event_port = Port(label="Event socket: port")
    event_password = Line(
        label="Event socket: password",
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    cache_dir = Directory(
        label="Directory of its cache",
        max_length=300,
        required=False,
        help_text="Without it, changes take no effect where FusionPBX caches in files.",
    )
    recordings_dir = Directory(label="Directory of recordings", max_length=300, required=False)
    voicemail_dir = Directory(label="Directory of voicemail", max_length=300, required=False)
    sip_host = Line(
        label="Public SIP host",
        max_length=150,
        help_text="The name or address where phones register, for example pbx1.example.com.",
    )
    sip_port = Port(label="SIP port, UDP")
    sip_tls_port = Port(label="SIP port, TLS")
    egress_addresses = forms.CharField(
        label="Addresses from which it calls out",
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One address or network a line, for example 203.0.113.7 or 203.0.113.0/29. Some "
        "carriers ask for them.",
    )
    domain_suffix = Line(
        label="Suffix of the tenants' addresses",
        max_length=150,
        help_text="pbx.example.com makes acme.pbx.example.com. It needs a wildcard record in DNS and a "
        "wildcard certificate: the test looks at both.",
    )
    template_domain = Line(
        label="Template tenant",
        max_length=150,
        required=False,
        help_text="The domain on the PBX whose dialplans every new tenant gets.",
    )
    access_list = Line(
        label="Access list of the carriers",
        max_length=60,
        help_text="Its name on the PBX. Preparing the server makes it where there is none.",
    )
    language = forms.ChoiceField(label="Usual language", choices=LANGUAGES)
    time_zone = forms.ChoiceField(label="Usual time zone", choices=time_zones)
    country = Line(
        label="Country",
        max_length=2,
        required=False,
        help_text="Two letters, for example CA. Where the server stands.",
        error_messages={"max_length": "Type the two letters of a country, for example CA."},
    )
    max_tenants = _room("Most tenants", 100_000)
    max_extensions = _room("Most extensions", 1_000_000)

    def __init__(self, data: Any = None, *, server: PbxServer) -> None:
        columns = [name for name in self.base_fields if name not in SECRETS]
        initial = {name: getattr(server, name) for name in columns}
        initial["egress_addresses"] = "\n".join(server.egress_addresses)
        super().__init__(data, initial=initial)
        stored = server.connection() if server.pk else None
        dsn = masked(stored.dsn) if stored else ""
        self.fields["dsn"].help_text = (
            f"Now {dsn}. Left blank, it stays."
            if dsn
            else "For example postgresql://fusionpbx:password@127.0.0.1/fusionpbx. Stored encrypted."
        )
        self.fields["dsn"].required = stored is None
        if stored and stored.event_password:
            self.fields["event_password"].help_text = "One is stored. Left blank, it stays."
        else:
            self.fields["event_password"].help_text = "That of event_socket.conf.xml on the PBX."

    # -- what was typed -----------------------------------------------------------------------

    def clean_dsn(self) -> str:
        dsn = str(self.cleaned_data["dsn"])
        try:
            if dsn:
                check_address(dsn)
        except NotAnAddress as error:
            raise ValidationError(str(error)) from None
        return dsn

    def clean_event_host(self) -> str:
        return _host(self.cleaned_data["event_host"], "127.0.0.1")

    def clean_sip_host(self) -> str:
        return _host(self.cleaned_data["sip_host"], "pbx1.example.com")

    def clean_domain_suffix(self) -> str:
        return _domain(self.cleaned_data["domain_suffix"])

    def clean_template_domain(self) -> str:
        text: str = self.cleaned_data["template_domain"]
        if text and not HOST.fullmatch(text):
            raise ValidationError("Type the domain as it stands on the PBX, in small letters.")
        return text

    def clean_access_list(self) -> str:
        text: str = self.cleaned_data["access_list"]
        if not ACCESS_LIST.fullmatch(text):
            raise ValidationError("Use letters, digits, hyphens and underscores, like providers.")
        return text

    def clean_country(self) -> str:
        code = str(self.cleaned_data["country"]).upper()
        if code and code not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError("Type the two letters of a country, for example CA.")
        return code

    def clean_egress_addresses(self) -> str:
        """One network a line, each in its one spelling."""
        lines = [line.strip() for line in str(self.cleaned_data["egress_addresses"]).splitlines()]
        found = [_network(line) for line in lines if line]
        if len(found) > MOST_ADDRESSES:
            raise ValidationError(f"List at most {MOST_ADDRESSES} addresses.")
        return "\n".join(dict.fromkeys(found))

    def values(self) -> dict[str, Any]:
        """Column -> value, for ``save_server``."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in SECRETS}
        return values | {"egress_addresses": values["egress_addresses"].split()}

    def secrets(self) -> Secrets:
        """What was typed of them."""
        given = self.cleaned_data
        return Secrets(dsn=given["dsn"] or None, event_password=given["event_password"] or None)


def _host(text: str, example: str) -> str:
    host = text.lower()
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    numbers_alone = re.fullmatch(r"[0-9.]+", host)
    if len(host) > 150 or numbers_alone or not HOST.fullmatch(host):
        raise ValidationError(
            f"Type a host name or an address alone, without port or https://, for example {example}."
        )
    return host


def _domain(text: str) -> str:
    if "://" in text or "/" in text or ":" in text:
        raise ValidationError("Leave out https:// and everything behind the name: pbx.example.com.")
    if text.startswith(("*", ".")):
        raise ValidationError("Begin with the name itself, without * and dot: pbx.example.com.")
    if text != text.lower():
        raise ValidationError(f"Use small letters: {text.lower()}.")
    if not SUFFIX.fullmatch(text) or text.endswith(".public"):
        raise ValidationError(
            "Use letters, digits and hyphens in parts with dots between them, without spaces: "
            "pbx.example.com."
        )
    return text


def _network(text: str) -> str:
    shown = text[:60]
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        try:
            meant = ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise ValidationError(
                f"{shown} is no address. Type one a line, for example 203.0.113.7 or 203.0.113.0/29."
            ) from None
        address = text.partition("/")[0]
        raise ValidationError(
            f"{shown} is one address in a network. Type {address} for the address, or {meant} for all "
            "of the network."
        ) from None
    if network.prefixlen < WIDEST[network.version]:
        raise ValidationError(f"{network} is too wide: name the addresses of this server alone.")
    if network.is_multicast or network.is_unspecified:
        raise ValidationError(f"{network} is nobody's address.")
    return str(network)
