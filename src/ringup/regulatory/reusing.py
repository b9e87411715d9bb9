"""Papers that the carrier has approved once, used again for the client's next number there."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.papers import Area, PersonKind, Requirement
from ringup.core.sentences import Refusal
from ringup.regulatory.asked_facts import (
    ADDRESS,
    address_country,
    asked_of,
    needs_area,
    only_country,
)
from ringup.regulatory.facts import address_facts, identity_facts
from ringup.regulatory.filling import NOT_A_DRAFT, use_rows
from ringup.regulatory.models import Address, Identity, RegulatoryFile
from ringup.regulatory.sound_facts import problem_with

# More to choose from helps nobody.
MOST_SHOWN = 5
DOES_NOT_FIT = (
    "These papers do not fit this number any more. Nothing was changed. Fill in the form instead."
)


def reusable(
    client: Client | None,
    account: CarrierAccount,
    requirement: Requirement,
    *,
    areas: Collection[Area] | None = None,
) -> list[tuple[Identity, Address]]:
    """Approved identities of this client at this account, each with an approved address, that say all
    that the requirement asks; the newest first. With ``areas`` the address belongs to one of them. A
    stranger (None) has none."""
    rows = Address.objects.for_client(client).filter(
        approved__isnull=False,
        erased=None,
        identity__client=client,
        identity__account=account,
        identity__approved__isnull=False,
        identity__erased=None,
        identity__kind__in=[rule.kind.value for rule in requirement.identities],
    )
    keys = None if areas is None else {area.key for area in areas}
    newest = rows.select_related("identity").order_by("-approved", "-pk")
    found = (row for row in newest if fits(row.identity, row, requirement, keys))
    return [(row.identity, row) for row, _ in zip(found, range(MOST_SHOWN), strict=False)]


def fits(
    identity: Identity,
    address: Address,
    requirement: Requirement,
    areas: Collection[str] | None = None,
) -> bool:
    """Whether the two say all that the requirement asks, and lie where it wants them."""
    kind, person = PersonKind(identity.kind), identity_facts(identity)
    if requirement.rule(kind) is None:
        return False
    only = only_country(requirement, kind)
    person_fits = all(
        person[name] and not problem_with(name, person[name], country=_for(name, only))
        for name in asked_of(requirement, kind)
    )
    return person_fits and _lies_well(address, requirement, areas)


def _for(name: str, country: str) -> str:
    return country if name == "country" else ""


def _lies_well(address: Address, requirement: Requirement, areas: Collection[str] | None) -> bool:
    place = address_facts(address)
    if not all(place[name] for name in ADDRESS):
        return False
    if address_country(requirement) not in ("", place["country"]):
        return False
    if not needs_area(requirement):
        return True
    return bool(place["area"]) and (areas is None or place["area"] in areas)


def reuse(file: RegulatoryFile, identity: Identity, address: Address) -> None:
    """Take these two for the file of a draft, instead of what was told in it. Refuses what is another
    client's, or does not fit."""
    if file.state != RegulatoryFile.State.DRAFT:
        raise Refusal(NOT_A_DRAFT)
    is_own = (
        file.client_id is not None
        and identity.client_id == address.client_id == file.client_id
        and identity.account_id == file.account_id
        and address.identity_id == identity.pk
    )
    is_approved = identity.approved is not None and address.approved is not None
    if not (is_own and is_approved and fits(identity, address, file.rules)):
        raise Refusal(DOES_NOT_FIT)
    with transaction.atomic():
        use_rows(file, identity, address)
