"""A second look at each number that an inventory says something about, before it is written down.

Fetching a long list takes a while, and a list may be wrong where a single answer is not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from ringup.carriers.port import Carrier, CarrierNumber
from ringup.core.failures import NothingHappened, PortFailure
from ringup.flows.reconciling.comparing import Difference, Key, Kind, is_foreign

# In one pass, one after the other, in the carrier's rate. What is left stays unconfirmed until the
# next pass sees it again.
MOST = 50


@dataclass(slots=True)
class Looked:
    """``found`` is what is left, confirmed or not; ``refuted`` are the numbers that were said to be
    missing and are there."""

    found: list[Difference] = field(default_factory=list)
    refuted: list[str] = field(default_factory=list)


def due(found: list[Difference], known: Collection[Key]) -> list[Difference]:
    """Those that need a second look: not what an earlier pass has seen already."""
    return [one for one in found if not one.is_confirmed and one.key not in known][:MOST]


def look_twice(
    carrier: Carrier,
    found: list[Difference],
    *,
    known: Collection[Key],
    before_each: Callable[[int], None],
) -> Looked:
    """Ask for each number that is new here alone. ``before_each`` is told how many are done, and may
    raise. ``NothingHappened`` says that the inventory was not whole: it lacked numbers that are
    there, and too many others to ask for each.

    A carrier that stops to answer leaves the rest unconfirmed.
    """
    looked = Looked()
    waiting = {one.key for one in due(found, known)}
    done = 0
    for one in found:
        if one.key in known:
            looked.found.append(replace(one, is_confirmed=True))
        elif one.key not in waiting:
            looked.found.append(one)
        else:
            before_each(done)
            done += 1
            try:
                _judge(looked, one, carrier.find_number(one.e164))
            except PortFailure:
                waiting = set()
                looked.found.append(one)
    unsure = [one for one in looked.found if one.kind == Kind.MISSING and not one.is_confirmed]
    if looked.refuted and unsure:
        raise NothingHappened(
            f"The carrier's list lacks {looked.refuted[0]}, which it has when it is asked for it "
            f"alone, and {len(unsure)} more: the list was not whole."
        )
    return looked


def _judge(looked: Looked, one: Difference, now: CarrierNumber | None) -> None:
    """What a fresh answer makes of a difference: confirmed, with what it says, or gone."""
    match one.kind:
        case Kind.MISSING:
            if now is not None:
                looked.refuted.append(one.e164)
                return
        case Kind.ORPHAN:
            if now is None:
                return
        case Kind.FOREIGN:
            if now is None or one.held is None or not is_foreign(one.held, now):
                return
    looked.found.append(replace(one, seen=_fresh(one.seen, now), is_confirmed=True))


def _fresh(listed: CarrierNumber | None, now: CarrierNumber | None) -> CarrierNumber | None:
    """The newer answer; a price that only the list told stays."""
    if now is None or listed is None or now.monthly is not None:
        return now
    return replace(now, monthly=listed.monthly)
