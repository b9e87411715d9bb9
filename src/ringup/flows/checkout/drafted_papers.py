"""The papers of a draft: what its number needs, what was told, and how they go to its orders.

What is personal is sealed in the rows of ``regulatory``; the draft's answers say only that it was told.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.papers import Area, Requirement
from ringup.catalog import selling
from ringup.core.actors import Actor
from ringup.core.sentences import Refusal
from ringup.flows.checkout import chosen_numbers, drafting, needing_papers
from ringup.flows.checkout.needing_papers import PAPERS
from ringup.flows.papers import asking_rules
from ringup.orders.models import Draft, Order
from ringup.provisioning.blueprint import main_number
from ringup.regulatory import checking, filling, reusing, sharing
from ringup.regulatory.asked_facts import needs_area
from ringup.regulatory.models import Address, Identity, RegulatoryFile
from ringup.services.models import Service

CHANGED_MEANWHILE = (
    "You chose another number meanwhile, which needs other papers. Nothing was ordered or charged. "
    "Look at what it needs, then fill in the form."
)
INCOMPLETE = "{problem} Nothing was ordered or charged. Correct it, then order again."
NEEDS_NOW = (
    "Our supplier wants papers for this number now. Nothing was ordered or charged. Choose the number "
    "again to see what is needed."
)
NOT_TOLD = (
    "We still need to know who will have the number. Nothing was ordered or charged. Fill in the form, "
    "then order again."
)


def account_of(draft: Draft) -> CarrierAccount:
    return selling.account_of(selling.mapping_of(draft.sold))


def file_of(draft: Draft) -> RegulatoryFile | None:
    """What was told for the number that the draft has now; None while that is nothing."""
    file = draft.papers
    if file is None or file.state != RegulatoryFile.State.DRAFT:
        return None
    return file if needing_papers.are_told(draft) else None


def rules_of(draft: Draft) -> Requirement:
    """What the draft's number needs: frozen with what was told, else as the carrier says it today.
    Refuses while it is silent. Not inside a transaction."""
    if file := file_of(draft):
        return file.rules
    chosen = draft.answers["number"]
    return asking_rules.rules_for(account_of(draft), chosen["place"], field=PAPERS)


def areas_of(draft: Draft, rules: Requirement) -> list[Area]:
    """The areas to which the address must belong; empty where any place will do."""
    return asking_rules.areas_for(account_of(draft), rules) if needs_area(rules) else []


def reusable_by(
    draft: Draft, rules: Requirement, areas: Sequence[Area]
) -> list[tuple[Identity, Address]]:
    """Approved papers of the draft's client that will do for its number."""
    near = areas if needs_area(rules) else None
    return reusing.reusable(draft.client, account_of(draft), rules, areas=near)


# -- saving ----------------------------------------------------------------------------------------


def save(draft: Draft, rules: Requirement, answers: Mapping[str, Any]) -> None:
    """Keep what was told (see ``filling.save_answers``) for the number that needs ``rules``."""
    account, asked_for = account_of(draft), needing_papers.needed_by(draft)
    with transaction.atomic():
        file = _file_to_write(draft, account, rules, asked_for)
        filling.save_answers(file, answers)
        _keep(draft, file)


def use_again(
    draft: Draft, rules: Requirement, *, address: uuid.UUID, service_description: str = ""
) -> None:
    """Take approved papers of the draft's client, named by their address."""
    account, asked_for = account_of(draft), needing_papers.needed_by(draft)
    rows = Address.objects.for_client(draft.client).select_related("identity")
    known = rows.filter(uid=address).first()
    if known is None:
        raise Refusal(reusing.DOES_NOT_FIT, field="use")
    with transaction.atomic():
        file = _file_to_write(draft, account, rules, asked_for)
        filling.save_description(file, service_description)
        reusing.reuse(file, known.identity, known)
        _keep(draft, file)


def _file_to_write(
    draft: Draft, account: CarrierAccount, rules: Requirement, asked_for: str
) -> RegulatoryFile:
    """The draft's file as it is now, or a new one where that was for other rules."""
    drafting.lock_open(draft)
    draft.refresh_from_db(fields=["papers"])
    if not asked_for or needing_papers.needed_by(draft) != asked_for:
        raise Refusal(CHANGED_MEANWHILE, field="number")
    file = draft.papers
    if file is not None and file.account_id == account.pk and file.rules == rules:
        return file
    needing_papers.erase(draft)
    return filling.begin(client=draft.client, brand=draft.brand, account=account, requirement=rules)


def _keep(draft: Draft, file: RegulatoryFile) -> None:
    told = {"key": needing_papers.needed_by(draft), "consent": timezone.now().isoformat()}
    draft.papers, draft.answers = file, {**draft.answers, PAPERS: told}
    draft.save(update_fields=["papers", "answers", "changed"])


# -- placing the order -----------------------------------------------------------------------------


def require(draft: Draft, account: CarrierAccount) -> None:
    """Before the draft is submitted: whether its papers are told, for this account, and sound. The
    documents may come later."""
    if not needing_papers.needed_by(draft):
        if any(chosen["needs_papers"] for chosen in chosen_numbers.numbers_of(draft)):
            raise Refusal(NEEDS_NOW, field="number")
        return
    file = file_of(draft)
    if file is None or file.account_id != account.pk:
        raise Refusal(NOT_TOLD, field=PAPERS)
    problem = next((one.words for one in checking.fact_issues(file) if one.stops), "")
    if problem:
        raise Refusal(INCOMPLETE.format(problem=problem), field=PAPERS)


def hand_in(draft: Draft, parts: Sequence[Draft], orders: Sequence[Order], *, actor: Actor) -> None:
    """In the transaction that submits the draft, of which these are the orders, one for each number:
    each gets papers of its own, of the same person at the same address."""
    if not needing_papers.needed_by(draft):
        return
    file = draft.papers
    if file is None:
        raise Refusal(NOT_TOLD, field=PAPERS)
    for part, order in zip(parts, orders, strict=True):
        own = file if part.pk == draft.pk else sharing.another_for(file)
        service = Service.objects.select_related("number").get(line__order=order)
        filling.hand_in(own, client=order.client, number=main_number(service), actor=actor)
        Service.objects.filter(pk=service.pk).update(papers=own)
        if part.pk != draft.pk:
            Draft.objects.filter(pk=part.pk).update(papers=own)
