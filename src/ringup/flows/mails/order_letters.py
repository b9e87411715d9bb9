"""Letters about an order: what they may say, and to whom they go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from ringup.accounts.addressees import addressees
from ringup.accounts.brands import url_of
from ringup.accounts.letters import compose
from ringup.accounts.member_roles import Topic
from ringup.accounts.models import User
from ringup.accounts.passwords import set_password_path
from ringup.accounts.staff_notices import Notice, readers
from ringup.catalog.pricing import Quote
from ringup.flows.orders.approving import service_of
from ringup.flows.orders.timeline import happens_now
from ringup.jobs.tickets import Ticket
from ringup.mail.sending import Letter, post
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.services.models import Service


def context_of(order: Order) -> dict[str, Any]:
    """What every letter about an order may say."""
    line = order.lines.get()
    quote, service = Quote.from_data(line.quote), service_of(order)
    now = happens_now(order, service)
    return {
        "brand_name": order.brand.name,
        "support_email": order.brand.support_email,
        "contact": order.client.contact_name,
        "client": order.client.name,
        "order_label": order.label,
        "product": line.text,
        "number": main_number(service).words,
        "domain": service.name if service.kind == Service.Kind.TENANT else "",
        "first_words": quote.first_words,
        "first_payment": quote.first_payment,
        "recurring": quote.lasting,
        "each": quote.cycle.each,
        # The words of the order's page, on which they follow what happens.
        "what_now": now.text if now is not None else "",
        "is_sandbox": order.is_sandbox,
        "order_url": url_of(order.brand) + reverse("portal:order", args=[order.uid]),
        "office_url": settings.RINGUP_URL + reverse("office:order", args=[order.uid]),
    }


def _set_password_url(order: Order, user: User | None) -> str:
    """The signed link for the login behind a mailbox that has no password yet, else empty. It signs
    in: it goes to no other mailbox than the login's own."""
    if user is None or user.has_usable_password():
        return ""
    return url_of(order.brand) + set_password_path(user)


def to_client(
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
            | {
                "contact": reader.contact,
                "set_password_url": _set_password_url(order, reader.user),
            },
            key=f"{key}{reader.suffix}",
            is_client=True,
        )
        for reader in addressees(order.client, Topic.ORDERS, must=must)
    ]


def to_staff(
    order: Order, notice: Notice, template: str, *, context: dict[str, Any], key: str = ""
) -> list[Letter]:
    """One for each member of staff who wants to hear of it."""
    key = key or f"order/{order.uid}/{template}"
    return [
        _letter(order, template, to=user.email, context=context, key=f"{key}/{user.pk}")
        for user in readers(notice)
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
        brand=order.brand,
        client_id=order.client_id if is_client else None,
        subject_of=f"order:{order.uid}",
        context=context,
    )


def post_all(ticket: Ticket, letters: list[Letter]) -> None:
    """Put letters into the outbox, while the job is still ours."""
    with ticket.fenced():
        for letter in letters:
            post(letter)
