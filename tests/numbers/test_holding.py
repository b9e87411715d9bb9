"""A number is held by one buyer at a time, who may hold several, for a while."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.jobs.models import Job
from ringup.numbers import holding
from ringup.numbers.holding import Buyer, buyer_of
from ringup.numbers.models import Hold, OwnedNumber
from tests.world import make_client

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "+12125550142", "+12125550143"
ALICE, BOB = Buyer(uuid.uuid4()), Buyer(uuid.uuid4())


@pytest.fixture
def account() -> CarrierAccount:
    return CarrierAccount.objects.create(name="a", kind="voipms", url="http://127.0.0.1/")


def run_out(**rows: Any) -> None:
    Hold.objects.filter(**rows).update(expires=timezone.now() - timedelta(seconds=1))


def ends_asked() -> list[str]:
    """The reservations that jobs are to end, as they stand in the queue's keys."""
    rows = Job.objects.filter(name="numbers.end_reservation").order_by("pk")
    return [str(key).rpartition("/")[2] for key in rows.values_list("key", flat=True)]


def test_a_held_number_is_refused_to_another_and_stays_its_holder_s(
    account: CarrierAccount,
) -> None:
    first = holding.hold(NUMBER, account=account, buyer=ALICE)
    with pytest.raises(Refusal, match=r"buying \+1 212 555 0142 .* Nothing was charged"):
        holding.hold(NUMBER, account=account, buyer=BOB)
    again = holding.hold(NUMBER, account=account, buyer=ALICE)
    assert (again.pk, again.expires) == (first.pk, first.expires), "choosing again is no extension"


def test_a_buyer_keeps_several_until_he_keeps_only_one(account: CarrierAccount) -> None:
    for number in (NUMBER, OTHER):
        holding.hold(number, account=account, buyer=ALICE)
    assert [row.e164 for row in holding.held_by(ALICE.holder)] == [NUMBER, OTHER]
    holding.keep_only([OTHER], holder=ALICE.holder)
    assert holding.hold(NUMBER, account=account, buyer=BOB).holder == BOB.holder


def test_an_expired_hold_is_anybody_s(account: CarrierAccount) -> None:
    first = holding.hold(NUMBER, account=account, buyer=ALICE)
    run_out(pk=first.pk)
    assert holding.held_by(ALICE.holder) == []
    mine = holding.hold(NUMBER, account=account, buyer=ALICE)
    assert mine.expires > first.expires, "his own too, as a new one"
    run_out(pk=mine.pk)
    assert holding.hold(NUMBER, account=account, buyer=BOB).holder == BOB.holder


def test_a_lock_outlives_the_hold_s_time(account: CarrierAccount) -> None:
    held = holding.hold(NUMBER, account=account, buyer=ALICE)
    holding.lock(NUMBER, holder=ALICE.holder, account=account)
    Hold.objects.filter(pk=held.pk).update(expires=timezone.now() - timedelta(days=1))
    with pytest.raises(Refusal):
        holding.hold(NUMBER, account=account, buyer=BOB)
    assert holding.held_by_others([NUMBER], holder=BOB.holder) == {NUMBER}
    assert holding.held_by_others([NUMBER], holder=ALICE.holder) == set()
    assert holding.end_expired(most=9) == 0
    holding.release(NUMBER, holder=ALICE.holder)
    holding.keep_only([], holder=ALICE.holder)
    assert Hold.objects.get().state == Hold.State.LOCKED, "only the order's end ends it"
    holding.end(ALICE.holder)
    assert not Hold.objects.exists()


def test_locking_after_the_hold_ran_out_works_unless_somebody_took_it(
    account: CarrierAccount,
) -> None:
    held = holding.hold(NUMBER, account=account, buyer=ALICE)
    Hold.objects.filter(pk=held.pk).delete()
    holding.lock(NUMBER, holder=ALICE.holder, account=account)
    with pytest.raises(Refusal):
        holding.lock(NUMBER, holder=BOB.holder, account=account)


def test_what_we_own_cannot_be_held(account: CarrierAccount) -> None:
    client, cost = make_client("Acme"), Money.of("1", "USD")
    number = OwnedNumber.objects.create(
        client=client, brand=client.brand, account=account, e164=NUMBER, country="US",
        **money_columns(cost_setup=cost, cost_monthly=cost, price_monthly=cost),
    )  # fmt: skip
    with pytest.raises(Refusal, match="Choose another"):
        holding.hold(NUMBER, account=account, buyer=ALICE)
    assert not Hold.objects.exists()
    OwnedNumber.objects.filter(pk=number.pk).update(state=OwnedNumber.State.RELEASED)
    assert holding.hold(NUMBER, account=account, buyer=ALICE)


# -- longer ---------------------------------------------------------------------------------------


def test_all_of_a_draft_s_holds_are_extended_once_each(account: CarrierAccount) -> None:
    first = holding.hold(NUMBER, account=account, buyer=ALICE)
    more = timedelta(minutes=holding.EXTENSION_MINUTES)
    assert holding.extend(ALICE.holder) == first.expires + more
    with pytest.raises(Refusal, match="works once"):
        holding.extend(ALICE.holder)
    second = holding.hold(OTHER, account=account, buyer=ALICE)
    assert holding.extend(ALICE.holder) == first.expires + more, "the first to end"
    assert [row.expires for row in holding.held_by(ALICE.holder)] == [
        first.expires + more,
        second.expires + more,
    ]


