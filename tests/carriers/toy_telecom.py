"""The toy carrier's own side: what it has, holds and keeps, and how it fails on request.

It lives in this process, one per address of an account. A test that wants one of its own::

    with toy_telecom() as telecom:
        account.url = telecom.url
        telecom.put_on_sale(offer)
        telecom.fail("reserve", OutcomeUnknown("lost"), acts=True)
"""

from __future__ import annotations

import itertools
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from ringup.carriers.papers import Area, IdentityRule, Level, PersonKind, Requirement
from ringup.carriers.port import (
    NumberOffer,
    NumberType,
    PlaceOffer,
    Region,
    Standing,
    Target,
)
from ringup.core.failures import NothingHappened, NumberGone, OurFault, PortFailure
from ringup.core.money import Money
from ringup.core.phones import calling_code
from tests.carriers.toy_papers import Filing

# What a place needs of which a test says nothing: a person, wherever he lives.
ANYBODY = Requirement(
    "anybody", "DE", NumberType.GEOGRAPHIC, (IdentityRule(PersonKind.PERSONAL, Level.WORLD_WIDE),),
    Level.WORLD_WIDE,
)  # fmt: skip
KEEPS_FOR = timedelta(minutes=10)
NOWHERE = "nowhere"
REGIONS = {
    "CA": [Region("ON", "Ontario")],
    "US": [Region("IL", "Illinois"), Region("NY", "New York"), Region("WY", "Wyoming")],
}
MONTHLY, SETUP = Money.of("0.75", "USD"), Money.of("0.10", "USD")
Result = TypeVar("Result")


@dataclass(slots=True)
class Held:
    """A number in the account. ``note`` is where our reference goes; ``greeting`` stands for all that
    nobody may change by the way."""

    note: str
    target: str = NOWHERE
    greeting: str = "Welcome"
    order: str = ""
    # Whether its digits are not told yet.
    is_secret: bool = False
    place: str = ""
    standing: Standing = Standing.ACTIVE


@dataclass(slots=True)
class Kept:
    """A number that is kept; ``reference`` is None where it is kept for somebody else."""

    key: str
    reference: uuid.UUID | None
    ends: datetime


@dataclass(slots=True)
class Fault:
    verb: str
    failure: PortFailure
    acts: bool


