"""The filters beside the list, and how many numbers each choice of them would leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import nlargest

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from ringup.core.phones import country_name
from ringup.core.sentences import place_name
from ringup.flows.finding import Results, region_name
from ringup.numbers.index.facets import Facets, Value
from ringup.numbers.index.groups import Place
from ringup.shop.asked import READY, Asked
from ringup.shop.rows import FEATURES, TYPES

REGION_WORDS = {"US": "State", "CA": "Province"}
# Rate centres that are shown before somebody asks for all, and at most.
SHORT_LIST = 12
LONG_LIST = 1_000
SCROLLS = 14


@dataclass(frozen=True, slots=True)
class Filter:
    """One group of choices: those with hits, and those that are on. ``items`` is their markup."""

    title: str
    count: int
    items: SafeString

    @property
    def is_long(self) -> bool:
        """Whether it scrolls by itself."""
        return self.count > SCROLLS


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on or could be, and the search without it or with it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Filters:
    """All filters. ``centres`` stands apart: there are hundreds, of which ``more`` are not shown."""

    plain: list[Filter]
    centres: Filter | None
    centre_count: int
    more: int
    behind: list[Filter]

    @property
    def is_long(self) -> bool:
        return self.centre_count > SHORT_LIST


def filters_of(asked: Asked, results: Results) -> Filters:
    """The filters that say something here: a choice with hits, or one that is on."""
    facets = results.facets
    if facets is None:
        return Filters([], None, 0, 0, [])
    maker = _Maker(asked, results)
    centres, more = _centres(asked, maker, facets.rate_centres)
    return Filters(
        plain=[*maker.countries(facets), *maker.regions(facets)],
        centres=centres,
        centre_count=len(facets.rate_centres),
        more=more,
        behind=[*maker.types(facets), *maker.features(facets), *maker.ready(facets)],
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    asked: Asked
    results: Results

    def countries(self, facets: Facets) -> Iterable[Filter]:
        values = _kept(facets.countries, self.asked.country, country_name(self.asked.country))
        # Also where one is left: its regions wait behind it.
        if values and not self.results.only_country:
            yield self._one("country", "Country", values, self.asked.country, "All countries")

    def regions(self, facets: Facets) -> Iterable[Filter]:
        country, region = self.results.query.country, self.asked.region
        word = region_word(country)
        values = _kept(facets.regions, region, region_name(country, region))
        if values:
            yield self._one("region", word, values, region, f"All {word.lower()}s")

    def types(self, facets: Facets) -> Iterable[Filter]:
        chosen = self.asked.number_type
        named = [
            value._replace(name=TYPES.get(value.value, value.name))
            for value in _kept(facets.types, chosen, chosen)
        ]
        if len(named) > 1 or chosen:
            yield self._one("type", "Type", named, chosen, "All types")

    def features(self, facets: Facets) -> Iterable[Filter]:
        """Those that only some of the numbers have."""
        values, on = facets.features, self.asked.features
        for name in sorted(on):
            values = _kept(values, name, name)
        total = self.results.total if self.results.is_exact else 0
        named = [
            value._replace(name=FEATURES.get(value.value, value.name))
            for value in values
            if value.value != "voice" or "voice" in on
            if value.value in on or value.hits != total
        ]
        if named:
            yield self._several("feature", "Features", named, on)

    def ready(self, facets: Facets) -> Iterable[Filter]:
        on = frozenset({READY} if self.asked.is_ready else ())
        values = facets.ready or ([Value(READY, "", 0)] if on else [])
        named = [value._replace(name="Without papers") for value in values]
        if named:
            yield self._several("ready", "Available now", named, on)

    def _several(self, name: str, title: str, values: list[Value], on: frozenset[str]) -> Filter:
        """Of which several can be on."""
        items = (self._item("checkbox", name, value, value.value in on) for value in values)
        return Filter(title, len(values), _joined(items))

    def _one(
        self, name: str, title: str, values: list[Value], chosen: str, any_words: str
    ) -> Filter:
        """Of which one is on, or none: ``any_words``."""
        items = (self._item("radio", name, value, value.value == chosen) for value in values)
        none = _item("radio", name, "", any_words, "", not chosen)
        return Filter(title, len(values), _joined([none, *items]))

    def _item(self, kind: str, name: str, value: Value, is_on: bool) -> SafeString:
        # Above a thousand nobody counts: a choice then only says that there are some.
        # None are counted where a place sells by quantity.
        hits = f"{value.hits:,}" if self.results.is_exact and value.hits else ""
        return _item(kind, name, value.value, value.name, hits, is_on)

    def centre_filter(self, values: list[Value]) -> Filter:
        named = [value._replace(name=place_name(value.name)) for value in values]
        return self._one("centre", "Rate centre", named, self.asked.centre, "All rate centres")


def _centres(asked: Asked, maker: _Maker, values: list[Value]) -> tuple[Filter | None, int]:
    """The rate centres to show, and how many are left out: the ones with the most numbers, those
    with what was typed in them, or all."""
    if not values and not asked.centre:
        return None, 0
    like = asked.centre_like.casefold()
    fitting = [value for value in values if like in value.name.casefold()] if like else values
    most = LONG_LIST if asked.is_all_centres or like else SHORT_LIST
    shown = fitting
    if len(fitting) > most:
        largest = nlargest(most, fitting, key=lambda value: value.hits)
        shown = sorted(largest, key=lambda value: value.name.casefold())
    shown = _kept(shown, asked.centre, asked.centre)
    return maker.centre_filter(shown), len(fitting) - min(len(fitting), most)


def _kept(values: list[Value], chosen: str, name: str) -> list[Value]:
    """With the choice that is on, also when nothing fits it: it must be possible to take it off."""
    if not chosen or any(value.value == chosen for value in values):
        return values
    return [Value(chosen, name or chosen, 0), *values]


def region_word(country: str) -> str:
    """What its parts are called there."""
    return REGION_WORDS.get(country, "Region")


@lru_cache(maxsize=10_000)
def _item(kind: str, name: str, value: str, words: str, hits: str, is_on: bool) -> SafeString:
    """One choice. Its id lets the focus find it again when the filters are made anew."""
    return format_html(
        '<label class="facet__item"><input type="{}" name="{}" value="{}" id="{}-{}"{}>{} '
        '<span class="count">{}</span></label>',
        kind,
        name,
        value,
        name,
        value.replace(" ", "_") or "any",
        SafeString(" checked") if is_on else "",
        words,
        hits,
    )


def _joined(items: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(items))  # noqa: S308 - each was escaped where it was made


# -- the filters that are on ----------------------------------------------------------------------


def chips_of(asked: Asked, *, only_country: str) -> list[Chip]:
    """Every filter that is on, with the address of the search without it."""
    one = replace(asked, after="", centre_like="", is_all_centres=False)
    chips: list[tuple[str, Asked]] = []
    if one.country and one.country != only_country:
        wider = replace(one, country="", region="", centre="")
        chips.append((country_name(one.country), wider))
    if one.region:
        name = region_name(one.country, one.region)
        chips.append((name, replace(one, region="", centre="")))
    if one.centre:
        chips.append((place_name(one.centre), replace(one, centre="")))
    if one.number_type:
        kind = TYPES.get(one.number_type, one.number_type)
        chips.append((kind, replace(one, number_type="")))
    for feature in sorted(one.features):
        rest = one.features - {feature}
        chips.append((FEATURES.get(feature, feature), replace(one, features=rest)))
    if one.is_ready:
        chips.append(("Available now", replace(one, is_ready=False)))
    if one.in_a_row > 1:
        chips.append((f"{one.in_a_row} in a row", replace(one, in_a_row=1)))
    return [Chip(name, without.address()) for name, without in chips]


def places_named(asked: Asked, places: Iterable[Place]) -> list[Chip]:
    """A search in each of these places instead of for the letters of its name."""
    chips = []
    for place in places:
        words = (place.rate_centre, place.region_name or place.region)
        named = [place_name(word) for word in dict.fromkeys(words) if word]
        there = Asked(
            sold=asked.sold,
            sort=asked.sort,
            country=place.country,
            region=place.region,
            centre=place.rate_centre,
        )
        chips.append(Chip(", ".join(named) or country_name(place.country), there.address()))
    return chips
