"""Numbers that a carrier bills and nobody uses: onto the own shelf, or back to the carrier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import phonenumbers
from django.db import transaction
from phonenumbers import PhoneNumberType

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import CarrierNumber, NumberType
from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.reconciling.comparing import as_reference
from ringup.flows.reconciling.reading import Reading
from ringup.flows.reconciling.taking import (
    claim,
    let_go,
    require_enabled,
    require_nobody_s,
    taken,
    words_for,
)
from ringup.numbers import own_stock
from ringup.numbers.models import Discrepancy, OwnedNumber

TYPES = {
    PhoneNumberType.MOBILE: NumberType.MOBILE,
    PhoneNumberType.TOLL_FREE: NumberType.TOLL_FREE,
    PhoneNumberType.FIXED_LINE: NumberType.GEOGRAPHIC,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberType.GEOGRAPHIC,
}


def _gone(row: Discrepancy) -> str:
    return (
        f"{row.account.name} does not have {shown(row.e164)} any more: there was nothing left to do, "
        "and nothing was charged."
    )


# -- onto the shelf -------------------------------------------------------------------------------


def put_on_shelf(row: Discrepancy, *, cost: Money | None, actor: Actor) -> str:
    """Sell it from our own shelf from now on; the carrier is asked for it now. ``cost`` is what it
    costs a month, for a carrier that does not tell. Returns what to tell."""
    with taken(row) as carrier:
        found = carrier.find_number(row.e164)
        if found is None:
            return _gone(row)
        _shelve(row, found, cost, actor)
    return f"{shown(row.e164)} stands on your own shelf now, and can be sold."


@dataclass(slots=True)
class Shelved:
    """How many of them stand on the shelf now, and why others do not, by number."""

    count: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def put_all_on_shelf(rows: Iterable[Discrepancy], *, cost: Money | None, actor: Actor) -> Shelved:
    """The same for several: each account is asked for all its numbers at once."""
    shelved = Shelved()
    by_account: dict[CarrierAccount, list[Discrepancy]] = {}
    for row in rows:
        by_account.setdefault(row.account, []).append(row)
    for account, some in by_account.items():
        try:
            require_enabled(account)
            with carrier_for(account) as carrier:
                listed = {number.e164: number for number in carrier.inventory()}
        except (PortFailure, Refusal) as error:
            why = words_for(account, error) if isinstance(error, PortFailure) else str(error)
            shelved.refused |= {row.e164: why for row in some}
            continue
        for row in some:
            _shelve_one(row, listed.get(row.e164), cost, actor, shelved)
    return shelved


def _shelve_one(
    row: Discrepancy,
    found: CarrierNumber | None,
    cost: Money | None,
    actor: Actor,
    shelved: Shelved,
) -> None:
    try:
        claim(row)
    except Refusal as refusal:
        shelved.refused[row.e164] = str(refusal)
        return
    if found is None:
        shelved.refused[row.e164] = _gone(row)
        return
    try:
        _shelve(row, found, cost, actor)
    except Refusal as refusal:
        let_go(row)
        shelved.refused[row.e164] = str(refusal)
    except BaseException:
        let_go(row)
        raise
    else:
        shelved.count += 1


def _shelve(row: Discrepancy, found: CarrierNumber, cost: Money | None, actor: Actor) -> None:
    told = (found.monthly, cost, Reading(row).likely_cost)
    number = phonenumbers.parse(row.e164)
    kind = phonenumbers.number_type(number)
    own_stock.add(
        row.account,
        row.e164,
        country=phonenumbers.region_code_for_number(number) or "",
        cost_monthly=next((amount for amount in told if amount is not None), _zero(row.account)),
        actor=actor,
        number_type=TYPES.get(kind, NumberType.NATIONAL),
        note=f"Was at {row.account.name} and nobody used it",
        **_place(row.e164),
    )


def _zero(account: CarrierAccount) -> Money:
    return Money.zero(account.currency)


def _place(e164: str) -> dict[str, Any]:
    """Where it is, when we have had it before."""
    row = OwnedNumber.objects.filter(e164=e164).order_by("-pk").first()
    return {} if row is None else {"region": row.region, "rate_centre": row.rate_centre}


# -- back to the carrier --------------------------------------------------------------------------


def was_ours(e164: str, reference: UUID) -> bool:
    """Whether this is the reference of a number that we had and have given up."""
    released = OwnedNumber.objects.filter(state=OwnedNumber.State.RELEASED)
    return released.filter(uid=reference, e164=e164).exists()


def needs_care(e164: str, reference: str) -> bool:
    """Whether the carrier shows something that we have not written there: somebody else may use the
    number."""
    uid = as_reference(reference)
    return bool(reference) and (uid is None or not was_ours(e164, uid))


def give_back(row: Discrepancy, *, seen: str, is_sure: bool, actor: Actor) -> str:
    """Give the number back to the carrier, for good. ``seen`` is the reference that was on the
    screen; ``is_sure`` when staff has said that a reference of somebody else's does not matter.

    A number without a reference of our form gets one first: without it no carrier is ever asked to
    release a number.
    """
    account, e164 = row.account, row.e164
    with taken(row) as carrier:
        require_nobody_s(e164)
        found = carrier.find_number(e164)
        if found is None:
            return _gone(row)
        if found.reference != seen:
            raise Refusal(
                f"The carrier shows another reference now ({found.reference or 'none'}). Nothing "
                "was given back. Look at it, then decide again."
            )
        if needs_care(e164, found.reference) and not is_sure:
            raise Refusal(
                f"{account.name} shows the reference “{found.reference}”, which is not ours: "
                "somebody else may use this number. Nothing was given back. Find out, then say "
                "that you are sure.",
                field="sure",
            )
        # Written first: were this process to die, the log says who has asked for it.
        about = {"reference": found.reference, "calls_went_to": found.target}
        _record(account, f"asked {account.name} to take {e164} back", actor, **about)
        reference = as_reference(found.reference)
        if reference is None:
            reference = uuid4()
            carrier.adopt(e164, reference=reference)
        carrier.release(e164, reference=reference)
        _record(account, f"gave {e164} back to {account.name}", actor)
    return f"{shown(e164)} was given back to {account.name}, and costs nothing from now on."


def _record(account: CarrierAccount, what: str, actor: Actor, **about: str) -> None:
    with transaction.atomic():
        Activity.record(actor, f"carrier:{account.uid}", what, **about)
