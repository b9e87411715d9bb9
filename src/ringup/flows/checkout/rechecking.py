"""What a buyer answered some time ago, looked at again when he opens a later page of the wizard."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from ringup.catalog.pricing import Quote
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.checkout import (
    choosing_places,
    chosen_numbers,
    drafting,
    holding_numbers,
    quoting,
)
from ringup.flows.papers import asking_rules
from ringup.numbers import reserving
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.services.domains import check_label

# Where the draft keeps what its buyer saw it cost.
PRICE = "price"
DEARER = (
    "{number} is still free, but costs {now} a month now instead of {before}. Nothing was ordered or "
    "charged. Keep it, or choose another."
)
PRICE_CHANGED = (
    "The price has changed since you were here: the first payment is {now} now instead of {before}. "
    "Nothing was ordered or charged."
)


def recheck(draft: Draft, *, before: Collection[str], ran_out: Sequence[str], buyer: Buyer) -> None:
    """Whether what the steps ``before`` say is still true. Numbers whose hold ``ran_out`` are held again
    without a word; a carrier that is silent stops nobody, placing the order asks it again. Refuses
    with ``field`` naming the step or input to go back to. Not inside a transaction."""
    if "number" in before and ran_out:
        _hold_again(draft, ran_out, buyer)
    if "number" in before:
        _look_at_places(draft)
    if "tenant" in before:
        check_label(draft.answers["tenant"]["label"], drafting.server_of(draft), field="label")


def _hold_again(draft: Draft, ran_out: Sequence[str], buyer: Buyer) -> None:
    before = _prices(draft)
    try:
        holding_numbers.choose(draft, list(ran_out), buyer=buyer)
    except Refusal as refusal:
        if str(refusal) in (drafting.CARRIER_SILENT, reserving.SILENT, asking_rules.SILENT):
            return
        raise
    for e164, price in _prices(draft).items():
        seen = before.get(e164, price)
        if price.monthly > seen.monthly or price.setup > seen.setup:
            words = DEARER.format(number=shown(e164), now=price.monthly, before=seen.monthly)
            raise Refusal(words, field="number")


def _look_at_places(draft: Draft) -> None:
    try:
        seen = choosing_places.look_again(draft)
    except Refusal as refusal:
        if str(refusal) == drafting.CARRIER_SILENT:
            return
        raise
    if seen is not None:
        now, before = _prices(draft)[chosen_numbers.key_of(seen)], chosen_numbers.price_of(seen)
        raise Refusal(
            DEARER.format(
                number=chosen_numbers.words_of(seen), now=now.monthly, before=before.monthly
            ),
            field="number",
        )


def _prices(draft: Draft) -> dict[str, Any]:
    numbers = chosen_numbers.numbers_of(draft)
    return {chosen_numbers.key_of(one): chosen_numbers.price_of(one) for one in numbers}


# -- what it costs ---------------------------------------------------------------------------------


def remember_price(draft: Draft) -> None:
    """Keep what the draft costs as its buyer sees it now."""
    with transaction.atomic():
        drafting.lock_open(draft)
        price = _price_of(draft, quoting.quote_draft(draft))
        draft.answers = {**draft.answers, PRICE: price}
        draft.save(update_fields=["answers"])


def price_words(draft: Draft, quote: Quote) -> str:
    """What to say where it costs more now, by this ``quote``, than its buyer saw, though he changed
    nothing; said once."""
    seen = draft.answers.get(PRICE)
    now = _price_of(draft, quote)
    if seen is None or seen["what"] != now["what"] or seen["first_micros"] >= now["first_micros"]:
        return ""
    remember_price(draft)
    return PRICE_CHANGED.format(now=now["first"], before=seen["first"])


def _price_of(draft: Draft, quote: Quote) -> dict[str, Any]:
    payment = quote.first_payment
    chosen = {step: kept for step, kept in draft.answers.items() if step != PRICE}
    what = json.dumps([chosen, draft.cycle, draft.currency, draft.promo_code], sort_keys=True)
    return {
        "what": hashlib.sha256(what.encode()).hexdigest()[:16],
        "first": str(payment),
        "first_micros": payment.micros,
    }
