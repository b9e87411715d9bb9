"""Another number for an order that waits: its own was sold meanwhile, or staff has a better one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import NumberOffer, NumberQuery
from ringup.catalog import number_prices
from ringup.catalog.pricing import NumberPrice, Quote
from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.models import Activity
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.core.states import IllegalMove, StaleState
from ringup.flows.checkout import chosen_numbers, drafting
from ringup.flows.checkout.new_services import wanted_number
from ringup.flows.orders.approving import latest_run, plan_anew, service_of
from ringup.flows.papers import fitting
from ringup.numbers import holding, own_stock
from ringup.numbers.letting_go import let_go
from ringup.numbers.models import OwnedNumber
from ringup.orders.locking import lock
from ringup.orders.models import Order, OrderEvent
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Run
from ringup.provisioning.undoing import renumber

MOST = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """A number on sale now, and what all of the order would cost with it."""

    offer: NumberOffer
    price: NumberPrice
    quote: Quote
    is_dearer: bool


def alternatives(order: Order) -> list[tuple[NumberOffer, NumberPrice]]:
    """Numbers from the same place, then from the same region, at no higher price a month; those of
    our own shelf come first, since they need no set-up."""
    found = _choices(order, at_any_price=False)
    return [(choice.offer, choice.price) for choice in found]


def choices(order: Order) -> list[Choice]:
    """The same for staff, at any price: what is dearer needs the client's consent."""
    return _choices(order, at_any_price=True)


def _choices(order: Order, *, at_any_price: bool) -> list[Choice]:
    service, account = service_of(order), account_of(order)
    number, frozen = main_number(service), frozen_quote(order)
    places = [(number.region, number.rate_centre), (number.region, "")]
    found: dict[str, Choice] = {}
    for region, rate_centre in places:
        query = NumberQuery(
            country=number.country, region=region, rate_centre=rate_centre, limit=3 * MOST
        )
        for offer, price in _offers(account, query, frozen.currency):
            if offer.e164 in found or not fitting.fits(service, number, offer):
                continue
            if not at_any_price and not _is_there(offer, number):
                continue
            choice = _choice(order, frozen, offer, price)
            if (at_any_price or not choice.is_dearer) and offer.e164 != number.e164:
                found.setdefault(offer.e164, choice)
        if len(found) >= MOST:
            break
    taken = holding.held_by_others(list(found), holder=order.draft.uid)
    return [choice for e164, choice in found.items() if e164 not in taken][:MOST]


def choice_of(order: Order, e164: str) -> Choice:
    """One number, asked now. Refuses one that is not on sale, that has no price, or that needs other
    papers than the order has."""
    account, frozen = account_of(order), frozen_quote(order)
    service, offer = service_of(order), drafting.live_offer(account, e164)
    fitting.require_fit(service, main_number(service), offer)
    price = number_prices.price_offer(account, offer, frozen.currency)
    if price is None:
        raise Refusal(
            "No price can be worked out for this number. Nothing was changed. Choose another.",
            field="e164",
        )
    return _choice(order, frozen, offer, price)


def _choice(order: Order, frozen: Quote, offer: NumberOffer, price: NumberPrice) -> Choice:
    fresh = _requoted(order, frozen, offer, price)
    return Choice(offer, price, fresh, is_dearer=not _is_no_dearer(fresh, frozen))


def _offers(
    account: CarrierAccount, query: NumberQuery, currency: str
) -> list[tuple[NumberOffer, NumberPrice]]:
    try:
        with carrier_for(account) as carrier:
            offers = carrier.search(query)
    except PortFailure as failure:
        raise Refusal(drafting.CARRIER_SILENT) from failure
    offers = own_stock.near(account, query) + offers
    priced = [(offer, number_prices.price_offer(account, offer, currency)) for offer in offers]
    return [(offer, price) for offer, price in priced if price is not None]


def account_of(order: Order) -> CarrierAccount:
    """The order's own: what it was placed for may be retired, or mapped elsewhere, by now."""
    return service_of(order).account


def frozen_quote(order: Order) -> Quote:
    """What the client agreed to pay."""
    return Quote.from_data(order.lines.get().quote)


