"""The last look before a number is ordered: is it still to be had, what else is there in its place, which
capacity, and what it costs.

What is shown is asked from the carrier this moment. Changing number or capacity makes a new plan, which
is read and approved on its own; who changes nothing approves the plan that was shown.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from ringup.carriers.opening import carrier_for
from ringup.carriers.port import Billing, Capacity, NumberOffer, PlaceOffer
from ringup.carriers.vat import vat_percent_of
from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.checkout.drafting import CARRIER_SILENT
from ringup.flows.orders import approving, proposing, renumbering
from ringup.numbers.models import OwnedNumber
from ringup.orders.locking import lock
from ringup.orders.models import Order
from ringup.orders.proposals import open_proposal
from ringup.provisioning.blueprint import main_number

Offer = NumberOffer | PlaceOffer
GONE = (
    "This number is not on sale any more. Nothing was changed or charged. Choose another one of the "
    "same place."
)
NO_CAPACITY = (
    "This number is not sold with this capacity any more. Nothing was changed or charged. Choose "
    "another one."
)
BOUGHT = "The number is bought already. Nothing was changed: go on with the order as it is."
NOT_WAITING = "This order no longer waits for approval. Nothing was changed. Reload the page."
WORDS = {Billing.PER_MINUTE: "Pay per minute", Billing.UNLIMITED: "Unlimited"}


@dataclass(frozen=True, slots=True)
class Possible:
    """A number that can be ordered now. ``e164`` is empty where the carrier chooses the digits."""

    e164: str
    words: str
    offer: Offer
    is_dearer: bool = False

    @property
    def option(self) -> str:
        """As the specification writes it."""
        return f"{self.words} - Setup: {self.offer.setup}, Monthly: {self.offer.monthly}"


@dataclass(frozen=True, slots=True)
class Way:
    """A capacity to order it with. ``value`` posts back: what the number's row has where that is the
    way, else the carrier's key."""

    value: str
    capacity: Capacity
    is_chosen: bool

    @property
    def name(self) -> str:
        return WORDS.get(self.capacity.billing, self.capacity.text)

    @property
    def detail(self) -> str:
        """The carrier's own words, where they are not the name."""
        return "" if self.capacity.text == self.name else self.capacity.text


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What the carrier takes now. Without ``vat_percent`` it tells the tax on the order alone, and the
    total is an estimate in either case."""

    monthly: Money
    setup: Money
    vat_percent: Decimal | None

    @property
    def subtotal(self) -> Money:
        return self.monthly + self.setup

    @property
    def vat(self) -> Money | None:
        if self.vat_percent is None:
            return None
        return self.subtotal.share(self.vat_percent / 100).rounded()

    @property
    def total(self) -> Money:
        return self.subtotal if self.vat is None else self.subtotal + self.vat


@dataclass(frozen=True, slots=True)
class Ordering:
    """All that is shown before a number is ordered. ``chosen`` is None where nothing is to be had;
    ``is_changed``: it is not what the order has."""

    number: OwnedNumber
    is_bought: bool
    is_available: bool
    possible: list[Possible]
    chosen: Possible | None
    ways: list[Way]
    breakdown: Breakdown | None
    per_minute: Money | None
    is_changed: bool

    @property
    def way(self) -> Way | None:
        return next((way for way in self.ways if way.is_chosen), None)

    @property
    def others(self) -> int:
        """How many there are beside the ordered one."""
        return len(self.possible) - self.is_available


class Outcome(enum.Enum):
    """What came of placing an order: its plan was approved; it was changed, and a new plan is made; or
    the client is asked first."""

    APPROVED = "approved"
    CHANGED = "changed"
    PROPOSED = "proposed"


def ordering(order: Order, *, e164: str = "", capacity: str | None = None) -> Ordering:
    """Look at the number that the order has, or at another one (``e164``) with another ``capacity``.
    Asks the carrier, so never call it in a transaction. Refuses when that is silent."""
    service = approving.service_of(order)
    number = main_number(service)
    if number.state != OwnedNumber.State.WANTED:
        return Ordering(number, True, True, [], None, [], None, None, False)
    own = _own(number)
    found = [] if order.state not in proposing.WAITS else _others(order, number)
    possible = [*([own] if own else []), *found]
    chosen = _picked(possible, own, e164 or number.e164)
    ways = _ways(chosen.offer, _kept(number, chosen), capacity) if chosen else []
    way = next((way for way in ways if way.is_chosen), None)
    return Ordering(
        number=number,
        is_bought=False,
        is_available=own is not None,
        possible=possible,
        chosen=chosen,
        ways=ways,
        breakdown=_breakdown(way, vat_percent_of(service.account)) if way else None,
        per_minute=way.capacity.per_minute if way else None,
        is_changed=chosen is not own or (way is not None and way.value != number.capacity),
    )


def _own(number: OwnedNumber) -> Possible | None:
    """The order's own number, asked now; None when it is gone."""
    try:
        with carrier_for(number.account) as carrier:
            if number.is_by_place:
                offer: Offer | None = carrier.place(number.place)
            else:
                offer = carrier.offer(number.e164)
    except PortFailure as failure:
        raise Refusal(CARRIER_SILENT) from failure
    if offer is None:
        return None
    return Possible("" if number.is_by_place else number.e164, number.words, offer)


