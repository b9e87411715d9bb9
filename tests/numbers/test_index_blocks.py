"""Numbers in a row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringup.numbers.index.blocks import _apart
from tests.numbers.market import Ask, Listing, Market, make_market
from tests.numbers.questions import STABLE

pytestmark = pytest.mark.once

KIND = (
    make_market(1)
    .listings[0]
    .kind._replace(country="US", region="NY", rate_centre="BUFFALO", monthly=1, setup=0)
)


def listed(*numbers: int, account: int = 3, **more: object) -> list[Listing]:
    kind = KIND._replace(**more)
    return [Listing(account, 1, False, kind, str(17160000000 + number)) for number in numbers]


def begins(market: Market, count: int, text: str = "", gone: list[int] | None = None) -> list[int]:
    away = [f"+{17160000000 + number}" for number in gone or []]
    page = market.search(Ask(text, in_a_row=count), size=100, gone=away)
    assert {row.block for row in page.rows} <= {count}
    assert page.total == len(page.rows)
    return sorted(int(row.e164[1:]) - 17160000000 for row in page.rows)


def test_a_stretch_is_cut_into_blocks_from_its_beginning() -> None:
    market = Market(listed(*range(100, 112)))
    assert begins(market, 5) == [100, 105]
    assert begins(market, 12) == [100]
    assert begins(market, 13) == []


def test_the_first_number_of_a_block_fits_the_pattern() -> None:
    market = Market(listed(*range(5540, 5575)))
    assert begins(market, 5, "*0") == [5540, 5550, 5560, 5570]
    # Hits that lie nearer than a block: only what does not overlap.
    assert begins(market, 3, "*555?") == [5550, 5553, 5556, 5559]
    assert begins(market, 10, "*5?5?") == [5550]


def test_a_number_that_is_gone_ends_a_stretch() -> None:
    market = Market(listed(*range(100, 112)))
    assert begins(market, 5, gone=[102]) == [103]
    assert begins(market, 5, gone=[100, 111]) == [101, 106]
    assert begins(market, 5, gone=[99, 112, 999]) == [100, 105]
    assert begins(market, 5, gone=list(range(100, 112))) == []


def test_a_block_is_of_one_account_and_price() -> None:
    assert begins(Market([*listed(1, 2), *listed(3, 4, monthly=2)]), 3) == []
    assert begins(Market([*listed(1, 2), *listed(3, 4, account=7)]), 3) == []
    assert begins(Market([*listed(1, 2), *listed(3, 4, features=("fax",))]), 2) == [1, 3]


def test_two_accounts_may_list_the_same_stretch() -> None:
    market = Market([*listed(*range(1, 8)), *listed(*range(3, 9), account=7)])
    assert begins(market, 3) == [1, 3, 4, 6]


def test_a_block_stays_within_an_exchange() -> None:
    market = Market(listed(*range(19_995, 20_005)))
    assert begins(market, 5) == [19_995, 20_000]
    assert begins(market, 6) == []


@settings(max_examples=200, **STABLE)
@given(starts=st.sets(st.integers(0, 200)), count=st.integers(2, 9))
def test_what_is_chosen_is_the_first_and_then_always_the_next(starts: set[int], count: int) -> None:
    chosen, free = [], 0
    for start in sorted(starts):
        if start >= free:
            chosen.append(start)
            free = start + count
    assert _apart(np.array(sorted(starts), np.int64), count).tolist() == chosen
