"""Numbers that we sold, or have on our shelf, and that the carrier does not have any more."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from ringup.carriers.opening import carrier_for
from ringup.carriers.port import NumberOffer
from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.reconciling.accepting import subject_of
from ringup.flows.reconciling.rerouting import route_again
from ringup.flows.reconciling.taking import SETTLED, require_enabled, taken, words_for
from ringup.numbers import own_stock
from ringup.numbers.models import Discrepancy, OwnedNumber, OwnStock
from ringup.services.models import Service

PAGE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Again:
    """A missing number that can be bought once more, and what that costs now."""

    setup: Money
    monthly: Money


def offered_again(row: Discrepancy) -> Again:
    """What the carrier asks for the number now. Refuses, in a sentence, when it cannot be bought, or
    would cost more a month than it did."""
    number = _number(row)
    account = row.account
    require_enabled(account)
    account.read_timeout_seconds = min(account.read_timeout_seconds, PAGE_SECONDS)
    try:
        with carrier_for(account) as carrier:
            return _again(number, carrier.offer(row.e164))
    except PortFailure as failure:
        raise Refusal(words_for(account, failure)) from failure


def _again(number: OwnedNumber, offer: NumberOffer | None) -> Again:
    if offer is None:
        raise Refusal(
            f"{number.account.name} does not offer {shown(number.e164)} any more, so it cannot be "
            "bought again. Nothing was charged. Ask its support, or agree with the client on "
            "another number."
        )
    cost = number.cost_monthly
    if offer.monthly.currency != cost.currency or offer.monthly > cost:
        raise Refusal(
            f"{shown(number.e164)} would cost {offer.monthly} a month now, and it cost {cost}. "
            "Nothing was bought. Buy it in the carrier's portal if that is worth it, with the "
            f"reference {number.uid}, and look again."
        )
    return Again(offer.setup, offer.monthly)


@dataclass(frozen=True, slots=True)
class Told:
    """What to tell. ``is_whole`` unless something is left to do, which the words say."""

    words: str
    is_whole: bool = True


def buy_again(row: Discrepancy, *, seen: Again, actor: Actor) -> Told:
    """Buy the number for the same client, under the same reference, and send its calls where they
    went. ``seen`` is what was on the screen: nothing dearer is bought, and what is in the account
    already is not bought twice."""
    with taken(row) as carrier:
        number = _number(row)
        if carrier.find_number(row.e164) is not None:
            words = f"{shown(row.e164)} is at {row.account.name} again: nothing was bought"
            _record(row, f"found {row.e164} again", actor)
        else:
            now = _again(number, carrier.offer(row.e164))
            _require_no_dearer(now, seen)
            # Written first: were this process to die, the log says who has asked for it.
            _record(row, f"asked to buy {row.e164} again", actor)
            monthly = carrier.buy(row.e164, reference=number.uid).monthly
            cost = now.monthly if monthly is None else monthly
            words = f"{shown(row.e164)} is bought again: {now.setup} once, {cost} a month"
            with transaction.atomic():
                OwnedNumber.objects.filter(pk=number.pk, state=OwnedNumber.State.OWNED).update(
                    bought=timezone.now(), **money_columns(cost_monthly=cost)
                )
                paid = {"setup": str(now.setup), "monthly": str(cost)}
                _record(row, f"bought {row.e164} again", actor, **paid)
    try:
        return Told(f"{words}. {route_again(number, actor=actor)}")
    except Refusal as refusal:
        return Told(f"{words}. But its calls may go nowhere yet: {refusal}", is_whole=False)


def _require_no_dearer(now: Again, seen: Again) -> None:
    pairs = ((now.setup, seen.setup), (now.monthly, seen.monthly))
    if any(one.currency != other.currency or one > other for one, other in pairs):
        raise Refusal(
            f"It costs {now.setup} once and {now.monthly} a month now, more than was shown. Nothing "
            "was bought. Look at it, then decide again."
        )


def _record(row: Discrepancy, what: str, actor: Actor, **paid: str) -> None:
    Activity.record(actor, subject_of(row), what, provider=row.account.name, **paid)


def _number(row: Discrepancy) -> OwnedNumber:
    """The client's number, which is ours to buy again."""
    if row.kind != Discrepancy.Kind.MISSING:
        raise Refusal(SETTLED)
    rows = OwnedNumber.objects.filter(
        pk=row.number_id or 0, account=row.account, state=OwnedNumber.State.OWNED
    )
    number = rows.select_related("account", "client").first()
    if number is None:
        raise Refusal(SETTLED)
    cancelled = Service.objects.filter(number=number, state=Service.State.CANCELLED)
    if number.is_own_stock or cancelled.exists():
        raise Refusal(
            f"{shown(number.e164)} was not bought for a service that lives, so it is not bought "
            "again. Nothing was charged."
        )
    return number


def withdraw(row: Discrepancy, *, actor: Actor) -> str:
    """Take a number off our own shelf that the carrier does not have any more."""
    with taken(row) as carrier:
        shelf = OwnStock.objects.filter(account=row.account, e164=row.e164).first()
        if shelf is None or row.number_id is not None:
            raise Refusal(SETTLED)
        if carrier.find_number(row.e164) is not None:
            return f"{row.account.name} has {shown(row.e164)} again: it stays on the shelf."
        own_stock.withdraw([shelf.uid], actor=actor, why="its provider does not have it any more")
    return f"{shown(row.e164)} is withdrawn from your own shelf and is sold to nobody."