def _requoted(order: Order, frozen: Quote, offer: NumberOffer, price: NumberPrice) -> Quote:
    """The client's quote with this number in it; the rest stays as it was ordered."""
    return frozen.with_number(
        price,
        text=chosen_numbers.number_words(offer.e164),
        included=number_prices.included_number(order.draft.sold, frozen.currency),
    )


def _is_no_dearer(fresh: Quote, frozen: Quote) -> bool:
    return fresh.recurring <= frozen.recurring and fresh.setup <= frozen.setup


def is_from_same_place(order: Order, offer: NumberOffer) -> bool:
    """Whether the number is from the region of the one that was ordered."""
    return _is_there(offer, main_number(service_of(order)))


def _is_there(offer: NumberOffer, number: OwnedNumber) -> bool:
    return (offer.country, offer.region) == (number.country, number.region)


def choose_another(order: Order, e164: str, *, actor: Actor) -> None:
    """Put another number into the order, at no higher price, and back into the queue it goes."""
    choice = choice_of(order, e164)
    if choice.is_dearer:
        raise Refusal("This number costs more than the one you ordered. Choose another.")
    if not is_from_same_place(order, choice.offer):
        raise Refusal("This number is from another place. Choose one from the list.")
    chosen = chosen_numbers.number_answers(choice.offer, choice.price)
    with transaction.atomic():
        lock(order)
        if order.state != Order.State.CHOOSE_NUMBER:
            raise Refusal("This order does not wait for another number. Reload the page.")
        put_number(order, chosen, choice.quote, actor=actor)


def put_number(order: Order, chosen: dict[str, Any], quote: Quote, *, actor: Actor) -> OrderEvent:
    """Have ``chosen`` (as a draft's answers have it) instead of the order's number, and ``quote``
    instead of the frozen one. Call it in a transaction that has locked the order."""
    require_no_run(order)
    service, account = service_of(order), account_of(order)
    old, frozen = main_number(service), frozen_quote(order)
    text = f"Number changed from {old.words} to {shown(chosen['e164'])}."
    event = _revise(order, text, _price_words(frozen, quote), actor)
    holding.lock(chosen["e164"], holder=order.draft.uid, account=account)
    holding.end(order.draft.uid, but=chosen["e164"])
    # Whatever became of it: where the carrier has it after all, it is found as nobody's.
    let_go(OwnedNumber.objects.filter(pk=old.pk).exclude(state=OwnedNumber.State.RELEASED))
    line = order.lines.get()
    line.quote = quote.as_data()
    line.save()
    renumber(service, wanted_number(chosen, account=account, client=order.client))
    # What was proposed was proposed for the number that is gone.
    order.proposed = {}
    Order.objects.filter(pk=order.pk).update(proposed={})
    plan_anew(service)
    Activity.record(actor, f"order:{order.uid}", "changed the number", text=text)
    return event


def require_no_run(order: Order) -> None:
    """Refuse while a run is carried out or taken back: it works with the order as it was."""
    run = latest_run(order)
    if run is not None and run.state in Run.OPEN:
        raise Refusal(
            "We are still taking back what was set up with the old number. Nothing was changed. "
            "Choose again in a few minutes."
        )


def _revise(order: Order, text: str, staff_text: str, actor: Actor) -> OrderEvent:
    """The line of the history; an order that asked for another number waits for approval again."""
    if order.state == Order.State.PENDING:
        return order.note(text, actor=actor, staff_text=staff_text)
    try:
        order.move_to(Order.State.PENDING, actor=actor, text=text, staff_text=staff_text)
    except (IllegalMove, StaleState) as error:
        raise Refusal(
            "This order can no longer be changed. Nothing was changed. Reload the page."
        ) from error
    return order.events.order_by("-pk")[0]


def _price_words(old: Quote, new: Quote) -> str:
    """What the client pays now, for staff: members who may not see prices read the history too."""
    if (old.setup, old.recurring) == (new.setup, new.recurring):
        return ""
    return (
        f"Price {old.recurring} to {new.recurring} {new.cycle.each}, "
        f"once {old.setup} to {new.setup}."
    )
