"""Buy the number at the carrier, with our reference left in its inventory."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from ringup.core.failures import NotOurs, NumberGone
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.numbers.letting_go import let_go
from ringup.numbers.models import OwnedNumber
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of


class NumberPurchase:
    """One purchase, once: look before you buy, and prove ours by the reference."""

    can_skip = False

    def __init__(self, number: OwnedNumber, site: Site) -> None:
        self.number = number
        self.site = site
        self.key = f"number-purchase/{number.uid}"
        self.target = site.service.account.name
        # How long a lost order may need until the carrier's inventory shows it.
        self.settle_seconds = float(settings.RINGUP_SETTLE_SECONDS)

    def change(self) -> PlannedChange:
        number = self.number
        offer = self.site.carrier.offer(number.e164)
        if offer is None:
            raise NumberGone(f"{number.e164} is not for sale at {self.target} any more")
        place = ", ".join(
            part for part in (number.rate_centre, number.region, number.country) if part
        )
        return PlannedChange(
            key=self.key,
            action="create",
            digest=digest_of({"e164": number.e164, "reference": str(number.uid)}),
            target=self.target,
            text=f"Buy {shown(number.e164)} ({place})",
            cost_once=offer.setup,
            cost_monthly=offer.monthly,
            parts=("Taken back, the number and its set-up fee are lost.",),
        )

    def is_done(self) -> bool:
        found = self.site.carrier.find_number(self.number.e164)
        if found is None:
            return False
        if found.reference != str(self.number.uid):
            raise NotOurs(
                f"{self.number.e164} is already in our inventory at {self.target}, with the note "
                f"{found.reference or '(empty)'!r} instead of this order's reference. Nothing was "
                "bought. Find out whose it is before you go on."
            )
        become_owned(self.number, found.monthly)
        return True

    def apply(self, *, run: str, started: datetime) -> list[str]:
        bought = self.site.carrier.buy(self.number.e164, reference=self.number.uid)
        become_owned(self.number, bought.monthly)
        return [f"{shown(self.number.e164)} is ours, reference {self.number.uid}"]

    def undo(self) -> list[str]:
        self.site.carrier.release(self.number.e164, reference=self.number.uid)
        let_go(OwnedNumber.objects.filter(pk=self.number.pk))
        return [
            f"{shown(self.number.e164)} was given back to {self.target}; its set-up fee is spent"
        ]


def become_owned(number: OwnedNumber, monthly: Money | None) -> None:
    """Our inventory follows the carrier's: conditional, so a second time changes nothing."""
    cost = {} if monthly is None else money_columns(cost_monthly=monthly)
    OwnedNumber.objects.filter(pk=number.pk, state=OwnedNumber.State.WANTED).update(
        state=OwnedNumber.State.OWNED, bought=timezone.now(), **cost
    )
