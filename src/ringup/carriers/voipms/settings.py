"""The settings of one VoIP.ms account that are neither address nor password, checked."""

from __future__ import annotations

from ringup.carriers.given import GivenSettings
from ringup.carriers.port import SettingField
from ringup.carriers.voipms import sending
from ringup.carriers.voipms.numbering import ten_digits
from ringup.core.failures import OurFault

PER_MINUTE, FLAT = "1", "2"
VALUE, PREMIUM = "1", "2"
UDP, TCP, TLS = "udp", "tcp", "tls"
# From the specification of the shop; VoIP.ms's own pages on it were not found.
PORTS = {UDP: 5060, TCP: 5060, TLS: 5061}
CODECS = ("ulaw", "alaw", "g722", "g729", "gsm")
NUMBERS, TRUNKS, WIRE = "New numbers", "Trunks", "Calls of the API"

FIELDS = (
    SettingField("user", "API user name", "The e-mail address of the VoIP.ms account."),
    SettingField(
        "password",
        "API password",
        "Set in VoIP.ms under Main Menu, SOAP and REST/JSON API. Not the portal's password.",
        secret=True,
    ),
    SettingField(
        "account",
        "Main account number",
        "Six digits, shown in the VoIP.ms portal. With it, looking up one sub-account does not "
        "list them all.",
        required=False,
    ),
    SettingField(
        "billing_type",
        "Billing of new numbers",
        "What VoIP.ms charges us; the price that clients see follows from it.",
        required=False,
        choices=((PER_MINUTE, "Per minute"), (FLAT, "Flat rate")),
        section=NUMBERS,
    ),
    SettingField(
        "pop",
        "Point of presence",
        "The number of the VoIP.ms server for calls and registrations. After a connection test "
        "that worked, VoIP.ms's list stands here. Left empty, the first recommended one.",
        required=False,
        section=TRUNKS,
    ),
    SettingField(
        "transport",
        "SIP transport",
        "With TLS the sub-account carries encrypted calls only, and a white-label host must not be "
        "used: VoIP.ms's certificate does not name it.",
        required=False,
        choices=((UDP, "UDP"), (TCP, "TCP"), (TLS, "TLS, encrypted calls")),
        section=TRUNKS,
    ),
    SettingField(
        "canada_routing",
        "Canada routing",
        "Value is cheaper and does not always show the caller id; premium does.",
        required=False,
        choices=((VALUE, "Value"), (PREMIUM, "Premium")),
        section=TRUNKS,
    ),
    SettingField(
        "international_route",
        "International route",
        "Used where international calls are not locked.",
        required=False,
        choices=((VALUE, "Value"), (PREMIUM, "Premium")),
        section=TRUNKS,
    ),
    SettingField(
        "international",
        "International lock",
        "Locked calls are refused by VoIP.ms, whatever the PBX allows.",
        required=False,
        choices=(("no", "Locked"), ("yes", "Open: the PBX decides")),
        section=TRUNKS,
    ),
    SettingField(
        "codecs",
        "Codecs",
        f"Separated by semicolons; default ulaw. Known: {', '.join(CODECS)}.",
        required=False,
        section=TRUNKS,
    ),
    SettingField(
        "sending",
        "How they are sent",
        "A form keeps passwords out of addresses. Automatic uses the address only where VoIP.ms "
        "does not read forms.",
        required=False,
        choices=(
            (sending.AUTO, "Automatic"),
            (sending.FORM, "Always as a form"),
            (sending.QUERY, "Always in the address"),
        ),
        section=WIRE,
    ),
)


class Settings(GivenSettings):
    """Read when they are needed."""

    label, fields = "VoIP.ms", FIELDS

    def check(self) -> None:
        """Raise for the first setting that makes no sense."""
        if not self.user:
            raise self._bad("user", "filled in")
        self._check_choices()
        if not set(self.codecs.split(";")) <= set(CODECS):
            raise self._bad("codecs", f"some of {', '.join(CODECS)}, not {self.codecs!r}")
        if self.sip_host and self.transport == TLS:
            raise OurFault(
                f"With TLS the trunk cannot use the white-label host {self.sip_host}: VoIP.ms's "
                "certificate does not name it. Leave it empty, or choose UDP or TCP."
            )

        if self._connection.caller_id and not self.caller_id:
            raise self._bad("caller id", "a number of the USA or Canada, such as +12125550100")

    @property
    def sip_host(self) -> str:
        """What phones and PBXes register at instead of VoIP.ms's own name, or empty."""
        return self._connection.sip_host

    @property
    def caller_id(self) -> str:
        """Ten digits, or empty."""
        return ten_digits(self._connection.caller_id) if self._connection.caller_id else ""

    @property
    def canada_routing(self) -> str:
        return self._choice("canada_routing")

    @property
    def international_route(self) -> str:
        return self._choice("international_route")

    @property
    def user(self) -> str:
        return self._given.get("user", "")

    @property
    def pop(self) -> str:
        return self._given.get("pop", "")

    @property
    def account(self) -> str:
        return self._given.get("account", "")

    @property
    def codecs(self) -> str:
        return self._given.get("codecs") or "ulaw"

    @property
    def billing_type(self) -> str:
        return self._choice("billing_type")

    @property
    def transport(self) -> str:
        return self._choice("transport")

    @property
    def locks_international(self) -> bool:
        return self._choice("international") == "no"

    @property
    def sending(self) -> str:
        return self._choice("sending")
