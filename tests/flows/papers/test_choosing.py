"""The last look before a number that needs papers is ordered: what is there, what it costs, and that
nothing is approved unseen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ringup.carriers.models import CarrierAccount
from ringup.carriers.vat import vat_percent_of
from ringup.catalog.models import NumberPriceRule
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.orders import approving
from ringup.flows.orders.renumbering import frozen_quote
from ringup.flows.papers import choosing
from ringup.flows.papers.choosing import Outcome
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.orders.proposals import open_proposal
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Plan, Run
from ringup.sandbox.didww.numbers import take
from tests.regulated import SECOND, Regulated, run_until, run_until_waiting
from tests.world import SAM, run_jobs

UNLIMITED = "channels-2"


def number_of(order: Order) -> OwnedNumber:
    return main_number(approving.service_of(order))


def plan_of(order: Order) -> Plan:
    """The newest plan, made."""
    run_until(lambda: approving.latest_plan(order) is not None)
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    assert plan.is_possible, (plan.problem, plan.conditions)
    return plan


def place(
    order: Order, *, e164: str | None = None, capacity: str = "", digest: str = ""
) -> Outcome:
    """As staff would who has read what is doubtful, for example a client from another country."""
    chosen = number_of(order).e164 if e164 is None else e164
    seen = approving.doubts_mark(order)
    return choosing.place(
        order, e164=chosen, capacity=capacity, digest=digest, doubts_seen=seen, actor=SAM
    )


def sell(regulated: Regulated, e164: str) -> None:
    """Somebody else buys it."""
    number = e164.removeprefix("+")
    (row,) = [r for r in regulated.rows("available_dids") if r.attributes["number"] == number]
    take(regulated.didww.state, row)


def test_what_is_shown_is_what_the_order_has_and_the_button_approves_it(
    regulated: Regulated, order: Order
) -> None:
    plan, look = plan_of(order), choosing.ordering(order)
    number = number_of(order)
    assert (look.is_available, look.is_changed, look.is_bought) == (True, False, False)
    assert look.chosen is not None
    offer = look.chosen.offer
    words = f"{shown(number.e164)} - Setup: {offer.setup}, Monthly: {offer.monthly}"
    assert look.chosen.option == words
    assert [way.name for way in look.ways][:2] == ["Pay per minute", "Unlimited"]
    assert look.per_minute == Money.of("0.01", "USD")
    sums = look.breakdown
    assert sums is not None
    assert (sums.vat, sums.total) == (None, offer.monthly + offer.setup)
    assert {one.offer.country for one in look.possible} == {"ZA"}
    assert look.way is not None
    assert place(order, capacity=look.way.value, digest=plan.digest) is Outcome.APPROVED
    assert run_until_waiting(order).approval.plan == plan


def test_a_number_that_is_gone_is_replaced_first_and_its_new_plan_is_read(
    regulated: Regulated, order: Order
) -> None:
    seen, old = plan_of(order), number_of(order)
    sell(regulated, old.e164)
    look = choosing.ordering(order)
    assert (look.is_available, look.is_changed) == (False, True)
    assert look.chosen is not None
    assert look.chosen.e164 != old.e164
    chosen = look.chosen.e164
    assert place(order, e164=chosen, digest=seen.digest) is Outcome.CHANGED
    assert not Run.objects.exists()
    assert number_of(order).e164 == chosen
    assert approving.service_of(order).papers.number == number_of(order)  # type: ignore[union-attr]
    with pytest.raises(Refusal, match="plan"):
        place(order, digest=seen.digest)
    assert place(order, digest=plan_of(order).digest) is Outcome.APPROVED


def test_another_capacity_is_planned_anew_and_bought(regulated: Regulated, order: Order) -> None:
    seen, agreed = plan_of(order), frozen_quote(order)
    look = choosing.ordering(order, capacity=UNLIMITED)
    usual = choosing.ordering(order).breakdown
    assert look.is_changed
    assert look.way is not None
    assert (look.way.name, look.way.capacity.channels) == ("Unlimited", 2)
    assert look.breakdown is not None
    assert usual is not None
    assert look.breakdown.monthly > usual.monthly
    assert place(order, capacity=UNLIMITED, digest=seen.digest) is Outcome.CHANGED
    number = number_of(order)
    assert (number.capacity, number.cost_monthly) == (UNLIMITED, look.breakdown.monthly)
    # The client pays what he agreed to; the plan shows what is left of it.
    assert frozen_quote(order) == agreed
    plan = plan_of(order)
    bought = plan.changes.get(key__startswith="number-purchase/")
    assert bought.cost_monthly == look.breakdown.monthly
    again = choosing.ordering(order)
    assert not again.is_changed
    assert place(order, capacity=UNLIMITED, digest=plan.digest) is Outcome.APPROVED
    run_until_waiting(order)
    assert regulated.did().attributes["channels_included_count"] == 2


def test_a_dearer_number_is_asked_of_the_client(regulated: Regulated, order: Order) -> None:
    plan_of(order)
    NumberPriceRule.objects.update(percent=300)
    look = choosing.ordering(order)
    other = next(one for one in look.possible if one.e164 != number_of(order).e164)
    assert other.is_dearer
    assert place(order, e164=other.e164) is Outcome.PROPOSED
    order.refresh_from_db()
    proposal = open_proposal(order)
    assert proposal is not None
    assert proposal.e164 == other.e164
    assert not Run.objects.exists()


def test_a_number_of_another_place_may_need_other_papers(
    regulated: Regulated, order: Order
) -> None:
    there = regulated.number_of(regulated.group("DE"))
    with pytest.raises(Refusal, match="other papers"):
        place(order, e164=there)
    assert number_of(order).country == "ZA"


def test_what_is_bought_is_not_chosen_any_more(regulated: Regulated, order: Order) -> None:
    place(order, digest=plan_of(order).digest)
    run_until_waiting(order)
    look = choosing.ordering(order)
    assert look.is_bought
    assert look.possible == []
    with pytest.raises(Refusal, match="bought already"):
        choosing.choose(order, e164="", capacity=UNLIMITED, actor=SAM)


def test_a_number_by_place_has_no_digits_to_choose(regulated: Regulated) -> None:
    order = regulated.number_order("DE", kind="National", **SECOND)
    look = choosing.ordering(order)
    assert (look.is_available, look.is_changed) == (True, False)
    assert look.chosen is not None
    assert look.chosen.e164 == ""
    assert look.chosen.option.startswith(f"{number_of(order).words} - Setup: $")
    assert place(order, digest=plan_of(order).digest) is Outcome.APPROVED


def test_a_capacity_that_is_not_sold_changes_nothing(regulated: Regulated, order: Order) -> None:
    with pytest.raises(Refusal, match="capacity"):
        choosing.set_capacity(order, "channels-99", actor=SAM)
    assert number_of(order).capacity == ""


def test_vat_that_staff_wrote_down_is_an_estimate(regulated: Regulated, order: Order) -> None:
    options = regulated.account.options | {"vat_percent": "21 %"}
    CarrierAccount.objects.filter(pk=regulated.account.pk).update(options=options)
    sums = choosing.ordering(order).breakdown
    assert sums is not None
    assert sums.vat == sums.subtotal.share(Decimal("0.21")).rounded()
    assert sums.total == sums.subtotal + sums.vat


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "percent"),
    [("", None), ("21", "21"), ("7,5 %", "7.5"), ("0", "0"), ("-1", None), ("x", None),
     ("NaN", None), ("100", None)],
)  # fmt: skip
def test_what_staff_wrote_down_is_read_or_left(text: str, percent: str | None) -> None:
    account = CarrierAccount(currency="USD", options={"vat_percent": text})
    assert vat_percent_of(account) == (None if percent is None else Decimal(percent))
