"""Many buyers at once: one number goes to one of them, and no rush passes a limit.

The twin is what holding would be without the unique row: it looks, then writes.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.core.sentences import Refusal
from ringup.numbers import holding
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold
from tests.racing import at_once, in_waves, refused

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+12125550142"
BUYERS, WAVE = 200, 20


@pytest.fixture
def account(transactional_db: None) -> CarrierAccount:
    return CarrierAccount.objects.create(name="a", kind="voipms", url="http://127.0.0.1/")


def buyers(count: int, **same: str) -> list[Buyer]:
    return [Buyer(uuid.uuid4(), **same) for _ in range(count)]


def numbers(count: int) -> list[str]:
    return [f"+1212555{place:04}" for place in range(count)]


def test_of_200_buyers_of_one_number_one_gets_it(account: CarrierAccount) -> None:
    outcomes = in_waves(
        [partial(holding.hold, NUMBER, account=account, buyer=one) for one in buyers(BUYERS)],
        most=WAVE,
    )
    assert len(refused(outcomes)) == BUYERS - 1
    assert {str(one) for one in refused(outcomes)} == {str(holding.taken(NUMBER))}
    [held] = [one for one in outcomes if isinstance(one, Hold)]
    assert Hold.objects.get().holder == held.holder


def test_each_time_it_runs_out_one_of_those_who_wait_gets_it(account: CarrierAccount) -> None:
    for _ in range(3):
        Hold.objects.update(expires=timezone.now() - timedelta(seconds=1))
        waiting = [
            partial(holding.hold, NUMBER, account=account, buyer=one) for one in buyers(WAVE)
        ]
        assert len(refused(at_once(*waiting))) == WAVE - 1
        assert Hold.objects.count() == 1


def test_of_those_who_order_it_unheld_one_has_the_lock(account: CarrierAccount) -> None:
    ordering = [
        partial(holding.lock, NUMBER, holder=one.holder, account=account) for one in buyers(WAVE)
    ]
    assert len(refused(at_once(*ordering))) == WAVE - 1
    assert Hold.objects.get().state == Hold.State.LOCKED


def test_one_buyer_in_many_windows_has_one_hold(account: CarrierAccount) -> None:
    [buyer] = buyers(1)
    outcomes = at_once(*[partial(holding.hold, NUMBER, account=account, buyer=buyer)] * WAVE)
    assert {one.pk for one in outcomes} == {Hold.objects.get().pk}


# -- the twin -------------------------------------------------------------------------------------


@pytest.fixture
def twin(transactional_db: None) -> Iterator[None]:
    """The table of holds without its lock."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE hold_without_lock (e164 varchar(16), holder varchar(36))")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE hold_without_lock")


def hold_without_lock(buyer: Buyer, *, everybody_looked: threading.Barrier) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM hold_without_lock WHERE e164 = %s", [NUMBER])
        [held] = cursor.fetchone()
    everybody_looked.wait()
    if held:
        raise Refusal("Somebody else is buying this number.")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO hold_without_lock VALUES (%s, %s)", [NUMBER, buyer.holder.hex])


def test_without_the_unique_row_all_who_look_in_time_get_it(twin: None) -> None:
    for wave in range(2):
        barrier = threading.Barrier(WAVE)
        outcomes = at_once(
            *[partial(hold_without_lock, one, everybody_looked=barrier) for one in buyers(WAVE)]
        )
        assert len(refused(outcomes)) == (WAVE if wave else 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT holder) FROM hold_without_lock")
        assert cursor.fetchone() == (WAVE,)


# -- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("MOST_PER_DRAFT", holding.FULL_DRAFT),
        ("MOST_PER_GUEST", holding.FULL_GUEST),
        ("MOST_PER_ADDRESS", holding.FULL_ADDRESS),
    ],
)
def test_a_limit_is_exact_however_many_want_to_pass_it(
    account: CarrierAccount, monkeypatch: pytest.MonkeyPatch, limit: str, words: str
) -> None:
    monkeypatch.setattr(holding, limit, 7)
    crowd = {
        "MOST_PER_DRAFT": buyers(1, guest="g", address="a") * WAVE,
        "MOST_PER_GUEST": [
            Buyer(uuid.uuid4(), guest="g", address=f"a{place}") for place in range(WAVE)
        ],
        "MOST_PER_ADDRESS": [
            Buyer(uuid.uuid4(), guest=f"g{place}", address="a") for place in range(WAVE)
        ],
    }[limit]
    outcomes = at_once(
        *[
            partial(holding.hold, number, account=account, buyer=buyer)
            for number, buyer in zip(numbers(WAVE), crowd, strict=True)
        ]
    )
    assert [str(one) for one in refused(outcomes)] == [words] * (WAVE - 7)
    assert Hold.objects.count() == 7


def test_those_who_share_nothing_share_no_limit(
    account: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without digests nobody is counted together, least of all with others who have none."""
    for limit in ("MOST_PER_DRAFT", "MOST_PER_GUEST", "MOST_PER_ADDRESS"):
        monkeypatch.setattr(holding, limit, 1)
    outcomes = at_once(
        *[
            partial(holding.hold, number, account=account, buyer=buyer)
            for number, buyer in zip(numbers(WAVE), buyers(WAVE), strict=True)
        ]
    )
    assert not refused(outcomes)


def test_buyers_of_the_same_numbers_never_wait_for_each_other(account: CarrierAccount) -> None:
    """All or none, in the order of the numbers: one takes all, and no deadlock is broken up."""
    wanted = numbers(5)

    def hold_all(buyer: Buyer) -> None:
        with transaction.atomic():
            for number in wanted:
                holding.hold(number, account=account, buyer=buyer)

    outcomes = at_once(*[partial(hold_all, one) for one in buyers(WAVE)])
    assert len(refused(outcomes)) == WAVE - 1
    assert Hold.objects.count() == len(wanted)
    assert Hold.objects.values("holder").distinct().count() == 1


def test_an_extension_works_once_in_however_many_windows(account: CarrierAccount) -> None:
    [buyer] = buyers(1)
    held = [holding.hold(number, account=account, buyer=buyer) for number in numbers(3)]
    outcomes = at_once(*[partial(holding.extend, buyer.holder)] * WAVE)
    assert [str(one) for one in refused(outcomes)] == [holding.EXTENDED] * (WAVE - 1)
    more = timedelta(minutes=holding.EXTENSION_MINUTES)
    assert {row.e164: row.expires for row in holding.held_by(buyer.holder)} == {
        row.e164: row.expires + more for row in held
    }
