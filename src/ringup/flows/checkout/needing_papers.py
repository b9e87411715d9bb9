"""Whether the numbers of a draft need papers, and which: settled when they are chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ringup.carriers.models import CarrierAccount
from ringup.core.sentences import Refusal
from ringup.flows.papers import asking_rules
from ringup.orders.models import Draft
from ringup.regulatory import filling

# The slug of the wizard's step, and its place in the answers: {"key": …, "consent": …}.
PAPERS = "papers"
# In the answers of a chosen number: the key of its requirement, empty where it needs none.
RULES = "papers"
NOT_ALIKE = (
    "These numbers need different papers, so they cannot be in one order. Nothing was changed or "
    "charged. Order them separately."
)


def rules_of_chosen(chosen: dict[str, Any]) -> str:
    """The key of what a chosen number needs; empty where that is nothing."""
    return str(chosen.get(RULES) or "")


def needed_by(draft: Draft) -> str:
    """The same of the draft's main number, which stands for all of its numbers."""
    return rules_of_chosen(draft.answers.get("number", {}))


def are_told(draft: Draft) -> bool:
    """Whether the papers of the draft's number were told. Asks nobody."""
    told: dict[str, Any] = draft.answers.get(PAPERS, {})
    return draft.papers_id is not None and told.get("key") == needed_by(draft)


def settle(account: CarrierAccount, numbers: Iterable[dict[str, Any]]) -> None:
    """Write to each of these newly chosen numbers which papers it needs, as the carrier says it now or
    said it today. Refuses while the carrier is silent. Not inside a transaction."""
    for chosen in numbers:
        needs = chosen["needs_papers"]
        chosen[RULES] = asking_rules.rules_for(account, chosen["place"]).key if needs else ""


def require_alike(numbers: Iterable[dict[str, Any]]) -> None:
    """All numbers of one draft need the same papers, or none."""
    if len({rules_of_chosen(chosen) for chosen in numbers}) > 1:
        raise Refusal(NOT_ALIKE, field="number")


def forget_unfitting(draft: Draft) -> None:
    """Erase what was told for a number with other rules, in the transaction that changes the numbers.
    The caller saves ``answers``. Without any number all stays: one is chosen in its place."""
    if PAPERS not in draft.answers or "number" not in draft.answers or are_told(draft):
        return
    draft.answers = {step: kept for step, kept in draft.answers.items() if step != PAPERS}
    erase(draft)


def erase(draft: Draft) -> None:
    """Erase the papers of a draft that was not placed, in the caller's transaction."""
    if draft.papers is not None:
        filling.discard(draft.papers)
        draft.papers = None
