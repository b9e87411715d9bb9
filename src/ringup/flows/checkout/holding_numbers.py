"""Choosing numbers for a draft and holding them: one for a PBX, several where plain numbers are
bought."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from ringup.carriers.models import CarrierAccount
from ringup.core.sentences import Refusal
from ringup.flows.checkout import chosen_numbers, drafting, needing_papers
from ringup.flows.checkout.keeping_passwords import NO_SECRETS
from ringup.numbers import holding, reserving
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold
from ringup.orders.models import Draft

NONE_CHOSEN = "Choose a number from the list. Nothing was changed or charged."
ONLY_ONE = (
    "{name} takes one number, its main number. Nothing was changed or charged. Choose one; more "
    "numbers can be ordered when it runs."
)


def choose(draft: Draft, e164s: list[str], *, buyer: Buyer) -> None:
    """Ask the carrier (or look on our own shelf) for each of these numbers, and hold all of them for
    the draft, or none. Where several can be bought they come beside those that the draft has, up to
    ``holding.MOST_PER_DRAFT``; elsewhere the one comes instead of the one before.

    Refuses in plain words (``field`` "number") when one is gone, somebody else's or too many, and
    when the carrier does not answer. Nothing has changed then.
    """
    drafting.require_open(draft)
    wanted = list(dict.fromkeys(e164s))
    if not wanted:
        raise Refusal(NONE_CHOSEN, field="number")
    several = chosen_numbers.takes_several(draft)
    if len(wanted) > 1 and not several:
        raise Refusal(ONLY_ONE.format(name=draft.sold.name), field="number")
    # Looked at before the carrier is asked, and again when they are saved.
    had = {chosen_numbers.key_of(row) for row in chosen(draft)} if several else set()
    if len(had.union(wanted)) > holding.MOST_PER_DRAFT:
        raise Refusal(holding.FULL_DRAFT, field="number")
    drafting.select(draft, wanted, buyer=buyer, instead=not several)


def chosen(draft: Draft) -> list[dict[str, Any]]:
    """The chosen numbers as ``chosen_numbers.number_answers`` wrote them; the first is the main one."""
    return chosen_numbers.numbers_of(draft)


def drop(draft: Draft, key: str) -> None:
    """Take one number out again, by its digits or by the key of one of a place; it is free for
    others. One that is not there is no error."""
    drafting.require_open(draft)
    with transaction.atomic():
        drafting.lock_open(draft)
        kept = [row for row in chosen(draft) if chosen_numbers.key_of(row) != key]
        if len(kept) < len(chosen(draft)):
            drafting.put_numbers(draft, kept)
        holding.release(key, holder=draft.uid)


def extend(draft: Draft) -> datetime:
    """Give all of the draft's holds more time, each once. Returns when the first of them ends. Where
    the carrier keeps a number it is asked to keep it longer, and the hold ends no later than that."""
    drafting.require_open(draft)
    holds = holding.extendable(draft.uid)
    ends: dict[str, datetime] = {}
    for account, kept in _reserved(holds).items():
        account.read_timeout_seconds = min(account.read_timeout_seconds, drafting.PAGE_SECONDS)
        ends |= reserving.prolong(account, kept)
    with transaction.atomic():
        drafting.lock_open(draft)
        return holding.extend(draft.uid, ends=ends)


def _reserved(holds: list[Hold]) -> dict[CarrierAccount, list[Hold]]:
    """The holds that a carrier knows of, by its account."""
    found: dict[CarrierAccount, list[Hold]] = {}
    for hold in holds:
        if hold.reservation:
            found.setdefault(hold.account, []).append(hold)
    return found


def leave(draft: Draft) -> None:
    """The buyer left: his numbers are free again, and the password that he typed is forgotten. His
    other answers stay."""
    with transaction.atomic():
        if _is_open(draft):
            Draft.objects.filter(pk=draft.pk).update(**NO_SECRETS)
            holding.end(draft.uid)


def remove(draft: Draft) -> None:
    """Take the draft out of its buyer's cart for good. One that was ordered meanwhile stays so."""
    with transaction.atomic():
        if _is_open(draft):
            ended = {"state": Draft.State.EXPIRED, **NO_SECRETS}
            Draft.objects.filter(pk=draft.pk).update(changed=Now(), **ended)
            holding.end(draft.uid)
            needing_papers.erase(draft)
    draft.refresh_from_db(fields=["state"])


def _is_open(draft: Draft) -> bool:
    """Read again and locked, in the caller's transaction."""
    rows = Draft.objects.select_for_update().filter(pk=draft.pk)
    return rows.values_list("state", flat=True).get() == Draft.State.OPEN
