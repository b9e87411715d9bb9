"""The differences as one page shows them: the gravest first, with what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from ringup.backoffice.badges import Chip
from ringup.backoffice.inventory.filters import ACCEPTED, DifferenceFilters
from ringup.backoffice.inventory.wording import BADGES, ORDER, Shown
from ringup.core.money import Money
from ringup.flows.reconciling.reading import Reading
from ringup.numbers.models import Discrepancy

Kind = Discrepancy.Kind


def matching(filters: DifferenceFilters) -> QuerySet[Discrepancy, Any]:
    """The open ones that search and provider leave, accepted ones among them."""
    rows = Discrepancy.objects.filter(solved=None)
    if filters.provider:
        rows = rows.filter(account=int(filters.provider))
    if filters.digits:
        rows = rows.filter(e164__contains=filters.digits)
    elif filters.q:
        rows = rows.filter(
            Q(number__client__name__icontains=filters.q) | Q(account__name__icontains=filters.q)
        )
    return rows


def listed(filters: DifferenceFilters) -> QuerySet[Discrepancy, Any]:
    """Those of one page's filters, the gravest kind first, then the newest."""
    rows = matching(filters)
    if filters.kind == ACCEPTED:
        rows = rows.filter(accepted__isnull=False)
    else:
        rows = rows.filter(accepted=None)
        rows = rows.filter(kind=filters.kind) if filters.kind else rows
    weights = [When(kind=kind, then=Value(weight)) for weight, kind in enumerate(ORDER)]
    weight = Case(*weights, default=Value(9), output_field=IntegerField())
    return rows.select_related("account", "number__client").order_by(weight, "-first_seen", "-pk")


def chips(filters: DifferenceFilters) -> list[Chip]:
    """How many of each kind wait, and how many were accepted. One query."""
    told = (
        matching(filters)
        .order_by()
        .values("kind")
        .annotate(
            waiting=Count("pk", filter=Q(accepted=None)),
            meant=Count("pk", filter=Q(accepted__isnull=False)),
        )
    )
    counts: Counter[str] = Counter()
    for each in told:
        counts.update({each["kind"]: each["waiting"], ACCEPTED: each["meant"]})
        counts[""] += each["waiting"]
    words: dict[str, str] = {
        "": "All",
        **{kind.value: BADGES[kind].word for kind in ORDER},
        ACCEPTED: "Meant so",
    }
    return [
        Chip(word, counts[kind], filters.but(kind=kind).query, kind == filters.kind)
        for kind, word in words.items()
    ]


@dataclass(frozen=True, slots=True)
class Losses:
    """What the waiting differences cost a month: money paid for numbers that nobody uses, by
    currency; how many of those do not say what they cost; what dearer numbers cost more; and how many
    clients pay for a number that they do not have."""

    idle: list[Money]
    idle_count: int
    untold: int
    dearer: list[Money]
    price_count: int
    missing: int
    foreign: int

    @property
    def is_nothing(self) -> bool:
        return not (self.idle_count or self.price_count or self.missing or self.foreign)


def losses() -> Losses:
    """Over all accounts. One query."""
    idle: Counter[str] = Counter()
    dearer: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    untold = 0
    rows = Discrepancy.objects.filter(solved=None, accepted=None).only("kind", "detail")
    for row in rows.iterator(chunk_size=2000):
        counts[row.kind] += 1
        shown = Shown(row)
        if row.kind == Kind.ORPHAN:
            cost = Reading(row).likely_cost
            untold += cost is None
            idle.update({cost.currency: cost.micros} if cost else {})
        elif (rise := shown.rise) is not None:
            dearer.update({rise.currency: rise.micros})
    return Losses(
        idle=_amounts(idle),
        idle_count=counts[Kind.ORPHAN],
        untold=untold,
        dearer=_amounts(dearer),
        price_count=counts[Kind.PRICE],
        missing=counts[Kind.MISSING],
        foreign=counts[Kind.FOREIGN],
    )


def _amounts(sums: Counter[str]) -> list[Money]:
    return [Money(micros, currency) for currency, micros in sorted(sums.items()) if micros]


COLUMNS = (
    "Number", "Kind", "Provider", "Client", "What", "Known", "Cost a month", "Currency",
    "Booked with", "Reference", "First seen", "Last seen", "Accepted", "Note",
)  # fmt: skip


def cells(rows: Iterable[Discrepancy]) -> Iterable[list[str]]:
    """Each as text, for a spreadsheet."""
    for row in rows:
        shown, reading = Shown(row), Reading(row)
        cost, booked = reading.likely_cost, reading.cost
        yield [
            row.e164, shown.badge.word, row.account.name, shown.owner, shown.sentence,
            " ".join(shown.hints),
            str(cost.amount) if cost else "", cost.currency if cost else "",
            str(booked.amount) if booked else "", reading.reference,
            row.first_seen.isoformat(timespec="seconds"),
            row.last_seen.isoformat(timespec="seconds"),
            row.accepted.isoformat(timespec="seconds") if row.accepted else "", reading.note,
        ]  # fmt: skip
