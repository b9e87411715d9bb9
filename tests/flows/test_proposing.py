"""Another number or address for an order that waits: put in at once, or proposed and answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ringup.catalog.models import NumberPriceRule
from ringup.core.actors import GUEST, Actor
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out
from ringup.flows.orders import approving, badges, cancelling, proposing, renaming, renumbering
from ringup.flows.orders.renumbering import frozen_quote
from ringup.mail.models import Outbox
from ringup.numbers.models import Hold, OwnedNumber
from ringup.orders.models import Order
from ringup.orders.proposals import open_proposal
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Plan, Run
from ringup.services.models import DomainClaim
from tests.racing import at_once, refused
from tests.world import PASSWORD, SAM, World, make_user, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)
THANDI = Actor("user:1", "Thandi Mokoena")


def number_of(order: Order) -> str:
    return main_number(approving.service_of(order)).e164


def prices(percent: int) -> None:
    """Numbers cost more, or less, from now on than when the order was placed."""
    NumberPriceRule.objects.update(percent=percent)


def planned(order: Order) -> str:
    """The digest of the plan that staff sees."""
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    assert plan.is_possible, plan.problem
    return plan.digest


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def another(order: Order) -> str:
    return renumbering.choices(order)[0].offer.e164


@pytest.fixture
def order(world: World) -> Order:
    return world.pbx_order()


def second(world: World) -> Order:
    """An order of somebody else."""
    draft = world.pbx_draft(
        offer=world.offer(9), company="Second Company", email="second@example.com"
    )
    return checking_out.submit(draft, administrator_password=PASSWORD)


@pytest.fixture
def proposed(order: Order) -> Order:
    """An order for which a dearer number is proposed."""
    prices(200)
    assert proposing.put_or_propose(order, another(order), actor=SAM) is False
    return fresh(order)


def mark_of(order: Order) -> str:
    proposal = open_proposal(fresh(order))
    assert proposal is not None
    return proposal.mark


def test_a_cheaper_number_lowers_the_price_at_once_and_the_client_is_told(order: Order) -> None:
    old, was, seen = number_of(order), frozen_quote(order), planned(order)
    prices(40)
    new = another(order)
    assert proposing.put_or_propose(order, new, actor=SAM) is True
    assert number_of(order) == new
    assert frozen_quote(order).recurring < was.recurring
    assert frozen_quote(order).lines[:-1] == was.lines[:-1]
    words = f"Number changed from {shown(old)} to {shown(new)}."
    event = order.events.get(text=words)
    assert (event.actor_label, event.staff_text[:5]) == ("Sam", "Price")
    assert [hold.e164 for hold in Hold.objects.filter(holder=order.draft.uid)] == [new]
    assert not OwnedNumber.objects.filter(e164=old).exclude(state="released").exists()
    # The plan that staff has on the screen buys the old number.
    with pytest.raises(Refusal, match="plan"):
        approving.approve(order, digest=seen, actor=SAM)
    assert planned(order) != seen
    mails = Outbox.objects.filter(template="order-changed")
    assert [words in mail.text for mail in mails] == [True]


def test_a_dearer_number_is_held_and_waits_for_the_client(proposed: Order) -> None:
    assert badges.badge(proposed) is badges.FOR_CLIENT
    assert list(badges.with_badge(badges.queue_rows(), "waiting-for-client")) == [proposed]
    assert not badges.with_badge(badges.queue_rows(), "pending").exists()
    proposal = open_proposal(proposed)
    assert proposal is not None
    assert proposal.quote.recurring > frozen_quote(proposed).recurring
    held = Hold.objects.get(e164=proposal.e164)
    assert timedelta(hours=47) < held.expires - timezone.now() <= timedelta(hours=48)
    digest = planned(proposed)
    with pytest.raises(Refusal, match="proposed to the client"):
        approving.approve(proposed, digest=digest, actor=SAM)
    with pytest.raises(Refusal, match="proposed to the client already"):
        proposing.put_or_propose(proposed, another(proposed), actor=SAM)
    (mail,) = Outbox.objects.filter(template="order-proposal")
    assert shown(proposal.e164) in mail.text
    assert str(proposal.quote.recurring) in mail.text


def test_the_client_takes_it_and_pays_what_he_was_shown(proposed: Order) -> None:
    make_user("sam", None, is_staff=True)
    proposal = open_proposal(proposed)
    assert proposal is not None
    prices(500)
    proposing.accept(proposed, mark=proposal.mark, actor=THANDI)
    assert number_of(proposed) == proposal.e164
    assert frozen_quote(proposed) == proposal.quote
    assert fresh(proposed).proposed == {}
    approving.approve(proposed, digest=planned(proposed), actor=SAM)
    assert run_to_the_end(proposed).state == Run.State.DONE
    assert Outbox.objects.filter(template="staff-proposal-answered").count() == 1


def test_the_client_leaves_it_and_nothing_has_changed(proposed: Order) -> None:
    old, quote, proposal = number_of(proposed), frozen_quote(proposed), open_proposal(proposed)
    assert proposal is not None
    proposing.decline(proposed, mark=proposal.mark, actor=GUEST)
    assert (number_of(proposed), frozen_quote(proposed)) == (old, quote)
    assert not Hold.objects.filter(e164=proposal.e164).exists()
    assert badges.badge(fresh(proposed)) is badges.PENDING
    approving.approve(proposed, digest=planned(proposed), actor=SAM)


def test_only_what_was_shown_is_taken(proposed: Order) -> None:
    old = mark_of(proposed)
    proposing.withdraw(proposed, actor=SAM)
    with pytest.raises(Refusal, match="changed or answered meanwhile"):
        proposing.accept(proposed, mark=old, actor=THANDI)
    prices(300)
    proposing.put_or_propose(fresh(proposed), another(proposed), actor=SAM)
    assert mark_of(proposed) != old
    for mark in (old, "", "x" * 16):
        with pytest.raises(Refusal, match="changed or answered meanwhile"):
            proposing.accept(fresh(proposed), mark=mark, actor=THANDI)
    assert proposing.proposal_of(fresh(proposed)) is not None


def test_staff_that_acts_as_the_client_does_not_agree_with_itself(proposed: Order) -> None:
    acting = Actor("staff:1", "Sam", on_behalf_of=f"client:{proposed.client.uid}")
    with pytest.raises(Refusal, match="Only the client can agree"):
        proposing.accept(proposed, mark=mark_of(proposed), actor=acting)
    assert open_proposal(fresh(proposed)) is not None


def test_a_proposal_that_ran_out_keeps_nothing_waiting(proposed: Order) -> None:
    digest, mark = planned(proposed), mark_of(proposed)
    over = {**proposed.proposed, "until": int(timezone.now().timestamp()) - 1}
    Order.objects.filter(pk=proposed.pk).update(proposed=over)
    Hold.objects.filter(state=Hold.State.HELD).update(expires=timezone.now())
    assert badges.badge(fresh(proposed)) is badges.PENDING
    assert list(badges.with_badge(badges.queue_rows(), "pending")) == [proposed]
    order = fresh(proposed)
    expired = proposing.proposal_of(order)
    assert expired is not None
    assert expired.mark != mark
    with pytest.raises(Refusal, match="time to take this number has passed"):
        proposing.accept(order, mark=expired.mark, actor=THANDI)
    approving.approve(order, digest=digest, actor=SAM)
    assert fresh(order).proposed == {}


def test_a_number_from_elsewhere_is_proposed_whatever_it_costs(order: Order, world: World) -> None:
    cheaper = world.offer(region="CA").e164
    assert proposing.put_or_propose(order, cheaper, actor=SAM) is False
    proposal = open_proposal(fresh(order))
    assert proposal is not None
    assert proposal.quote.recurring < frozen_quote(order).recurring


def test_what_is_not_on_sale_or_is_the_order_s_own_is_refused(order: Order) -> None:
    for e164, words in ((number_of(order), "already"), ("+12125559999", "Nothing was")):
        with pytest.raises(Refusal, match=words):
            proposing.put_or_propose(order, e164, actor=SAM)
    assert fresh(order).proposed == {}


def test_an_ended_or_approved_order_takes_no_other_number(proposed: Order) -> None:
    mark, other = mark_of(proposed), another(proposed)
    cancelling.cancel(proposed, actor=THANDI)
    assert fresh(proposed).proposed == {}
    assert not Hold.objects.exists()
    with pytest.raises(Refusal):
        proposing.accept(fresh(proposed), mark=mark, actor=THANDI)
    with pytest.raises(Refusal, match="no longer waits"):
        proposing.put_or_propose(fresh(proposed), other, actor=SAM)


# -- at once --------------------------------------------------------------------------------------


def test_accepted_in_one_tab_and_declined_in_another(proposed: Order) -> None:
    mark, number = mark_of(proposed), number_of(proposed)
    took, left = fresh(proposed), fresh(proposed)
    outcomes = at_once(
        lambda: proposing.accept(took, mark=mark, actor=THANDI),
        lambda: proposing.decline(left, mark=mark, actor=THANDI),
    )
    assert len(refused(outcomes)) == 1
    was_taken = outcomes[0] is None
    assert (number_of(proposed) != number) is was_taken
    assert fresh(proposed).proposed == {}
    assert Hold.objects.filter(holder=proposed.draft.uid).count() == 1


def test_one_swaps_the_number_while_another_approves(order: Order) -> None:
    digest, new, old = planned(order), another(order), number_of(order)
    mine, yours = fresh(order), fresh(order)
    outcomes = at_once(
        lambda: proposing.put_or_propose(mine, new, actor=SAM),
        lambda: approving.approve(yours, digest=digest, actor=Actor("staff:2", "Pat")),
    )
    assert len(refused(outcomes)) == 1, outcomes
    if isinstance(outcomes[0], Refusal):
        assert fresh(order).state == Order.State.APPROVED
        assert number_of(order) == old
    else:
        assert fresh(order).state == Order.State.PENDING
        assert number_of(order) == new
        assert not Run.objects.exists()


def test_two_orders_are_given_one_number(order: Order, world: World) -> None:
    other = second(world)
    new = another(order)
    outcomes = at_once(
        lambda: proposing.put_or_propose(order, new, actor=SAM),
        lambda: proposing.put_or_propose(other, new, actor=SAM),
    )
    assert len(refused(outcomes)) == 1
    assert OwnedNumber.objects.filter(e164=new, state="wanted").count() == 1


# -- the address ----------------------------------------------------------------------------------


def test_another_address_moves_the_claim_and_makes_a_new_plan(order: Order, world: World) -> None:
    seen, claim = planned(order), DomainClaim.objects.get()
    server = world.server
    domain = renaming.rename(order, "Karoo-Toronto ", actor=SAM)
    assert domain == f"karoo-toronto.{server.domain_suffix}"
    moved = DomainClaim.objects.get()
    assert (moved.pk, moved.domain, moved.extensions) == (claim.pk, domain, claim.extensions)
    service = approving.service_of(order)
    assert (service.name, service.wanted["domain"]) == (domain, domain)
    assert order.lines.get().domain == domain
    assert not Plan.objects.exists()
    digest = planned(order)
    assert digest != seen
    assert order.events.filter(
        text=f"PBX address changed from {claim.domain} to {domain}."
    ).exists()
    assert Outbox.objects.filter(template="order-changed").count() == 1
    approving.approve(order, digest=digest, actor=SAM)
    assert run_to_the_end(order).state == Run.State.DONE
    with pytest.raises(Refusal, match="no longer waits"):
        renaming.rename(fresh(order), "too-late", actor=SAM)


def test_an_address_that_somebody_has_is_refused(order: Order, world: World) -> None:
    other = second(world)
    taken = approving.service_of(other).name.split(".")[0]
    mine = approving.service_of(order).name.split(".")[0]
    for label, words in ((taken, "is taken"), (mine, "already"), ("a b", "Use 1 to 40"),
                         ("template", "reserved"), ("", "Use 1 to 40")):  # fmt: skip
        with pytest.raises(Refusal, match=words):
            renaming.rename(order, label, actor=SAM)
    claims = set(DomainClaim.objects.values_list("domain", flat=True))
    outcomes = at_once(
        lambda: renaming.rename(order, "same-name", actor=SAM),
        lambda: renaming.rename(other, "same-name", actor=SAM),
    )
    assert len(refused(outcomes)) == 1
    assert len(claims & set(DomainClaim.objects.values_list("domain", flat=True))) == 1
