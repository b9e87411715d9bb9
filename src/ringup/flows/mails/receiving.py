"""What follows when something happened below: mails to client and staff, the order's next state."""

from __future__ import annotations

from django.urls import reverse

from ringup.accounts import inviting
from ringup.accounts.brands import url_of
from ringup.accounts.staff_notices import Notice
from ringup.core.actors import RINGUP
from ringup.core.states import IllegalMove, StaleState
from ringup.flows.checkout import opening_clients
from ringup.flows.checkout.placing_together import placed_with
from ringup.flows.mails.order_letters import context_of, post_all, to_client, to_staff
from ringup.flows.orders.approving import service_of
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket
from ringup.mail.sending import post
from ringup.numbers import holding, own_stock
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Run
from ringup.regulatory.models import RegulatoryFile


def received(ticket: Ticket, *, order: str) -> None:
    """Job: confirm a new order to the client, and tell staff. One mail tells of all that were placed
    at once: the first one's."""
    row = _order(order)
    orders = sorted([row, *placed_with(row)], key=lambda one: one.pk)
    if orders[0].pk != row.pk:
        return
    context, template = context_of(row), "order-received"
    if len(orders) > 1:
        template = "orders-received"
        context |= {"orders": [context_of(one) for one in orders]}
    letters = [
        *to_client(row, template, context=context),
        *to_staff(row, Notice.NEW_ORDER, f"staff-{template}", context=context),
    ]
    post_all(ticket, letters)
    _ask_for_documents(ticket, orders)
    if opening_clients.waits_for_owner(row.client):
        invitation, letter = inviting.owner_invitation(row.client)
        with ticket.fenced():
            inviting.send_first(invitation, letter)


def _ask_for_documents(ticket: Ticket, orders: list[Order]) -> None:
    """Where papers are needed, another mail tells which are not there yet."""
    files = RegulatoryFile.objects.filter(service__line__order__in=[one.pk for one in orders])
    with ticket.fenced():
        for uid in files.values_list("uid", flat=True):
            enqueue("papers.needed", key=f"papers/needed/{uid}", file=str(uid))


def ended(ticket: Ticket, *, order: str) -> None:
    """Job: tell the client that the order was rejected or cancelled."""
    row = _order(order)
    last = row.events.exclude(text="").last()
    context = context_of(row) | {"reason": last.text if last else ""}
    post_all(ticket, to_client(row, f"order-{row.state}", context=context))


def number_gone(ticket: Ticket, *, run: str) -> None:
    """Job: the number was sold meanwhile; the client is asked to choose another."""
    _ask(ticket, _order_of_run(run))


def number_missing(ticket: Ticket, *, service: str) -> None:
    """Job: the plan found that the number is not on sale any more."""
    orders = Order.objects.select_related("client", "brand", "draft")
    _ask(ticket, orders.get(lines__service__uid=service))


def _ask(ticket: Ticket, order: Order) -> None:
    text = "Your number can no longer be had. Choose another one. Nothing was charged."
    number = main_number(service_of(order))
    with ticket.fenced():
        if _settle(order, Order.State.CHOOSE_NUMBER, text):
            if number.is_own_stock:
                own_stock.lost(number.e164)
            enqueue("orders.ask_number", order=str(order.uid))


def ask_number(ticket: Ticket, *, order: str) -> None:
    """Job: mail the client where to choose another number, once for each time he is asked."""
    row = _order(order)
    context = context_of(row) | {
        "choose_url": url_of(row.brand) + reverse("portal:choose-number", args=[row.uid])
    }
    asked = row.events.filter(new=Order.State.CHOOSE_NUMBER).count()
    key = f"order/{row.uid}/number-gone/{asked}"
    post_all(ticket, to_client(row, "number-gone", context=context, key=key, must=True))


def run_stopped(ticket: Ticket, *, run: str, state: str, at: str) -> None:
    """Job: a run came to an end, or needs a person. ``at`` tells its stops apart."""
    row = _order_of_run(run)
    if state not in (Run.State.DONE, Run.State.UNDONE):
        _tell_staff(ticket, row, Run.objects.get(uid=run), at)
        return
    with ticket.fenced():
        if state == Run.State.DONE:
            if _settle(row, Order.State.COMPLETED, "Everything is set up and works."):
                holding.end(row.draft.uid)
        else:
            text = "We took back what was set up. Your order waits to be looked at."
            # An order that asks for another number waits for its client, not for staff.
            if row.state == Order.State.APPROVED and _settle(row, Order.State.PENDING, text):
                service = service_of(row)
                enqueue("provisioning.plan", key=f"plan/{service.pk}", service=str(service.uid))


def _tell_staff(ticket: Ticket, order: Order, run: Run, at: str) -> None:
    """A run needs a person: a line in the order's history and a mail, once for each stop."""
    context = context_of(order) | {"problem": run.problem}
    key = f"run/{run.uid}/stopped/{at}"
    letters = to_staff(order, Notice.ORDER_STOPPED, "staff-run-failed", context=context, key=key)
    with ticket.fenced():
        if not order.events.filter(staff_text=run.problem, at__gte=at).exists():
            order.note("", actor=RINGUP, staff_text=run.problem)
        for letter in letters:
            post(letter)


def _settle(order: Order, new: Order.State, text: str) -> bool:
    """Move the order, once: told twice, the second time changes nothing."""
    try:
        order.move_to(new, actor=RINGUP, text=text)
    except (IllegalMove, StaleState):
        return False
    return True


def _order(uid: str) -> Order:
    return Order.objects.select_related("client", "brand", "draft").get(uid=uid)


def _order_of_run(run: str) -> Order:
    return Order.objects.select_related("client", "brand", "draft").get(
        lines__service__runs__uid=run
    )
