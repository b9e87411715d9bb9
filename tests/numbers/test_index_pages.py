"""Pages follow each other by what the last row was: none is shown twice, none is lost."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from ringup.numbers.index.query import Cursor, Sort
from tests.numbers.market import Ask, Listing, Market, Number, changed, make_market, same

pytestmark = pytest.mark.once

ASKS = [Ask(), Ask("212"), Ask("5*"), Ask(country="CA", region="ON"), Ask("1", in_a_row=2)]


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(3_000, seed=3)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("text", ["", "212", "?1"])
def test_all_pages_together_are_the_whole_list(market: Market, sort: Sort, text: str) -> None:
    ask = Ask(text, sort=sort)
    wanted = market.plain(ask).numbers
    rows, after = [], None
    while True:
        page = market.search(ask, size=13, after=after)
        rows += page.rows
        if page.after is None:
            break
        after = Cursor.read(str(page.after))
    assert same(rows, wanted)
    assert len(rows) > 50


@pytest.mark.parametrize("size", [7, 40, 41, 100])
def test_pages_lead_from_an_area_to_all_others(market: Market, size: int) -> None:
    listing = next(one for one in market.listings if one.kind.country == "CA")
    inside = [listing._replace(e164=f"1212{n * 7:07}") for n in range(40)]
    outside = [listing._replace(e164=f"1416{n * 3:03}212{n % 10}") for n in range(60)]
    area = Market([*inside, *outside])
    wanted = area.plain(Ask("212")).numbers
    assert [n.national[:3] == "212" for n in wanted] == [True] * 40 + [False] * 60
    rows, after = [], None
    for _ in range(0, 100, size):
        page = area.search(Ask("212"), size=size, after=after)
        rows += page.rows
        after = page.after
    assert after is None
    assert same(rows, wanted)


@pytest.mark.parametrize("sort", Sort)
def test_two_accounts_may_have_one_number_at_the_end_of_a_page(market: Market, sort: Sort) -> None:
    ask = Ask(sort=sort)
    wanted = market.plain(ask).numbers
    twins = [n for n, (a, b) in enumerate(pairwise(wanted)) if a.e164 == b.e164]
    assert twins
    for place in twins[:20]:
        first = market.search(ask, size=place + 1)
        assert same(first.rows[-1:], wanted[place : place + 1])
        second = market.search(ask, size=1, after=first.after)
        assert same(second.rows, wanted[place + 1 : place + 2])


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("text", ["", "212", "5*"])
def test_a_cursor_holds_when_numbers_come_and_go(market: Market, sort: Sort, text: str) -> None:
    ask = Ask(text, sort=sort)
    before = market.plain(ask).numbers
    chance = random.Random(7)
    for size in (1, 10, 60):
        page = market.search(ask, size=size)
        last = before[size - 1]
        other = next_day(market, chance, without=last)
        wanted = [
            n for n in other.plain(ask).numbers if n.key(sort, ask.area) > last.key(sort, ask.area)
        ]
        assert wanted
        assert same(other.search(ask, size=40, after=page.after).rows, wanted[:40])


def next_day(market: Market, chance: random.Random, *, without: Number) -> Market:
    """A tenth of the numbers gone, the cursor's own with them, and as many new beside the rest."""
    gone = chance.sample(market.numbers, len(market.numbers) // 10)
    kept = chance.sample(market.listings, len(market.listings) // 10)
    more = [Listing(*one[:4], str(int(one.e164) ^ 1)) for one in kept]
    return changed(market, without=[f"+{n.e164}" for n in [*gone, without]], more=more)


def test_a_cursor_holds_when_its_whole_place_or_price_is_gone(market: Market) -> None:
    for sort in Sort:
        ask = Ask("212", sort=sort)
        before = market.plain(ask).numbers
        last = before[9]
        page = market.search(ask, size=10)
        same_place = [f"+{n.e164}" for n in market.numbers if n.place == last.place]
        same_price = [f"+{n.e164}" for n in market.numbers if n.price == last.price]
        same_country = [f"+{n.e164}" for n in market.numbers if n.country == last.country]
        for gone in (same_place, same_price, same_country):
            other = changed(market, without=gone)
            key = last.key(sort, ask.area)
            wanted = [n for n in other.plain(ask).numbers if n.key(sort, ask.area) > key]
            assert same(other.search(ask, size=9, after=page.after).rows, wanted[:9])


def test_a_cursor_may_lead_behind_the_end(market: Market) -> None:
    for ask in ASKS:
        page = market.search(ask, size=1)
        assert page.after is not None
        for end in (page.after._replace(monthly=2**52, beauty=0), page.after._replace(beauty=0)):
            far = end._replace(place=end.place._replace(country_name="\U0010ffff"), e164=2**53 - 1)
            found = market.search(ask, after=far)
            assert found.total == market.search(ask).total
            assert found.after is None or found.rows


def test_a_page_has_a_row_at_least(market: Market) -> None:
    for size in (0, -5):
        assert len(market.search(Ask(), size=size).rows) == 1
    assert len(market.search(Ask(), size=10**9).rows) == len(market.plain(Ask()).numbers)
