"""The read side of the two bulk sections: bundles and product groups, ten at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from ringup.backoffice.mappings.filters import Filters
from ringup.backoffice.mappings.form import KEEP, NONE
from ringup.backoffice.mappings.selects import NO_PROVIDER, Offers, Select, account_token
from ringup.catalog.mapped import Catalogue, Setting, Shelf, Thing
from ringup.core.sentences import counted

CARD_SIZE = 10
MIXED = "Mixed: leave as it is"
Part = tuple[Setting | None, bool]


@dataclass(frozen=True, slots=True)
class CardRow:
    """One bundle or group. ``detail`` says how many products it has, ``mix`` to which providers they
    are mapped where they differ."""

    select: Select
    detail: str
    mix: str


@dataclass(frozen=True, slots=True)
class Card:
    """One section. ``page_name`` and ``word_name`` are its own names in the address."""

    rows: list[CardRow]
    page: Page[Any]
    words: str
    word_name: str
    page_name: str
    filters: Filters
    is_long: bool

    @property
    def earlier(self) -> str:
        page = self.page
        return self._at(page.previous_page_number()) if page.has_previous() else ""

    @property
    def later(self) -> str:
        return self._at(self.page.next_page_number()) if self.page.has_next() else ""

    def _at(self, number: int) -> str:
        return self.filters.but(**{"page": self.filters.page, self.page_name: str(number)}).query

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What its search form keeps of the address."""
        return self.filters.without(self.word_name, self.page_name)


def bundle_card(filters: Filters, offers: Offers) -> Card:
    """Bundles that are not retired, with what each and its products are mapped to."""
    catalogue = offers.catalogue
    things = [t for t in catalogue.things.values() if t.is_bundle and not t.is_retired]
    page = _page(things, filters.bq, filters.bpage)
    rows = [_bundle_row(catalogue, offers, thing) for thing in page]
    is_long = len(things) > CARD_SIZE
    return Card(rows, page, filters.bq, "bq", "bpage", filters, is_long)


def group_card(filters: Filters, offers: Offers) -> Card:
    """Every group, with what its stand-alone products are mapped to."""
    catalogue, alone = offers.catalogue, offers.catalogue.alone
    shelves = sorted(catalogue.shelves.values(), key=lambda shelf: shelf.name.casefold())
    page = _page(shelves, filters.gq, filters.gpage)
    rows = [_group_row(catalogue, offers, shelf, alone.get(shelf.pk, [])) for shelf in page]
    is_long = len(shelves) > CARD_SIZE
    return Card(rows, page, filters.gq, "gq", "gpage", filters, is_long)


def _page(named: Sequence[Thing] | Sequence[Shelf], words: str, number: str) -> Page[Any]:
    found = [each for each in named if words.casefold() in each.name.casefold()]
    return Paginator(found, CARD_SIZE).get_page(number or 1)


def _bundle_row(catalogue: Catalogue, offers: Offers, bundle: Thing) -> CardRow:
    products = catalogue.products_of(bundle)
    own = catalogue.rows.get(bundle.code)
    parts = [(own, bundle.needs_tenant), *_parts(catalogue, products)]
    groups = {thing.group for thing in products}
    detail = f"{counted(len(products), 'product')} in {counted(len(groups), 'group')}"
    mix = f"{_name(catalogue, own)}; its products: {_tally(catalogue, parts[1:])}"
    return _row(offers, bundle.code, bundle.name, parts, detail, mix)


def _group_row(
    catalogue: Catalogue, offers: Offers, shelf: Shelf, products: Sequence[Thing]
) -> CardRow:
    parts = _parts(catalogue, products)
    own = catalogue.rows.get(shelf.code)
    mix = _tally(catalogue, parts)
    needs_tenant = any(thing.needs_tenant for thing in products)
    parts = [(own, needs_tenant), *parts]
    detail = counted(len(products), "stand-alone product")
    return _row(offers, shelf.code, shelf.name, parts, detail, mix)


def _row(
    offers: Offers, code: str, name: str, parts: Sequence[Part], detail: str, mix: str
) -> CardRow:
    """Its drop-downs show what all parts have in common, or that they differ."""
    needs_tenant = any(needs for _, needs in parts)
    accounts = {_token(setting) for setting, _ in parts}
    servers = {setting.server for setting, needs in parts if needs and setting}
    is_mixed = len(accounts) > 1 or len(servers) > 1
    account = KEEP if is_mixed else accounts.pop()
    server = "" if is_mixed else str(next(iter(servers), None) or "")
    none = (NONE, NO_PROVIDER)
    select = offers.select(
        code,
        name,
        account=account,
        server=server,
        first=((KEEP, MIXED), none) if is_mixed else (none,),
        text="Mixed" if is_mixed else _name(offers.catalogue, parts[0][0]),
        needs_tenant=needs_tenant,
    )
    return CardRow(select, detail, mix if is_mixed else "")


def _parts(catalogue: Catalogue, products: Iterable[Thing]) -> list[Part]:
    return [(catalogue.effective(thing), thing.needs_tenant) for thing in products]


def _token(setting: Setting | None) -> str:
    return NONE if setting is None else account_token(setting)


def _name(catalogue: Catalogue, setting: Setting | None) -> str:
    if setting is None or setting.account is None:
        return "No provider"
    return catalogue.accounts[setting.account].name


def _tally(catalogue: Catalogue, parts: Iterable[Part]) -> str:
    """``3 VoIP.ms, 1 No provider``"""
    names = Counter(_name(catalogue, setting) for setting, _ in parts)
    return ", ".join(f"{count} {name}" for name, count in names.most_common())
