"""Jobs that tell of papers: in the order's history, to the client, and to the staff that wants to know.

No word of what papers say stands in any of it: the carrier's reasons, and what must be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from ringup.accounts.brands import url_of
from ringup.accounts.staff_notices import Notice
from ringup.core.actors import RINGUP
from ringup.core.sentences import as_sentences
from ringup.flows.mails.order_letters import context_of, post_all, to_client, to_staff
from ringup.flows.orders.approving import latest_plan, plan_anew
from ringup.flows.papers.of_orders import order_of, whole_file
from ringup.jobs.tickets import Ticket
from ringup.mail.sending import Letter, post
from ringup.orders.models import Order
from ringup.regulatory import correcting
from ringup.regulatory.common_rejections import COMMON_REASONS
from ringup.regulatory.documents import missing_documents
from ringup.regulatory.models import RegulatoryFile

_State = RegulatoryFile.State


@dataclass(frozen=True, slots=True)
class Told:
    """A move of the papers, for the client and for staff; empty where one need not know."""

    text: str = ""
    staff_text: str = ""


TOLD = {
    _State.DOCUMENTS_UPLOADED: Told("Your papers are with the carrier, encrypted on their way."),
    _State.ORDER_PLACED: Told(
        "The carrier checks your papers. That usually takes one to three business days."
    ),
    _State.REJECTED: Told(
        "The carrier did not accept your papers yet. Nothing is lost: they can be corrected.",
        "{provider} rejected the papers: {reasons}",
    ),
    _State.BLOCKED: Told(staff_text="{provider} has blocked the number. {contact}"),
    _State.TERMINATED: Told(
        staff_text="{provider} has terminated the number. Reset the purchase to buy another."
    ),
    _State.ACTIVE: Told("The carrier has registered your number. We go on by ourselves."),
}

# The moves that are worth a mail; the others stand in the history.
MAILED = (_State.REJECTED, _State.ACTIVE, _State.BLOCKED, _State.TERMINATED)


def moved(ticket: Ticket, *, file: str, state: str, at: str) -> None:
    """Job: papers have moved to ``state``. ``at`` tells the moves apart."""
    row = whole_file(file)
    order = order_of(row)
    told = TOLD.get(_State(state))
    if order is not None and state == _State.PENDING_REVIEW:
        _plan_from_the_start(ticket, row, order)
    if order is None or told is None:
        return
    words = _words(row)
    text, staff_text = told.text, told.staff_text.format(**words)
    letters = _letters(row, order, state, words, key=f"papers/{row.uid}/{state}/{at}")
    with ticket.fenced():
        if not order.events.filter(text=text, staff_text=staff_text, at__gte=at).exists():
            order.note(text, actor=RINGUP, staff_text=staff_text)
        for letter in letters:
            post(letter)


def _plan_from_the_start(ticket: Ticket, row: RegulatoryFile, order: Order) -> None:
    """A plan that was made when the papers had come further lacks what must be done again."""
    plan = latest_plan(order)
    if plan is None or plan.problem or order.state != Order.State.PENDING:
        return
    if not plan.changes.filter(key__startswith="identity-submission/").exists():
        with ticket.fenced():
            plan_anew(row.service)


def _words(row: RegulatoryFile) -> dict[str, str]:
    support = row.account.support_contact
    return {
        "provider": row.account.name,
        "reasons": as_sentences([*row.reasons, row.comment]),
        "contact": f"Ask its support: {support}" if support else "Ask its support.",
    }


def _letters(
    row: RegulatoryFile, order: Order, state: str, words: dict[str, str], *, key: str
) -> list[Letter]:
    if state not in MAILED:
        return []
    context = context_of(order) | _papers_context(row, order)
    if state == _State.REJECTED:
        return [
            *to_client(order, "papers-rejected", context=context, key=f"{key}/c", must=True),
            *_to_staff(order, "staff-papers-rejected", context, key=f"{key}/s"),
        ]
    if state == _State.ACTIVE:
        return to_client(order, "papers-approved", context=context, key=key)
    problem = TOLD[_State(state)].staff_text.format(**words)
    return _to_staff(order, "staff-papers-stopped", context | {"problem": problem}, key=key)


def asked(ticket: Ticket, *, file: str, at: str) -> None:
    """Job: staff asked for a correction. One that was answered, or taken back, is not asked again."""
    row = whole_file(file)
    order = order_of(row)
    if order is None or not row.asked or (row.asked_at and row.asked_at.isoformat() != at):
        return
    wanted = [{"name": name, "words": words} for _, name, words in correcting.open_words(row)]
    context = context_of(order) | _papers_context(row, order) | {"wanted": wanted}
    key = f"papers/{row.uid}/asked/{at}"
    letters = to_client(order, "papers-correction", context=context, key=key, must=True)
    text = "We asked you to correct something in your papers."
    _note_once(ticket, order, at, text=text, letters=letters)


def answered(ticket: Ticket, *, file: str, at: str) -> None:
    """Job: the client has corrected his papers, or they are complete now: they wait for a review."""
    row = whole_file(file)
    order = order_of(row)
    if order is None or row.asked:
        return
    context = context_of(order) | _papers_context(row, order)
    key = f"papers/{row.uid}/review/{at}"
    letters = _to_staff(order, "staff-papers-review", context, key=key)
    _note_once(ticket, order, at, text="Your papers wait for our review.", letters=letters)


def needed(ticket: Ticket, *, file: str) -> None:
    """Job: an order was placed and documents are still missing: the client is told where to bring
    them, once."""
    row = whole_file(file)
    order = order_of(row)
    missing = missing_documents(row) if row.state == _State.PENDING_REVIEW else []
    if order is None or not missing:
        return
    context = context_of(order) | _papers_context(row, order)
    context["documents"] = [{"title": one.title} for one in missing]
    key = f"papers/{row.uid}/needed"
    post_all(ticket, to_client(order, "papers-needed", context=context, key=key, must=True))


def slow(ticket: Ticket, *, file: str, level: int) -> None:
    """Job: the carrier's look takes long: ``level`` 1 tells staff, 2 tells whom to call."""
    row = whole_file(file)
    order = order_of(row)
    if order is None or row.slow_level < level or row.verification_sent is None:
        return
    context = context_of(order) | _papers_context(row, order)
    template = "staff-papers-slow" if level == 1 else "staff-papers-escalated"
    key = f"papers/{row.uid}/{row.attempt}/slow/{level}"
    post_all(ticket, _to_staff(order, template, context, key=key))


def _papers_context(row: RegulatoryFile, order: Order) -> dict[str, Any]:
    """What letters about papers may say beside what all about an order may."""
    return {
        "papers_url": url_of(order.brand) + reverse("portal:order-papers", args=[order.uid]),
        "provider": row.account.name,
        "reasons": [{"words": words} for words in row.reasons],
        "comment": row.comment,
        "common_reasons": [{"words": words} for words in COMMON_REASONS],
        "verification": row.verification_label,
        "support_contact": row.account.support_contact,
        "portal_url": row.account.portal_url,
    }


def _to_staff(order: Order, template: str, context: dict[str, Any], *, key: str) -> list[Letter]:
    return to_staff(order, Notice.PAPERS, template, context=context, key=key)


def _note_once(ticket: Ticket, order: Order, at: str, *, text: str, letters: list[Letter]) -> None:
    with ticket.fenced():
        if not order.events.filter(text=text, at__gte=at).exists():
            order.note(text, actor=RINGUP)
        for letter in letters:
            post(letter)
