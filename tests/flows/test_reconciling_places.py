"""Numbers without digits, in a pass over what a carrier has: known by our reference."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from ringup.carriers.port import CarrierNumber
from ringup.core.money import Money
from ringup.flows.reconciling import books
from ringup.flows.reconciling.books import Held, Standing
from ringup.flows.reconciling.comparing import Difference, compare
from ringup.numbers.models import OwnedNumber
from tests.factories import make_number, make_shop
from tests.world import make_client

pytestmark = pytest.mark.once
DIGITS = "+447405550101"


def listed(e164: str, reference: object) -> CarrierNumber:
    return CarrierNumber(e164, str(reference), "nowhere")


def found(*numbers: CarrierNumber, places: set[str]) -> list[Difference]:
    return compare(numbers, {}, {}, places=places, settled=timezone.now()).found


def test_under_whatever_digits_it_is_ours() -> None:
    uid = uuid.uuid4()
    for e164 in ("", DIGITS):
        assert found(listed(e164, uid), places={str(uid)}) == []
        assert found(listed(e164, str(uid).upper()), places={str(uid)}) == []


def test_of_digits_that_nobody_tells_nothing_is_said() -> None:
    assert found(listed("", uuid.uuid4()), listed("", ""), places=set()) == []


def test_another_reference_is_an_orphan_still() -> None:
    (one,) = found(listed(DIGITS, uuid.uuid4()), places={str(uuid.uuid4())})
    assert (one.kind, one.e164) == ("orphan", DIGITS)


def test_the_books_tell_digits_and_places_apart(db: None) -> None:
    shop, client = make_shop(), make_client("Karoo")
    known = make_number(shop, client)
    place = make_number(shop, client)
    gone = make_number(shop, client)
    for row in (place, gone):
        OwnedNumber.objects.filter(pk=row.pk).update(e164="", is_by_place=True, place="m")
    OwnedNumber.objects.filter(pk=gone.pk).update(state=OwnedNumber.State.RELEASED)
    assert list(books.read(shop.account)) == [known.e164]
    assert books.read(shop.account)[known.e164].standing is Standing.WANTED
    assert books.places(shop.account) == {str(place.uid)}


def test_digits_that_were_learnt_while_it_was_asked_are_not_judged() -> None:
    uid = uuid.uuid4()
    after = {DIGITS: Held(DIGITS, uid, Standing.OWNED, Money.zero("USD"))}
    told = compare(
        [listed(DIGITS, "")], {}, after, places={str(uid)}, settled=timezone.now() + timedelta(1)
    )
    assert (told.found, told.unjudged) == ([], {DIGITS})
