"""The carrier's area for what somebody typed."""

from __future__ import annotations

import pytest

from ringup.carriers.papers import Area
from ringup.regulatory.matching_areas import match, nearest, suggested, unknown_city
from tests.regulatory.requirements import AREAS, CAPE_TOWN

FRENCH = [
    Area("1", "Saint-Étienne"),
    Area("2", "Besançon"),
    Area("3", "Århus"),
    Area("4", "Gießen"),
]


@pytest.mark.parametrize(
    "typed", ["Cape Town", "cape town", "CAPETOWN", " Cape-Town ", "Cápe Tówn"]
)
def test_capitals_accents_and_gaps_make_no_difference(typed: str) -> None:
    assert match(typed, AREAS) == CAPE_TOWN


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Köln", "Köln"),
        ("koln", "Köln"),
        ("Koeln", "Köln"),
        ("Ko\u0308ln", "Köln"),
        ("saint etienne", "Saint-Étienne"),
        ("BESANCON", "Besançon"),
        ("Aarhus", "Århus"),
        ("Giessen", "Gießen"),
    ],
)
def test_letters_that_a_keyboard_lacks(typed: str, name: str) -> None:
    found = match(typed, [*AREAS, *FRENCH])
    assert found is not None
    assert found.name == name


def test_what_is_no_area_is_none() -> None:
    assert match("Atlantis", AREAS) is None
    assert match("", AREAS) is None
    assert match("---", AREAS) is None


def test_the_nearest_names_are_in_the_sentence() -> None:
    assert nearest("Cape Twon", AREAS) == ["Cape Town"]
    assert nearest("Cape", AREAS) == ["Cape Town"]
    assert nearest("", AREAS) == []
    assert unknown_city("Cape Twon", AREAS).endswith("Did you mean Cape Town?")
    assert "from the list" in unknown_city("Xyz", AREAS)


def test_suggestions_while_it_is_typed() -> None:
    assert suggested("", AREAS, most=2) == ["Cape Town", "Gqeberha"]
    assert suggested("town", AREAS, most=5) == ["Cape Town"]
    assert suggested("j", AREAS, most=5) == ["Johannesburg"]
