"""Another number for an order whose number was sold meanwhile."""

from __future__ import annotations

from django.db import transaction

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import NumberOffer, NumberQuery
from ringup.catalog import number_prices
from ringup.catalog.pricing import NumberPrice, Quote
from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.core.states import IllegalMove, StaleState
from ringup.flows import chosen_numbers, drafting
from ringup.flows.approving import latest_run, service_of
from ringup.flows.checking_out import wanted_number
from ringup.jobs.enqueuing import enqueue
from ringup.numbers import holding, own_stock
from ringup.numbers.letting_go import let_go
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Run
from ringup.provisioning.undoing import renumber

MOST = 12


def alternatives(order: Order) -> list[tuple[NumberOffer, NumberPrice]]:
    """Numbers from the same place, then from the same region, at no higher price a month; those of
    our own shelf come first, since they need no set-up."""
    number, account = main_number(service_of(order)), _account(order)
    frozen = _frozen(order)
    places = [(number.region, number.rate_centre), (number.region, "")]
    found: dict[str, tuple[NumberOffer, NumberPrice]] = {}
    for region, rate_centre in places:
        query = NumberQuery(
            country=number.country, region=region, rate_centre=rate_centre, limit=3 * MOST
        )
        for offer, price in _offers(account, query, frozen.currency):
            fresh = _requoted(order, frozen, offer, price)
            if _is_no_dearer(fresh, frozen) and offer.e164 != number.e164:
                found.setdefault(offer.e164, (offer, price))
        if len(found) >= MOST:
            break
    taken = holding.held_by_others(list(found), holder=order.draft.uid)
    return [pair for e164, pair in found.items() if e164 not in taken][:MOST]


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


def _account(order: Order) -> CarrierAccount:
    """The order's own: what it was placed for may be retired, or mapped elsewhere, by now."""
    return service_of(order).account


def _frozen(order: Order) -> Quote:
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


def choose_another(order: Order, e164: str, *, actor: Actor) -> None:
    """Put another number into the order, at no higher price, and back into the queue it goes."""
    run = latest_run(order)
    if run is not None and run.state in Run.OPEN:
        raise Refusal(
            "We are still taking back what was set up with the old number. Nothing was changed. "
            "Choose again in a few minutes."
        )
    account, frozen = _account(order), _frozen(order)
    offer = drafting.live_offer(account, e164)
    price = number_prices.price_offer(account, offer, frozen.currency)
    service = service_of(order)
    old = main_number(service)
    fresh = None if price is None else _requoted(order, frozen, offer, price)
    if price is None or fresh is None or not _is_no_dearer(fresh, frozen):
        raise Refusal("This number costs more than the one you ordered. Choose another.")
    if (offer.country, offer.region) != (old.country, old.region):
        raise Refusal("This number is from another place. Choose one from the list.")
    chosen = chosen_numbers.number_answers(offer, price)
    try:
        with transaction.atomic():
            order.move_to(
                Order.State.PENDING, actor=actor, text=f"Number changed to {shown(e164)}."
            )
            holding.end(order.draft.uid)
            holding.lock(e164, holder=order.draft.uid, account=account)
            # Whatever became of it: where the carrier has it after all, it is found as nobody's.
            let_go(OwnedNumber.objects.filter(pk=old.pk).exclude(state=OwnedNumber.State.RELEASED))
            line = order.lines.get()
            line.quote = fresh.as_data()
            line.save()
            renumber(service, wanted_number(chosen, account=account, client=order.client))
            enqueue("provisioning.plan", key=f"plan/{service.pk}", service=str(service.uid))
    except (IllegalMove, StaleState) as error:
        raise Refusal("This order does not wait for another number. Reload the page.") from error
