"""Where a number may come from that the carrier lists and nobody of ours has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Q

from ringup.carriers.models import CarrierAccount
from ringup.flows.reconciling.comparing import Difference, as_reference, money_data
from ringup.numbers.models import OwnedNumber, OwnStock

PORTION = 400  # keys in one query


def with_origins(account: CarrierAccount, orphans: list[Difference]) -> list[Difference]:
    """The same, each with what we know of it: ``whose`` has once been ours under the reference or
    the digits that the carrier shows, ``elsewhere`` is an account where we have the number now.
    Two queries for each 400."""
    told: list[Difference] = []
    for begin in range(0, len(orphans), PORTION):
        portion = orphans[begin : begin + PORTION]
        rows = _rows(portion)
        shelf = OwnStock.objects.filter(e164__in=[one.e164 for one in portion])
        shelves = {row.e164: row.account for row in shelf.select_related("account")}
        told += [_told(account, one, rows, shelves) for one in portion]
    return told


def _rows(orphans: Iterable[Difference]) -> list[OwnedNumber]:
    e164s = [one.e164 for one in orphans]
    uids = [uid for one in orphans if one.seen and (uid := as_reference(one.seen.reference))]
    rows = OwnedNumber.objects.filter(Q(e164__in=e164s) | Q(uid__in=uids))
    return list(rows.select_related("client", "account").order_by("pk"))


def _told(
    account: CarrierAccount,
    orphan: Difference,
    rows: list[OwnedNumber],
    shelves: dict[str, CarrierAccount],
) -> Difference:
    reference = orphan.seen.reference.lower() if orphan.seen else ""
    more: dict[str, Any] = {}
    for row in rows:
        if row.e164 == orphan.e164 and row.state != OwnedNumber.State.RELEASED:
            more["elsewhere"] = row.account.name
        # What the reference says counts more than what the digits say, and the last owner most.
        by = "reference" if str(row.uid) == reference else "digits"
        is_near = by == "reference" or row.e164 == orphan.e164
        if is_near and not (by == "digits" and more.get("whose", {}).get("by") == "reference"):
            more["whose"] = _whose(account, row, by)
    if orphan.e164 in shelves and "elsewhere" not in more:
        more["elsewhere"] = shelves[orphan.e164].name
    return replace(orphan, more=more)


def _whose(account: CarrierAccount, row: OwnedNumber, by: str) -> dict[str, Any]:
    return {
        "by": by,
        "number": str(row.uid),
        "e164": row.called,
        "client": row.client.name,
        "state": row.state,
        "account": "" if row.account_id == account.pk else row.account.name,
        "cost": money_data(row.cost_monthly),
    }
