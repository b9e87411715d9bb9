"""The settings of one DIDWW account that are neither address nor key, checked."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from ringup.carriers.given import GivenSettings
from ringup.carriers.port import SettingField
from ringup.core.failures import OurFault

UDP, TCP, TLS = "udp", "tcp", "tls"
# DIDWW's numbers for them, and its ports.
TRANSPORTS = {UDP: 1, TCP: 2, TLS: 3}
PORTS = {UDP: 5060, TCP: 5060, TLS: 5061}
# Where a PBX sends its calls, and where a device registers.
OUT_HOSTS = {
    region: f"{region}.out.didww.com"
    for region in ("fra.eu", "ams.eu", "nyc.us", "lac.us", "mia.us", "sg", "hk")
}
IN_HOSTS = ("sip.didww.com", "nyc.sip.didww.com", "ams.sip.didww.com")
CODECS = {"ulaw": 9, "alaw": 10, "g729": 8, "gsm": 13}
LOW_THRESHOLD = "50.0"
TRUNKS, COSTS = "Trunks", "Costs"
# From where its calls come (doc.didww.com/voice.json of 2026-09-16).
SIGNALLING = (
    "46.19.209.14/32",
    "46.19.210.14/32",
    "46.19.212.14/32",
    "46.19.213.14/32",
    "46.19.214.14/32",
    "46.19.215.14/32",
    "185.238.173.14/32",
)

FIELDS = (
    SettingField(
        "api_key",
        "API key",
        "From DIDWW's portal, under API. Sandbox and production have different ones.",
        secret=True,
    ),
    SettingField(
        "region",
        "Region of outbound calls",
        "The DIDWW site to which the PBX sends calls: the nearest one.",
        required=False,
        choices=(
            ("fra.eu", "Frankfurt"),
            ("ams.eu", "Amsterdam"),
            ("nyc.us", "New York"),
            ("lac.us", "Los Angeles"),
            ("mia.us", "Miami"),
            ("sg", "Singapore"),
            ("hk", "Hong Kong"),
        ),
        section=TRUNKS,
    ),
    SettingField(
        "registrar",
        "Where devices register",
        "For SIP credentials without a PBX of ours.",
        required=False,
        choices=tuple((host, host) for host in IN_HOSTS),
        section=TRUNKS,
    ),
    SettingField(
        "transport",
        "SIP transport",
        "Other than UDP only where DIDWW has enabled it for the account.",
        required=False,
        choices=((UDP, "UDP"), (TCP, "TCP"), (TLS, "TLS")),
        section=TRUNKS,
    ),
    SettingField(
        "codecs",
        "Codecs",
        f"Separated by semicolons; default ulaw;alaw. Known: {', '.join(CODECS)}.",
        required=False,
        section=TRUNKS,
    ),
    SettingField(
        "mismatch",
        "A caller id that is not the trunk's",
        "What happens to an outbound call that shows a number which does not belong to the trunk. "
        "The last two only where DIDWW has enabled them.",
        required=False,
        choices=(
            ("reject_call", "Refuse the call"),
            ("send_original_cli", "Send it as it is"),
            ("replace_cli", "Show the trunk's number"),
            ("randomize_cli", "Show any of ours"),
        ),
        section=TRUNKS,
    ),
    SettingField(
        "threshold",
        "Most to be spent in 24 hours",
        f"By each outbound trunk; DIDWW blocks it then. Default {LOW_THRESHOLD}, in the account's "
        "currency.",
        required=False,
        section=COSTS,
    ),
    SettingField(
        "prefixes",
        "Countries that may be called",
        "Number beginnings that an outbound trunk may call, separated by commas, for example 31,44. "
        "Left empty, all: the PBX decides.",
        required=False,
        section=COSTS,
    ),
    SettingField(
        "minute_rate",
        "Price of a minute of inbound calls",
        "Shown where DIDWW tells none, for numbers that are paid by the minute.",
        required=False,
        section=COSTS,
    ),
    SettingField(
        "vat_percent",
        "VAT that DIDWW adds, in percent",
        "For an estimate before a number is ordered: DIDWW tells the tax on the order alone.",
        required=False,
        section=COSTS,
    ),
)


class Settings(GivenSettings):
    """Read when they are needed."""

    label, fields = "DIDWW", FIELDS

    def check(self) -> None:
        """Raise for the first setting that makes no sense."""
        if not self.api_key:
            raise self._bad("api_key", "filled in")
        self._check_choices()
        if not self.codec_ids:
            raise self._bad("codecs", f"some of {', '.join(CODECS)}")
        if self._connection.caller_id:
            raise OurFault(
                "DIDWW shows only numbers that belong to a trunk: leave the default caller id of this "
                "account empty. Every tenant shows its own number."
            )
        self._amount("threshold", LOW_THRESHOLD)
        self._amount("minute_rate", "0")
        if not all(prefix.isdecimal() for prefix in self.prefixes):
            raise self._bad("prefixes", "digits, separated by commas")

    @property
    def api_key(self) -> str:
        return self._connection.secrets.get("api_key", "")

    @property
    def currency(self) -> str:
        return self._connection.currency

    @property
    def callback_url(self) -> str:
        """Where DIDWW may call back, or empty."""
        return self._connection.callback_url

    @property
    def out_host(self) -> str:
        """Where the PBX sends calls: the account's own name for it, or DIDWW's."""
        return self._connection.sip_host or OUT_HOSTS[self._choice("region")]

    @property
    def registrar(self) -> str:
        return self._connection.sip_host or self._choice("registrar")

    @property
    def transport(self) -> str:
        return self._choice("transport")

    @property
    def codec_ids(self) -> list[int]:
        names = [name.strip() for name in (self._given.get("codecs") or "ulaw;alaw").split(";")]
        if unknown := [name for name in names if name not in CODECS]:
            raise self._bad("codecs", f"some of {', '.join(CODECS)}, not {unknown[0]!r}")
        return [CODECS[name] for name in names]

    @property
    def mismatch(self) -> str:
        return self._choice("mismatch")

    @property
    def threshold(self) -> str:
        """As DIDWW takes it: a decimal text."""
        return str(self._amount("threshold", LOW_THRESHOLD))

    @property
    def minute_rate(self) -> Decimal:
        """0 where nothing is set."""
        return self._amount("minute_rate", "0")

    @property
    def prefixes(self) -> list[str]:
        parts = self._given.get("prefixes", "").replace("+", "").split(",")
        return [part.strip() for part in parts if part.strip()]

    def _amount(self, name: str, default: str) -> Decimal:
        written = self._given.get(name) or default
        try:
            amount = Decimal(written)
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or amount < 0:
            raise self._bad(name, f"an amount such as {default}, not {written!r}")
        return amount
