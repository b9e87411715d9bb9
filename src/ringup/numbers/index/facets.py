"""Filters and their counts, worked out per group: there are thousands of them, not millions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.compiling import place_of, region_names
from ringup.numbers.index.groups import ByQuantity, Groups, Place, Traits
from ringup.numbers.index.query import Query

Ids = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
# Weights of bincount, which knows no other: whole numbers, exact beyond any number of numbers.
Weights = npt.NDArray[np.float64]

READY = "now"


class Value(NamedTuple):
    """One choice of a filter: what it is, what it is called, and how many numbers it has with all
    other filters as they are. 0 for a place that only sells by quantity."""

    value: str
    name: str
    hits: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The choices that have hits. Regions are those of the chosen country, rate centres those of
    the chosen region (of the country, where it has no regions)."""

    countries: list[Value]
    regions: list[Value]
    rate_centres: list[Value]
    types: list[Value]
    features: list[Value]
    ready: list[Value]


class Choice(NamedTuple):
    """A value of a filter. ``within`` tells apart what different countries call the same."""

    value: str
    name: str
    within: str = ""


@dataclass(frozen=True)
class Column:
    """One attribute of many groups: ``ids`` into ``values`` and ``names``, which are sorted by name."""

    ids: Ids
    values: list[str]
    names: list[str]

    @classmethod
    def of(cls, found: Sequence[Choice], rows: Ids) -> Column:
        """Of groups of which each has the choice that ``rows`` names."""
        choices = sorted(set(found), key=lambda choice: (choice.name.casefold(), choice))
        numbers = {choice: number for number, choice in enumerate(choices)}
        ids = np.array([numbers[choice] for choice in found], np.intp)
        return cls(ids[rows], [one.value for one in choices], [one.name for one in choices])

    @cached_property
    def _ids_of(self) -> dict[str, list[int]]:
        known: dict[str, list[int]] = {}
        for number, value in enumerate(self.values):
            known.setdefault(value, []).append(number)
        return known

    def equal(self, value: str, among: Ids) -> Mask:
        """Which of these groups have the value."""
        wanted = self._ids_of.get(value, [])
        ids = self.ids[among]
        return ids == wanted[0] if len(wanted) == 1 else np.isin(ids, wanted)

    def beginning(self, start: str, among: Ids | slice) -> Mask:
        """Which of these groups have a value that begins like that."""
        fits = [value.startswith(start) for value in self.values]
        return np.array(fits, bool)[self.ids[among]]

    @cached_property
    def is_set(self) -> Mask:
        """Which groups have a value at all."""
        return np.array([bool(value) for value in self.values], bool)[self.ids]

    def count(self, among: Ids, hits: Weights) -> list[Value]:
        """The values that these groups have, with their hits."""
        found = np.bincount(self.ids[among], hits, minlength=len(self.values))
        chosen = np.flatnonzero(found)
        return [
            Value(self.values[number], self.names[number], int(count))
            for number, count in zip(chosen.tolist(), found[chosen].tolist(), strict=True)
            if self.values[number]
        ]


@dataclass(frozen=True)
class Attributes:
    """The filters of all groups, or of all places by quantity."""

    places: Sequence[Place]
    country: Column
    region: Column
    rate_centre: Column
    number_type: Column
    calling_code: Column
    features: dict[str, Mask]
    is_ready: Mask

    @classmethod
    def of_groups(cls, groups: Groups) -> Attributes:
        rows = groups.place.astype(np.intp), groups.trait.astype(np.intp)
        return cls._of(groups.places, groups.traits, groups.codes, *rows)

    @classmethod
    def of_quantities(cls, found: Sequence[ByQuantity], known: Sequence[Place]) -> Attributes:
        """``known`` are places whose regions have a name already."""
        kinds = [row.offer.kind for row in found]
        names = region_names(kinds) | {(p.country, p.region): p.region_name for p in known}
        traits = [Traits(k.number_type, k.features, k.needs_papers, k.currency) for k in kinds]
        codes = {row.offer.kind.country: row.calling_code for row in found}
        rows = np.arange(len(found))
        return cls._of([place_of(kind, names) for kind in kinds], traits, codes, rows, rows)

    @classmethod
    def _of(
        cls,
        places: Sequence[Place],
        traits: Sequence[Traits],
        codes: dict[str, str],
        place: Ids,
        trait: Ids,
    ) -> Attributes:
        """``place`` and ``trait`` say which each group has."""

        def has(values: Iterable[bool]) -> Mask:
            return np.array(list(values), bool)[trait]

        return cls(
            places=places,
            country=Column.of([Choice(p.country, p.country_name) for p in places], place),
            region=Column.of([Choice(p.region, p.region_name, p.country) for p in places], place),
            rate_centre=Column.of([Choice(p.rate_centre, p.rate_centre) for p in places], place),
            number_type=Column.of([Choice(t.number_type, t.number_type) for t in traits], trait),
            calling_code=Column.of(
                [Choice(codes[p.country], codes[p.country]) for p in places], place
            ),
            features={
                feature: has(feature in one.features for one in traits)
                for feature in sorted({feature for one in traits for feature in one.features})
            },
            is_ready=has(not one.needs_papers for one in traits),
        )

    def filtered(self, query: Query, among: Ids, counts: Counts) -> Filtered:
        """Groups with their hits, and which filters they pass."""
        passes = dict(self._passes(query, among))
        failed = np.zeros(len(among), np.int32)
        for mask in passes.values():
            failed += ~mask
        return Filtered(self, query, among, counts.astype(np.float64), passes, failed)

    def _passes(self, query: Query, among: Ids) -> Iterable[tuple[str, Mask]]:
        """A mask for each filter that is set."""
        columns = {
            "country": (self.country, query.country),
            "region": (self.region, query.region),
            "rate_centre": (self.rate_centre, query.rate_centre),
            "type": (self.number_type, query.number_type),
        }
        for name, (column, value) in columns.items():
            if value:
                yield name, column.equal(value, among)
        for feature in query.features:
            mask = self.features.get(feature)
            yield _named(feature), np.zeros(len(among), bool) if mask is None else mask[among]
        if query.is_ready:
            yield READY, self.is_ready[among]


