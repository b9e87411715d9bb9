"""Whatever buyers do, and in whatever order: who has a number is what a plain model says."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringup.carriers.models import CarrierAccount
from ringup.core.sentences import Refusal
from ringup.numbers import holding
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold

pytestmark = pytest.mark.django_db
NUMBERS = ["+12125550100", "+12125550101"]
# The first two are orders of one browser.
BUYERS = [
    Buyer(uuid.UUID(int=1), guest="g", address="a"),
    Buyer(uuid.UUID(int=2), guest="g", address="a"),
    Buyer(uuid.UUID(int=3), guest="h", address="a"),
]
ACTS = ["hold", "lock", "release", "keep none", "end", "run out", "sweep", "extend"]
# number -> who has it, and how; what ran out and was not swept is nobody's, but still his to order
Model = dict[str, tuple[Buyer, str]]


def may_take(model: Model, number: str, buyer: Buyer, *, act: str) -> bool:
    if number not in model:
        return True
    owner, how = model[number]
    if how == "ran out" or owner == buyer:
        return how != "locked" or act == "hold"
    return act == "hold" and how == "held" and owner.guest == buyer.guest


def ended(model: Model, act: str, number: str, buyer: Buyer) -> set[str]:
    """The numbers that this act makes nobody's."""
    mine = {key: how for key, (owner, how) in model.items() if owner == buyer}
    open_ones = {key for key, how in mine.items() if how != "locked"}
    return {
        "release": open_ones & {number},
        "keep none": open_ones,
        "end": set(mine),
        "sweep": {key for key, (_, how) in model.items() if how == "ran out"},
    }.get(act, set())


def expected(model: Model, act: str, number: str, buyer: Buyer) -> bool:
    """Change the model; whether the act is allowed."""
    if act in ("hold", "lock"):
        if not may_take(model, number, buyer, act=act):
            return False
        if act == "lock" or model.get(number) != (buyer, "locked"):
            model[number] = (buyer, "locked" if act == "lock" else "held")
    elif act == "run out" and number in model and model[number][1] == "held":
        model[number] = (model[number][0], "ran out")
    elif act == "extend":
        running = Hold.objects.filter(holder=buyer.holder, is_extended=False, state="held")
        return running.filter(expires__gt=timezone.now()).exists()
    for key in ended(model, act, number, buyer):
        del model[key]
    return True


def do(account: CarrierAccount, act: str, number: str, buyer: Buyer) -> None:
    match act:
        case "hold":
            holding.hold(number, account=account, buyer=buyer)
        case "lock":
            holding.lock(number, holder=buyer.holder, account=account)
        case "release":
            holding.release(number, holder=buyer.holder)
        case "keep none":
            holding.keep_only([], holder=buyer.holder)
        case "end":
            holding.end(buyer.holder)
        case "run out":
            past = timezone.now() - timedelta(seconds=1)
            Hold.objects.filter(e164=number, state=Hold.State.HELD).update(expires=past)
        case "sweep":
            holding.end_expired(most=9)
        case "extend":
            holding.extend(buyer.holder)


steps = st.tuples(st.sampled_from(ACTS), st.sampled_from(NUMBERS), st.sampled_from(BUYERS))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(way=st.lists(steps, max_size=14))
def test_who_has_a_number_is_what_the_model_says(
    account: CarrierAccount, way: list[tuple[str, str, Buyer]]
) -> None:
    Hold.objects.all().delete()
    model: Model = {}
    for act, number, buyer in way:
        allowed = expected(model, act, number, buyer)
        try:
            do(account, act, number, buyer)
            assert allowed, (act, number, buyer)
        except Refusal:
            assert not allowed, (act, number, buyer)
        live = {key: value for key, value in model.items() if value[1] != "ran out"}
        for one in BUYERS:
            held = {row.e164: row.state for row in holding.held_by(one.holder)}
            assert held == {key: how for key, (owner, how) in live.items() if owner == one}
            others = {key for key, (owner, _) in live.items() if owner != one}
            assert holding.held_by_others(NUMBERS, holder=one.holder) == others


@pytest.fixture
def account(db: None) -> CarrierAccount:
    return CarrierAccount.objects.create(name="a", kind="voipms", url="http://127.0.0.1/")
