"""The orders that a client's people began and have not placed: what each is, and what it still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ringup.accounts.models import Client
from ringup.catalog import selling
from ringup.flows.checkout import chosen_numbers, keeping_passwords, needing_papers
from ringup.numbers import holding
from ringup.orders.models import Draft

# The newest ones; all stand in the cart.
MOST_SHOWN = 3
WORDS = {
    "company": "your details",
    "number": "the number",
    "papers": "whose number it will be",
    "tenant": "your PBX",
    "administrator": "the administrator",
    "destination": "where calls go",
}


@dataclass(frozen=True, slots=True)
class Unfinished:
    """``numbers`` have digits, ``places`` are the words of those whose digits the carrier chooses.
    ``missing`` names what is asked next, empty when only the last button is. ``held_until`` is when
    the first of its numbers is free again, None where none is held."""

    draft: Draft
    numbers: tuple[str, ...]
    places: tuple[str, ...]
    missing: str
    held_until: datetime | None


def unfinished(client: Client) -> list[Unfinished]:
    """What the client's people began, the newest first; what staff writes for it is staff's."""
    rows = Draft.objects.for_client(client).filter(state=Draft.State.OPEN, placed_by=None)
    rows = rows.exclude(answers={}).select_related("bundle", "product")
    rows = rows.prefetch_related("bundle__items__product").order_by("-changed", "-pk")
    return [_unfinished(draft) for draft in rows[:MOST_SHOWN]]


def _unfinished(draft: Draft) -> Unfinished:
    held = [hold.expires for hold in holding.held_by(draft.uid)]
    chosen = chosen_numbers.numbers_of(draft)
    numbers = tuple(one["e164"] for one in chosen if one["e164"])
    places = tuple(chosen_numbers.words_of(one) for one in chosen if not one["e164"])
    return Unfinished(draft, numbers, places, _missing(draft), min(held, default=None))


def _missing(draft: Draft) -> str:
    needs_pbx = selling.needs_tenant(draft.sold)
    last = ("tenant", "administrator") if needs_pbx else ("destination",)
    steps = ("company", "number", "papers", *last)
    return next((WORDS[step] for step in steps if _lacks(draft, step)), "")


def _lacks(draft: Draft, step: str) -> bool:
    if step == needing_papers.PAPERS:
        return bool(needing_papers.needed_by(draft)) and not needing_papers.are_told(draft)
    if step == "tenant":  # the company's step proposes a name already
        return "is_own_choice" not in draft.answers.get(step, {})
    if step == "administrator" and not keeping_passwords.is_kept(draft):
        return True
    return step not in draft.answers
