"""What a provider has on sale, for its page: areas, passes, problems, and this host's search index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from ringup.backoffice.paging import asked
from ringup.carriers.models import CarrierAccount
from ringup.core.phones import country_name
from ringup.numbers import publishing
from ringup.numbers.current import current, stamp_of
from ringup.numbers.following import GONE, this_host
from ringup.numbers.models import IndexSeen, Stock, Sync
from ringup.numbers.standing import Standing, State
from ringup.numbers.syncing import passes
from ringup.numbers.troubles import Trouble

PASSES_SHOWN = 10
AREAS_NAMED = 12


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for. ``country`` is a code, ``q`` any part of an area's name or key."""

    country: str
    q: str

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        return cls(asked(request, "country", length=2), asked(request, "q"))

    @property
    def query(self) -> str:
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in self._given() if value})
        return query.urlencode()

    def _given(self) -> list[tuple[str, str]]:
        return [("country", self.country), ("q", self.q)]

    def areas(self, account: CarrierAccount) -> QuerySet[Stock]:
        """The areas that are left, by name, without their contents."""
        rows = Stock.objects.filter(account=account).defer("content").order_by("name", "area")
        if self.country:
            rows = rows.filter(country=self.country)
        if self.q:
            rows = rows.filter(name__icontains=self.q) | rows.filter(area__icontains=self.q)
        return rows


@dataclass(frozen=True, slots=True)
class Area:
    """One row of the table. ``problem`` is why it is older than the others; empty when it is not."""

    row: Stock
    problem: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all areas. ``countries`` are (code, name, areas), by name."""

    numbers: int
    areas: int
    places: int
    countries: list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class PassRow:
    """One pass that has ended."""

    row: Sync
    is_cut: bool

    @property
    def took(self) -> str:
        """``12 s``, ``4 min``, ``1 h 20 min``"""
        seconds = int(((self.row.finished or self.row.started) - self.row.started).total_seconds())
        if seconds < 120:
            return f"{seconds} s"
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@dataclass(frozen=True, slots=True)
class HostIndex:
    """The search index of the host that shows the page; ``compiled`` is None where there is none.
    ``others`` are other hosts that say they are behind."""

    numbers: int
    size: int
    compiled: datetime | None
    is_behind: bool
    others: list[IndexSeen]


def totals_of(account: CarrierAccount) -> Totals:
    """One query."""
    rows = (
        Stock.objects.filter(account=account)
        .values_list("country")
        .annotate(areas=Count("*"), numbers=Sum("numbers"), places=Sum("places"))
        .order_by()
    )
    found = [(country, country_name(country), *counts) for country, *counts in rows]
    return Totals(
        numbers=sum(row[3] for row in found),
        areas=sum(row[2] for row in found),
        places=sum(row[4] for row in found),
        countries=sorted((row[:3] for row in found), key=lambda row: row[1]),
    )


def areas_of(rows: Iterable[Stock], problems: dict[str, Trouble]) -> list[Area]:
    return [Area(row, problems[row.area].problem if row.area in problems else "") for row in rows]


def problems_of(account: CarrierAccount, standing: Standing) -> dict[str, Trouble]:
    """Areas that the last whole pass could not read, by key, unless one was read since. Where no
    number of an area was ever read, this is the only place that names it."""
    found = standing.troubles.areas
    if standing.last is None or not found:
        return {}
    since = Stock.objects.filter(account=account, fetched__gt=standing.last.started)
    read = set(since.filter(area__in=found).values_list("area", flat=True))
    return {key: trouble for key, trouble in found.items() if key not in read}


def grouped_problems(problems: dict[str, Trouble]) -> list[tuple[str, list[str], int]]:
    """Each problem once: its sentence, the first of its areas, and how many more there are."""
    areas: dict[str, list[str]] = {}
    for key, trouble in sorted(problems.items(), key=lambda item: item[0]):
        areas.setdefault(trouble.problem, []).append(key)
    return [
        (sentence, keys[:AREAS_NAMED], max(0, len(keys) - AREAS_NAMED))
        for sentence, keys in areas.items()
    ]


def passes_of(account: CarrierAccount) -> list[PassRow]:
    """The newest that have ended."""
    rows = passes(account.pk).filter(finished__isnull=False)[:PASSES_SHOWN]
    return [PassRow(row, row.troubles.get("is_cut") is True) for row in rows]


def host_index() -> HostIndex:
    index, stamp = current(), stamp_of(publishing.index_file())
    late = IndexSeen.objects.filter(behind_since__isnull=False, seen__gt=timezone.now() - GONE)
    late = late.exclude(host=this_host())
    return HostIndex(
        numbers=index.columns.size if index else 0,
        size=stamp.size if stamp else 0,
        compiled=datetime.fromtimestamp(stamp.written / 1e9, UTC) if stamp else None,
        is_behind=publishing.is_behind(),
        others=list(late.order_by("host")),
    )


def mark_of(standing: Standing) -> str:
    """Another one when something moved: the fragment's poll gets nothing until then."""
    now = standing.running
    return f"{now.pk}.{now.areas_done}.{now.areas_failed}.{now.areas}" if now else ""


# tone, icon, word
BADGES = {
    State.NEVER: ("grey", "circle", "Not fetched yet"),
    State.FINE: ("green", "check-circle", "Up to date"),
    State.PARTLY: ("orange", "alert", "Some areas failed"),
    State.FAILED: ("red", "fail", "Failed"),
    State.OVERDUE: ("orange", "clock", "Overdue"),
}
