"""Jobs that mail what happened around an order: to its client, or to the staff that wants to know."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from ringup.accounts.brands import default_brand
from ringup.accounts.letters import compose
from ringup.accounts.models import Brand, User
from ringup.accounts.staff_notices import Notice, readers
from ringup.core.phones import shown
from ringup.core.sentences import counted
from ringup.flows.mails.order_letters import context_of, post_all, to_client, to_staff
from ringup.jobs.tickets import Ticket
from ringup.mail.models import Outbox
from ringup.mail.sending import Letter
from ringup.numbers.models import Discrepancy, Sync
from ringup.orders.models import Order, OrderEvent, OrderMessage
from ringup.orders.proposals import open_proposal

MAIL_FAILED = "staff-mail-failed"


def written(ticket: Ticket, *, message: str) -> None:
    """Job: mail one letter of an order's thread to the other side. Somebody gets a question in any
    case."""
    letter = OrderMessage.objects.get(uid=message)
    order = _order(letter.order_id)
    context = context_of(order) | {"message": letter.text, "writer": letter.actor_label}
    key = f"order/{order.uid}/message/{letter.uid}"
    if not letter.is_staff:
        post_all(ticket, to_staff(order, Notice.CLIENT_WROTE, "staff-client-wrote",
                                  context=context, key=key))  # fmt: skip
        return
    template = "order-question" if letter.is_question else "order-message"
    must = letter.is_question
    post_all(ticket, to_client(order, template, context=context, key=key, must=must))


def changed(ticket: Ticket, *, event: int) -> None:
    """Job: tell the client what staff changed in his order, in the words of its history."""
    row = OrderEvent.objects.get(pk=event)
    order = _order(row.order_id)
    context = context_of(order) | {"change": row.text}
    key = f"order/{order.uid}/changed/{row.pk}"
    post_all(ticket, to_client(order, "order-changed", context=context, key=key))


def proposed(ticket: Ticket, *, event: int) -> None:
    """Job: ask the client whether he takes the number that staff proposes. One that was answered
    meanwhile is not asked again."""
    row = OrderEvent.objects.get(pk=event)
    order = _order(row.order_id)
    proposal = open_proposal(order)
    if proposal is None:
        return
    context = context_of(order) | {
        "proposed": shown(proposal.e164),
        "place": proposal.place,
        "new_first_payment": proposal.quote.first_payment,
        "new_recurring": proposal.quote.lasting,
        "until": _moment(order, proposal.until),
    }
    key = f"order/{order.uid}/proposed/{row.pk}"
    post_all(ticket, to_client(order, "order-proposal", context=context, key=key, must=True))


def proposal_answered(ticket: Ticket, *, event: int) -> None:
    """Job: tell staff that the client took or left the number that was proposed."""
    row = OrderEvent.objects.get(pk=event)
    order = _order(row.order_id)
    context = context_of(order) | {"answer": row.text, "writer": row.actor_label}
    key = f"order/{order.uid}/proposal-answered/{row.pk}"
    post_all(ticket, to_staff(order, Notice.PROPOSAL_ANSWERED, "staff-proposal-answered",
                              context=context, key=key))  # fmt: skip


def mail_failed(ticket: Ticket, *, mail: int) -> None:
    """Job: tell staff that a mail was given up. A mail about that is never told of: no loop."""
    row = Outbox.objects.filter(pk=mail).defer("text_sealed", "html_sealed").first()
    if row is None or row.template == MAIL_FAILED:
        return
    brand = Brand.objects.filter(pk=row.brand_id).first() or default_brand()
    context = {
        "to": row.to,
        "subject": row.subject,
        "error": row.bounce or row.error,
        "about_url": _about(row),
    }
    letters = [
        _to_staff(brand, user, MAIL_FAILED, f"mail/{row.pk}/failed", row.subject_of, context)
        for user in readers(Notice.MAIL_FAILED)
        if user.email.lower() != row.to.lower()
    ]
    post_all(ticket, letters)


def differs(ticket: Ticket, *, sync: int) -> None:
    """Job: tell staff what a pass over a provider's numbers found that was not known before."""
    look = Sync.objects.select_related("account").get(pk=sync)
    rows = Discrepancy.objects.filter(account=look.account, solved=None, accepted=None)
    count = rows.filter(first_seen__gte=look.started).count()
    if not count:
        return
    brand = default_brand()
    url = settings.RINGUP_URL + reverse("office:differences")
    context = {"provider": look.account.name, "count": counted(count, "difference"), "url": url}
    about = f"carrier:{look.account.uid}"
    letters = [
        _to_staff(brand, user, "staff-differences", f"differences/{sync}", about, context)
        for user in readers(Notice.DIFFERENCES)
    ]
    post_all(ticket, letters)


def _moment(order: Order, when: datetime) -> str:
    """``24 November 2026, 03:10 EST``, where the client is."""
    local = when.astimezone(ZoneInfo(order.client.time_zone))
    return f"{local.day} {local:%B %Y, %H:%M %Z}"


def _about(mail: Outbox) -> str:
    """The page of what the mail was about; empty where there is none."""
    kind, _, uid = mail.subject_of.partition(":")
    if kind != "order":
        return ""
    return settings.RINGUP_URL + reverse("office:order", args=[uid])


def _to_staff(
    brand: Brand, user: User, template: str, key: str, subject_of: str, context: dict[str, Any]
) -> Letter:
    return compose(
        template,
        key=f"{key}/{user.pk}",
        to=user.email,
        brand=brand,
        client_id=None,
        subject_of=subject_of,
        context={
            "notices_url": settings.RINGUP_URL + reverse("office:my-mails"),
        }
        | context,
    )


def _order(pk: int) -> Order:
    return Order.objects.select_related("client", "brand", "draft").get(pk=pk)
