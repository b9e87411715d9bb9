"""What a buyer answered about the options of what he orders: kept with the draft, and frozen in words
when it is placed."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ringup.catalog.questions import answered, is_asked
from ringup.flows.checkout import drafting
from ringup.orders.contents import ANSWERED
from ringup.orders.models import Draft


def save(draft: Draft, *, options: dict[str, Any], fields: dict[str, str]) -> None:
    """Keep the answers, by the keys of what was asked. Refuses what cannot be chosen."""
    answered(draft.sold, draft.currency, options=options, fields=fields)
    with transaction.atomic():
        drafting.lock_open(draft)
        draft.answers = {**draft.answers, "options": options, "fields": fields}
        draft.save(update_fields=["answers", "changed"])


def freeze(draft: Draft) -> None:
    """Before the draft is placed: put the answers in words beside them, in memory. Refuses when the
    catalogue has changed since, so that they are no answers any more."""
    options = draft.answers.get("options", {})
    fields = draft.answers.get("fields", {})
    if not (options or fields or is_asked(draft.sold)):
        return
    words = answered(draft.sold, draft.currency, options=options, fields=fields)
    draft.answers = {**draft.answers, ANSWERED: words}
