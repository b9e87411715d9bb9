"""What the search's benchmark asks, and of what."""

from __future__ import annotations

from collections import Counter

import pytest
from django.http import QueryDict

from ringup.carriers.port import NumberOffer, Stock, StockArea
from ringup.cli.browsing import percentiles
from ringup.cli.large_stock import areas
from ringup.cli.search_questions import Questions
from ringup.numbers.packing import digits_of
from ringup.shop.asked import Asked

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def stocks() -> list[tuple[int, StockArea, Stock]]:
    return list(areas(20_000, sellers=2))


@pytest.fixture(scope="module")
def offers(stocks: list[tuple[int, StockArea, Stock]]) -> list[NumberOffer]:
    return [offer for _, _, stock in stocks for offer in stock.numbers]


def test_the_stock_is_large_and_the_same_each_time(offers: list[NumberOffer]) -> None:
    assert 19_000 < len(offers) < 22_000
    assert len({digits_of(offer.e164) for offer in offers}) > 19_000
    assert len({(offer.region, offer.rate_centre) for offer in offers}) > 5_000
    assert {offer.country for offer in offers} == {"US", "CA"}
    again = [offer for _, _, stock in areas(20_000, sellers=2) for offer in stock.numbers]
    assert again == offers


def test_sellers_have_areas_of_their_own(stocks: list[tuple[int, StockArea, Stock]]) -> None:
    sold = Counter(seller for seller, _, stock in stocks for _ in stock.numbers)
    assert sold[0] > 3 * sold[1] > 0
    names = [(seller, area.key) for seller, area, _ in areas(2_000, sellers=2)]
    assert len(set(names)) == len(names)


def test_every_question_is_one_that_the_shop_understands(offers: list[NumberOffer]) -> None:
    questions = Questions(offers[::50])
    nationals = [offer.e164[2:] for offer in offers]
    names = []
    for name, ask in questions.cases():
        names.append(name)
        query = ask()
        asked = Asked.read(QueryDict(query))
        assert bool(asked.country) == ("anywhere" not in name)
        assert bool(asked.centre) == ("centre" in name)
        assert bool(asked.text) == ("all by" not in name)
        if "on sale" in name:
            assert any(asked.text in national for national in nationals)
        assert ask() != query or "all by" in name
    assert len(set(names)) == len(names)
    assert len({questions.one() for _ in range(100)}) > 90


def test_percentiles_are_of_all_that_was_measured() -> None:
    assert percentiles([float(n) for n in range(101)]) == {"p50_ms": 50, "p95_ms": 95, "p99_ms": 99}
