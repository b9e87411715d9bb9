"""Filters and their counts, worked out per group: there are thousands of them, not millions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.query import Query
from ringup.numbers.packing import Kind

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

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


@dataclass(frozen=True)
class Column:
    """One attribute of many rows: ``ids`` into ``values``."""

    ids: npt.NDArray[np.intp]
    values: list[tuple[str, str]]

    @classmethod
    def of(cls, found: Sequence[tuple[str, str]]) -> Column:
        """Of (value, name) pairs."""
        values = sorted(set(found), key=lambda pair: (pair[1].casefold(), pair))
        numbers = {pair: number for number, pair in enumerate(values)}
        return cls(np.array([numbers[pair] for pair in found], np.intp), values)

    def equal(self, value: str) -> Mask:
        wanted = np.array([known == value for known, _ in self.values] or [False], bool)
        return wanted[self.ids]

    def count(self, counts: Counts, mask: Mask) -> list[Value]:
        """The values that have hits under the mask."""
        chosen = np.flatnonzero(mask & (counts > 0))
        found = np.bincount(self.ids[chosen], counts[chosen], minlength=len(self.values))
        rows = zip(self.values, found, strict=True)
        return [Value(value, name, int(n)) for (value, name), n in rows if n and value]


@dataclass(frozen=True)
class Attributes:
    """The filters of all groups, or of all places by quantity."""

    country: Column
    region: Column
    rate_centre: Column
    number_type: Column
    features: dict[str, Mask]
    is_ready: Mask
    calling_codes: list[str]

    @classmethod
    def of(cls, rows: Sequence[tuple[Kind, str, str]]) -> Attributes:
        """Of (kind, the country's name, its calling code)."""
        kinds = [kind for kind, _, _ in rows]
        named = sorted({feature for kind in kinds for feature in kind.features})
        return cls(
            country=Column.of([(kind.country, name) for kind, name, _ in rows]),
            region=Column.of([(kind.region, kind.region_name or kind.region) for kind in kinds]),
            rate_centre=Column.of([(kind.rate_centre, kind.rate_centre) for kind in kinds]),
            number_type=Column.of([(kind.number_type, kind.number_type) for kind in kinds]),
            features={
                feature: np.array([feature in kind.features for kind in kinds], bool)
                for feature in named
            },
            is_ready=np.array([not kind.needs_papers for kind in kinds], bool),
            calling_codes=[code for _, _, code in rows],
        )

    def has_code(self, start: str) -> Mask:
        """Which have a calling code that begins like that."""
        if not start:
            return np.ones(len(self.calling_codes), bool)
        return np.array([code.startswith(start) for code in self.calling_codes], bool)

    def masks(self, query: Query) -> dict[str, Mask]:
        """A mask for each filter that is set."""
        masks: dict[str, Mask] = {}
        if query.country:
            masks["country"] = self.country.equal(query.country)
        if query.region:
            masks["region"] = self.region.equal(query.region)
        if query.rate_centre:
            masks["rate_centre"] = self.rate_centre.equal(query.rate_centre)
        if query.number_type:
            masks["type"] = self.number_type.equal(query.number_type)
        for feature in sorted(query.features):
            none = np.zeros(len(self.calling_codes), bool)
            masks[f"feature {feature}"] = self.features.get(feature, none)
        if query.is_ready:
            masks["ready"] = self.is_ready
        return masks

    def mask(self, query: Query, *, but: tuple[str, ...] = ()) -> Mask:
        """Which pass every filter that is set, ``but`` the named ones."""
        mask = np.ones(len(self.calling_codes), bool)
        for name, one in self.masks(query).items():
            if name not in but:
                mask &= one
        return mask

    def facets(self, query: Query, counts: Counts) -> Facets:
        """``counts`` are the hits of each row."""
        narrow = ("region", "rate_centre")
        region = self.mask(query, but=narrow)
        centre = self.mask(query, but=("rate_centre",))
        return Facets(
            countries=self.country.count(counts, self.mask(query, but=("country", *narrow))),
            regions=self.region.count(counts, region) if query.country else [],
            rate_centres=self.rate_centre.count(counts, centre) if query.country else [],
            types=self.number_type.count(counts, self.mask(query, but=("type",))),
            features=self._features(query, counts),
            ready=self._ready(query, counts),
        )

    def _ready(self, query: Query, counts: Counts) -> list[Value]:
        """No choice where all are ready anyway."""
        mask = self.mask(query, but=("ready",)) & (counts > 0)
        if not query.is_ready and self.is_ready[mask].all():
            return []
        return [Value(READY, READY, int(counts[mask & self.is_ready].sum()))]

    def _features(self, query: Query, counts: Counts) -> list[Value]:
        found = []
        for feature, has in self.features.items():
            count = int(counts[self.mask(query, but=(f"feature {feature}",)) & has].sum())
            if count:
                found.append(Value(feature, feature, count))
        return found


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
        numbers.ready,
    )
