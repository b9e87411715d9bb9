"""A number that was ordered by its place learns its digits, once."""

from __future__ import annotations

import pytest

from ringup.accounts.models import Client
from ringup.core.failures import NotOurs, OurFault
from ringup.numbers.models import OwnedNumber
from ringup.services.learning import learn_digits
from ringup.services.models import Service
from tests.factories import Shop, make_number, make_number_order, make_shop, service_of
from tests.world import make_client

DIGITS = "+493012345678"


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop()


@pytest.fixture
def client(db: None) -> Client:
    return make_client("Karoo")


@pytest.fixture
def service(shop: Shop, client: Client) -> Service:
    """A service whose number is known by its place only."""
    service = service_of(make_number_order(shop, client))
    assert service.number is not None
    row = OwnedNumber.objects.filter(pk=service.number.pk)
    row.update(e164="", is_by_place=True, place="berlin", rate_centre="Berlin", country="DE")
    Service.objects.filter(pk=service.pk).update(name=row.get().words)
    service.refresh_from_db()
    service.number.refresh_from_db()
    return service


def test_it_is_called_by_its_digits_from_then_on(service: Service) -> None:
    number = service.number
    assert number is not None
    assert service.name == "A number in Berlin, Germany"
    assert learn_digits(number, DIGITS) is True
    assert learn_digits(number, DIGITS) is False
    assert number.e164 == DIGITS
    service.refresh_from_db()
    assert service.name == DIGITS


def test_no_digits_yet_change_nothing(service: Service) -> None:
    assert service.number is not None
    assert learn_digits(service.number, "") is False
    assert service.number.e164 == ""


def test_other_digits_than_known_stop(service: Service) -> None:
    number = service.number
    assert number is not None
    stale = OwnedNumber.objects.get(pk=number.pk)
    learn_digits(number, DIGITS)
    with pytest.raises(NotOurs, match="in our books"):
        learn_digits(stale, "+493012345679")
    with pytest.raises(NotOurs, match="in our books"):
        learn_digits(number, "+493012345679")


def test_digits_of_another_number_of_ours_stop(
    service: Service, shop: Shop, client: Client
) -> None:
    other = make_number(shop, client, e164=DIGITS)
    number = service.number
    assert number is not None
    with pytest.raises(NotOurs, match=f"{other.uid} of Karoo"):
        learn_digits(number, DIGITS)
    number.refresh_from_db()
    assert number.e164 == ""


def test_nonsense_is_no_number(service: Service) -> None:
    assert service.number is not None
    for odd in ("4930123", "+49", "+49 30 12345678", "demo"):
        with pytest.raises(OurFault):
            learn_digits(service.number, odd)