def _others(order: Order, number: OwnedNumber) -> list[Possible]:
    """Other numbers of the same place, whose papers are the same."""
    return [
        Possible(choice.offer.e164, shown(choice.offer.e164), choice.offer, choice.is_dearer)
        for choice in renumbering.choices(order)
        if choice.offer.e164 != number.e164
    ]


def _picked(possible: list[Possible], own: Possible | None, e164: str) -> Possible | None:
    """What was asked for, else the order's own, else the first of the others."""
    asked = next((one for one in possible if one.e164 == e164), None)
    return asked or own or (possible[0] if possible else None)


def _kept(number: OwnedNumber, chosen: Possible) -> str:
    """The capacity that the order has, as long as it is the same number."""
    is_own = chosen.e164 == ("" if number.is_by_place else number.e164)
    return number.capacity if is_own else ""


def _ways(offer: Offer, kept: str, asked: str | None) -> list[Way]:
    """Each capacity, one of them chosen: what was asked for, else what the order has, else the usual."""
    capacities = offer.capacities or (_usual(offer),)
    keys = [one.key for one in capacities]
    has = kept if kept in keys else keys[0]
    wanted = kept if asked is None else asked
    chosen = wanted if wanted in keys else has
    return [
        Way(kept if one.key == has and kept in ("", has) else one.key, one, one.key == chosen)
        for one in capacities
    ]


def _usual(offer: Offer) -> Capacity:
    """The only way, where the carrier offers no choice."""
    text = WORDS[Billing.PER_MINUTE]
    return Capacity("", Billing.PER_MINUTE, text, offer.monthly, offer.setup)


def _breakdown(way: Way, vat: Decimal | None) -> Breakdown:
    return Breakdown(way.capacity.monthly, way.capacity.setup, vat)


# -- doing it -----------------------------------------------------------------------------------------


def place(
    order: Order, *, e164: str, capacity: str, digest: str, doubts_seen: str, actor: Actor
) -> Outcome:
    """Approve the plan that was shown (``digest``), if number and capacity are those of the order;
    else change them, so that a new plan can be read."""
    number = main_number(approving.service_of(order))
    is_other = bool(e164) and e164 != number.e164
    if not is_other and capacity == number.capacity:
        approving.approve(order, digest=digest, doubts_seen=doubts_seen, actor=actor)
        return Outcome.APPROVED
    return choose(order, e164=e164 if is_other else "", capacity=capacity, actor=actor)


def choose(order: Order, *, e164: str, capacity: str, actor: Actor) -> Outcome:
    """Another number (empty: the same), another capacity, or both. A dearer number is proposed to the
    client, as everywhere; the capacity is then chosen when he has taken it."""
    number = main_number(approving.service_of(order))
    if number.state != OwnedNumber.State.WANTED:
        raise Refusal(BOUGHT)
    if e164:
        if not proposing.put_or_propose(order, e164, actor=actor):
            return Outcome.PROPOSED
        number = main_number(approving.service_of(order))
    if capacity != number.capacity:
        set_capacity(order, capacity, actor=actor)
    return Outcome.CHANGED


def set_capacity(order: Order, key: str, *, actor: Actor) -> None:
    """Have the number bought with another capacity, and plan anew. The client's price stays as it was
    agreed; the plan shows the margin."""
    number = main_number(approving.service_of(order))
    capacity = _capacity_of(number, key)
    # The usual way of a number that has a name for none of its ways is no choice.
    if capacity.key == number.capacity:
        return
    with transaction.atomic():
        lock(order)
        if order.state not in proposing.WAITS or open_proposal(order) is not None:
            raise Refusal(NOT_WAITING)
        renumbering.require_no_run(order)
        rows = OwnedNumber.objects.filter(pk=number.pk, state=OwnedNumber.State.WANTED)
        changed = rows.update(
            capacity=capacity.key,
            capacity_text=capacity.text[:120],
            **money_columns(cost_setup=capacity.setup, cost_monthly=capacity.monthly),
        )
        if not changed:
            raise Refusal(BOUGHT)
        words = f"Capacity: {number.capacity_text or 'the usual'} to {capacity.text}."
        order.note("", actor=actor, staff_text=words)
        Activity.record(actor, f"order:{order.uid}", "changed the capacity", text=words[:200])
        approving.plan_anew(approving.service_of(order))


def _capacity_of(number: OwnedNumber, key: str) -> Capacity:
    """The capacity as it is offered now; an empty key is the usual one."""
    own = _own(number)
    if own is None:
        raise Refusal(GONE, field="e164")
    found = own.offer.capacities or (_usual(own.offer),)
    capacity = next((one for one in found if one.key == key), found[0] if not key else None)
    if capacity is None:
        raise Refusal(NO_CAPACITY, field="capacity")
    return capacity
