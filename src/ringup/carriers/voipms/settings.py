"""The settings of one VoIP.ms account that are neither address nor password, checked."""

from __future__ import annotations

from ringup.carriers.port import CarrierConnection, SettingField
from ringup.carriers.voipms import sending
from ringup.core.failures import OurFault

PER_MINUTE, FLAT = "1", "2"
UDP, TCP, TLS = "udp", "tcp", "tls"
# From the specification of the shop; VoIP.ms's own pages on it were not found.
PORTS = {UDP: 5060, TCP: 5060, TLS: 5061}

# The first of each is what an empty setting means.
CHOICES = {
    "billing_type": (PER_MINUTE, FLAT),
    "transport": (UDP, TCP, TLS),
    "international": ("no", "yes"),
    "sending": sending.WAYS,
}

FIELDS = (
    SettingField("user", "API user name", "The e-mail address of the VoIP.ms account."),
    SettingField(
        "password",
        "API password",
        "Set in VoIP.ms under Main Menu, SOAP and REST/JSON API. Not the portal's password.",
        secret=True,
    ),
    SettingField(
        "pop",
        "Point of presence",
        "The number of the VoIP.ms server (server_pop) for calls and registrations, for example "
        "5. Left empty, the first recommended one.",
        required=False,
    ),
    SettingField(
        "account",
        "Main account number",
        "Six digits, shown in the VoIP.ms portal. With it, looking up one sub-account does not "
        "list them all.",
        required=False,
    ),
    SettingField(
        "billing_type", "Billing of new numbers", "1 per minute (default), 2 flat.", required=False
    ),
    SettingField(
        "transport",
        "SIP transport of trunks",
        "udp (default), tcp or tls. With tls the sub-account carries encrypted calls only.",
        required=False,
    ),
    SettingField(
        "international",
        "International calls of trunks",
        "no (default) locks them at VoIP.ms, whatever the PBX allows; yes leaves it to the PBX.",
        required=False,
    ),
    SettingField(
        "codecs", "Codecs of trunks", "Separated by semicolons; default ulaw.", required=False
    ),
    SettingField(
        "sending",
        "How calls are sent",
        "auto (default): as a form, which keeps passwords out of addresses, and in the address "
        "where forms are not read. form or query fix one of them.",
        required=False,
    ),
)


class Settings:
    """Read when they are needed: ``OurFault`` names the one that makes no sense."""

    def __init__(self, connection: CarrierConnection) -> None:
        self._given = connection.identity | connection.options

    def check(self) -> None:
        """Raise for the first setting that makes no sense."""
        if not self.user:
            raise _bad("user", "filled in")
        for name in CHOICES:
            self._choice(name)

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

    def _choice(self, name: str) -> str:
        allowed = CHOICES[name]
        value = self._given.get(name) or allowed[0]
        if value not in allowed:
            raise _bad(name, f"one of {', '.join(allowed)}, not {value!r}")
        return value


def _bad(name: str, wanted: str) -> OurFault:
    return OurFault(f"The setting «{name}» of this VoIP.ms account must be {wanted}.")
