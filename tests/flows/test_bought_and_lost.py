"""A number that a run bought and then lost sight of never stays a client's who has another: where the
carrier has it after all, it is nobody's, and is found so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django import Settings

from ringup.carriers.port import CarrierNumber
from ringup.core.actors import RINGUP
from ringup.flows.checkout import checking_out
from ringup.flows.orders import cancelling, renumbering
from ringup.flows.orders.approving import service_of
from ringup.flows.reconciling import books
from ringup.flows.reconciling.comparing import compare
from ringup.numbers.models import Discrepancy, OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from tests.flows.toy_shop import ToyShop, toy_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None, settings: Settings) -> Iterator[ToyShop]:
    with toy_shop(settings, "forgetful") as made:
        yield made


@pytest.fixture
def lost(shop: ToyShop) -> OwnedNumber:
    """The bought number of an order that waits for another one: the carrier said it had none."""
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(1))
    order = checking_out.submit(shop.complete(draft))
    order.move_to(Order.State.CHOOSE_NUMBER, actor=RINGUP, text="It is gone.")
    number = main_number(service_of(order))
    OwnedNumber.objects.filter(pk=number.pk).update(state=OwnedNumber.State.OWNED)
    return number


def found(shop: ToyShop, number: OwnedNumber) -> list[str]:
    """What a pass says when the carrier lists the number after all."""
    listed = CarrierNumber(number.e164, str(number.uid), "")
    ours = books.read(shop.account)
    return [one.kind for one in compare([listed], ours, ours, settled=timezone.now()).found]


def test_who_chooses_another_number_has_the_old_one_no_more(
    shop: ToyShop, lost: OwnedNumber
) -> None:
    renumbering.choose_another(Order.objects.get(), shop.numbers(2)[1], actor=RINGUP)
    assert found(shop, lost) == [Discrepancy.Kind.ORPHAN]
    lost.refresh_from_db()
    assert lost.state == OwnedNumber.State.RELEASED
    assert OwnedNumber.objects.get(state=OwnedNumber.State.WANTED).e164 != lost.e164


def test_an_order_that_ends_keeps_no_number(shop: ToyShop, lost: OwnedNumber) -> None:
    cancelling.cancel(Order.objects.get(), actor=RINGUP)
    assert found(shop, lost) == [Discrepancy.Kind.ORPHAN]
    lost.refresh_from_db()
    assert lost.state == OwnedNumber.State.RELEASED
