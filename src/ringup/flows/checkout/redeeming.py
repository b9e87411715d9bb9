"""A draft's promotion code: typed in, taken off, and used when its orders are placed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from ringup.catalog import promotions
from ringup.catalog.pricing import Quote
from ringup.catalog.promotions import NotCounting, plain_code
from ringup.core.sentences import Refusal
from ringup.flows.checkout import drafting, quoting
from ringup.flows.checkout.promoting import is_new
from ringup.orders.models import Draft, Order

LOOK_AGAIN = "Look at the new price, then order again."


def enter(draft: Draft, text: str) -> None:
    """Keep a code that counts now. Raises ``NotCounting`` and keeps what was there."""
    code = plain_code(text)
    if not code:
        raise Refusal("Type the code, or go on without one.", field="promo_code")
    quoting.require_counting(draft, code)
    _keep(draft, code)


def take_off(draft: Draft) -> None:
    """Go on without a code."""
    _keep(draft, "")


def _keep(draft: Draft, code: str) -> None:
    with transaction.atomic():
        drafting.lock_open(draft)
        draft.promo_code = code
        draft.save(update_fields=["promo_code", "changed"])


def problem_of(draft: Draft) -> str:
    """Why the draft's code does not count any more; empty where it does, or there is none."""
    try:
        quoting.require_counting(draft, draft.promo_code)
    except NotCounting as refusal:
        return refusal.reason
    return ""


def require(draft: Draft) -> None:
    """Before submitting, outside a transaction. A code that counts no more is taken off the draft, and
    this refuses, so that the new price is seen first."""
    if problem := problem_of(draft):
        _keep(draft, "")
        raise Refusal(f"{problem} Nothing was ordered or charged. {LOOK_AGAIN}", field="promo_code")


class UsedUp(Refusal):
    """Somebody was faster. ``order`` is the uid of the order that was to have the code."""

    def __init__(self, reason: str, order: UUID) -> None:
        super().__init__(
            f"{reason} Nothing was ordered or charged. {LOOK_AGAIN}", field="promo_code"
        )
        self.order = order


def use(orders: Sequence[Order], quotes: Sequence[Quote]) -> None:
    """Count the codes of new orders, each with its quote, last in the transaction that places them;
    raises ``UsedUp``. Codes are taken in one order by everybody."""
    batch = tuple(order.uid for order in orders)
    coded = [(quote.terms.promo, order) for order, quote in zip(orders, quotes, strict=True)]
    for code, order in sorted(coded, key=lambda pair: (pair[0], pair[1].pk)):
        if not code:
            continue
        try:
            promo = promotions.take(code, client=order.client, order=order.uid)
        except NotCounting as refusal:
            raise UsedUp(refusal.reason, order.uid) from refusal
        # Asked under the code's lock: of two first orders at once, one is the first.
        if promo.new_clients_only and not is_new(order.client, but=batch):
            reason = f"The code {code} is for the first order of a new client."
            raise UsedUp(reason, order.uid)


def forget_what_counts_no_more(drafts: Sequence[Draft]) -> None:
    """After ``UsedUp``: take the codes off that count no more, so that the new price is shown."""
    for draft in drafts:
        if problem_of(draft):
            _keep(draft, "")
