"""Choosing a number by its place: the carrier chooses the digits when it is bought, so there is nothing
to hold. What is promised is a number of this place at this price, as long as there is one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import adapter_class, carrier_for
from ringup.carriers.port import Capability, Carrier, PlaceOffer
from ringup.catalog import number_prices, selling
from ringup.catalog.pricing import NumberPrice
from ringup.core.failures import NothingHappened, OutcomeUnknown, PortFailure
from ringup.core.sentences import Refusal, counted
from ringup.flows import finding
from ringup.flows.checkout import chosen_numbers, drafting, needing_papers
from ringup.numbers import holding
from ringup.numbers.models import a_number_in
from ringup.numbers.sensible import sensible
from ringup.orders.models import Draft

GONE = (
    "There are no numbers of this place on sale any more. Nothing was changed or charged. Choose "
    "another place or a number from the list."
)
TOO_FEW = (
    "{words}: only {left} on sale now, and you chose {wanted}. Nothing was ordered or charged. Take "
    "some out, or choose another place."
)
ASK_US = (
    "A number of this place cannot be ordered here by itself. Nothing was changed or charged. Press “Ask "
    "for it” in the list, and we write to you."
)
ONLY_ONE = (
    "{name} takes one number, its main number. Nothing was changed or charged. Choose one; more "
    "numbers can be ordered when it runs."
)


def can_order(account: CarrierAccount, *, needs_papers: bool) -> bool:
    """Whether a number of a place can be bought by itself there, and not only be asked for."""
    can = adapter_class(account.kind).capabilities
    return Capability.BY_PLACE in can and (not needs_papers or Capability.PAPERS in can)


def choose_of(draft: Draft, ticket: str, *, count: int = 1) -> None:
    """Ask the carrier for the place of this ticket (``finding.ticket_of``), price it, and have
    ``count`` numbers of it: beside what the draft has where several can be bought, else instead.

    Refuses in plain words (``field`` "number"), and nothing has changed then: gone, too few, too many
    for one order, not on sale here, or a carrier that does not answer. Not inside a transaction.
    """
    drafting.require_open(draft)
    several = chosen_numbers.takes_several(draft)
    if count > 1 and not several:
        raise Refusal(ONLY_ONE.format(name=draft.sold.name), field="number")
    had = chosen_numbers.numbers_of(draft) if several else []
    if len(had) + count > holding.MOST_PER_DRAFT:
        raise Refusal(holding.FULL_DRAFT, field="number")
    account = selling.account_of(selling.mapping_of(draft.sold))
    found = finding.place_of(ticket, [account], draft.currency)
    if found is None:
        raise Refusal(GONE, field="number")
    same = sum(one["place"] == found.key for one in had if chosen_numbers.is_by_place(one))
    offer = _live(account, {found.key: same + count})[found.key]
    price = _price(account, offer, draft.currency)
    fresh = [chosen_numbers.place_answers(offer, price) for _ in range(count)]
    needing_papers.settle(account, fresh)
    with transaction.atomic():
        drafting.lock_open(draft)
        kept = chosen_numbers.numbers_of(draft) if several else []
        drafting.put_numbers(draft, [*kept, *fresh])
        if not several:
            holding.keep_only([], holder=draft.uid)


def live_places(account: CarrierAccount, chosen: Sequence[dict[str, Any]]) -> dict[str, PlaceOffer]:
    """The places of some chosen numbers, by the carrier's key, asked now: each once. Refuses when one
    is gone or has fewer numbers than were chosen, and when a slow carrier would let the buyer wait."""
    return _live(account, Counter(str(one["place"]) for one in chosen))


def look_again(draft: Draft) -> dict[str, Any] | None:
    """Ask once more for the places whose answer is as old as a hold lasts, and keep what they cost now.
    Returns one that has become dearer, as it was; None where none has. Refuses when one is gone, and
    when the carrier is silent. Not inside a transaction."""
    before = time.time() - holding.HOLD_MINUTES * 60
    places = [one for one in chosen_numbers.numbers_of(draft) if chosen_numbers.is_by_place(one)]
    old = {one["key"]: one for one in places if one.get("asked", 0) < before}
    if not old:
        return None
    account = selling.account_of(selling.mapping_of(draft.sold))
    offers = live_places(account, places)
    fresh = {}
    for key, one in old.items():
        offer = offers[one["place"]]
        price = _price(account, offer, draft.currency)
        fresh[key] = one | chosen_numbers.place_answers(offer, price) | {"key": key}
        if fresh[key]["needs_papers"] != one["needs_papers"]:
            needing_papers.settle(account, [fresh[key]])
    with transaction.atomic():
        drafting.lock_open(draft)
        numbers = chosen_numbers.numbers_of(draft)
        drafting.put_numbers(draft, [fresh.get(chosen_numbers.key_of(one), one) for one in numbers])
    return next((one for key, one in old.items() if _is_dearer(one, fresh[key])), None)


def _is_dearer(seen: dict[str, Any], now: dict[str, Any]) -> bool:
    before, price = chosen_numbers.price_of(seen), chosen_numbers.price_of(now)
    return price.monthly > before.monthly or price.setup > before.setup


def _price(account: CarrierAccount, offer: PlaceOffer, currency: str) -> NumberPrice:
    price = number_prices.price_offer(account, offer, currency)
    if price is None:
        raise Refusal(
            f"{a_number_in(offer.rate_centre, offer.country)} is not on sale here. Choose another "
            "number.",
            field="number",
        )
    return price


# -- the carrier ------------------------------------------------------------------------------------


def _live(account: CarrierAccount, wanted: dict[str, int]) -> dict[str, PlaceOffer]:
    """Each place, of which so many numbers are wanted. By the carrier's key."""
    if not wanted:
        return {}
    deadline = time.monotonic() + drafting.PAGE_SECONDS
    account.read_timeout_seconds = min(account.read_timeout_seconds, drafting.PAGE_SECONDS)
    found = {}
    try:
        with carrier_for(account) as carrier:
            for key, count in wanted.items():
                if time.monotonic() > deadline:
                    raise Refusal(drafting.CARRIER_SILENT, field="number")
                found[key] = _asked(account, carrier, key, count)
    except (NothingHappened, OutcomeUnknown) as failure:
        raise Refusal(drafting.CARRIER_SILENT, field="number") from failure
    except PortFailure as failure:
        raise Refusal(failure.user_message, field="number") from failure
    return found


def _asked(account: CarrierAccount, carrier: Carrier, key: str, count: int) -> PlaceOffer:
    if not can_order(account, needs_papers=False):
        raise Refusal(ASK_US, field="number")
    offer = carrier.place(key)
    if offer is None or offer.quantity == 0:
        raise Refusal(GONE, field="number")
    sound = sensible(offer) if offer.key == key else None
    if sound is None:
        raise Refusal(drafting.CARRIER_SILENT, field="number")
    if not can_order(account, needs_papers=sound.needs_papers):
        raise Refusal(ASK_US, field="number")
    if sound.quantity is not None and sound.quantity < count:
        words = a_number_in(sound.rate_centre, sound.country)
        left = counted(sound.quantity, "number")
        raise Refusal(TOO_FEW.format(words=words, left=left, wanted=count), field="number")
    return sound
