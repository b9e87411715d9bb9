"""Questions to a market, as people ask them, for property tests."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck
from hypothesis import strategies as st

from ringup.numbers.index.query import Cursor, Sort
from ringup.numbers.index.searching import EXACT
from tests.numbers.market import FEATURES, TYPES, Ask, Market, counts, same

# The same examples in every run.
STABLE: dict[str, Any] = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}

_digit = st.sampled_from("0123456789")
_run = st.text(_digit, min_size=1, max_size=4)
_piece = _run | st.text(st.sampled_from("0123456789???"), min_size=1, max_size=5)
_pieces = st.lists(_piece, min_size=1, max_size=3).map("*".join)
texts = st.one_of(
    st.just(""),
    st.text(_digit, min_size=1, max_size=10),
    st.sampled_from(["212", "416", "647", "151", "21", "06", "5", "7"]),
    _piece,
    _pieces.map("{}*".format),
    _pieces.map("*{}".format),
    st.lists(_piece, min_size=2, max_size=4).map("*".join),
    st.sampled_from(["+1", "+1212", "+49", "+4", "+3", "+35", "+3906", "+471", "+1416*7", "+39*6"]),
    st.text(st.sampled_from("ABCRING"), min_size=2, max_size=4),
)


# Made once: to make a strategy costs more than to draw from it.
_has_features = st.booleans()
_features = {True: st.sets(st.sampled_from(FEATURES[2])), False: st.just(set[str]())}
_countries = st.sampled_from(["", "", "US", "CA", "DE", "IS", "XX"])
_regions = st.sampled_from(["", "", "NY", "ON", "WA"])
_rate_centres = st.sampled_from(["", "", "", "NY 1", "CITY 4", "ON 2", "NO SUCH"])
_types = st.sampled_from(["", "", "", *TYPES])
_one_in_five = st.integers(0, 4)
_sorts = st.sampled_from(Sort)
_rows = st.sampled_from([1, 1, 1, 1, 2, 5, 13])


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    features = _features[draw(_has_features)]
    return Ask(
        text=draw(texts),
        country=draw(_countries),
        region=draw(_regions),
        rate_centre=draw(_rate_centres),
        number_type=draw(_types),
        features=frozenset(draw(features)),
        is_ready=draw(_one_in_five) == 0,
        sort=draw(_sorts),
        in_a_row=draw(_rows),
    )


def taken(market: Market, share: float, seed: int) -> list[str]:
    """Numbers that others have, and some that nobody lists."""
    if not share:
        return []
    some = random.Random(seed).sample(market.numbers, int(len(market.numbers) * share))
    return [*[f"+{number.e164}" for number in some], "+19995550100", "+4999"]


def check(market: Market, ask: Ask, gone: list[str], size: int) -> None:
    """All that a page says, and that three pages follow each other without a gap."""
    wanted = market.plain(ask, gone=gone)
    after: Cursor | None = None
    for begin in (0, size, 2 * size):
        page = market.search(ask, size=size, after=after, gone=gone)
        assert page.total == min(len(wanted.numbers), EXACT + 1)
        assert counts(page.facets) == wanted.facets
        assert same(page.rows, wanted.numbers[begin : begin + size])
        assert (page.after is None) == (begin + size >= len(wanted.numbers))
        if page.after is None:
            break
        after = Cursor.read(str(page.after))
        assert after == page.after
