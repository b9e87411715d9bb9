"""The thread of an order: notes, questions and answers between its client and staff."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.jobs.enqueuing import enqueue
from ringup.orders.locking import lock
from ringup.orders.models import Order, OrderMessage

MOST_LETTERS = 4_000
OPEN_AFTER_THE_END = timedelta(days=30)
# A button that was pressed twice, or a page that was sent again.
SAME_WITHIN = timedelta(minutes=2)

EMPTY = "Write a few words first. Nothing was sent."
TOO_LONG = f"Use at most {MOST_LETTERS:,} characters. Nothing was sent."
CONTROL = "Leave out control characters: they cannot be shown. Nothing was sent."
CLOSED = (
    "This order ended more than 30 days ago, and its messages are closed. Nothing was sent. Write "
    "to us by e-mail, and name the order."
)
# What turns the direction of the letters around it, so that a sentence reads as another.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def write_as_client(order: Order, text: str, *, actor: Actor) -> OrderMessage:
    """A note of the client's; while a question waits, it is the answer."""
    text = plain(text)
    with transaction.atomic():
        lock(order)
        _require_open(order)
        is_answer = order.asked is not None
        message, is_new = _put(order, text, actor=actor, is_staff=False)
        if is_new and is_answer:
            _no_more_asked(order)
        if is_new:
            _told(message, actor, "answered the question" if is_answer else "wrote to staff")
    return message


def write_as_staff(
    order: Order, text: str, *, actor: Actor, is_question: bool = False
) -> OrderMessage:
    """A letter to the client. After a question the order waits for an answer before its approval."""
    text = plain(text)
    with transaction.atomic():
        lock(order)
        _require_open(order)
        if is_question:
            _require_waiting(order)
        message, is_new = _put(order, text, actor=actor, is_staff=True, is_question=is_question)
        if is_question and is_new:
            order.asked = message.at
            Order.objects.filter(pk=order.pk).update(asked=message.at)
        if is_new:
            what = "asked the client a question" if is_question else "wrote to the client"
            _told(message, actor, what)
    return message


def withdraw_question(order: Order, *, actor: Actor) -> None:
    """Staff needs no answer any more; the question stays in the thread."""
    with transaction.atomic():
        lock(order)
        if order.asked is None:
            raise Refusal("No question waits for an answer. Nothing was changed. Reload the page.")
        _no_more_asked(order)
        order.note("We no longer need an answer to our question.", actor=actor)
        Activity.record(actor, f"order:{order.uid}", "withdrew the question")


def note_for_staff(order: Order, text: str, *, actor: Actor) -> None:
    """A remark in the order's history that the client never reads."""
    text = plain(text)
    with transaction.atomic():
        lock(order)
        since = timezone.now() - SAME_WITHIN
        mine = order.events.filter(actor=actor.name, staff_text=text, at__gte=since)
        if not mine.exists():
            order.note("", actor=actor, staff_text=text)
            Activity.record(actor, f"order:{order.uid}", "wrote a note for staff")


def open_question(order: Order) -> OrderMessage | None:
    """The question that waits for an answer: the newest one, while ``asked`` is set."""
    if order.asked is None:
        return None
    return order.messages.filter(is_question=True).last()


def can_write(order: Order) -> bool:
    """Whether the thread still takes letters."""
    ended = _ended(order)
    return ended is None or timezone.now() - ended <= OPEN_AFTER_THE_END


def plain(text: str) -> str:
    """The text as it is kept: plain, with ``\\n`` between lines. Refuses what is empty, too long, or
    cannot be shown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(_is_wild(letter) for letter in text):
        raise Refusal(CONTROL, field="text")
    if not text:
        raise Refusal(EMPTY, field="text")
    if len(text) > MOST_LETTERS:
        raise Refusal(TOO_LONG, field="text")
    return text


def _is_wild(letter: str) -> bool:
    if letter in "\n\t":
        return False
    return letter in _TURNS or unicodedata.category(letter) in ("Cc", "Cs")


def _put(
    order: Order, text: str, *, actor: Actor, is_staff: bool, is_question: bool = False
) -> tuple[OrderMessage, bool]:
    """The letter and whether it is new: sent twice in a row it is one."""
    last = order.messages.last()
    same = (actor.name, text, is_staff, is_question)
    is_fresh = last is not None and timezone.now() - last.at < SAME_WITHIN
    if last and is_fresh and (last.actor, last.text, last.is_staff, last.is_question) == same:
        return last, False
    return OrderMessage.objects.create(
        order=order,
        actor=actor.name,
        actor_label=actor.label[:150],
        is_staff=is_staff,
        is_question=is_question,
        text=text,
    ), True


def _no_more_asked(order: Order) -> None:
    order.asked = None
    Order.objects.filter(pk=order.pk).update(asked=None)


def _told(message: OrderMessage, actor: Actor, what: str) -> None:
    Activity.record(actor, f"order:{message.order.uid}", what)
    key = f"order/message/{message.uid}"
    enqueue("orders.written", key=key, message=str(message.uid))


def _require_open(order: Order) -> None:
    if not can_write(order):
        raise Refusal(CLOSED, field="text")


def _require_waiting(order: Order) -> None:
    if order.state not in (Order.State.PENDING, Order.State.CHOOSE_NUMBER):
        raise Refusal(
            "Only an order that waits for approval can wait for an answer. Nothing was sent. Write "
            "a message instead.",
            field="text",
        )


def _ended(order: Order) -> datetime | None:
    """When the order came to its end; None while it has not."""
    if Order.MOVES[Order.State(order.state)]:
        return None
    if order.closed is not None:
        return order.closed
    last = order.events.filter(new=order.state).last()
    return last.at if last is not None else None
