"""A number is held by one buyer; a twin without the unique row shows why."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.core.sentences import Refusal
from ringup.numbers import holding
from ringup.numbers.models import Hold

pytestmark = pytest.mark.django_db
NUMBER = "+12125550142"
ALICE, BOB = uuid.uuid4(), uuid.uuid4()


@pytest.fixture
def account() -> CarrierAccount:
    return CarrierAccount.objects.create(name="a", kind="voipms", url="http://127.0.0.1/")


def test_a_held_number_is_refused_to_another_and_renewed_for_its_holder(
    account: CarrierAccount,
) -> None:
    first = holding.hold(NUMBER, account=account, holder=ALICE)
    with pytest.raises(Refusal, match="Nothing was charged"):
        holding.hold(NUMBER, account=account, holder=BOB)
    assert holding.hold(NUMBER, account=account, holder=ALICE).expires >= first.expires
    assert Hold.objects.count() == 1


def test_choosing_another_number_frees_the_first(account: CarrierAccount) -> None:
    holding.hold(NUMBER, account=account, holder=ALICE)
    holding.hold("+12125550143", account=account, holder=ALICE)
    assert holding.hold(NUMBER, account=account, holder=BOB).holder == BOB


def test_an_expired_hold_is_anybody_s(account: CarrierAccount) -> None:
    held = holding.hold(NUMBER, account=account, holder=ALICE)
    Hold.objects.filter(pk=held.pk).update(expires=timezone.now() - timedelta(seconds=1))
    assert holding.held_by(ALICE) is None
    assert holding.hold(NUMBER, account=account, holder=BOB).holder == BOB


def test_a_lock_outlives_the_hold_s_time(account: CarrierAccount) -> None:
    held = holding.hold(NUMBER, account=account, holder=ALICE)
    holding.lock(NUMBER, holder=ALICE, account=account)
    Hold.objects.filter(pk=held.pk).update(expires=timezone.now() - timedelta(days=1))
    with pytest.raises(Refusal):
        holding.hold(NUMBER, account=account, holder=BOB)
    assert holding.held_by_others([NUMBER], holder=BOB) == {NUMBER}
    assert holding.held_by_others([NUMBER], holder=ALICE) == set()


def test_locking_after_the_hold_ran_out_works_unless_somebody_took_it(
    account: CarrierAccount,
) -> None:
    held = holding.hold(NUMBER, account=account, holder=ALICE)
    Hold.objects.filter(pk=held.pk).delete()
    holding.lock(NUMBER, holder=ALICE, account=account)
    with pytest.raises(Refusal):
        holding.lock(NUMBER, holder=BOB, account=account)
