"""What Ringup asks of any carrier that sells phone numbers.

Adapters live in ``carriers/<name>/``; this module imports none of them and no Django. Every
method may raise the four failures of ``ringup.core.failures``; what each means to the caller is
said there. No method retries inside itself, and none may be called inside a transaction.
"""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ringup.carriers.reporting import ConnectionReport
from ringup.core.money import Money


class Capability(enum.StrEnum):
    """What a carrier may offer beyond selling. Declared by the adapter, never probed."""

    RESERVE = "reserve"
    PAPERS = "papers"
    EMERGENCY = "emergency"
    PORT_IN = "port-in"
    FORWARDING = "forwarding"
    SIP_URI = "sip-uri"
    # Numbers can be bought by place: the carrier chooses the digits.
    BY_PLACE = "by-place"


class Match(enum.StrEnum):
    """Where the digits of a search must stand in the national number."""

    STARTS = "starts"
    CONTAINS = "contains"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class CarrierConnection:
    """All that an adapter needs to speak for one account. ``secrets`` never appear in a repr.

    ``options`` are the adapter's own declared settings as text, for example ``{"pop": "5"}``.
    ``sip_host`` stands in for the carrier's own host wherever somebody registers; ``caller_id`` is
    the number that new trunks show when the carrier decides (E.164). Both may be empty.
    """

    url: str
    identity: dict[str, str]
    secrets: dict[str, str] = field(repr=False)
    options: dict[str, str] = field(default_factory=dict)
    currency: str = "USD"
    connect_timeout_seconds: float = 5.0
    read_timeout_seconds: float = 30.0
    calls_per_second: float = 1.0
    sip_host: str = ""
    caller_id: str = ""
    # Where the carrier may call back, for a carrier that does; empty: it is asked instead.
    callback_url: str = ""


# The section of the fields that say who we are; all others are options.
CREDENTIALS = "Credentials"


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting that the adapter wants staff to fill in. ``secret`` ones are stored encrypted.

    ``choices`` are (value, label) pairs; the first is what an empty setting means, where the field
    is not required. ``section`` is the heading under which it is shown.
    """

    name: str
    label: str
    help: str
    secret: bool = False
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    section: str = CREDENTIALS


@dataclass(frozen=True, slots=True)
class Region:
    """A province or state: ``code`` as ISO 3166-2 without the country (``NY``, ``ON``)."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """A search for numbers on sale.

    ``country`` is ISO 3166-1 alpha-2. ``digits`` are looked for in the national number (no ``+1``)
    at the place that ``match`` names; empty means any. At most ``limit`` offers come back.
    """

    country: str
    region: str = ""
    rate_centre: str = ""
    digits: str = ""
    match: Match = Match.CONTAINS
    limit: int = 50


class NumberType(enum.StrEnum):
    """What kind of number it is, in the words of libphonenumber and the carriers."""

    GEOGRAPHIC = "geographic"
    NATIONAL = "national"
    MOBILE = "mobile"
    TOLL_FREE = "toll-free"


class Billing(enum.StrEnum):
    """How the calls to a number are paid at the carrier."""

    PER_MINUTE = "per-minute"
    UNLIMITED = "unlimited"
    POOL = "pool"


# So begin the keys of capacities that are pools: into them a number is put after it was bought.
POOL_KEY = "pool-"


@dataclass(frozen=True, slots=True)
class Capacity:
    """One way to buy a number: ``channels`` calls at once at a price, or by the minute.

    ``key`` is what ``buy`` takes. ``per_minute`` is None where the carrier tells no rate.
    """

    key: str
    billing: Billing
    text: str
    monthly: Money
    setup: Money
    channels: int = 0
    per_minute: Money | None = None


@dataclass(frozen=True, slots=True)
class NumberOffer:
    """One number on sale now, at the carrier's cost price. ``e164`` begins with ``+``.

    ``place`` is the carrier's own id of what it belongs to, the ``key`` of a ``PlaceOffer``.
    ``capacities`` are the ways to buy it, the usual one first, whose prices are the offer's; empty
    where there is only one.
    """

    e164: str
    country: str
    region: str
    rate_centre: str
    monthly: Money
    setup: Money
    region_name: str = ""
    features: frozenset[str] = frozenset({"voice"})
    number_type: NumberType = NumberType.GEOGRAPHIC
    # Whether the carrier wants identity papers before the number works.
    needs_papers: bool = False
    place: str = ""
    capacities: tuple[Capacity, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceOffer:
    """Numbers sold by quantity: the carrier chooses the digits when it is asked for one.

    ``key`` is the carrier's own id of the place. ``prefix`` is what the national numbers begin with,
    where it tells. ``quantity`` is how many it has, None where it does not say.
    """

    key: str
    country: str
    region: str
    rate_centre: str
    monthly: Money
    setup: Money
    region_name: str = ""
    prefix: str = ""
    quantity: int | None = None
    features: frozenset[str] = frozenset({"voice"})
    number_type: NumberType = NumberType.GEOGRAPHIC
    needs_papers: bool = False
    capacities: tuple[Capacity, ...] = ()


@dataclass(frozen=True, slots=True)
class StockArea:
    """A part of the carrier's stock that is listed at once, by one call or a few.

    ``key`` names it for good (``US/NY``); ``name`` is for people.
    """

    key: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Stock:
    """All that is on sale in an area: numbers that can be chosen, and places sold by quantity."""

    numbers: list[NumberOffer]
    places: list[PlaceOffer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A number that the carrier itself keeps for us until ``ends`` (aware)."""

    key: str
    ends: datetime


