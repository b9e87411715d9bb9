"""The fields of each kind of PBX template: what they are called, mean, default to and may hold.

Gateway parameters are FreeSWITCH's (``sofia`` gateways) under FusionPBX's column names; what the
help says of their effect was read in FusionPBX's source and FreeSWITCH's documentation. No Django.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ringup.pbx.port import DialPattern

GATEWAY, INBOUND, OUTBOUND, ACCESS = "gateway", "inbound", "outbound", "access"


class FieldKind(enum.Enum):
    """What a field holds: one line with or without blanks, a whole number or None, yes or no, one
    of some words, a list of sets, of routes, or of networks."""

    TEXT = "text"
    TOKEN = "token"  # noqa: S105 - no secret
    NUMBER = "number"
    YES_NO = "yes-no"
    CHOICE = "choice"
    SETS = "sets"
    ROUTES = "routes"
    NETWORKS = "networks"


# Merge fields, with what they stand for.
MERGE_FIELDS = {
    "domain": "the tenant's domain, acme.pbx.example.com",
    "company": "the client's company, without signs that break XML",
    "username": "the SIP user that the carrier gave",
    "host": "the carrier's SIP host",
    "port": "its port",
    "transport": "udp, tcp or tls",
    "number": "the number with + and country code",
    "e164": "the same",
    "national": "the number without its country code",
}
_ALL = frozenset(MERGE_FIELDS)
_OF_NUMBER = frozenset({"domain", "company", "number", "e164", "national"})
_OF_TENANT = frozenset({"domain", "company"})
# A company's name may hold blanks.
_WITHOUT_BLANKS = frozenset({"company"})

Default = str | int | bool | None | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplateField:
    """One field. ``merges`` are the merge fields that its text may hold. ``pattern`` is what the
    text must match, filled in or not; ``least`` and ``most`` bound a number."""

    name: str
    label: str
    section: str
    kind: FieldKind = FieldKind.TOKEN
    default: Default = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    least: int = 0
    most: int = 0
    merges: frozenset[str] = frozenset()
    pattern: str = ""
    longest: int = 150
    required: bool = False


def _token(name: str, label: str, section: str, help: str, pattern: str = "") -> TemplateField:
    merges = _ALL - _WITHOUT_BLANKS
    return TemplateField(name, label, section, help=help, merges=merges, pattern=pattern)


def _number(
    name: str, label: str, section: str, least: int, most: int, default: int | None, help: str
) -> TemplateField:
    kind, required = FieldKind.NUMBER, default is not None
    return TemplateField(
        name, label, section, kind, default, help, least=least, most=most, required=required
    )


def _yes_no(name: str, label: str, section: str, default: bool, help: str = "") -> TemplateField:
    return TemplateField(name, label, section, FieldKind.YES_NO, default, help)


def _choice(
    name: str, label: str, section: str, choices: tuple[tuple[str, str], ...], help: str = ""
) -> TemplateField:
    return TemplateField(
        name, label, section, FieldKind.CHOICE, choices[0][0], help, choices=choices
    )


_SECRETS, _WHERE, _CALLS, _MORE = "Identity", "Where it registers", "Calls", "Seldom needed"
_HOST = r"[A-Za-z0-9.:\[\]{}_;=-]*"

_GATEWAY_FIELDS = (
    TemplateField(
        "gateway", "Gateway name", _SECRETS, FieldKind.TEXT, merges=_ALL, longest=80,
        help="As FusionPBX lists it. Empty: the provider's name and the SIP user.",
    ),
    _token("username", "User name", _SECRETS, "Empty: the SIP user that the carrier gave."),
    _token(
        "auth_username", "Authentication user", _SECRETS,
        "Only where the carrier wants another name in its digest than the user name.",
    ),
    _token("from_user", "From user", _SECRETS, "Empty: the user name."),
    _token("from_domain", "From domain", _SECRETS, "Empty: the realm or proxy.", _HOST),
    _token("realm", "Realm", _SECRETS, "Empty: the proxy.", _HOST),
    TemplateField(
        "description", "Description", _SECRETS, FieldKind.TEXT, merges=_ALL,
        help="For people who look at the PBX.",
    ),
    _token(
        "proxy", "Proxy", _WHERE,
        "Host, or host:port. Empty: the carrier's host, with its port where that is unusual.",
        _HOST,
    ),
    _token("register_proxy", "Register proxy", _WHERE, "Empty: the proxy.", _HOST),
    _token("outbound_proxy", "Outbound proxy", _WHERE, "Empty: the proxy.", _HOST),
    _yes_no(
        "register", "Registers at the carrier", _WHERE, True,
        "Without, the carrier must know the PBX by its address.",
    ),
    _choice(
        "register_transport", "Transport", _WHERE,
        (("", "As the carrier says"), ("udp", "UDP"), ("tcp", "TCP"), ("tls", "TLS")),
    ),
    _number("expire_seconds", "Registration lasts", _WHERE, 60, 86400, 800, "Seconds."),
    _number("retry_seconds", "Try again after", _WHERE, 5, 3600, 30, "Seconds."),
    _number(
        "ping", "Ping every", _WHERE, 5, 3600, None,
        "Seconds between OPTIONS requests. Empty: no ping.",
    ),
    _number("ping_min", "Up after so many answers", _WHERE, 1, 100, None, "Of the pings."),
    _number("ping_max", "Count at most", _WHERE, 1, 100, None, "Answers that are counted."),
    _yes_no("contact_in_ping", "Contact in the ping", _WHERE, False),
    TemplateField(
        "extension", "Inbound user part", _CALLS, default="auto", required=True,
        merges=_ALL - _WITHOUT_BLANKS, pattern=r"[A-Za-z0-9+*#._{}-]+",
        help="auto: a call is looked up by the number in its To header, as Ringup's numbers need.",
    ),
    _choice(
        "extension_in_contact", "Inbound user part in Contact", _CALLS,
        (("", "FreeSWITCH decides"), ("true", "Yes"), ("false", "No")),
    ),
    _yes_no(
        "caller_id_in_from", "Caller's number in From", _CALLS, True,
        "Most carriers take the caller's number from there.",
    ),
    _choice(
        "sip_cid_type", "Caller's number in a header", _CALLS,
        (("", "FreeSWITCH decides"), ("rpid", "Remote-Party-ID"), ("pid", "P-Asserted-Identity"),
         ("none", "None")),
    ),
    _yes_no("distinct_to", "Distinct To header", _CALLS, False),
    _yes_no("supress_cng", "No comfort noise", _CALLS, False),
    TemplateField(
        "codec_prefs", "Codecs", _CALLS, pattern=r"[A-Za-z0-9@.,_-]*",
        help="For example PCMU,PCMA. FusionPBX keeps it; its handler does not pass it on (5.5).",
    ),
    _number(
        "channels", "Channels", _CALLS, 0, 1000, 0,
        "0: no limit. FusionPBX keeps it; the limit that works is that of the outbound route.",
    ),
    TemplateField(
        "context", "Context", _MORE, default="public", required=True,
        merges=frozenset({"domain"}), pattern=r"public|[a-z0-9.{}-]+\.public|public@[a-z0-9.{}-]+",
        help="public, name.public or public@name. Any other would let the carrier's calls out again.",
    ),
    TemplateField(
        "profile", "SIP profile", _MORE, default="external", required=True,
        pattern=r"[A-Za-z0-9_-]{1,40}", help="It must run on the PBX.",
    ),
    TemplateField(
        "hostname", "Only on this node", _MORE, pattern=r"[A-Za-z0-9.-]*",
        help="Empty: on every node of the PBX.",
    ),
    TemplateField(
        "contact_params", "Contact parameters", _MORE, merges=_ALL - _WITHOUT_BLANKS,
        pattern=r"[A-Za-z0-9=;:._~%+{}-]*", help="For example tport=tcp.",
    ),
    _yes_no(
        "enabled", "Enabled", _MORE, True,
        "An order waits until its gateway is up. With a gateway that is off, staff must skip that.",
    ),
)  # fmt: skip

_SHOWN, _SOUND, _PLACE = "What the phone shows", "Music and recording", "In the dialplan"
_INBOUND_FIELDS = (
    TemplateField(
        "caller_id_name_prefix", "Before the caller's name", _SHOWN, FieldKind.TEXT,
        merges=_OF_NUMBER, longest=40, help="For example Sales. The phone shows Sales#Caller.",
    ),
    TemplateField(
        "distinctive_ring", "Distinctive ring", _SHOWN, FieldKind.TEXT, merges=_OF_NUMBER,
        help="The Alert-Info header that phones get, for example Bellcore-dr2.",
    ),
    TemplateField(
        "hold_music", "Music on hold", _SOUND, merges=_OF_NUMBER - _WITHOUT_BLANKS,
        help="As FusionPBX lists it, for example local_stream://default. Whoever saves the number "
        "on FusionPBX's page loses music that the PBX does not have.",
    ),
    _yes_no(
        "record", "Record every call", _SOUND, False,
        "Tell callers where the law wants it. Files stand in the tenant's archive.",
    ),
    _choice(
        "record_format", "Recordings as", _SOUND, (("mp3", "MP3"), ("wav", "WAV")),
        "Whoever saves the number on FusionPBX's page gets its setting "
        "call_recordings/record_extension instead, which is mp3.",
    ),
    TemplateField(
        "account_code", "Account code", _PLACE, merges=_OF_NUMBER - _WITHOUT_BLANKS, longest=60,
        help="Stands in call records. The tenant's administrator can change it: never bill by it.",
    ),
    _number("order", "Order", _PLACE, 11, 998, 100, "Among the dialplans for calls from outside."),
    _choice(
        "condition_field", "The number is read from", _PLACE,
        (("", "The PBX's own choice"), ("destination_number", "The dialled number"),
         ("${sip_to_user}", "The To header"), ("${sip_req_user}", "The request's address")),
        "Only for carriers that send the number elsewhere; not tried against a live system.",
    ),
    TemplateField(
        "description", "Description", _PLACE, FieldKind.TEXT, merges=_OF_NUMBER,
        help="For people who look at the PBX.",
    ),
)  # fmt: skip

_DIALLED, _TO_CARRIER, _OWN = "What may be dialled", "What the carrier gets", "Routes of your own"
SET_WORDS = {
    DialPattern.NANP.value: "United States and Canada",
    DialPattern.TOLL_FREE.value: "Toll-free numbers",
    DialPattern.INTERNATIONAL.value: "Other countries",
    DialPattern.ISLANDS.value: "Caribbean and Pacific islands, billed as international",
    DialPattern.PREMIUM.value: "Premium numbers: 900, 976, directory assistance",
}
# Closed unless somebody opens them knowing what it costs.
COSTLY = frozenset({"international", "islands", "premium"})
_OUTBOUND_FIELDS = (
    TemplateField(
        "open", "Open", _DIALLED, FieldKind.SETS, ("nanp", "toll-free"),
        "Everything else is refused with a notice. 911 and 988 are not chosen here: they always "
        "have their own routes.",
        choices=tuple(SET_WORDS.items()),
    ),
    _number(
        "calls", "Calls at once", _DIALLED, 1, 1000, None,
        "To the carrier. Empty: one for each seat, at least two. Emergency calls are not counted.",
    ),
    TemplateField(
        "prefix", "Before every number", _TO_CARRIER, pattern=r"[0-9*#+]{0,20}",
        help="A technical prefix, for example 1234#. Never before 911, 933 and 988.",
    ),
    _choice(
        "national_prefix", "American numbers as", _TO_CARRIER,
        (("", "Ten digits: 2125550142"), ("1", "1 and ten digits: 12125550142"),
         ("+1", "With plus: +12125550142")),
    ),
    _choice(
        "international_prefix", "Foreign numbers as", _TO_CARRIER,
        (("011", "011 and the number: 011442079460000"), ("00", "00 and the number"),
         ("+", "With plus: +442079460000"), ("", "The digits alone: 442079460000")),
    ),
    TemplateField(
        "account_code", "Account code", _TO_CARRIER, merges=_OF_TENANT - _WITHOUT_BLANKS,
        longest=60, help="Sent as the header accountcode. Empty: not sent.",
    ),
    _number(
        "order", "Order", _TO_CARRIER, 96, 300, 100,
        "Of all routes to the carrier. They stand behind everything that refuses, and behind 911.",
    ),
    TemplateField(
        "routes", "Routes", _OWN, FieldKind.ROUTES, longest=4000,
        help="One a line: name, expression, digits to send. short ^7(\\d{3})$ 2085557$1 sends "
        "7123 as 2085557123. For numbers that no set above knows.",
    ),
)  # fmt: skip

_ACCESS_FIELDS = (
    TemplateField(
        "networks", "Addresses", "Who may call", FieldKind.NETWORKS, required=True, longest=8000,
        help="One a line, or a JSON list: 203.0.113.7 or 198.51.100.0/24. Whoever calls from there "
        "needs no password.",
    ),
)  # fmt: skip

FIELDS: dict[str, tuple[TemplateField, ...]] = {
    GATEWAY: _GATEWAY_FIELDS,
    INBOUND: _INBOUND_FIELDS,
    OUTBOUND: _OUTBOUND_FIELDS,
    ACCESS: _ACCESS_FIELDS,
}


def field_of(kind: str, name: str) -> TemplateField:
    """The declaration of one field; ``KeyError`` where there is none."""
    return {one.name: one for one in FIELDS[kind]}[name]
