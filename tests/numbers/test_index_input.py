"""Whatever an address says, a search has an answer."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringup.numbers import patterns
from ringup.numbers.index.compiling import compile_index
from ringup.numbers.index.groups import Place
from ringup.numbers.index.query import Cursor, Query, Sort
from ringup.numbers.index.searching import Index
from tests.numbers.market import Ask, Market, make_market
from tests.numbers.questions import STABLE

pytestmark = pytest.mark.once

ODD = st.sampled_from(
    ["", "US", "NY", "0", "%", "_", "'", "\x00", "\ud800", "\u202e", "٤", "🕿", "A" * 999]
)
odd = ODD | st.text(max_size=20)
amounts = st.integers(0, 2**53 - 1) | st.sampled_from([0, 1, 850_000, 255, 256])
cursors = st.builds(
    Cursor, amounts, amounts, amounts, amounts, amounts, st.builds(Place, odd, odd, odd, odd, odd)
)
queries = st.builds(
    Query,
    pattern=(st.text(max_size=50) | st.text("+*?0123456789 ", max_size=20)).map(patterns.read),
    country=odd,
    region=odd,
    rate_centre=odd,
    number_type=odd,
    features=st.frozensets(odd | st.sampled_from(["country", "type", "ready", "feature sms"])),
    is_ready=st.booleans(),
    sort=st.sampled_from(Sort),
    after=st.none() | cursors,
    in_a_row=st.integers(-5, 300) | st.sampled_from([10**9, 2**70]),
    size=st.integers(-3, 60),
)


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(500, seed=4)


@settings(max_examples=300, **STABLE)
@given(query=queries)
def test_every_question_has_an_answer(market: Market, query: Query) -> None:
    gone = market.index.rows_of([f"+{number.e164}" for number in market.numbers[:5]])
    page = market.index.search(query, market.shelf, gone)
    assert len(page.rows) <= max(query.size, 1)
    assert page.total >= len(page.rows)


@settings(max_examples=100, **STABLE)
@given(query=queries)
def test_an_empty_index_has_an_answer_too(query: Query) -> None:
    market = Market([])
    page = market.index.search(query, market.shelf, market.index.rows_of(["+14165550142"]))
    assert (page.rows, page.total, page.after) == ([], 0, None)


@settings(max_examples=150, **STABLE)
@given(cursor=cursors)
def test_a_cursor_reads_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.read(str(cursor)) == cursor


def written(data: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


GOOD = [1, 2, 3, 4, 5, "Canada", "Ontario", "TORONTO", "CA", "ON"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "!!!!",
        "é",
        "\x00",
        "\ud800",
        "A" * 10_000,
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"1" * 5_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        written({}),
        written("1234567890"),
        written(None),
        written([]),
        written(GOOD[:-1]),
        written([*GOOD, "more"]),
        written([-1, *GOOD[1:]]),
        written([2**53, *GOOD[1:]]),
        written([10**4000, *GOOD[1:]]),
        written([1.5, *GOOD[1:]]),
        written([True, *GOOD[1:]]),
        written([None, *GOOD[1:]]),
        written(["1", *GOOD[1:]]),
        written([*GOOD[:9], 1]),
        written([*GOOD[:9], ["ON"]]),
        written([float("nan"), *GOOD[1:]]),
        written([float("inf"), *GOOD[1:]]),
        written(dict.fromkeys("abcdefghij", 1)),
    ],
)
def test_a_cursor_that_nobody_wrote_is_none(text: str) -> None:
    assert Cursor.read(text) is None


@settings(max_examples=200, **STABLE)
@given(text=st.text() | st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_no_cursor_breaks_a_page(market: Market, text: str) -> None:
    after = Cursor.read(text)
    assert after is None
    assert Cursor.read(written(GOOD)) is not None


def test_numbers_that_are_none_are_in_no_index(market: Market) -> None:
    some = f"+{market.numbers[0].e164}"
    texts = ["", "+", "+x", "12", "+٤", "+²", "+1", "+" + "9" * 15, "+" + "9" * 400, "\ud800", some]
    rows = market.index.rows_of(texts)
    assert {market.index.columns.e164(row) for row in rows.tolist()} == {some}
    assert len(Index(compile_index([], fingerprint="")).rows_of(texts)) == 0


def test_a_block_of_more_than_any_has_is_nowhere(market: Market) -> None:
    for count in (257, 10**6):
        assert market.search(Ask(in_a_row=count)).total == 0
