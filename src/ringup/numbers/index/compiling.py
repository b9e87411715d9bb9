"""From the stock of all areas to an index. A million numbers take about a second."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ringup.core.phones import calling_code, country_name
from ringup.numbers.index.beauty import MOST, beauty
from ringup.numbers.index.columns import Columns
from ringup.numbers.index.groups import U8, U32, ByQuantity, Groups, Place, Traits
from ringup.numbers.index.nibbles import BITS, U64, chunks, packed
from ringup.numbers.packing import Kind, Packed

_TENS = np.array([10**power for power in range(1, 16)], np.uint64)
MOST_AHEAD = 255
# Numbers in a row share all but their last four digits: they are of one exchange.
_EXCHANGE = np.uint64(10_000)

Order = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Area:
    """What one account has on sale in one area. ``fetched`` is in Unix seconds."""

    account: int
    fetched: int
    stock: Packed
    is_own: bool = False


def compile_index(areas: Iterable[Area], *, fingerprint: str) -> Columns:
    """The index of all areas. A number that one account lists twice is one row: the one listed
    first."""
    listed = _Listed()
    for area in areas:
        listed.add(area)
    groups, number_of = _groups(listed.groups)
    group, e164 = number_of[_joined(listed.group_of, np.uint32)], _joined(listed.e164, np.uint64)
    del listed.e164, listed.group_of
    order = _order(e164, group, groups)
    return _columns(e164[order], group[order], groups, listed.by_quantity, fingerprint)


class _Listed:
    """What the areas have, in their order. ``group_of`` says for each number of ``e164`` in which
    of the groups it is listed."""

    def __init__(self) -> None:
        self.groups: dict[tuple[int, Kind, int, bool], int] = {}
        self.e164: list[U64] = []
        self.group_of: list[U32] = []
        self.by_quantity: list[ByQuantity] = []

    def add(self, area: Area) -> None:
        for kind, found in area.stock.kinds:
            group = (area.account, kind, area.fetched, area.is_own)
            number = self.groups.setdefault(group, len(self.groups))
            self.e164.append(found)
            self.group_of.append(np.full(len(found), number, np.uint32))
        self.by_quantity += [
            ByQuantity(area.account, calling_code(place.kind.country), area.fetched, place)
            for place in area.stock.places
        ]


# -- names ----------------------------------------------------------------------------------------


def region_names(kinds: Iterable[Kind]) -> dict[tuple[str, str], str]:
    """One name for each country's region: carriers write it differently, or not at all."""
    names: dict[tuple[str, str], str] = {}
    for kind in kinds:
        if kind.region_name or kind.region:
            key = (kind.country, kind.region)
            names[key] = max(names.get(key, ""), kind.region_name)
    return {key: name or key[1] for key, name in names.items()}


def place_of(kind: Kind, names: dict[tuple[str, str], str]) -> Place:
    """``names`` are those of ``region_names``."""
    return Place(
        country_name(kind.country),
        names.get((kind.country, kind.region), ""),
        kind.rate_centre,
        kind.country,
        kind.region,
    )


def _groups(found: Iterable[tuple[int, Kind, int, bool]]) -> tuple[Groups, U32]:
    """The groups sorted by place, and where each of ``found`` stands among them."""
    rows = list(found)
    names = region_names(kind for _, kind, _, _ in rows)
    found_places = [place_of(kind, names) for _, kind, _, _ in rows]
    places = sorted(set(found_places))
    number = {place: n for n, place in enumerate(places)}
    place = np.array([number[place] for place in found_places], np.uint32)
    order = np.argsort(place, kind="stable")
    traits: dict[Traits, int] = {}
    trait = [
        traits.setdefault(
            Traits(k.number_type, k.features, k.needs_papers, k.currency), len(traits)
        )
        for _, k, _, _ in rows
    ]

    def column(values: Iterable[int], kind: type[np.generic]) -> npt.NDArray[Any]:
        return np.array(list(values), kind)[order]

    groups = Groups(
        places=places,
        traits=list(traits),
        codes={place.country: calling_code(place.country) for place in places},
        place=place[order],
        trait=column(trait, np.uint32),
        account=column((account for account, _, _, _ in rows), np.int64),
        monthly=column((kind.monthly for _, kind, _, _ in rows), np.int64),
        setup=column((kind.setup for _, kind, _, _ in rows), np.int64),
        fetched=column((fetched for _, _, fetched, _ in rows), np.int64),
        is_own=column((is_own for _, _, _, is_own in rows), np.uint8),
    )
    return groups, _inverse(order)


