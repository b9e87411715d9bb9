"""A number that stands in for another needs the same papers, or none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.cache import cache

from ringup.carriers.port import NumberOffer
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.papers import asking_rules, fitting
from ringup.provisioning.blueprint import main_number
from ringup.services.models import Service
from tests.backoffice.regulated import make_papers
from tests.factories import Shop, make_number_order, make_shop, service_of
from tests.regulatory.requirements import AREA_OF_BOTH, WORLD_WIDE
from tests.world import make_client

ZERO = Money.zero("USD")
PLAIN = NumberOffer("+27210017400", "ZA", "", "Cape Town", ZERO, ZERO)
REGULATED = replace(PLAIN, needs_papers=True, place="cape-town")


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop()


def fits(service: Service, offer: NumberOffer) -> bool:
    return fitting.fits(service, main_number(service), offer)


def said(service: Service, place: str, rules: object) -> None:
    """The carrier has told today what a place needs."""
    key = asking_rules._key(service.account, "rules", place)
    cache.set(key, rules.as_data(), 60)  # type: ignore[attr-defined]


def test_an_order_without_papers_takes_no_number_that_needs_some(shop: Shop) -> None:
    service = service_of(make_number_order(shop, make_client("Plain")))
    assert fits(service, PLAIN)
    assert not fits(service, REGULATED)
    with pytest.raises(Refusal, match="other papers"):
        fitting.require_fit(service, main_number(service), REGULATED)


def test_papers_fit_where_the_rules_are_the_same(shop: Shop) -> None:
    order = make_number_order(shop, make_client("Regulated"))
    make_papers(order)
    service = service_of(order)
    assert not fits(service, PLAIN)
    said(service, "cape-town", AREA_OF_BOTH)
    said(service, "durban", WORLD_WIDE)
    assert fits(service, REGULATED)
    assert not fits(service, replace(REGULATED, place="durban"))
    # Of its own place nobody is asked.
    number = main_number(service)
    number.place = "silent-town"
    assert fitting.fits(service, number, replace(REGULATED, place="silent-town"))
