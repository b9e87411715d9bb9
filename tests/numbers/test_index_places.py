"""Places: their names, the filters by them, and those that sell by quantity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ringup.numbers import patterns
from ringup.numbers.index.compiling import Area, compile_index
from ringup.numbers.index.facets import READY, Facets
from ringup.numbers.index.query import Query
from ringup.numbers.index.searching import Index, Shelf
from ringup.numbers.packing import Kind, Packed, Quantity

pytestmark = pytest.mark.once

TORONTO = Kind("CA", "ON", "Ontario", "TORONTO", "geographic", ("voice",), False, 1, 0, "USD")
TORBAY = TORONTO._replace(region="NL", region_name="Newfoundland", rate_centre="TORBAY")
QUEBEC = TORONTO._replace(region="QC", region_name="Québec", rate_centre="QUÉBEC")
NAMELESS = TORONTO._replace(region_name="", rate_centre="OTTAWA")
TOLL_FREE = Kind("US", "", "", "Toll Free", "toll-free", ("sms", "voice"), False, 1, 0, "USD")
NEW_YORK = TOLL_FREE._replace(
    region="NY", region_name="New York", rate_centre="NEW YORK", number_type="geographic"
)
PERTH = NEW_YORK._replace(
    country="AU", region="WA", region_name="Western Australia", rate_centre="PERTH"
)
SEATTLE = NEW_YORK._replace(region="WA", region_name="Washington", rate_centre="SEATTLE")
BERLIN = Kind("DE", "BE", "Berlin", "Berlin", "geographic", ("voice",), True, 1, 0, "EUR")
TORGAU = BERLIN._replace(region="SN", region_name="Sachsen", rate_centre="Torgau")
PARIS = BERLIN._replace(country="FR", region="", region_name="", rate_centre="Paris")

STOCK = {
    TORONTO: [14165550142, 14165550143, 14165550144],
    TORBAY: [17095550142],
    QUEBEC: [14185550142],
    NAMELESS: [16135550142],
    TOLL_FREE: [18005550142],
    NEW_YORK: [12125550142],
    PERTH: [61855501421],
    SEATTLE: [12065550142],
}
QUANTITIES = [
    Quantity("b1", "30", 12, BERLIN),
    Quantity("b2", "", -1, TORGAU),
    Quantity("f1", "1", 0, PARIS),
    Quantity("c1", "416", 5, TORONTO),
]


@pytest.fixture(scope="module")
def index() -> Index:
    kinds = [(kind, np.array(digits, np.uint64)) for kind, digits in STOCK.items()]
    return Index(compile_index([Area(1, 0, Packed(kinds, QUANTITIES))], fingerprint="places"))


def shelf(index: Index, *, without: str = "") -> Shelf:
    """Everything for sale, but nothing of one country."""
    groups = [group.kind.country != without for group in index.columns.groups]
    places = [row.offer.kind.country != without for row in index.columns.by_quantity]
    return Shelf(*[np.where(sold, 1, -1) for sold in (groups, groups, places, places)])


def facets(index: Index, **query: object) -> Facets:
    return index.search(replace(Query(), **query), shelf(index)).facets


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("toronto", ["TORONTO"]),
        ("tor", ["TORONTO", "TORBAY", "Torgau"]),
        (" TORON", ["TORONTO"]),
        ("quebec", ["Québec", "QUÉBEC"]),
        ("QUÉ", ["Québec", "QUÉBEC"]),
        ("new york", ["New York", "NEW YORK"]),
        ("new  y", ["New York", "NEW YORK"]),
        ("ger", ["Germany"]),
        ("wa", ["Washington"]),
        ("berlin", ["Berlin", "Berlin"]),
        ("416", []),
        ("", []),
        ("\u0301", []),
        ("\ud800", []),
        ("oronto", []),
        ("paris", []),  # has none
    ],
)
def test_places_are_found_by_how_they_begin(index: Index, text: str, names: list[str]) -> None:
    found = index.places_like(text, 10)
    assert [
        place.rate_centre or place.region_name or place.country_name for place in found
    ] == names


def test_a_place_says_how_it_is_asked_for(index: Index) -> None:
    (toronto,) = index.places_like("toronto", 3)
    assert (toronto.country, toronto.region, toronto.rate_centre) == ("CA", "ON", "TORONTO")
    (ontario,) = index.places_like("ontario", 3)
    assert (ontario.country, ontario.region, ontario.rate_centre) == ("CA", "ON", "")
    (canada,) = index.places_like("canada", 3)
    assert (canada.country, canada.region, canada.rate_centre) == ("CA", "", "")


def test_only_places_that_sell_to_this_buyer_are_named(index: Index) -> None:
    assert index.places_like("tor", 10, shelf(index, without="CA"))[0].rate_centre == "Torgau"
    assert index.places_like("berlin", 10, shelf(index, without="DE")) == []
    assert len(index.places_like("tor", 1)) == 1


def test_one_region_has_one_name_however_carriers_write_it(index: Index) -> None:
    regions = facets(index, country="CA").regions
    assert [(value.value, value.name, value.hits) for value in regions] == [
        ("NL", "Newfoundland", 1),
        ("ON", "Ontario", 4),
        ("QC", "Québec", 1),
    ]


def test_a_code_of_two_countries_is_two_regions(index: Index) -> None:
    assert [value.name for value in facets(index, country="US").regions] == [
        "New York",
        "Washington",
    ]
    assert [value.name for value in facets(index, country="AU").regions] == ["Western Australia"]
    assert index.search(Query(region="WA"), shelf(index)).total == 2


def test_rate_centres_wait_for_their_region_where_there_are_any(index: Index) -> None:
    assert facets(index, country="CA").rate_centres == []
    centres = facets(index, country="CA", region="ON").rate_centres
    assert [value.value for value in centres] == ["OTTAWA", "TORONTO"]
    # A link may name one without its region: it stays among the choices.
    centres = facets(index, country="CA", rate_centre="TORONTO").rate_centres
    assert [(value.value, value.hits) for value in centres] == [("TORONTO", 3)]
    assert [value.value for value in facets(index, country="FR").rate_centres] == []


# -- by quantity ------------------------------------------------------------------------------------


def keys(index: Index, text: str = "", **query: object) -> list[str]:
    page = index.search(replace(Query(patterns.read(text)), **query), shelf(index))
    return [place.offer.key for _, place in page.by_quantity]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ["b1", "b2", "c1"]),
        ("+49", ["b1", "b2"]),
        ("+4930", ["b1"]),
        ("30*", ["b1"]),
        ("416", ["c1"]),
        ("41", []),
        ("*30", []),
        ("3*0*", []),
        ("+1", ["c1"]),
    ],
)
def test_a_place_by_quantity_fits_when_its_numbers_begin_so(
    index: Index, text: str, wanted: list[str]
) -> None:
    assert keys(index, text) == wanted


def test_places_by_quantity_pass_the_filters_and_have_no_blocks(index: Index) -> None:
    assert keys(index, country="DE") == ["b1", "b2"]
    assert keys(index, country="DE", region="SN") == ["b2"]
    assert keys(index, is_ready=True) == ["c1"]
    assert keys(index, in_a_row=2) == []
    assert keys(index, size=1) == ["b1"]


def test_they_add_choices_without_a_count(index: Index) -> None:
    found = facets(index)
    assert {value.value: value.hits for value in found.countries} == {
        "AU": 1,
        "CA": 6,
        "DE": 0,
        "US": 3,
    }
    assert [value.name for value in found.countries] == sorted(
        value.name for value in found.countries
    )
    assert [value.value for value in found.ready] == [READY]
    # All numbers are ready, and only a place needs papers.
    assert [value.value for value in facets(index, country="CA").ready] == []


def test_on_later_pages_they_are_not_shown_again(index: Index) -> None:
    first = index.search(Query(size=1), shelf(index))
    assert first.by_quantity
    assert index.search(Query(size=1, after=first.after), shelf(index)).by_quantity == []
