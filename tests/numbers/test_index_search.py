"""The index against a plain look at every number: rows, order, totals, facets, pages."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringup.numbers.index import hits, matching, nibbles, ordering
from ringup.numbers.index.hits import Hits
from ringup.numbers.index.ordering import Ordering
from tests.numbers.market import Ask, Market, make_market
from tests.numbers.questions import STABLE, asks, check, taken

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def large() -> Market:
    market = make_market(100_000)
    assert {len(number.national) for number in market.numbers} == {7, 8, 9, 10, 11}
    return market


@pytest.fixture(scope="module")
def small() -> Market:
    return make_market(2_000, seed=2)


@settings(max_examples=20, **STABLE)
@given(ask=asks())
def test_a_hundred_thousand_numbers_are_searched_as_one_would_by_hand(
    large: Market, ask: Ask
) -> None:
    check(large, ask, [], 25)


@settings(max_examples=80, **STABLE)
@given(
    ask=asks(),
    share=st.sampled_from([0.01, 0.5]),
    size=st.integers(1, 30),
    seed=st.integers(0, 3),
)
def test_what_others_have_is_left_out(
    small: Market, ask: Ask, share: float, size: int, seed: int
) -> None:
    check(small, ask, taken(small, share, seed), size)


# Each forces the engine to go one way: everything is sorted, or walked; patterns are bisected, or
# scanned; hits are listed, or marked.
WAYS: dict[str, tuple[dict[tuple[Any, str], int], set[str]]] = {
    "sorted": ({(ordering, "_FEW"): 10**9}, {"_best", "_listed"}),
    "walked": (
        {(ordering, "_FEW"): 10, (ordering, "_FIRST_CHUNK"): 7},
        {"_walk", "_walk_rows", "_walk_prices", "_best"},
    ),
    "bisected": ({(matching, "_SCANNED"): 0, (hits, "_LISTED"): 1}, {"_union"}),
    "scanned": (
        {(matching, "_SCANNED"): 10**9, (hits, "_LISTED"): 10**9, (nibbles, "CHUNK"): 50},
        {"marked", "marks"},
    ),
    "walked and scanned": (
        {(ordering, "_FEW"): 10, (matching, "_SCANNED"): 10**9, (hits, "_LISTED"): 10**9},
        {"marked", "marks", "_walk", "_walk_rows", "_walk_prices"},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_leads_to_the_same_page(
    small: Market, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds, expected = WAYS[way]
    for (module, name), bound in bounds.items():
        monkeypatch.setattr(module, name, bound)
    seen: Counter[str] = Counter()
    for owner, names in (
        (Ordering, ["_best", "_listed", "_walk", "_walk_rows", "_walk_prices"]),
        (matching.Matcher, ["_union"]),
    ):
        for name in names:
            watch(owner, name, seen, monkeypatch)
    watch_marks(seen, monkeypatch)

    @settings(max_examples=60, **STABLE)
    @given(ask=asks(), share=st.sampled_from([0, 0.1]), size=st.integers(1, 30))
    def compare(ask: Ask, share: float, size: int) -> None:
        check(small, ask, taken(small, share, seed=1), size)

    compare()
    assert expected <= set(seen), seen
    if way in ("sorted", "bisected"):
        assert not {"sorted": {"_walk"}, "bisected": {"marked"}}[way] & set(seen)


def watch(owner: type, name: str, seen: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the calls of a method."""
    method = getattr(owner, name)

    def counted(*args: Any, **named: Any) -> Any:
        seen[name] += 1
        return method(*args, **named)

    monkeypatch.setattr(owner, name, counted)


def watch_marks(seen: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Count scans, and those whose hits stay marks."""
    marked = Hits.marked

    def counted(*args: Any) -> Hits:
        found = marked(*args)
        seen.update(["marked", *(["marks"] if found.marks is not None else [])])
        return found

    monkeypatch.setattr(Hits, "marked", counted)


def test_three_digits_put_their_area_first(small: Market) -> None:
    rows = [n.national for n in small.plain(Ask("212")).numbers]
    inside = sum(1 for national in rows if national.startswith("212"))
    assert 0 < inside < len(rows)
    assert all(national.startswith("212") for national in rows[:inside])
    for text in ("212", " 2-1-2 "):
        found = [
            row.e164[len(row.group.calling_code) + 1 :]
            for row in small.search(Ask(text), size=len(rows)).rows
        ]
        assert [national.startswith("212") for national in found[: inside + 1]] == [
            True
        ] * inside + [False]
