"""Writing down what a pass found: one open row for each account, kind and number."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.flows.reconciling import books
from ringup.flows.reconciling.comparing import Difference, Key, Kind
from ringup.jobs.tickets import Ticket
from ringup.numbers.models import Discrepancy

# Rows in one transaction.
PORTION = 200
_REST_SECONDS = 0.05
# What of a difference an acceptance was about: when it changes, staff is asked again.
ABOUT = {
    Kind.ORPHAN: ("reference", "monthly"),
    Kind.FOREIGN: ("reference",),
    Kind.PRICE: ("monthly",),
    Kind.MISSING: (),
}
# What staff wrote into the detail of a row, which a pass keeps.
STAFFS = ("note", "accepted_by")

Item = TypeVar("Item")


def open_keys(account: CarrierAccount) -> set[Key]:
    """What earlier passes found and is not solved."""
    rows = Discrepancy.objects.filter(account=account, solved=None)
    return set(rows.values_list("kind", "e164"))


def record(
    ticket: Ticket,
    account: CarrierAccount,
    found: list[Difference],
    *,
    unjudged: Collection[str],
    started: datetime,
) -> None:
    """Open a row for what is new, renew what is still so, and solve what is gone. Nothing is written
    of a number that changed hands here since it was compared, nor of what staff has just settled."""
    kept: set[Key] = set()
    for portion in _portions(found, PORTION):
        with ticket.fenced():
            true = _still_true(account, portion)
            _write(account, true, started)
        kept |= {one.key for one in true}
    gone = [
        pk
        for pk, kind, e164 in Discrepancy.objects.filter(account=account, solved=None).values_list(
            "pk", "kind", "e164"
        )
        if (kind, e164) not in kept and e164 not in unjudged
    ]
    for keys in _portions(gone, PORTION):
        with ticket.fenced():
            Discrepancy.objects.filter(pk__in=keys, solved=None).update(solved=timezone.now())


def _portions(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """In portions, with a rest between them where one writer keeps all others waiting."""
    for begin in range(0, len(items), size):
        if begin and connection.vendor == "sqlite":
            time.sleep(_REST_SECONDS)
        yield items[begin : begin + size]


def _still_true(account: CarrierAccount, found: Iterable[Difference]) -> list[Difference]:
    """Those whose number stands with us as it stood when it was compared."""
    now = books.read(account, [one.e164 for one in found])
    return [one for one in found if _same(one.held, now.get(one.e164))]


def _same(then: books.Held | None, now: books.Held | None) -> bool:
    if then is None or now is None:
        return then is now
    return (then.uid, then.standing, then.monthly) == (now.uid, now.standing, now.monthly)


def _write(account: CarrierAccount, found: list[Difference], started: datetime) -> None:
    now = timezone.now()
    rows = Discrepancy.objects.filter(account=account, e164__in=[one.e164 for one in found])
    known = {(row.kind, row.e164): row for row in rows.filter(solved=None).select_for_update()}
    settled = set(rows.filter(solved__gte=started).values_list("kind", "e164"))
    new, again = [], []
    for one in found:
        row = known.get(one.key)
        if row is not None:
            _renew(row, one, now)
            again.append(row)
        elif one.key not in settled:
            new.append(_row(account, one, now))
    Discrepancy.objects.bulk_create(new, ignore_conflicts=True)
    Discrepancy.objects.bulk_update(again, ["number", "detail", "last_seen", "accepted"])


def _row(account: CarrierAccount, one: Difference, now: datetime) -> Discrepancy:
    return Discrepancy(
        account=account,
        kind=one.kind,
        e164=one.e164,
        number_id=one.held.number if one.held else None,
        detail=one.as_detail(),
        first_seen=now,
        last_seen=now,
    )


def _renew(row: Discrepancy, one: Difference, now: datetime) -> None:
    """Seen again. An acceptance ends when what was accepted is something else now."""
    detail = one.as_detail()
    if row.accepted is not None and _about(row.kind, row.detail) != _about(row.kind, detail):
        row.accepted = None
    elif row.accepted is not None:
        detail |= {name: row.detail[name] for name in STAFFS if name in row.detail}
    row.detail, row.last_seen = detail, now
    row.number_id = one.held.number if one.held else None


def _about(kind: str, detail: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(detail.get(name) for name in ABOUT[Kind(kind)])
