"""Take a number from the reseller's own stock: the carrier's account holds it already, and only our
reference is written on it. Nothing is bought, and nothing is ever given back."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from ringup.carriers.port import CarrierNumber
from ringup.core.failures import NotOurs, NumberGone
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.numbers.letting_go import let_go
from ringup.numbers.models import OwnedNumber
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of
from ringup.provisioning.steps.number_purchase import become_owned


class NumberAdoption:
    """Ours is proved by the reference, as with a number that was bought."""

    can_skip = False
    # Writing the reference twice does no harm, so nothing has to settle.
    settle_seconds = 0.0

    def __init__(self, number: OwnedNumber, site: Site) -> None:
        self.number = number
        self.site = site
        self.key = f"number-adoption/{number.uid}"
        self.target = site.service.account.name

    def change(self) -> PlannedChange:
        number, found = self.number, self._found()
        back = "Taken back, the number stays in the account and is on your shelf again."
        return PlannedChange(
            key=self.key,
            action="change",
            digest=digest_of({"e164": number.e164, "reference": str(number.uid)}),
            target=self.target,
            text=f"Take {shown(number.e164)} from your own stock (nothing is bought)",
            cost_once=Money.zero(self.site.service.account.currency),
            cost_monthly=self._monthly(found),
            parts=(*self._noted(found), back),
        )

    def _found(self) -> CarrierNumber:
        found = self.site.carrier.find_number(self.number.e164)
        if found is None:
            raise NumberGone(
                f"{self.number.e164} is on your own shelf, but not in the account {self.target} "
                "any more. It was taken off sale."
            )
        return found

    def _monthly(self, found: CarrierNumber) -> Money:
        """What it costs already: as the carrier says, else as the shelf says."""
        currency = self.site.service.account.currency
        for cost in (found.monthly, self.number.cost_monthly):
            if cost is not None and cost.currency == currency:
                return cost
        return Money.zero(currency)

    def _noted(self, found: CarrierNumber) -> tuple[str, ...]:
        """That a note stands there already, of which a carrier keeps what has room."""
        if not found.reference or _as_uuid(found.reference) is not None:
            return ()
        return (f"Our reference comes before its note at {self.target}, “{found.reference[:60]}”.",)

    def is_done(self) -> bool:
        found = self.site.carrier.find_number(self.number.e164)
        if found is None:
            return False
        if found.reference == str(self.number.uid):
            become_owned(self.number, found.monthly)
            return True
        reference = _as_uuid(found.reference)
        if reference is not None and not self._was_ours(reference):
            raise NotOurs(
                f"{self.number.e164} carries the reference {reference} at {self.target}, which no "
                "earlier order of yours has left there. Nothing was changed. Find out whose it is, "
                "and empty its note, before you go on."
            )
        return False

    def _was_ours(self, reference: uuid.UUID) -> bool:
        """Whether it is of an order that had this very number and has let it go."""
        released = OwnedNumber.objects.filter(state=OwnedNumber.State.RELEASED)
        return released.filter(uid=reference, e164=self.number.e164).exists()

    def apply(self, *, run: str, started: datetime) -> list[str]:
        e164, carrier = self.number.e164, self.site.carrier
        left = _as_uuid(self._found().reference)
        if left is not None and left != self.number.uid and self._was_ours(left):
            carrier.disown(e164, reference=left)
        adopted = carrier.adopt(e164, reference=self.number.uid)
        become_owned(self.number, adopted.monthly)
        return [f"{shown(e164)} is taken from your own stock, reference {self.number.uid}"]

    def undo(self) -> list[str]:
        e164, carrier = self.number.e164, self.site.carrier
        found = carrier.find_number(e164)
        if found is not None and found.reference == str(self.number.uid):
            carrier.disown(e164, reference=self.number.uid)
        with transaction.atomic():
            let_go(OwnedNumber.objects.filter(pk=self.number.pk))
        return [
            f"{shown(e164)} is back on your own shelf; it stays at {self.target}, without our reference"
        ]


def _as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