class Standing(enum.StrEnum):
    """Whether a number that we own works at the carrier."""

    ACTIVE = "active"
    AWAITING_REGISTRATION = "awaiting-registration"
    BLOCKED = "blocked"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class CarrierNumber:
    """A number in the account's inventory. ``reference`` is what we wrote when buying, or empty.

    ``target`` is the carrier's own word for where its calls go. ``key`` and ``order_key`` are the
    carrier's ids, where it has such. ``e164`` is empty while the digits that it shows are not the
    ones that it will give. ``pool`` is the ``Capacity.key`` of the pool that it is in; empty: none.
    """

    e164: str
    reference: str
    target: str
    monthly: Money | None = None
    standing: Standing = Standing.ACTIVE
    key: str = ""
    order_key: str = ""
    pool: str = ""


@dataclass(frozen=True, slots=True)
class SipTrunk:
    """SIP credentials at the carrier for ``host:port`` over ``transport`` (udp, tcp, tls).

    ``password`` is set by a carrier that makes its own; empty: it is the one that we gave.
    ``registers`` is False where the carrier calls our PBX at its address, and nobody registers.
    ``is_e164``: it takes what is dialled, and wants the caller's number, as digits with the country
    code and nothing before them, in North America too.
    """

    reference: uuid.UUID
    username: str
    host: str
    port: int
    transport: str
    password: str = field(repr=False, default="")
    registers: bool = True
    is_e164: bool = False


@dataclass(frozen=True, slots=True)
class SipPeer:
    """Our side of a trunk: where the PBX answers, and the addresses (CIDR) from which it calls."""

    host: str
    port: int
    transport: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToTrunk:
    """Calls go to the trunk that we made under this reference."""

    trunk: uuid.UUID


@dataclass(frozen=True, slots=True)
class ToTelephone:
    """Calls are forwarded to a telephone. ``reference`` names the forwarding as ours."""

    e164: str
    reference: uuid.UUID


@dataclass(frozen=True, slots=True)
class ToSipUri:
    """Calls go to ``user@host[:port]``. ``reference`` names the entry as ours."""

    uri: str
    reference: uuid.UUID


Target = ToTrunk | ToTelephone | ToSipUri


