"""What follows when something happened below: mails to client and staff, the order's next state."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from ringup.accounts.addressees import addressees
from ringup.accounts.member_roles import Topic
from ringup.accounts.models import User
from ringup.accounts.passwords import set_password_path
from ringup.accounts.roles import Can, roles_with
from ringup.catalog.pricing import Quote
from ringup.core.actors import RINGUP
from ringup.core.phones import shown
from ringup.core.states import IllegalMove, StaleState
from ringup.flows.approving import service_of
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket
from ringup.mail.sending import Letter, compose, post
from ringup.numbers import holding, own_stock
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Run
from ringup.services.models import Service


def received(ticket: Ticket, *, order: str) -> None:
    """Job: confirm a new order to the client, and tell staff."""
    row = _order(order)
    context = _context(row)
    letters = [
        *_to_client(row, "order-received", context=context),
        *_to_staff(row, "staff-order-received", context=context),
    ]
    _post(ticket, letters)


def ended(ticket: Ticket, *, order: str) -> None:
    """Job: tell the client that the order was rejected or cancelled."""
    row = _order(order)
    last = row.events.exclude(text="").last()
    context = _context(row) | {"reason": last.text if last else ""}
    _post(ticket, _to_client(row, f"order-{row.state}", context=context))


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
    context = _context(row) | {
        "choose_url": settings.RINGUP_URL + reverse("portal:choose-number", args=[row.uid])
    }
    asked = row.events.filter(new=Order.State.CHOOSE_NUMBER).count()
    key = f"order/{row.uid}/number-gone/{asked}"
    _post(ticket, _to_client(row, "number-gone", context=context, key=key, must=True))


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
    context = _context(order) | {"problem": run.problem}
    key = f"run/{run.uid}/stopped/{at}"
    letters = _to_staff(order, "staff-run-failed", context=context, key=key)
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


def _context(order: Order) -> dict[str, Any]:
    line = order.lines.get()
    quote, service = Quote.from_data(line.quote), service_of(order)
    return {
        "brand_name": order.brand.name,
        "support_email": order.brand.support_email,
        "contact": order.client.contact_name,
        "client": order.client.name,
        "order_label": order.label,
        "product": line.text,
        "number": shown(main_number(service).e164),
        "domain": service.name if service.kind == Service.Kind.TENANT else "",
        "first_payment": quote.first_payment,
        "recurring": quote.recurring,
        "each": quote.cycle.each,
        "is_sandbox": order.is_sandbox,
        "order_url": settings.RINGUP_URL + reverse("portal:order", args=[order.uid]),
        "office_url": settings.RINGUP_URL + reverse("office:order", args=[order.uid]),
    }


def _set_password_url(user: User | None) -> str:
    """The signed link for the login behind a mailbox that has no password yet, else empty. It signs
    in: it goes to no other mailbox than the login's own."""
    if user is None or user.has_usable_password():
        return ""
    return settings.RINGUP_URL + set_password_path(user)


def _to_client(
    order: Order, template: str, *, context: dict[str, Any], key: str = "", must: bool = False
) -> list[Letter]:
    """One for each mailbox of the client that is to hear of its orders."""
    key = key or f"order/{order.uid}/{template}"
    return [
        _letter(
            order,
            template,
            to=reader.email,
            context=context
            | {"contact": reader.contact, "set_password_url": _set_password_url(reader.user)},
            key=f"{key}{reader.suffix}",
            is_client=True,
        )
        for reader in addressees(order.client, Topic.ORDERS, must=must)
    ]


def _to_staff(
    order: Order, template: str, *, context: dict[str, Any], key: str = ""
) -> list[Letter]:
    """One for each member of staff whose work orders are."""
    key = key or f"order/{order.uid}/{template}"
    workers = User.objects.filter(is_active=True, role__in=roles_with(Can.WORK_ORDERS))
    staff = workers.filter(is_staff=True).exclude(email="")
    return [
        _letter(order, template, to=user.email, context=context, key=f"{key}/{user.pk}")
        for user in staff
    ]


def _letter(
    order: Order,
    template: str,
    *,
    to: str,
    context: dict[str, Any],
    key: str,
    is_client: bool = False,
) -> Letter:
    return compose(
        template,
        key=key,
        to=to,
        sender=order.brand.mail_from,
        brand_id=order.brand_id,
        client_id=order.client_id if is_client else None,
        subject_of=f"order:{order.uid}",
        context=context,
    )


def _post(ticket: Ticket, letters: list[Letter]) -> None:
    with ticket.fenced():
        for letter in letters:
            post(letter)
