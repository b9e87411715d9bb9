"""Which rows fit a pattern: digits that numbers have, wherever they stand, with wild cards between."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringup.numbers import patterns
from ringup.numbers.index import matching
from ringup.numbers.index.matching import Matcher
from tests.numbers.market import Market, make_market, meaning
from tests.numbers.questions import STABLE

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(1_500, seed=6)


@st.composite
def texts(draw: st.DrawFn) -> tuple[int, int, int, str]:
    """A number, a part of it, and how it is typed: ``{}`` is the digits, or some of them."""
    form = draw(
        st.sampled_from(["{}", "{}*", "*{}", "*{}*", "{}?", "?{}", "{}*{}", "*{}*{}", "{}?{}*"])
    )
    number, begin = draw(st.integers(0, 10**6)), draw(st.integers(0, 6))
    return number, begin, begin + draw(st.integers(1, 5)), form


@pytest.mark.parametrize("scanned", [0, 10**9, matching._SCANNED])
def test_digits_of_a_number_find_what_has_them(
    market: Market, scanned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_SCANNED", scanned)
    columns = market.index.columns
    matcher = Matcher(columns)

    @settings(max_examples=250, **STABLE)
    @given(typed=texts())
    def compare(typed: tuple[int, int, int, str]) -> None:
        number, begin, end, form = typed
        national = market.numbers[number % len(market.numbers)].national
        digits = national[begin:end] or national[-2:]
        middle = len(digits) // 2
        several = form.count("{}") > 1
        text = (
            form.format(digits[:middle] or digits, digits[middle:])
            if several
            else form.format(digits)
        )
        _, fits = meaning(text)
        rows = matcher.hits(patterns.read(text)).as_rows()
        assert rows.tolist() == sorted(set(rows.tolist()))
        found = sorted(
            (columns.e164(row), columns.groups[columns.group[row]].account) for row in rows
        )
        wanted = [(f"+{n.e164}", n.account) for n in market.numbers if fits(n.national)]
        assert found == sorted(wanted)

    compare()
