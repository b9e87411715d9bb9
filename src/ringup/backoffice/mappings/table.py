"""The read side of the mappings page: rows of the table, counts per status, what needs attention."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.http import urlencode

from ringup.accounts.brands import default_brand
from ringup.backoffice.badges import MAPPINGS, Badge, Chip
from ringup.backoffice.mappings.filters import BUNDLES, PROBLEM, RETIRED, Filters
from ringup.backoffice.mappings.form import INHERIT, NONE
from ringup.backoffice.mappings.selects import NO_PROVIDER, Offers, Select, account_token
from ringup.catalog.choosing import NOT_MAPPED, words
from ringup.catalog.mapped import Setting, Shelf, Status, Thing, group_code
from ringup.catalog.selling import ALONE
from ringup.catalog.visibility import BEYOND_THE_SHOP, Prices, reasons

# Each row has two selects: twice as many made the page a third slower.
PAGE_SIZE = 25

FROM = {"single": "Single", "group": "Group", "bundle": "Bundle"}


@dataclass(frozen=True, slots=True)
class Row:
    """One product or bundle. ``shop_url`` leads to a test checkout; without it ``why_not`` says why."""

    thing: Thing
    group: str
    select: Select
    source: str
    badge: Badge
    shop_url: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Column:
    """A heading that sorts. ``order`` is what ``aria-sort`` says, empty for the others."""

    words: str
    query: str
    order: str


CHIPS = {
    "": "All",
    Status.MAPPED.value: "Mapped",
    Status.DEFAULT.value: "Default",
    Status.INVALID.value: "Invalid",
    PROBLEM: "Need attention",
    RETIRED: "Retired",
}
COLUMNS = {
    "id": "Product ID",
    "name": "Product Name",
    "group": "Product Group",
    "provider": "Assigned Provider",
    "status": "Status",
}


class Table:
    """The single mappings as one page shows them, and what is said about all of them."""

    def __init__(self, filters: Filters, offers: Offers) -> None:
        self.filters, self.offers, self.catalogue = filters, offers, offers.catalogue
        self.statuses = self.catalogue.statuses
        things = self.catalogue.things.values()
        self.problems = [
            thing
            for thing in things
            if self.statuses[thing.code] is not Status.MAPPED and self._is_problem(thing)
        ]

    def _is_problem(self, thing: Thing) -> bool:
        """Whether its mapping keeps it from being sold although nobody decided so."""
        if thing.is_retired:
            return False
        if self.statuses[thing.code] is Status.INVALID:
            return True
        if self.catalogue.effective(thing) is not None or thing.is_bundle:
            return self.catalogue.effective(thing) is None
        is_sold_alone = thing.kind in ALONE and not thing.is_hidden
        bundles = self.catalogue.in_bundles.get(thing.pk, [])
        return is_sold_alone or all(
            self.statuses[bundle.code] is Status.DEFAULT for bundle in bundles
        )

    @cached_property
    def matching(self) -> list[Thing]:
        """What search and group leave, whatever the status."""
        word, group = self.filters.q.casefold(), self.filters.group
        things = list(self.catalogue.things.values())
        if group:
            things = [t for t in things if group == (BUNDLES if t.is_bundle else str(t.group))]
        if word:
            things = [t for t in things if word in t.name.casefold() or word == t.code.casefold()]
        return things

    @cached_property
    def chips(self) -> list[Chip]:
        """All, the three statuses, what needs attention, and what is retired."""
        counts = Counter(
            RETIRED if thing.is_retired else self.statuses[thing.code].value
            for thing in self.matching
        )
        counts[""] = len(self.matching) - counts[RETIRED]
        counts[PROBLEM] = len(self._with_status(PROBLEM))
        return [
            Chip(
                word, counts[name], self.filters.but(status=name).query, self.filters.status == name
            )
            for name, word in CHIPS.items()
        ]

    @property
    def columns(self) -> list[Column]:
        """The headings, each with the address that sorts by it."""
        current, is_down = self.filters.sort.removeprefix("-"), self.filters.sort.startswith("-")
        order = "descending" if is_down else "ascending"
        return [
            Column(words, self.filters.sorted_by(name).query, order if name == current else "")
            for name, words in COLUMNS.items()
        ]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the table's search form keeps of the address."""
        return self.filters.without("q", "group", "page")

    def _with_status(self, name: str) -> list[Thing]:
        if name == PROBLEM:
            problems = {thing.code for thing in self.problems}
            return [thing for thing in self.matching if thing.code in problems]
        shown = [thing for thing in self.matching if thing.is_retired == (name == RETIRED)]
        if name in ("", RETIRED):
            return shown
        return [thing for thing in shown if self.statuses[thing.code] == name]

    @cached_property
    def page(self) -> Page[Any]:
        """The things of this page; ``rows`` are their rows."""
        found = self._sorted(self._with_status(self.filters.status))
        return Paginator(found, PAGE_SIZE).get_page(self.filters.page or 1)

    def _sorted(self, things: list[Thing]) -> list[Thing]:
        name = self.filters.sort.removeprefix("-")
        keys = {
            "id": lambda thing: (thing.is_bundle, thing.pk),
            "name": lambda thing: thing.name.casefold(),
            "group": lambda thing: self._group(thing).casefold(),
            "provider": lambda thing: self._provider(thing).casefold(),
            "status": lambda thing: self.statuses[thing.code].value,
        }
        if name not in keys:
            return things
        return sorted(things, key=keys[name], reverse=self.filters.sort.startswith("-"))

    def _group(self, thing: Thing) -> str:
        return "Bundles" if thing.is_bundle else self.catalogue.shelves[thing.group].name

    def _provider(self, thing: Thing) -> str:
        setting = self.catalogue.effective(thing)
        account = setting.account if setting else None
        return self.catalogue.accounts[account].name if account else ""

    @cached_property
    def rows(self) -> list[Row]:
        """The page's rows, with why each is not in the shop."""
        things = list(self.page)
        prices = Prices.read(self.catalogue, default_brand().currency, things)
        return [self._row(thing, prices) for thing in things]

    def _row(self, thing: Thing, prices: Prices) -> Row:
        why_not = [
            reason.sentence
            for reason in reasons(self.catalogue, thing, prices)
            if reason.why not in BEYOND_THE_SHOP
        ]
        address = f"{reverse('shop:home')}?{urlencode({'for': thing.slug})}"
        return Row(
            thing=thing,
            group=self._group(thing),
            select=self._select(thing),
            source=self._source(thing),
            badge=MAPPINGS[self.statuses[thing.code]],
            shop_url="" if why_not else address,
            why_not=why_not[0] if why_not else "",
        )

    def _select(self, thing: Thing) -> Select:
        own = self.catalogue.rows.get(thing.code)
        server = str(own.server) if own and own.server and thing.needs_tenant else ""
        return self.offers.select(
            thing.code,
            thing.name,
            account=INHERIT if own is None else account_token(own),
            server=server,
            first=self._first(thing, own),
            text=words(self.catalogue, thing, own),
            needs_tenant=thing.needs_tenant,
        )

    def _first(self, thing: Thing, own: Setting | None) -> tuple[tuple[str, str], ...]:
        """The choices that name no provider. A bundle has no group to follow."""
        none = (NONE, NO_PROVIDER)
        if thing.is_bundle:
            return ((INHERIT, NOT_MAPPED), none) if own is None else (none,)
        group = words(self.catalogue, None, self.catalogue.rows.get(group_code(thing.group)))
        return (INHERIT, f"As its group ({group})"), none

    def _source(self, thing: Thing) -> str:
        own = self.catalogue.rows.get(thing.code)
        if own is not None:
            return FROM[own.source]
        return "Not set" if self.catalogue.effective(thing) is None else "Inherits group"

    @property
    def earlier(self) -> str:
        """The query of the page before; empty on the first."""
        page = self.page
        return self._at(page.previous_page_number()) if page.has_previous() else ""

    @property
    def later(self) -> str:
        """The query of the next page; empty on the last."""
        return self._at(self.page.next_page_number()) if self.page.has_next() else ""

    def _at(self, number: int) -> str:
        return self.filters.but(page=str(number)).query

    @property
    def groups(self) -> list[Shelf]:
        """What the table can be filtered by."""
        return sorted(self.catalogue.shelves.values(), key=lambda shelf: shelf.name.casefold())

    @property
    def alarms(self) -> list[str]:
        """A sentence for each of the first problems."""
        return [self._alarm(thing) for thing in self.problems[:2]]

    def _alarm(self, thing: Thing) -> str:
        setting = self.catalogue.effective(thing)
        if setting is None or setting.account is None:
            return f"“{thing.name}” has no provider."
        account = self.catalogue.accounts[setting.account]
        if account.takes_orders:
            return f"“{thing.name}” finds no PBX server with room."
        state = "retired" if account.is_retired else "switched off"
        return f"“{thing.name}” points to {account.name}, which is {state}."
