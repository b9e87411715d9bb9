"""From the stock of all areas to an index. A million numbers take about two seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import phonenumbers
from phonenumbers import geocoder

from ringup.numbers.index.beauty import beauty
from ringup.numbers.index.columns import U8, U32, U64, ByQuantity, Columns, Group, Place
from ringup.numbers.packing import Kind, Packed

_TENS = np.array([10**power for power in range(1, 16)], np.uint64)
_MOST_AHEAD = 255


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
    groups: dict[Group, int] = {}
    by_quantity: list[ByQuantity] = []
    digits: list[U64] = [np.empty(0, np.uint64)]
    group_of: list[U32] = [np.empty(0, np.uint32)]
    for area in areas:
        for kind, found in area.stock.kinds:
            code = calling_code(kind.country)
            group = Group(area.account, kind, code, area.fetched, area.is_own)
            number = groups.setdefault(group, len(groups))
            digits.append(found)
            group_of.append(np.full(len(found), number, np.uint32))
        by_quantity += [
            ByQuantity(area.account, calling_code(place.kind.country), area.fetched, place)
            for place in area.stock.places
        ]
    return _sorted(
        list(groups), np.concatenate(digits), np.concatenate(group_of), by_quantity, fingerprint
    )


def calling_code(country: str) -> str:
    """``1`` for ``US``; empty for what is no country."""
    code = phonenumbers.country_code_for_region(country)
    return str(code) if code else ""


_NAMES: dict[str, str] = {}


def country_name(country: str) -> str:
    """``South Africa`` for ``ZA``; the code where nobody knows a name."""
    if country not in _NAMES:
        example = phonenumbers.example_number(country)
        name = geocoder.country_name_for_number(example, "en") if example else ""
        _NAMES[country] = name or country
    return _NAMES[country]


def place_of(kind: Kind) -> Place:
    return Place(
        country_name(kind.country),
        kind.region_name or kind.region,
        kind.rate_centre,
        kind.country,
        kind.region,
    )


def _sorted(
    groups: list[Group],
    e164: U64,
    group: U32,
    by_quantity: list[ByQuantity],
    fingerprint: str,
) -> Columns:
    e164, group = _once(groups, e164, group)
    places = sorted({place_of(row.kind) for row in groups})
    rank = {place: number for number, place in enumerate(places)}
    place_of_group = np.array([rank[place_of(row.kind)] for row in groups] or [0], np.uint32)
    by_place = np.lexsort((e164, place_of_group[group]))
    e164, group = e164[by_place], group[by_place]
    codes = np.array([len(row.calling_code) for row in groups] or [0], np.uint8)
    length = (np.searchsorted(_TENS, e164, side="right") + 1 - codes[group]).astype(np.uint8)
    score = beauty(e164, length)
    starts = np.searchsorted(place_of_group[group], np.arange(len(places) + 1))
    return Columns(
        fingerprint=fingerprint,
        places=places,
        groups=groups,
        by_quantity=by_quantity,
        e164=e164,
        group=group,
        length=length,
        beauty=score,
        ahead=_ahead(e164, group),
        place_start=starts.astype(np.uint32),
        by_beauty=np.argsort(255 - score, kind="stable").astype(np.uint32),
        orders=_orders(e164, length),
    )


def _once(groups: list[Group], e164: U64, group: U32) -> tuple[U64, U32]:
    """Without the second and later rows of one account and number."""
    account = np.array([row.account for row in groups] or [0], np.int64)[group]
    order = np.lexsort((account, e164))
    again = (np.diff(e164[order]) == 0) & (np.diff(account[order]) == 0)
    if not again.any():
        return e164, group
    keep = np.ones(len(e164), bool)
    keep[order[1:][again]] = False
    return e164[keep], group[keep]


def _ahead(e164: U64, group: U32) -> U8:
    """How many rows behind each continue it digit by digit."""
    follows = np.zeros(len(e164), bool)
    follows[:-1] = (np.diff(e164) == 1) & (np.diff(group.astype(np.int64)) == 0)
    rows = np.arange(len(e164))
    stops = np.where(follows, len(e164), rows)
    # The next row at or behind each that nothing follows.
    stop = np.minimum.accumulate(stops[::-1])[::-1]
    return np.minimum(stop - rows, _MOST_AHEAD).astype(np.uint8)


def _orders(e164: U64, length: U8) -> dict[int, U32]:
    """Radix sort from the last digit on: the order by q digits is the one by q - 1, sorted by the
    digit before them."""
    orders: dict[int, U32] = {}
    order = np.arange(len(e164), dtype=np.uint32)
    rest = e164
    shortest = int(length.min(initial=0))
    for q in range(1, int(length.max(initial=0)) + 1):
        left = rest // np.uint64(10)
        digit = (rest - left * np.uint64(10)).astype(np.uint8)
        rest = left
        if q > shortest:
            order = order[length[order] >= q]
        order = order[np.argsort(digit[order], kind="stable")]
        orders[q] = order
    return orders
