"""What a carrier lists and nobody may see: it spoils neither its area nor the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ringup.carriers.port import NumberOffer, PlaceOffer, Stock, StockArea
from ringup.core.money import Money
from ringup.numbers.packing import unpack
from ringup.numbers.sensible import MOST, sensible
from ringup.numbers.storing import Listed

pytestmark = pytest.mark.once

AREA = StockArea("US/NY", "New York", "US")
COST = Money.of("0.85", "USD")
GOOD = NumberOffer("+17165550101", "US", "NY", "BUFFALO", COST, COST, region_name="New York")
PLACE = PlaceOffer("7", "ZA", "", "Cape Town", COST, COST)
NONSENSE: list[dict[str, Any]] = [
    {"monthly": Money(-1, "USD")},
    {"setup": Money(-1, "USD")},
    {"monthly": Money(MOST + 1, "USD")},
    {"setup": Money(2**63, "USD")},
    {"region": "New York State"},
    {"region": "N\ud800"},
]
OTHERS_DIGITS = [
    {"e164": "+27115550101"},
    {"country": "GB"},
    {"country": "ZZ"},
    {"country": ""},
]


@pytest.mark.parametrize("nonsense", [*NONSENSE, *OTHERS_DIGITS], ids=str)
def test_a_number_that_makes_no_sense_is_left_out_alone(nonsense: dict[str, Any]) -> None:
    odd = replace(GOOD, **({"e164": "+17165550102"} | nonsense))
    listed = Listed.of(AREA, Stock([odd, GOOD]))
    assert listed.numbers == 1
    ((_, digits),) = unpack(listed.content).kinds
    assert digits.tolist() == [17165550101]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=str)
def test_so_is_a_place(nonsense: dict[str, Any]) -> None:
    listed = Listed.of(AREA, Stock([], [replace(PLACE, **nonsense), PLACE]))
    assert (listed.places, [p.key for p in unpack(listed.content).places]) == (1, ["7"])


def test_an_area_of_nothing_else_was_not_read() -> None:
    with pytest.raises(ValueError, match="none of its 1 rows makes sense"):
        Listed.of(AREA, Stock([replace(GOOD, country="ZA")]))
    assert Listed.of(AREA, Stock([])).is_empty


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Saint-Jérôme", "Saint-Jérôme"),
        ("القاهرة", "القاهرة"),
        ("a\r\nb\0c", "a b c"),
        ("\u202eOLEH\u202c", "OLEH"),
        ("half \ud800", "half"),
        ("x" * 500, "x" * 60),
        ("<b>&'\"", "<b>&'\""),
    ],
)
def test_names_are_such_as_can_be_stored_and_shown(name: str, kept: str) -> None:
    found = sensible(replace(GOOD, rate_centre=name, region_name=name))
    assert found is not None
    assert (found.rate_centre, found.region_name) == (kept, kept)
    kept.encode()


def test_what_is_well_is_not_touched() -> None:
    assert sensible(GOOD) is GOOD
    assert sensible(PLACE) is PLACE
