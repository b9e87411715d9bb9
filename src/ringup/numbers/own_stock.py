"""The reseller's own shelf: numbers that he owns already at one of his carriers, and sells from
there like any other, without buying them.

``changed`` of a row moves with all that the search index shows of it: its columns, whether it is
withdrawn, and whether somebody has it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, NumberQuery, NumberType
from ringup.core.actors import RINGUP, Actor
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal
from ringup.numbers.models import OwnedNumber, OwnStock

VOICE = frozenset({"voice"})
# Each number brings a line of the log along: together they are the most that one commit may write.
PORTION = 250
REST_SECONDS = 0.05


# -- what is on sale ------------------------------------------------------------------------------


def sold() -> QuerySet[OwnedNumber]:
    """For subqueries over shelf rows: the number that lives with the row's digits."""
    return OwnedNumber.objects.exclude(state=OwnedNumber.State.RELEASED).filter(
        e164=OuterRef("e164")
    )


def rows_on_sale() -> QuerySet[OwnStock]:
    """The rows that can be sold now, of all accounts. Holds are not looked at."""
    return OwnStock.objects.filter(~Exists(sold()), is_withdrawn=False)


def on_sale(account: CarrierAccount) -> list[NumberOffer]:
    """All that the account's shelf has on sale. One query."""
    return [as_offer(row) for row in rows_on_sale().filter(account=account).order_by("e164")]


def near(account: CarrierAccount, query: NumberQuery) -> list[NumberOffer]:
    """What a carrier's ``search`` would find, on the account's shelf; digits are not looked at."""
    rows = rows_on_sale().filter(account=account, country=query.country)
    if query.region:
        rows = rows.filter(region=query.region)
    if query.rate_centre:
        rows = rows.filter(rate_centre=query.rate_centre)
    return [as_offer(row) for row in rows.order_by("e164")[: query.limit]]


def offer_of(account: CarrierAccount, e164: str) -> NumberOffer | None:
    """The number as if the carrier had offered it; None when it is not on this account's shelf, is
    withdrawn, or is somebody's."""
    row = rows_on_sale().filter(account=account, e164=e164).first()
    return None if row is None else as_offer(row)


def is_ours(account: CarrierAccount, e164: str) -> bool:
    """Whether the number stands on this account's shelf, on sale or not: it must never be bought."""
    return bool(_rows_of(account.pk, e164))


@prepared
def _rows_of(account: int, e164: str) -> QuerySet[OwnStock, tuple[int]]:
    return OwnStock.objects.filter(account=account, e164=e164).values_list("pk")


def as_offer(row: OwnStock) -> NumberOffer:
    """What it costs a month it costs already; there is no set-up."""
    return NumberOffer(
        e164=row.e164,
        country=row.country,
        region=row.region,
        region_name=row.region_name,
        rate_centre=row.rate_centre,
        monthly=row.cost_monthly,
        setup=Money.zero(row.cost_monthly.currency),
        features=frozenset(row.features),
        number_type=NumberType(row.number_type),
    )


def moved(e164s: Iterable[str]) -> int:
    """These numbers were sold, or came back: tell whoever shows the shelf, in the caller's
    transaction; returns how many rows of it that are. Numbers that are not on it are no error."""
    return OwnStock.objects.filter(e164__in=list(e164s)).update(changed=timezone.now())


# -- changing the shelf ---------------------------------------------------------------------------


def add(
    account: CarrierAccount,
    e164: str,
    *,
    country: str,
    cost_monthly: Money,
    actor: Actor,
    region: str = "",
    region_name: str = "",
    rate_centre: str = "",
    number_type: NumberType = NumberType.GEOGRAPHIC,
    features: Collection[str] = VOICE,
    note: str = "",
) -> OwnStock:
    """Put a number on the shelf. Refuses one that stands there, or that a client has or ordered."""
    row = OwnStock(
        account=account,
        e164=e164,
        country=country,
        region=region,
        region_name=region_name,
        rate_centre=rate_centre,
        number_type=number_type.value,
        features=sorted(features),
        note=note,
        **money_columns(cost_monthly=cost_monthly),
    )
    if OwnedNumber.objects.filter(e164=e164).exclude(state=OwnedNumber.State.RELEASED).exists():
        raise Refusal(
            f"{shown(e164)} belongs to a client, or is being ordered. Nothing was changed. Wait "
            "until it is free.",
            field="number",
        )
    try:
        with transaction.atomic():
            row.save()
            Activity.record(actor, subject_of(row), f"put {e164} on the shelf", **_words(row))
    except IntegrityError as error:
        raise Refusal(
            f"{shown(e164)} is on the shelf already. Nothing was changed.", field="number"
        ) from error
    return row


def withdraw(uids: Collection[UUID], *, actor: Actor, why: str = "") -> int:
    """Take numbers off sale; those that clients have stay theirs. Returns how many were on sale or
    sold, and are withdrawn now. ``why`` goes into the log."""
    return _set_withdrawn(uids, is_withdrawn=True, actor=actor, verb="withdrew", why=why)


def put_back(uids: Collection[UUID], *, actor: Actor) -> int:
    """Offer withdrawn numbers again. Returns how many."""
    return _set_withdrawn(uids, is_withdrawn=False, actor=actor, verb="put back")


def lost(e164: str) -> None:
    """An order found that the carrier does not have the number any more: nobody else is to run into
    that. Staff can put it back."""
    uids = OwnStock.objects.filter(e164=e164).values_list("uid", flat=True)
    withdraw(list(uids), actor=RINGUP, why="its provider does not have it any more")


def _set_withdrawn(
    uids: Collection[UUID], *, is_withdrawn: bool, actor: Actor, verb: str, why: str = ""
) -> int:
    """In portions. Each row is changed once, whoever else does the same: the update is conditional."""
    wanted, count = sorted(set(uids)), 0
    for begin in range(0, len(wanted), PORTION):
        if begin:
            rest()
        with transaction.atomic():
            rows = OwnStock.objects.select_for_update().filter(
                uid__in=wanted[begin : begin + PORTION], is_withdrawn=not is_withdrawn
            )
            held = list(rows.order_by("e164"))
            OwnStock.objects.filter(pk__in=[row.pk for row in held]).update(
                is_withdrawn=is_withdrawn, changed=timezone.now()
            )
            Activity.objects.bulk_create(
                Activity(
                    actor=actor.name,
                    actor_label=actor.label[:150],
                    on_behalf_of=actor.on_behalf_of,
                    subject=subject_of(row),
                    what=f"{verb} {row.e164}: {why}" if why else f"{verb} {row.e164}",
                )
                for row in held
            )
        count += len(held)
    return count


def rest() -> None:
    """Between two commits of bulk work others get their turn: SQLite has one writer."""
    if connection.vendor == "sqlite":
        time.sleep(REST_SECONDS)


def subject_of(row: OwnStock) -> str:
    """How the activity log names a number on the shelf."""
    return f"own-stock:{row.uid}"


def _words(row: OwnStock) -> dict[str, Any]:
    return {"Provider": row.account.name, "Monthly cost": str(row.cost_monthly)}
