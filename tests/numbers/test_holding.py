"""A number is held by one buyer; a twin without the unique row shows why."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.core.sentences import Refusal
from ringup.numbers import holding
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold

pytestmark = pytest.mark.django_db
NUMBER = "+12125550142"
ALICE, BOB = Buyer(uuid.uuid4()), Buyer(uuid.uuid4())


@pytest.fixture
def account() -> CarrierAccount:
    return CarrierAccount.objects.create(name="a", kind="voipms", url="http://127.0.0.1/")


def test_a_held_number_is_refused_to_another_and_renewed_for_its_holder(
    account: CarrierAccount,
) -> None:
    first = holding.hold(NUMBER, account=account, buyer=ALICE)
    with pytest.raises(Refusal, match="Nothing was charged"):
        holding.hold(NUMBER, account=account, buyer=BOB)
    assert holding.hold(NUMBER, account=account, buyer=ALICE).expires >= first.expires
    assert Hold.objects.count() == 1


def test_a_buyer_keeps_several_until_he_keeps_only_one(account: CarrierAccount) -> None:
    other = "+12125550143"
    for number in (NUMBER, other):
        holding.hold(number, account=account, buyer=ALICE)
    assert [row.e164 for row in holding.held_by(ALICE.holder)] == [NUMBER, other]
    holding.keep_only([other], holder=ALICE.holder)
    assert holding.hold(NUMBER, account=account, buyer=BOB).holder == BOB.holder


def test_an_expired_hold_is_anybody_s(account: CarrierAccount) -> None:
    held = holding.hold(NUMBER, account=account, buyer=ALICE)
    Hold.objects.filter(pk=held.pk).update(expires=timezone.now() - timedelta(seconds=1))
    assert holding.held_by(ALICE.holder) == []
    assert holding.hold(NUMBER, account=account, buyer=BOB).holder == BOB.holder


def test_a_lock_outlives_the_hold_s_time(account: CarrierAccount) -> None:
    held = holding.hold(NUMBER, account=account, buyer=ALICE)
    holding.lock(NUMBER, holder=ALICE.holder, account=account)
    Hold.objects.filter(pk=held.pk).update(expires=timezone.now() - timedelta(days=1))
    with pytest.raises(Refusal):
        holding.hold(NUMBER, account=account, buyer=BOB)
    assert holding.held_by_others([NUMBER], holder=BOB.holder) == {NUMBER}
    assert holding.held_by_others([NUMBER], holder=ALICE.holder) == set()


def test_locking_after_the_hold_ran_out_works_unless_somebody_took_it(
    account: CarrierAccount,
) -> None:
    held = holding.hold(NUMBER, account=account, buyer=ALICE)
    Hold.objects.filter(pk=held.pk).delete()
    holding.lock(NUMBER, holder=ALICE.holder, account=account)
    with pytest.raises(Refusal):
        holding.lock(NUMBER, holder=BOB.holder, account=account)