@dataclass
class Telecom:
    """One account's world. Change it as you like; every call of the adapter runs under ``lock``."""

    url: str
    numbers: dict[str, NumberOffer] = field(default_factory=dict)
    places: dict[str, PlaceOffer] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    # Orders by place that are not carried out yet; whether new ones wait, and hide their digits.
    pending: dict[uuid.UUID, str] = field(default_factory=dict)
    takes_its_time: bool = False
    keeps_secret: bool = False
    # What the numbers of a place need, and where an address must lie.
    requirements: dict[str, Requirement | None] = field(default_factory=dict)
    address_areas: list[Area] = field(default_factory=list)
    papers: Filing = field(default_factory=Filing)
    trunks: dict[uuid.UUID, str] = field(default_factory=dict)
    registered: set[uuid.UUID] = field(default_factory=set)
    entries: dict[uuid.UUID, Target] = field(default_factory=dict)
    charged: list[str] = field(default_factory=list)
    capacities: list[str] = field(default_factory=list)
    # How often each verb of the port was called.
    calls: Counter[str] = field(default_factory=Counter)
    keeps_for: timedelta = KEEPS_FOR

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._faults: list[Fault] = []
        self._keys, self._lines = itertools.count(1), itertools.count(1)
        self._passed = timedelta()
        for offer in _shelf():
            self.put_on_sale(offer)
        for place in _places():
            self.places[place.key] = place

    # -- what tests set -----------------------------------------------------------------------

    def put_on_sale(self, offer: NumberOffer) -> None:
        """A number appears, or its offer changes. Amounts count in the currency of the account."""
        self.numbers[offer.e164] = offer

    def sell_to_somebody_else(self, e164: str) -> None:
        del self.numbers[e164]

    def keep_for_somebody_else(self, e164: str) -> None:
        self.kept[e164] = Kept(self._new_key(), None, self.now() + self.keeps_for)

    def let_time_pass(self, duration: timedelta) -> None:
        """The carrier's clock goes on; reservations end by it."""
        self._passed += duration

    def fail(self, verb: str, failure: PortFailure, *, acts: bool = False, times: int = 1) -> None:
        """The next calls of the port's ``verb`` end so, and with ``acts`` are carried out before."""
        self._faults += [Fault(verb, failure, acts)] * times

    def calm(self) -> None:
        self._faults.clear()

    # -- what the adapter asks ----------------------------------------------------------------

    def now(self) -> datetime:
        return datetime.now(UTC) + self._passed

    def answer(self, verb: str, act: Callable[[], Result]) -> Result:
        """Carry ``act`` out as the call of ``verb``, unless a fault waits for it."""
        with self.lock:
            self.calls[verb] += 1
            fault = next((fault for fault in self._faults if fault.verb == verb), None)
            if fault is not None:
                self._faults.remove(fault)
                if not fault.acts:
                    raise fault.failure
            done = act()
            if fault is not None:
                raise fault.failure
            return done

    def on_sale(self) -> list[NumberOffer]:
        """All that this account may buy now: not what is kept for somebody else."""
        now = self.now()
        elsewhere = {
            e164 for e164, kept in self.kept.items() if kept.reference is None and kept.ends > now
        }
        return [offer for e164, offer in self.numbers.items() if e164 not in elsewhere]

    def keep(self, e164: str, reference: uuid.UUID) -> Kept:
        kept = self.kept.get(e164)
        if kept is not None and kept.ends > self.now():
            if kept.reference != reference:
                raise NumberGone(f"{e164} is kept for somebody else")
            return kept
        if e164 not in self.numbers:
            raise NumberGone(f"{e164} is not on sale")
        self.kept[e164] = Kept(self._new_key(), reference, self.now() + self.keeps_for)
        return self.kept[e164]

    def let_go(self, key: str) -> None:
        self.kept = {e164: kept for e164, kept in self.kept.items() if kept.key != key}

    def sell(self, e164: str, note: str) -> None:
        if all(offer.e164 != e164 for offer in self.on_sale()):
            raise NumberGone(f"{e164} is not on sale")
        del self.numbers[e164]
        self.kept.pop(e164, None)
        self.held[e164] = Held(note)
        self.charged.append(e164)

    def sell_of(self, key: str, reference: uuid.UUID, capacity: str) -> None:
        """One number of a place, whichever; later, where it takes its time."""
        place = self.places.get(key)
        if place is None or place.quantity == 0:
            raise NumberGone(f"nothing of {key} is on sale")
        if place.quantity is not None:
            self.places[key] = replace(place, quantity=place.quantity - 1)
        self.capacities.append(capacity)
        self.pending[reference] = key
        if not self.takes_its_time:
            self.carry_out()

    def carry_out(self) -> None:
        """Every order by place that waits."""
        for reference, key in self.pending.items():
            place, line = self.places[key], 5550100 + next(self._lines)
            e164 = f"+{calling_code(place.country)}{place.prefix}{line}"
            self.held[e164] = Held(
                str(reference), order=f"o{line}", is_secret=self.keeps_secret, place=key
            )
            self.charged.append(e164)
        self.pending.clear()

    def requirement_of_key(self, key: str) -> Requirement:
        known = [one for one in (*self.requirements.values(), ANYBODY) if one is not None]
        return next(one for one in known if one.key == key)

    def requirement_of_number(self, reference: uuid.UUID) -> Requirement:
        for held in self.held.values():
            if str(reference) in held.note:
                return self.requirements.get(held.place, ANYBODY) or ANYBODY
        raise OurFault(f"no number was bought under {reference}")

    def tell_digits(self) -> None:
        for held in self.held.values():
            held.is_secret = False

    def take_back(self, reference: uuid.UUID) -> None:
        """The number of this reference, whatever its digits."""
        self.held = {e164: one for e164, one in self.held.items() if str(reference) not in one.note}

    def _new_key(self) -> str:
        return f"kept-{next(self._keys)}"


def _shelf() -> Iterator[NumberOffer]:
    centres = (
        ("US", "NY", "New York", "NEW YORK", "212"),
        ("US", "NY", "New York", "BROOKLYN", "718"),
        ("US", "IL", "Illinois", "CHICAGO", "312"),
        ("CA", "ON", "Ontario", "Toronto", "416"),
    )
    for country, region, region_name, centre, area in centres:
        for line in range(100, 120):
            e164, features = f"+1{area}5550{line}", frozenset({"voice", "sms"})
            yield NumberOffer(
                e164, country, region, centre, MONTHLY, SETUP, region_name, features=features
            )
    for line in range(100, 105):
        e164, kind = f"+18885550{line}", NumberType.TOLL_FREE
        yield NumberOffer(e164, "US", "", "Toll Free", MONTHLY, SETUP, number_type=kind)


def _places() -> Iterator[PlaceOffer]:
    for key, city, prefix, quantity in (
        ("berlin", "Berlin", "30", 40),
        ("koeln", "Köln", "221", 3),
    ):
        yield PlaceOffer(
            key, "DE", "", city, MONTHLY, SETUP, prefix=prefix, quantity=quantity, needs_papers=True
        )


_telecoms: dict[str, Telecom] = {}


def telecom_at(url: str) -> Telecom:
    """The one behind this address; ``NothingHappened`` where nobody listens."""
    try:
        return _telecoms[url]
    except KeyError:
        raise NothingHappened(f"nobody listens at {url}") from None


def put_up(url: str) -> Telecom:
    """One that stays."""
    return _telecoms.setdefault(url, Telecom(url))


@contextmanager
def toy_telecom() -> Iterator[Telecom]:
    """A fresh one with an address of its own, as long as the test lasts."""
    url = f"https://{uuid.uuid4().hex}.toy.example/v1"
    try:
        yield put_up(url)
    finally:
        del _telecoms[url]
