"""Comparing a carrier's inventory with our books. Values in, values out: nothing is read or asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from ringup.carriers.port import CarrierNumber
from ringup.core.money import Money
from ringup.flows.reconciling.books import Books, Held, Standing
from ringup.numbers.models import Discrepancy

Kind = Discrepancy.Kind
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which the carrier and we differ. ``seen`` is the carrier's side, None where it
    does not list the number; ``held`` is ours, None where we have none. ``is_confirmed`` when more
    than one look has shown it. ``more`` is what else is worth knowing, as JSON."""

    kind: str
    e164: str
    seen: CarrierNumber | None
    held: Held | None
    is_confirmed: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.kind, self.e164

    def as_detail(self) -> dict[str, Any]:
        """JSON for ``Discrepancy.detail``; ``reading`` reads it."""
        detail: dict[str, Any] = {"confirmed": self.is_confirmed, **self.more}
        if self.seen is not None:
            detail |= {
                "reference": self.seen.reference,
                "target": self.seen.target,
                "monthly": money_data(self.seen.monthly),
            }
        if self.held is not None:
            detail |= {"standing": self.held.standing.value, "cost": money_data(self.held.monthly)}
        return detail


def money_data(amount: Money | None) -> list[Any] | None:
    """``[850000, "USD"]``"""
    return None if amount is None else [amount.micros, amount.currency]


@dataclass(frozen=True, slots=True)
class Compared:
    """``found`` by kind and number; ``unjudged`` are numbers of which this pass can say nothing,
    because they changed while it looked."""

    found: list[Difference]
    unjudged: set[str]


def compare(
    listed: Iterable[CarrierNumber],
    before: Books,
    after: Books,
    *,
    at_work: Collection[str] = (),
    places: Collection[str] = (),
    settled: datetime,
) -> Compared:
    """Compare an inventory with our books as they stood ``before`` it was asked for and ``after``.

    Only what did not change meanwhile is judged, whatever the clocks say: a number is missing when it
    was ours on both sides of the question. What was bought after ``settled`` is not judged either:
    the carrier's list may lag behind its own orders.

    ``places`` are the references of numbers whose digits we do not know (``books.places``): under
    whatever digits they are listed, they are ours. Of what is listed without digits, and is not ours,
    nothing can be said until they are told.
    """
    seen = {
        number.e164: number
        for number in listed
        if number.e164 and number.reference.lower() not in places
    }
    unjudged = set(at_work)
    found: list[Difference] = []
    for held in after.values():
        if not _stood(held, before.get(held.e164), settled):
            unjudged.add(held.e164)
    for e164, number in seen.items():
        if e164 not in unjudged:
            found += _listed(number, after.get(e164))
    for e164, held in after.items():
        if e164 not in unjudged and e164 not in seen and is_expected(held):
            found.append(Difference(Kind.MISSING, e164, None, held))
    return Compared(sorted(found, key=lambda one: one.key), unjudged)


def _stood(held: Held, earlier: Held | None, settled: datetime) -> bool:
    """Whether we had it already, in the same way, when the carrier was asked."""
    if earlier is None or (earlier.uid, earlier.standing) != (held.uid, held.standing):
        return False
    return held.bought is None or held.bought <= settled


def is_expected(held: Held) -> bool:
    """Whether the carrier must have it: what is only wanted is not bought yet, and what was
    withdrawn from the shelf may be gone."""
    return held.standing in (Standing.OWNED, Standing.SHELF)


def _listed(seen: CarrierNumber, held: Held | None) -> list[Difference]:
    """What there is to say about a number that the carrier lists."""
    if held is None:
        return [Difference(Kind.ORPHAN, seen.e164, seen, None)]
    found = []
    if is_foreign(held, seen):
        found.append(Difference(Kind.FOREIGN, seen.e164, seen, held))
    if is_other_price(held, seen):
        found.append(Difference(Kind.PRICE, seen.e164, seen, held, is_confirmed=True))
    return found


def is_foreign(held: Held, seen: CarrierNumber) -> bool:
    """Whether a number of a client carries anything but our reference. One on the shelf has none
    until it is sold."""
    return held.standing is Standing.OWNED and seen.reference.lower() != str(held.uid)


def is_other_price(held: Held, seen: CarrierNumber) -> bool:
    """Whether the carrier says what it takes, and it is not what we believe. What is only wanted
    has the price of its order."""
    told = seen.monthly is not None and seen.monthly != held.monthly
    return told and held.standing is not Standing.WANTED


def as_reference(text: str) -> UUID | None:
    """The reference in the form that we write; None for words of somebody's."""
    try:
        return UUID(text)
    except ValueError:
        return None