def test_an_extension_lasts_no_longer_than_the_carrier_keeps_the_number(
    account: CarrierAccount,
) -> None:
    first = holding.hold(NUMBER, account=account, buyer=ALICE)
    until = first.expires + timedelta(minutes=1)
    assert holding.extend(ALICE.holder, ends={NUMBER: until, OTHER: first.expires}) == until


def test_what_ran_out_or_is_ordered_is_not_extended(account: CarrierAccount) -> None:
    with pytest.raises(Refusal, match="no longer held"):
        holding.extend(ALICE.holder)
    holding.hold(NUMBER, account=account, buyer=ALICE)
    run_out()
    with pytest.raises(Refusal, match="no longer held"):
        holding.extend(ALICE.holder)
    holding.lock(NUMBER, holder=ALICE.holder, account=account)
    with pytest.raises(Refusal, match="no longer held"):
        holding.extend(ALICE.holder)


# -- who is counted -------------------------------------------------------------------------------


def test_a_browser_and_an_address_are_kept_as_digests_only(account: CarrierAccount) -> None:
    one = buyer_of(ALICE.holder, session="session-key", address="192.0.2.7")
    assert one == buyer_of(ALICE.holder, session="session-key", address="192.0.2.7")
    held = holding.hold(NUMBER, account=account, buyer=one)
    raw = str(list(Hold.objects.values()))
    assert "session-key" not in raw
    assert "192.0.2.7" not in raw
    assert (len(held.guest), len(held.address)) == (32, 32)
    same = buyer_of(BOB.holder, session="192.0.2.7", address="session-key")
    assert {one.guest, one.address}.isdisjoint({same.guest, same.address})
    assert buyer_of(BOB.holder, session="", address="") == Buyer(BOB.holder)


def test_what_ran_out_or_was_ordered_counts_for_no_limit(
    account: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "MOST_PER_GUEST", 1)
    guest = [Buyer(uuid.uuid4(), guest="g") for _ in range(3)]
    holding.hold(NUMBER, account=account, buyer=guest[0])
    with pytest.raises(Refusal, match="held for you already"):
        holding.hold(OTHER, account=account, buyer=guest[1])
    assert holding.held_by(guest[1].holder) == []
    run_out()
    holding.hold(OTHER, account=account, buyer=guest[1])
    holding.lock(OTHER, holder=guest[1].holder, account=account)
    holding.hold("+12125550144", account=account, buyer=guest[2])


# -- what the carrier keeps -----------------------------------------------------------------------


def test_whoever_ends_a_hold_ends_its_reservation(account: CarrierAccount) -> None:
    def hold(key: str) -> None:
        held = holding.hold(NUMBER, account=account, buyer=ALICE)
        Hold.objects.filter(pk=held.pk).update(reservation=key)

    hold("released")
    holding.release(NUMBER, holder=BOB.holder)
    holding.release(NUMBER, holder=ALICE.holder)
    hold("not kept")
    holding.keep_only([OTHER], holder=ALICE.holder)
    hold("left")
    holding.end(ALICE.holder)
    hold("ran out")
    run_out()
    assert holding.end_expired(most=9) == 1
    assert ends_asked() == ["released", "not kept", "left", "ran out"]
    assert not Hold.objects.exists()


def test_a_reservation_goes_with_the_number_to_its_next_buyer(account: CarrierAccount) -> None:
    other = CarrierAccount.objects.create(name="b", kind="voipms", url="http://127.0.0.1/")
    holding.hold(NUMBER, account=account, buyer=ALICE)
    Hold.objects.update(reservation="kept", expires=timezone.now())
    assert holding.hold(NUMBER, account=account, buyer=BOB).reservation == "kept"
    assert ends_asked() == []
    holding.hand_over(NUMBER, holder=BOB.holder, to=ALICE.holder)
    assert holding.hold(NUMBER, account=account, buyer=ALICE).reservation == "kept"
    assert holding.hold(NUMBER, account=other, buyer=ALICE).reservation == ""
    assert ends_asked() == ["kept"], "it was another account's"


def test_a_lock_at_another_account_ends_the_reservation_at_the_first(
    account: CarrierAccount,
) -> None:
    other = CarrierAccount.objects.create(name="b", kind="voipms", url="http://127.0.0.1/")
    holding.hold(NUMBER, account=account, buyer=ALICE)
    Hold.objects.update(reservation="kept")
    holding.lock(NUMBER, holder=ALICE.holder, account=other)
    held = Hold.objects.get()
    assert (held.account, held.state, held.reservation) == (other, "locked", "")
    assert ends_asked() == ["kept"]


def test_ended_holds_are_swept_in_portions(account: CarrierAccount) -> None:
    for number in (NUMBER, OTHER, "+12125550144"):
        holding.hold(number, account=account, buyer=ALICE)
    run_out(e164__in=[NUMBER, OTHER])
    assert [holding.end_expired(most=1) for _ in range(3)] == [1, 1, 0]
    assert Hold.objects.get().e164 == "+12125550144"