# -- rows -----------------------------------------------------------------------------------------


def _order(e164: U64, group: U32, groups: Groups) -> Order:
    """By place, digits and account, without the second and later ones of an account."""
    # In what follows a stable sort keeps what is listed first in front.
    order = np.argsort(e164, kind="stable")
    numbers, accounts = e164[order], groups.account[group[order]]
    if (numbers[1:] == numbers[:-1]).any():
        order = order[np.lexsort((accounts, numbers))]
        numbers, accounts = e164[order], groups.account[group[order]]
        again = (numbers[1:] == numbers[:-1]) & (accounts[1:] == accounts[:-1])
        order = order[np.concatenate([[True], ~again])]
    del numbers, accounts
    # Sixteen bits are sorted by radix.
    few = np.uint16 if len(groups.places) < 2**16 else np.uint32
    place: npt.NDArray[Any] = groups.place.astype(few)[group[order]]
    return order[np.argsort(place, kind="stable")]


def _columns(
    e164: U64, group: U32, groups: Groups, by_quantity: list[ByQuantity], fingerprint: str
) -> Columns:
    digits = packed(e164)
    length = _lengths(e164, group, groups)
    score = beauty(digits, length)
    by_group = np.argsort(group, kind="stable").astype(np.uint32)
    return Columns(
        fingerprint=fingerprint,
        groups=groups,
        by_quantity=by_quantity,
        digits=digits,
        group=group,
        length=length,
        beauty=score,
        place_start=_starts(groups.place[group], len(groups.places)),
        by_beauty=np.argsort(MOST - score, kind="stable").astype(np.uint32),
        by_group=by_group,
        group_start=_starts(group[by_group], len(groups)),
        ahead=_ahead(e164[by_group], group[by_group]),
        orders=_orders(digits, length),
    )


def _lengths(e164: U64, group: U32, groups: Groups) -> U8:
    """Of the national numbers. One that is shorter than its calling code is national as a whole."""
    sizes = {country: len(code) for country, code in groups.codes.items()}
    of_place = np.array([sizes[place.country] for place in groups.places], np.uint8)
    code = of_place[groups.place][group] if len(group) else np.empty(0, np.uint8)
    whole = (np.searchsorted(_TENS, e164, side="right") + 1).astype(np.uint8)
    return np.where(whole > code, whole - code, whole)


def _starts(found: U32, count: int) -> U32:
    """Where each of ``count`` values begins in a sorted column, and where the last one ends."""
    return np.searchsorted(found, np.arange(count + 1, dtype=np.uint32)).astype(np.uint32)


def _ahead(e164: U64, group: U32) -> U8:
    """How many rows behind each continue it digit by digit, in its group and exchange."""
    follows = np.zeros(len(e164), bool)
    follows[:-1] = (
        (e164[1:] == e164[:-1] + np.uint64(1))
        & (group[1:] == group[:-1])
        & (e164[1:] % _EXCHANGE != 0)
    )
    rows = np.arange(len(e164), dtype=np.uint32)
    stops = np.where(follows, np.uint32(len(e164)), rows)
    # The next row at or behind each that nothing follows.
    stop = np.minimum.accumulate(stops[::-1])[::-1]
    return np.minimum(stop - rows, MOST_AHEAD).astype(np.uint8)


def _orders(digits: U64, length: U8) -> dict[int, U32]:
    """Radix sort from the last digit on: the order by q digits is the one by q - 1, sorted by the
    digit before them."""
    orders: dict[int, U32] = {}
    order = np.arange(len(digits), dtype=np.uint32)
    shortest = int(length.min(initial=MOST))
    for q in range(1, int(length.max(initial=0)) + 1):
        digit = np.empty(len(digits), np.uint8)
        for part in chunks(len(digits)):
            digit[part] = (digits[part] >> np.uint64(BITS * (q - 1))) & np.uint64(15)
        if q > shortest:
            order = order[length[order] >= q]
        order = order[np.argsort(digit[order], kind="stable")]
        orders[q] = order
    return orders


def _joined(parts: list[npt.NDArray[Any]], kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate([np.empty(0, kind), *parts])


def _inverse(order: Order) -> U32:
    inverse = np.empty(len(order), np.uint32)
    inverse[order] = np.arange(len(order), dtype=np.uint32)
    return inverse
