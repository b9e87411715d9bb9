"""Buy the number at the carrier, with our reference left in its inventory."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from ringup.carriers.port import (
    POOL_KEY,
    Capability,
    CarrierNumber,
    NumberOffer,
    PlaceOffer,
    Standing,
)
from ringup.core.failures import NotOurs, NumberGone, OutcomeUnknown, Refused
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.numbers.letting_go import let_go
from ringup.numbers.models import OwnedNumber, a_number_in
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, Waiting, digest_of
from ringup.services.learning import learn_digits

# The carrier has the order and needs a while for it.
PENDING_SECONDS = 20.0
# More than fits into the row is nonsense.
LONGEST_KEY = 80


class NumberPurchase:
    """One purchase, once: look before you buy, and prove ours by the reference. A number that is known
    by its place only is found by the reference alone."""

    can_skip = False

    def __init__(self, number: OwnedNumber, site: Site) -> None:
        self.number = number
        self.site = site
        self.key = f"number-purchase/{number.uid}"
        self.target = site.service.account.name
        # How long a lost order may need until the carrier's inventory shows it.
        self.settle_seconds = float(settings.RINGUP_SETTLE_SECONDS)
        # Paid already, as the last look showed.
        self._is_ours = False

    # -- the plan ---------------------------------------------------------------------------------

    def change(self) -> PlannedChange:
        number, zero = self.number, Money.zero(self.number.account.currency)
        setup, monthly = (zero, zero) if self._is_ours else self._cost(self._offer())
        return PlannedChange(
            key=self.key,
            action="create",
            digest=digest_of(self._wanted()),
            target=self.target,
            text=f"Buy {self._what()}{f', {self._how()}' if self._how() else ''}",
            cost_once=setup,
            cost_monthly=monthly,
            parts=(
                *(("The carrier chooses the digits.",) if number.is_by_place else ()),
                "Taken back, the number and its set-up fee are lost.",
            ),
        )

    def _wanted(self) -> dict[str, str]:
        """What is approved. Digits that the carrier chooses are late-bound, and no part of it."""
        number = self.number
        what = {"place": number.place} if number.is_by_place else {"e164": number.e164}
        how = {"capacity": number.capacity} if number.capacity else {}
        return {**what, **how, "reference": str(number.uid)}

    def _what(self) -> str:
        number = self.number
        if number.is_by_place:
            return f"a{a_number_in(number.rate_centre, number.country)[1:]}"
        parts = (number.rate_centre, number.region, number.country)
        return f"{shown(number.e164)} ({', '.join(part for part in parts if part)})"

    def _how(self) -> str:
        return self.number.capacity_text or self.number.capacity

    def _offer(self) -> NumberOffer | PlaceOffer:
        number, carrier = self.number, self.site.carrier
        offer = carrier.place(number.place) if number.is_by_place else carrier.offer(number.e164)
        if offer is None:
            what = number.words if number.is_by_place else number.e164
            raise NumberGone(f"{what} is not for sale at {self.target} any more")
        return offer

    def _cost(self, offer: NumberOffer | PlaceOffer) -> tuple[Money, Money]:
        """Once and each month, bought in the way that was chosen."""
        wanted = self.number.capacity
        if not wanted:
            return offer.setup, offer.monthly
        way = next((one for one in offer.capacities if one.key == wanted), None)
        if way is None:
            raise Refused(
                f"{self.number.words} is not sold as “{self._how()}” at {self.target} any more. "
                "Nothing was bought. Choose another capacity."
            )
        return way.setup, way.monthly

    # -- the world --------------------------------------------------------------------------------

    def is_done(self) -> bool:
        found = self._found()
        if found is None:
            return False
        self._take(found)
        # It may have come behind our back, or our next words were lost: ``apply`` says them again.
        self._is_ours = True
        wanted = self.number.capacity
        return not wanted.startswith(POOL_KEY) or found.pool == wanted

    def _found(self) -> CarrierNumber | None:
        """The number in the inventory, if it is this order's."""
        number = self.number
        if number.is_by_place:
            return self._found_by_reference()
        found = self.site.carrier.find_number(number.e164)
        is_other = found is not None and found.reference != str(number.uid)
        if found is not None and is_other and found.standing is Standing.TERMINATED:
            # Of an earlier purchase that the carrier took back: listed for a while, and of no use.
            found = None
        if found is not None and is_other:
            raise NotOurs(
                f"{number.e164} is already in our inventory at {self.target}, with the note "
                f"{found.reference or '(empty)'!r} instead of this order's reference. Nothing was "
                "bought. Find out whose it is before you go on."
            )
        if found is None and Capability.BY_PLACE in self.site.carrier.capabilities:
            # Ordered, and not listed yet: then it is not on sale either, and not gone.
            return self._found_by_reference()
        return found

    def _found_by_reference(self) -> CarrierNumber | None:
        try:
            return self.site.carrier.find_reference(self.number.uid)
        except OutcomeUnknown as pending:
            raise Waiting(f"{self.target}: {pending}", seconds=PENDING_SECONDS) from pending

    def _take(self, found: CarrierNumber) -> None:
        """It is ours. Where no registration follows, its digits must be known now: the steps that
        come need them."""
        become_owned(self.number, found.monthly)
        _remember_keys(self.number, found)
        if self.site.service.papers_id is None:
            learn_digits(self.number, found.e164)
            if not self.number.e164:
                raise Waiting(
                    f"{self.target} has not told yet which number it is", seconds=PENDING_SECONDS
                )

    def apply(self, *, run: str, started: datetime) -> list[str]:
        number, carrier = self.number, self.site.carrier
        if number.is_by_place:
            bought = carrier.buy_of(number.place, reference=number.uid, capacity=number.capacity)
        else:
            bought = carrier.buy(number.e164, reference=number.uid, capacity=number.capacity)
        self._take(bought)
        return [f"{number.words} is ours, reference {number.uid}"]

    def undo(self) -> list[str]:
        number, carrier = self.number, self.site.carrier
        if number.is_by_place:
            found = carrier.find_reference(number.uid)
            if found is not None:
                carrier.release(found.e164, reference=number.uid)
        else:
            carrier.release(number.e164, reference=number.uid)
        let_go(OwnedNumber.objects.filter(pk=number.pk))
        return [f"{number.words} was given back to {self.target}; its set-up fee is spent"]


def become_owned(number: OwnedNumber, monthly: Money | None) -> None:
    """Our inventory follows the carrier's: conditional, so a second time changes nothing."""
    cost = {} if monthly is None else money_columns(cost_monthly=monthly)
    OwnedNumber.objects.filter(pk=number.pk, state=OwnedNumber.State.WANTED).update(
        state=OwnedNumber.State.OWNED, bought=timezone.now(), **cost
    )


def _remember_keys(number: OwnedNumber, found: CarrierNumber) -> None:
    """The carrier's own ids, where it has such: for people, and for what it calls back about."""
    told = {"carrier_key": found.key, "order_key": found.order_key}
    fresh = {
        name: key
        for name, key in told.items()
        if 0 < len(key) <= LONGEST_KEY and key != getattr(number, name)
    }
    if fresh:
        OwnedNumber.objects.filter(pk=number.pk).update(**fresh)
        for name, key in fresh.items():
            setattr(number, name, key)
