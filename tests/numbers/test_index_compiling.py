"""From the stock of all areas to columns."""

from __future__ import annotations

import numpy as np
import pytest

from ringup.core.phones import country_name
from ringup.numbers.index.columns import Columns
from ringup.numbers.index.compiling import Area, compile_index
from ringup.numbers.index.groups import Group
from ringup.numbers.packing import Kind, Packed
from tests.numbers.market import Market, make_market

pytestmark = pytest.mark.once

TORONTO = Kind("CA", "ON", "Ontario", "TORONTO", "geographic", ("voice",), False, 1, 0, "USD")
DEARER = TORONTO._replace(monthly=2)
OSLO = TORONTO._replace(country="NO", region="", region_name="", rate_centre="OSLO")


def area(account: int, *digits: int, kind: Kind = TORONTO, **more: int) -> Area:
    numbers = np.array(sorted(digits), np.uint64)
    return Area(
        account, more.get("fetched", 0), Packed([(kind, numbers)], []), bool(more.get("own"))
    )


def rows(columns: Columns) -> list[tuple[str, Group]]:
    return [
        (columns.e164(row), columns.groups[number])
        for row, number in enumerate(columns.group.tolist())
    ]


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(3_000, seed=8)


def test_what_an_account_lists_twice_is_the_one_listed_first() -> None:
    areas = [
        area(1, 14165550142, own=1),
        area(2, 14165550142),
        area(1, 14165550142, 14165550143, kind=DEARER),
        area(2, 14165550142, kind=DEARER, fetched=9),
    ]
    found = rows(compile_index(areas, fingerprint=""))
    assert [(e164, group.account, group.kind.monthly) for e164, group in found] == [
        ("+14165550142", 1, 1),
        ("+14165550142", 2, 1),
        ("+14165550143", 1, 2),
    ]
    assert [group.is_own for _, group in found] == [True, False, False]
    assert {group.fetched for _, group in found} == {0}


def test_accounts_of_one_number_stand_in_their_order() -> None:
    areas = [area(account, 14165550142, 14165550140) for account in (9, 3, 12, 1)]
    found = rows(compile_index(areas, fingerprint=""))
    assert [group.account for _, group in found] == [1, 3, 9, 12] * 2


def test_rows_are_sorted_by_place_and_digits(market: Market) -> None:
    columns = market.index.columns
    keys = [
        (columns.places[columns.groups.place[columns.group[row]]], int(columns.digits[row]))
        for row in range(columns.size)
    ]
    assert keys == sorted(keys)
    for number, place in enumerate(columns.places):
        begin, end = columns.place_start[number : number + 2].tolist()
        assert {key[0] for key in keys[begin:end]} <= {place}


def test_every_order_is_by_the_last_digits(market: Market) -> None:
    columns = market.index.columns
    nationals = [columns.e164(row)[-int(columns.length[row]) :] for row in range(columns.size)]
    assert [*columns.orders] == list(range(1, 12))
    for q, order in columns.orders.items():
        assert sorted(order) == [row for row, n in enumerate(nationals) if len(n) >= q]
        ends = [nationals[row][-q:] for row in order]
        assert ends == sorted(ends)


def test_rows_of_groups_are_theirs(market: Market) -> None:
    columns = market.index.columns
    some = np.array([0, 5, 6, len(columns.groups) - 1])
    assert sorted(columns.rows_of(some)) == np.flatnonzero(np.isin(columns.group, some)).tolist()
    assert len(columns.rows_of(np.array([], np.intp))) == 0
    beauties = columns.beauty[columns.by_beauty].tolist()
    assert beauties == sorted(beauties, reverse=True)


def test_groups_that_cost_the_same_are_alike(market: Market) -> None:
    groups = market.index.columns.groups
    first, like = groups.alike()

    def cost(group: Group) -> tuple[object, ...]:
        place = ("rate_centre", "region_name")
        return group.account, group.kind._replace(**dict.fromkeys(place, ""))

    assert [cost(groups[first[which]]) for which in like] == [cost(group) for group in groups]
    assert len({cost(group) for group in groups}) == len(first)


def test_national_numbers_begin_behind_the_calling_code() -> None:
    areas = [area(1, 14165550142), area(1, 4721234567, kind=OSLO)]
    columns = compile_index(areas, fingerprint="")
    lengths = {columns.e164(row): int(columns.length[row]) for row in range(columns.size)}
    assert lengths == {"+14165550142": 10, "+4721234567": 8}
    assert columns.groups.codes == {"CA": "1", "NO": "47"}


@pytest.mark.parametrize("digits", [1, 47, 9, 123456789012345])
def test_a_number_that_is_none_breaks_nothing(digits: int) -> None:
    columns = compile_index(
        [area(1, digits, kind=OSLO), area(1, 4721234567, kind=OSLO)], fingerprint=""
    )
    assert columns.size == 2
    assert max(columns.orders) <= 13


def test_a_country_that_is_none_has_its_code_for_a_name() -> None:
    columns = compile_index([area(1, 4721234567, kind=OSLO._replace(country="XX"))], fingerprint="")
    assert columns.places[0].country_name == "XX"
    assert columns.length.tolist() == [10]
    assert country_name("NO") == "Norway"
    assert country_name("") == ""


def test_no_stock_is_an_index_too() -> None:
    for areas in ([], [Area(1, 0, Packed([], []))], [area(1)]):
        columns = compile_index(areas, fingerprint="none")
        assert (columns.size, columns.fingerprint, columns.orders) == (0, "none", {})