class Carrier(Protocol):
    """One account at one carrier. Made by ``ringup.carriers.opening``; cheap to make, not shared
    between threads. Use as a context manager, or call ``close``."""

    label: str
    capabilities: frozenset[Capability]
    connection_fields: tuple[SettingField, ...]
    # Shown beside the name: "Production-ready", "Alpha testing only".
    maturity: str
    # Production is refused in code until the owner has released the kind (``ProvenKind``).
    is_sandbox_only_until_tested: bool
    # Where the real service listens, and the carrier's own sandbox ("" where it has none: then a
    # sandbox account talks to ours). An account never talks to a host of the other environment.
    production_url: str
    sandbox_url: str
    # How fast it may be asked, with a margin: what a new account begins with.
    calls_per_second: float
    # What ``create_trunk`` with a peer will say of ``registers`` and ``is_e164``, known before.
    pbx_registers: bool
    is_e164: bool

    def close(self) -> None:
        """Let go of sockets. Calling it twice does no harm."""

    def test_connection(self) -> ConnectionReport:
        """Try the account and say precisely what is wrong. Never raises a ``PortFailure``."""

    def balance(self) -> Money:
        """The money left at the carrier."""

    # -- what is for sale ---------------------------------------------------------------------

    def countries(self) -> list[str]:
        """ISO codes of the countries in which single numbers can be chosen."""

    def regions(self, country: str) -> list[Region]:
        """Provinces or states of ``country``, by name. Served from a day's cache."""

    def rate_centres(self, country: str, region: str) -> list[str]:
        """Rate centres with numbers on sale. Served from a day's cache."""

    def search(self, query: NumberQuery) -> list[NumberOffer]:
        """Numbers on sale now; an empty list when none match. Reading only, no retry."""

    def offer(self, e164: str) -> NumberOffer | None:
        """The offer for exactly this number, asked now and not from a cache; None when it is gone.
        One that the carrier keeps for us, under whatever reference, is on offer."""

    # -- the whole stock ----------------------------------------------------------------------

    def areas(self) -> list[StockArea]:
        """The parts in which ``stock`` lists all that is on sale. Their order is stable."""

    def stock(self, area: StockArea) -> Stock:
        """Everything on sale in ``area`` now. An answer that is cut, or that cannot be read as a
        list, raises ``NothingHappened``: it must never pass for an empty shelf."""

    # -- keeping: only with Capability.RESERVE ------------------------------------------------

    def reserve(self, e164: str, *, reference: uuid.UUID) -> Reservation:
        """Have the carrier keep the number for us, as long as it does so. ``NumberGone`` when
        somebody else has it; ``Refused`` otherwise when it keeps no more for us. A second call under
        the same reference returns the first reservation, while it lasts. ``OutcomeUnknown`` after a
        lost reply: call it again."""

    def end_reservation(self, key: str) -> None:
        """Let the number go. One that has ended, or was bought, is no error."""

    # -- buying -------------------------------------------------------------------------------

    def buy(self, e164: str, *, reference: uuid.UUID, capacity: str = "") -> CarrierNumber:
        """Buy ``e164`` and leave ``reference`` in a field that the inventory returns. ``capacity`` is
        the key of one of the offer's; empty: its first.

        Looks first: when the inventory already holds the number under our reference, nothing is
        bought and that number is returned; under another reference or none, ``NotOurs``.
        ``NumberGone`` when somebody else has it. ``OutcomeUnknown`` after a lost reply: call
        ``find_number`` before anything else. Sends one order at most.
        """

    def find_number(self, e164: str) -> CarrierNumber | None:
        """The number in our inventory, whoever's reference it carries; None when we do not own it."""

    # -- buying by place: only with Capability.BY_PLACE ----------------------------------------

    def place(self, key: str) -> PlaceOffer | None:
        """The place, asked now; None when nothing of it is on sale."""

    def buy_of(self, place: str, *, reference: uuid.UUID, capacity: str = "") -> CarrierNumber:
        """Buy one number of the place; the carrier chooses it. Looks first, as ``buy`` does."""

    def find_reference(self, reference: uuid.UUID) -> CarrierNumber | None:
        """The number that was bought under ``reference``, whatever its digits; None when there is
        none. An order that is not carried out yet raises ``OutcomeUnknown``."""

    # -- what we own --------------------------------------------------------------------------

    def inventory(self) -> list[CarrierNumber]:
        """Every number that the account holds, whoever's reference it carries. Must be whole: an
        answer that is cut or cannot be read raises ``NothingHappened``."""

    def adopt(self, e164: str, *, reference: uuid.UUID) -> CarrierNumber:
        """Write our reference on a number that the account holds already, and change nothing else.

        Buys nothing. ``NumberGone`` when the account does not hold it; ``NotOurs`` when it carries
        another reference of this form. Repeatable.
        """

    def disown(self, e164: str, *, reference: uuid.UUID) -> None:
        """Take our reference off a number, which stays in the account: what ``adopt`` wrote. Words
        that stand beside it stay.

        ``NotOurs`` when it carries another reference of this form. Does nothing when it carries
        none, or is no longer in the inventory.
        """

    def release(self, e164: str, *, reference: uuid.UUID) -> None:
        """Give the number back for good. ``NotOurs`` unless number *and* reference match. With
        ``Capability.BY_PLACE`` an empty ``e164`` means the number of the reference, whose digits
        nobody has told yet.

        Does nothing when the number is no longer in the inventory.
        """

    # -- trunks and routing -------------------------------------------------------------------

    def trunk(self, reference: uuid.UUID) -> SipTrunk | None:
        """The trunk made under ``reference``, with its password only where the carrier made it;
        None when there is none."""

    def is_registered(self, reference: uuid.UUID) -> bool | None:
        """Whether a device is registered with the trunk now; None when there is no such trunk, and
        where the carrier does not tell."""

    def create_trunk(
        self, reference: uuid.UUID, *, password: str, label: str, peer: SipPeer | None = None
    ) -> SipTrunk:
        """Make SIP credentials under ``reference``. Looks first: an existing one of ours gets
        ``password`` set again and is returned. ``label`` is for people in the carrier's portal.
        A carrier that makes its own passwords leaves ours unused and returns its own. ``peer`` is the
        PBX that will use it; None: a lone device."""

    def delete_trunk(self, reference: uuid.UUID) -> None:
        """Remove the trunk made under ``reference``; nothing when it is gone.

        ``Refused`` while numbers still point at it.
        """

    def route(self, e164: str, target: Target, *, reference: uuid.UUID) -> None:
        """Send the number's calls to ``target``. ``NotOurs`` unless the number carries
        ``reference``. Calling it twice leaves one routing and one forwarding entry."""

    def routed_to(self, e164: str, target: Target) -> bool:
        """Whether the number's calls go to exactly this target now."""

    def unroute(self, e164: str, target: Target, *, reference: uuid.UUID) -> None:
        """Point the number at nothing, when it still points at ``target``, and remove the
        forwarding or SIP entry that we made for it. A number that is gone is no error."""

    def signalling_addresses(self) -> list[str]:
        """Addresses (CIDR) from which the carrier sends calls: for the PBX's access list."""