@dataclass(frozen=True)
class Filtered:
    """The groups with hits, of one query. ``failed`` counts the filters that each does not pass."""

    attributes: Attributes
    query: Query
    among: Ids
    hits: Weights
    passes: dict[str, Mask]
    failed: npt.NDArray[np.int32]

    @cached_property
    def chosen(self) -> Mask | slice:
        """Those that pass every filter."""
        return self._but()

    @cached_property
    def groups(self) -> Ids:
        return self.among[self.chosen]

    @property
    def passing(self) -> Weights:
        """The hits of each of these groups."""
        return self.hits[self.chosen]

    @cached_property
    def total(self) -> int:
        return int(self.passing.sum())

    def facets(self) -> Facets:
        of, is_national = self.attributes, bool(self.query.country)
        return Facets(
            countries=self._count(of.country, "country", "region", "rate_centre"),
            regions=self._count(of.region, "region", "rate_centre") if is_national else [],
            rate_centres=self._rate_centres() if is_national else [],
            types=self._count(of.number_type, "type"),
            features=self._features(),
            ready=self._ready(),
        )

    def _but(self, *filters: str) -> Mask | slice:
        """Which pass every filter that is set, but these."""
        if all(name in filters for name in self.passes):
            return slice(None)
        failed: npt.NDArray[Any] = self.failed
        for name in filters:
            if name in self.passes:
                failed = failed - ~self.passes[name]
        passes: Mask = failed == 0
        return passes

    def _count(self, column: Column, *but: str) -> list[Value]:
        mask = self._but(*but)
        return column.count(self.among[mask], self.hits[mask])

    def _rate_centres(self) -> list[Value]:
        """A country has tens of thousands: they wait until a region is chosen, if there are any."""
        of, mask = self.attributes, self._but("rate_centre")
        if not self.query.region and of.region.is_set[self.among[mask]].any():
            if not self.query.rate_centre:
                return []
            mask = self.chosen
        return of.rate_centre.count(self.among[mask], self.hits[mask])

    def _features(self) -> list[Value]:
        found = []
        for feature, has in self.attributes.features.items():
            mask = self._but(_named(feature))
            count = int(self.hits[mask][has[self.among[mask]]].sum())
            if count:
                found.append(Value(feature, feature, count))
        return found

    def _ready(self) -> list[Value]:
        """No choice where all are ready anyway."""
        mask = self._but(READY)
        is_ready = self.attributes.is_ready[self.among[mask]]
        if not self.query.is_ready and is_ready.all():
            return []
        return [Value(READY, READY, int(self.hits[mask][is_ready].sum()))]


def _named(feature: str) -> str:
    return f"feature {feature}"


def merged(numbers: Facets, places: Facets) -> Facets:
    """The choices of both; a place by quantity adds its value, not a count."""

    def both(one: list[Value], other: list[Value]) -> list[Value]:
        known = {value.value for value in one}
        more = [value._replace(hits=0) for value in other if value.value not in known]
        return sorted([*one, *more], key=lambda value: value.name.casefold()) if more else one

    return Facets(
        both(numbers.countries, places.countries),
        both(numbers.regions, places.regions),
        both(numbers.rate_centres, places.rate_centres),
        both(numbers.types, places.types),
        both(numbers.features, places.features),
        both(numbers.ready, places.ready),
    )
