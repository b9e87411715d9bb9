"""Carrying out an import: exactly what was shown, in portions that are committed one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from ringup.catalog.csv.reading import Line
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.importing_numbers.knowing import holders_of
from ringup.flows.importing_numbers.planning import STORED, Options, plan_import, plan_lines
from ringup.flows.importing_numbers.row import ADD, CHANGE, PUT_BACK, WITHDRAW, ImportPlan, Row
from ringup.numbers.models import OwnStock
from ringup.numbers.own_stock import PORTION, rest, subject_of

SUBJECT = "own-stock:import"
_VERBS = {ADD: "put {} on the shelf", CHANGE: "changed {}", WITHDRAW: "withdrew {}"}
_VERBS |= {PUT_BACK: "put back {}"}
# ``changed`` moves with them.
_WRITTEN = [name.removesuffix("_id") for name in STORED] + ["changed"]


class PreviewAgain(Refusal):
    """What was shown is not what would happen now. Nothing was changed; ``plan`` is to be shown."""

    def __init__(self, sentence: str, plan: ImportPlan) -> None:
        super().__init__(sentence)
        self.plan = plan


class BadLine(Exception):
    """A number that was typed by hand breaks rules: (column, sentence) of each."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(sentence for _, sentence in faults))
        self.faults = faults


@dataclass
class Outcome:
    """What was done, by action, and the numbers that somebody else changed meanwhile: they were left
    as they are."""

    done: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.done.values())


def import_file(data: bytes, options: Options, *, seen: str, actor: Actor) -> Outcome:
    """Carry out what the preview with the mark ``seen`` showed. A number that changes between two
    portions is left out and named. Broken lines are left out as they were shown."""
    plan = plan_import(data, options)
    if plan.mark != seen:
        raise PreviewAgain(
            "The shelf, a provider or the file is not what the preview was made from. Nothing was "
            "imported. Read what would change now.",
            plan,
        )
    if not plan.writing:
        raise PreviewAgain("The file changes nothing. Nothing was imported.", plan)
    # In one order, so that two imports at once wait for each other and never lock each other out.
    outcome, rows = Outcome(), sorted(plan.writing, key=lambda row: row.name)
    for begin in range(0, len(rows), PORTION):
        if begin:
            rest()
        _write(rows[begin : begin + PORTION], outcome, actor)
    Activity.record(actor, SUBJECT, "imported own stock", **outcome.done, left=len(outcome.left))
    return outcome


def save_one(cells: dict[str, str], *, seen: str, actor: Actor) -> Row:
    """One number as a line of a file would be, typed by hand. ``seen`` is ``mark_of`` what was shown,
    empty for a new one. An empty place empties what is there. Raises ``BadLine`` when it breaks a
    rule, and refuses when somebody else changed it meanwhile."""
    line = Line(1, cells)
    (row,) = plan_lines((line,), Options(), has_decimal_commas=True, empties=bool(seen)).rows
    if not seen and not row.faults and not row.is_new:
        row.faults.append(("number", "This number is on the shelf already. Open it there."))
    if row.faults:
        raise BadLine(row.faults)
    outcome = Outcome()
    if row.writes and mark_of(_stock(row)) == seen:
        _write([row], outcome, actor)
    if row.writes and not outcome.total:
        raise Refusal(
            "Somebody else changed this number meanwhile. Nothing was changed. Open it again."
        )
    return row


def mark_of(stock: OwnStock) -> str:
    """Changes with the row; empty for one that is not stored."""
    return "" if stock.pk is None else stock.changed.isoformat()


def _write(rows: list[Row], outcome: Outcome, actor: Actor) -> None:
    """One portion: what is still as it was read."""
    with transaction.atomic():
        done = _added([row for row in rows if row.is_new])
        done += _changed([row for row in rows if not row.is_new])
        Activity.objects.bulk_create(_entry(row, actor) for row in done)
    written = {row.name for row in done}
    outcome.left += [row.name for row in rows if row.name not in written]
    for row in done:
        outcome.done[row.action] = outcome.done.get(row.action, 0) + 1


def _added(rows: list[Row]) -> list[Row]:
    """New numbers that nobody else has added or ordered meanwhile. A second import of the same number
    waits for the first one's commit, and then leaves it alone."""
    held = holders_of([row.name for row in rows])
    free = [row for row in rows if row.name not in held]
    OwnStock.objects.bulk_create([_stock(row) for row in free], ignore_conflicts=True)
    uids = [_stock(row).uid for row in free]
    stored = set(OwnStock.objects.filter(uid__in=uids).values_list("uid", flat=True))
    return [row for row in free if _stock(row).uid in stored]


def _changed(rows: list[Row]) -> list[Row]:
    """Stored numbers that are as they were read; they stay so, by the rows' locks, until the caller's
    transaction ends. What somebody else has in hand right now is left alone, and never waited for:
    he may wait for us. What was sold meanwhile keeps its provider."""
    pks = [_stock(row).pk for row in rows]
    locked = OwnStock.objects.select_for_update(skip_locked=True).filter(pk__in=pks)
    rows_now = locked.order_by("e164").values_list("pk", *STORED)
    now = {pk: tuple(columns) for pk, *columns in rows_now}
    held = holders_of([row.name for row in rows])
    same = [
        row
        for row in rows
        if now.get(_stock(row).pk) == row.stamp
        and not (row.name in held and _stock(row).account_id != row.stamp[0])
    ]
    OwnStock.objects.bulk_create(
        [_stock(row) for row in same],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_WRITTEN,
    )
    return same


def _stock(row: Row) -> OwnStock:
    assert row.stock is not None  # a row that writes has one
    return row.stock


def _entry(row: Row, actor: Actor) -> Activity:
    """What ``Activity.record`` writes, not stored yet."""
    return Activity(
        actor=actor.name,
        actor_label=actor.label[:150],
        on_behalf_of=actor.on_behalf_of,
        subject=subject_of(_stock(row)),
        what=_VERBS[row.action].format(row.name),
        detail={column: [old, new] for column, old, new in row.changes},
    )
