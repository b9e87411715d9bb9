"""Another number from staff: put into the order at once, or proposed to the client where it costs more
or comes from another place."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.checkout import chosen_numbers
from ringup.flows.orders.renumbering import (
    Choice,
    account_of,
    choice_of,
    is_from_same_place,
    put_number,
    require_no_run,
)
from ringup.jobs.enqueuing import enqueue
from ringup.numbers import holding
from ringup.numbers.holding import Buyer
from ringup.orders.locking import lock
from ringup.orders.models import Order
from ringup.orders.proposals import LASTS, Proposal, open_proposal, proposal_of

WAITS = (Order.State.PENDING, Order.State.CHOOSE_NUMBER)
CHANGED = (
    "This proposal was changed or answered meanwhile. Nothing was changed by you. Reload the page "
    "to see where the order stands."
)
ONLY_THE_CLIENT = (
    "Only the client can agree to another number or price. Nothing was changed. Ask for an answer on "
    "this page."
)
OVER = (
    "The time to take this number has passed. Nothing was changed: your order stays as it was. "
    "Write to us if you still want it."
)


def put_or_propose(order: Order, e164: str, *, actor: Actor) -> bool:
    """Staff's other number for an order that waits. True: it is in the order, whose price may have
    fallen, and the client is told. False: it is dearer or from another place, and the client is
    asked."""
    choice = choice_of(order, e164)
    is_free_to_put = not choice.is_dearer and is_from_same_place(order, choice.offer)
    with transaction.atomic():
        lock(order)
        _require_changeable(order)
        _require_another(order, e164)
        if is_free_to_put:
            chosen = chosen_numbers.number_answers(choice.offer, choice.price)
            event = put_number(order, chosen, choice.quote, actor=actor)
            enqueue("orders.changed", key=f"order/changed/{event.pk}", event=event.pk)
        else:
            _propose(order, choice, actor)
    return is_free_to_put


def accept(order: Order, *, mark: str, actor: Actor) -> None:
    """The client takes the proposed number at the price that he was shown (``mark``). Staff that acts
    as him cannot: it would agree with itself."""
    if actor.on_behalf_of:
        raise Refusal(ONLY_THE_CLIENT)
    with transaction.atomic():
        proposal = _asked_for(order, mark)
        words = f"Took {shown(proposal.e164)}, which we proposed."
        event = order.note(words, actor=actor)
        put_number(order, proposal.chosen, proposal.quote, actor=actor)
        Activity.record(actor, f"order:{order.uid}", "accepted the proposed number")
        _answered(event.pk)


def decline(order: Order, *, mark: str, actor: Actor) -> None:
    """The client keeps the order as it was."""
    with transaction.atomic():
        proposal = _asked_for(order, mark)
        event = order.note(f"Did not take {shown(proposal.e164)}.", actor=actor)
        _let_go(order, proposal)
        Activity.record(actor, f"order:{order.uid}", "declined the proposed number")
        _answered(event.pk)


def withdraw(order: Order, *, actor: Actor) -> None:
    """Staff takes the proposal back, and the number is free again."""
    with transaction.atomic():
        lock(order)
        proposal = proposal_of(order)
        if proposal is None:
            raise Refusal("Nothing is proposed any more. Nothing was changed. Reload the page.")
        text = f"We no longer propose {shown(proposal.e164)}. Your order stays as it was."
        order.note(text, actor=actor)
        _let_go(order, proposal)
        Activity.record(actor, f"order:{order.uid}", "took the proposed number back")


def _propose(order: Order, choice: Choice, actor: Actor) -> None:
    """Hold the number for the client, and ask him. In the caller's transaction."""
    require_no_run(order)
    _clear(order)
    until = timezone.now() + LASTS
    holder, e164 = order.draft.uid, choice.offer.e164
    holding.hold(e164, account=account_of(order), buyer=Buyer(holder))
    holding.keep_until(e164, holder=holder, until=until)
    chosen = chosen_numbers.number_answers(choice.offer, choice.price)
    proposal = Proposal(chosen, choice.quote, until, actor.label[:150])
    _save(order, proposal)
    event = order.note(
        f"We propose {shown(e164)} instead. The order waits for your answer.",
        actor=actor,
        staff_text=f"{choice.quote.recurring} {choice.quote.cycle.each} with it.",
    )
    Activity.record(actor, f"order:{order.uid}", f"proposed {e164} to the client")
    enqueue("orders.proposed", key=f"order/proposed/{event.pk}", event=event.pk)


def _asked_for(order: Order, mark: str) -> Proposal:
    """The proposal that the client has seen and answers now; the order is locked."""
    lock(order)
    proposal = proposal_of(order)
    if proposal is None or proposal.mark != mark or order.state not in WAITS:
        raise Refusal(CHANGED)
    if not proposal.is_open:
        raise Refusal(OVER)
    return proposal


def _require_changeable(order: Order) -> None:
    if order.state not in WAITS:
        raise Refusal(
            "This order no longer waits for approval. Nothing was changed. Reload the page."
        )
    if open_proposal(order) is not None:
        raise Refusal(
            "Another number is proposed to the client already. Nothing was changed. Take that "
            "proposal back first."
        )


def _require_another(order: Order, e164: str) -> None:
    service = order.lines.select_related("service").get().service
    if service.parts.filter(name=e164).exists() or service.name == e164:
        raise Refusal("The order has this number already. Nothing was changed.", field="e164")


def _let_go(order: Order, proposal: Proposal) -> None:
    holding.release(proposal.e164, holder=order.draft.uid)
    _clear(order)


def _save(order: Order, proposal: Proposal) -> None:
    order.proposed = proposal.as_data()
    Order.objects.filter(pk=order.pk).update(proposed=order.proposed)


def _clear(order: Order) -> None:
    """Nothing is proposed any more; what was held for a proposal that ran out is free."""
    old = proposal_of(order)
    if old is not None:
        holding.release(old.e164, holder=order.draft.uid)
    order.proposed = {}
    Order.objects.filter(pk=order.pk).update(proposed={})


def _answered(event: int) -> None:
    enqueue("orders.proposal_answered", key=f"order/answered/{event}", event=event)
