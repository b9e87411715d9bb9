"""Where an account sells."""

from __future__ import annotations

import pytest

from ringup.carriers.models import CarrierAccount
from ringup.carriers.places import may_sell, open_countries, open_regions
from ringup.carriers.port import NumberOffer, NumberType, Region
from ringup.core.money import Money

pytestmark = pytest.mark.once
ZERO = Money.zero("USD")
REGIONS = [Region("NY", "New York"), Region("TX", "Texas")]


@pytest.mark.parametrize(
    ("countries", "regions", "country", "region", "sells"),
    [
        ([], [], "CA", "ON", True),
        (["US"], [], "US", "TX", True),
        (["US"], [], "CA", "ON", False),
        (["US"], ["US-NY"], "US", "NY", True),
        (["US"], ["US-NY"], "US", "TX", False),
        ([], ["US-NY"], "CA", "ON", True),  # a list of regions narrows its own country only
        ([], ["US-NY"], "US", "", False),
    ],
)
def test_an_offer_is_sold_only_where_the_account_is_open(
    countries: list[str], regions: list[str], country: str, region: str, sells: bool
) -> None:
    account = CarrierAccount(countries=countries, regions=regions)
    offer = NumberOffer("+12125550100", country, region, "", ZERO, ZERO)
    assert may_sell(account, offer) is sells


def test_a_toll_free_number_has_no_region_and_goes_by_its_country() -> None:
    offer = NumberOffer("+18005550100", "US", "", "", ZERO, ZERO, number_type=NumberType.TOLL_FREE)
    assert may_sell(CarrierAccount(regions=["US-NY"]), offer)
    assert not may_sell(CarrierAccount(countries=["CA"]), offer)


def test_choices_show_only_what_is_open() -> None:
    account = CarrierAccount(countries=["US"], regions=["US-NY"])
    assert open_countries(account, ["CA", "US"]) == ["US"]
    assert open_regions(account, "US", REGIONS) == REGIONS[:1]
    assert open_regions(CarrierAccount(), "US", REGIONS) == REGIONS
