"""Numbers of ours that the carrier has otherwise: look again, write our reference, take over a cost."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ringup.carriers.opening import carrier_for
from ringup.carriers.port import CarrierNumber
from ringup.core.actors import Actor
from ringup.core.failures import OutcomeUnknown, PortFailure
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.reconciling import books
from ringup.flows.reconciling.accepting import subject_of
from ringup.flows.reconciling.comparing import Difference, as_reference, compare, money_data
from ringup.flows.reconciling.orphans import was_ours
from ringup.flows.reconciling.reading import Reading
from ringup.flows.reconciling.taking import (
    SETTLED,
    require_enabled,
    require_listed,
    taken,
    words_for,
)
from ringup.numbers.models import Discrepancy, OwnedNumber, OwnStock

Kind = Discrepancy.Kind


def look_again(row: Discrepancy, *, actor: Actor) -> str:
    """Ask the carrier for this number now, and write down what is so. Changes nothing there."""
    account, e164 = row.account, row.e164
    require_enabled(account)
    before = books.read(account, [e164])
    try:
        with carrier_for(account) as carrier:
            found = carrier.find_number(e164)
    except PortFailure as failure:
        raise Refusal(words_for(account, failure)) from failure
    now = timezone.now()
    compared = compare(
        [found] if found else [],
        before,
        books.read(account, [e164]),
        at_work=books.at_work(account),
        places=books.places(account),
        settled=now,
    )
    if e164 in compared.unjudged:
        return f"{shown(e164)} is being worked on this moment. Look again when that is done."
    still = next((one for one in compared.found if one.kind == row.kind), None)
    # Most carriers tell what a number costs only in the list of all.
    if still is None and not (row.kind == Kind.PRICE and found and found.monthly is None):
        return _solved(row, compared.found, actor)
    _seen_again(row, still)
    return f"Nothing has changed: {account.name} was asked for {shown(e164)} just now."


def _solved(row: Discrepancy, found: list[Difference], actor: Actor) -> str:
    with transaction.atomic():
        rows = Discrepancy.objects.filter(pk=row.pk, solved=None)
        if rows.update(solved=timezone.now()):
            what = f"looked again: a difference of {row.e164} is gone"
            Activity.record(actor, subject_of(row), what, difference=row.get_kind_display())
    if found:
        other = Kind(found[0].kind).label.lower()
        return f"It is something else now: {other}. Compare with the carrier, to see it here."
    return f"It is gone: {row.account.name} and we agree about {shown(row.e164)} now."


def _seen_again(row: Discrepancy, still: Difference | None) -> None:
    with transaction.atomic():
        rows = Discrepancy.objects.select_for_update().filter(pk=row.pk, solved=None)
        now = rows.first()
        if now is not None:
            fresh = {} if still is None or still.seen is None else _told(still.seen)
            now.detail = {**now.detail, **fresh, "confirmed": True}
            now.last_seen = timezone.now()
            now.save(update_fields=["detail", "last_seen"])


def _told(seen: CarrierNumber) -> dict[str, object]:
    """What a single answer tells; a price that it leaves out stays as the list told it."""
    told: dict[str, object] = {"reference": seen.reference, "target": seen.target}
    return told if seen.monthly is None else told | {"monthly": money_data(seen.monthly)}


# -- our reference ----------------------------------------------------------------------------------


def write_reference(row: Discrepancy, *, actor: Actor) -> str:
    """Write our reference on a number of a client. Words that stood there are kept in the log; the
    reference of another installation is refused by the carrier's adapter."""
    with taken(row) as carrier:
        number = _owned(row)
        found = require_listed(row, carrier.find_number(row.e164))
        if found.reference.lower() == str(number.uid):
            return f"{shown(row.e164)} carries our reference already."
        left = as_reference(found.reference)
        if left is not None and was_ours(row.e164, left):
            carrier.disown(row.e164, reference=left)
        written = carrier.adopt(row.e164, reference=number.uid)
        if written.reference.lower() != str(number.uid):
            raise OutcomeUnknown(f"it shows {written.reference or 'no reference'} now")
        with transaction.atomic():
            Activity.record(
                actor,
                subject_of(row),
                f"wrote our reference on {row.e164} at {row.account.name}",
                reference=[found.reference, str(number.uid)],
            )
    return f"{shown(row.e164)} carries our reference at {row.account.name} again."


def _owned(row: Discrepancy) -> OwnedNumber:
    """The number of the difference, if it is still a client's there."""
    rows = OwnedNumber.objects.filter(
        pk=row.number_id or 0, account=row.account, state=OwnedNumber.State.OWNED
    )
    number = rows.first()
    if number is None:
        raise Refusal(SETTLED)
    return number


# -- the cost ---------------------------------------------------------------------------------------


def take_cost(row: Discrepancy, *, seen: Money, actor: Actor) -> str:
    """Believe the carrier: what the number costs from now on. ``seen`` is the cost that was on the
    screen; the carrier is asked once more, as far as it tells. What the client pays stays."""
    reading = Reading(row)
    before, cost = reading.cost, reading.monthly
    if before is None or cost is None:
        raise Refusal(SETTLED)
    with taken(row) as carrier:
        found = require_listed(row, carrier.find_number(row.e164))
        cost = cost if found.monthly is None else found.monthly
        if cost != seen:
            _remember_cost(row, cost)
            raise Refusal(
                f"{row.account.name} takes {cost} a month now, and not {seen}. Nothing was changed. "
                "Look at it, then decide again."
            )
        with transaction.atomic():
            if not _change_cost(row, before, cost):
                raise Refusal(SETTLED)
            Activity.record(
                actor,
                subject_of(row),
                f"took over what {row.e164} costs",
                monthly_cost=[str(before), str(cost)],
                provider=row.account.name,
            )
    return f"{shown(row.e164)} is booked with {cost} a month from now on. The client's price stays."


def _remember_cost(row: Discrepancy, cost: Money) -> None:
    with transaction.atomic():
        now = Discrepancy.objects.select_for_update().filter(pk=row.pk).first()
        if now is not None:
            now.detail = {**now.detail, "monthly": money_data(cost)}
            now.save(update_fields=["detail"])


def _change_cost(row: Discrepancy, before: Money, cost: Money) -> bool:
    """Conditional: only where it is still believed to cost what it was."""
    was, becomes = money_columns(cost_monthly=before), money_columns(cost_monthly=cost)
    if row.number_id is not None:
        numbers = OwnedNumber.objects.filter(pk=row.number_id, account=row.account, **was)
        return bool(numbers.exclude(state=OwnedNumber.State.RELEASED).update(**becomes))
    shelf = OwnStock.objects.filter(account=row.account, e164=row.e164, **was)
    return bool(shelf.update(**becomes, changed=timezone.now()))
