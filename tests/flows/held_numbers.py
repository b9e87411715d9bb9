"""Numbers that we hold at a toy carrier, for tests of what differs between its side and ours."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import CarrierNumber
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.flows.reconciling import passing
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.numbers.models import Discrepancy, OwnedNumber, OwnStock, Sync
from tests.carriers.toy import KEY, Toy
from tests.carriers.toy_telecom import Held, Telecom, toy_telecom
from tests.world import make_client

COST, PRICE = Money.of("0.85", "USD"), Money.of("1.90", "USD")
KIND = {"held": "tests.flows.held_numbers.TalkativeToy"}
_worlds: dict[str, HeldWorld] = {}


class TalkativeToy(Toy):
    """A toy that tells what numbers cost, and lets a test act while it lists them."""

    label = "Talkative Telecom"

    def find_number(self, e164: str) -> CarrierNumber | None:
        found = super().find_number(e164)
        return None if found is None else self._priced(found)

    def inventory(self) -> list[CarrierNumber]:
        listed = super().inventory()
        world = _worlds[self.connection.url]
        for act in world.meanwhile:
            act()
        return [self._priced(number) for number in listed if number.e164 not in world.left_out]

    def disown(self, e164: str, *, reference: uuid.UUID) -> None:
        if self._ours(e164, reference) is not None:
            self._ask("disown", lambda its: setattr(its.held[e164], "note", ""))

    def _priced(self, number: CarrierNumber) -> CarrierNumber:
        world = _worlds[self.connection.url]
        return replace(number, monthly=world.prices.get(number.e164, world.usual_price))


@dataclass
class HeldWorld:
    """An account, the carrier's side of it, and a client who has numbers there."""

    account: CarrierAccount
    telecom: Telecom
    client: Client
    prices: dict[str, Money] = field(default_factory=dict)
    usual_price: Money | None = COST
    # Done while the carrier makes its list, and numbers that are then not on it.
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)

    def own(self, e164: str, *, is_there: bool = True, **columns: Any) -> OwnedNumber:
        """A number of the client's, bought yesterday, as the carrier has it too."""
        number = OwnedNumber.objects.create(e164=e164, **(self._columns() | columns))
        if is_there:
            self.hold(e164, str(number.uid))
        return number

    def own_many(self, count: int) -> list[OwnedNumber]:
        """Numbers that the carrier does not have (yet)."""
        rows = [OwnedNumber(e164=f"+1213{n:07}", **self._columns()) for n in range(count)]
        return OwnedNumber.objects.bulk_create(rows, batch_size=500)

    def _columns(self) -> dict[str, Any]:
        return {
            "state": OwnedNumber.State.OWNED,
            "bought": timezone.now() - timedelta(days=1),
            "account": self.account,
            "client": self.client,
            "brand": self.client.brand,
            "country": "US",
            "region": "NY",
            "rate_centre": "New York",
            **money_columns(
                cost_setup=Money.of("0.40", "USD"), cost_monthly=COST, price_monthly=PRICE
            ),
        }

    def shelve(self, e164: str, *, is_there: bool = True, **columns: Any) -> OwnStock:
        """A number on our own shelf."""
        if is_there:
            self.hold(e164, "")
        return OwnStock.objects.create(
            account=self.account,
            e164=e164,
            country="US",
            number_type="geographic",
            **(money_columns(cost_monthly=COST) | columns),
        )

    def hold(self, e164: str, note: str = "", *, target: str = "nowhere") -> None:
        """The carrier has it in our account, whoever bought it."""
        self.telecom.held[e164] = Held(note, target)

    def reconcile(self) -> Sync:
        """One pass, to its end."""
        enqueue(passing.JOB, key=passing.key_of(self.account), account=str(self.account.uid))
        while Job.objects.filter(name=passing.JOB, key=passing.key_of(self.account)).exists():
            if not run_one():
                break
        return Sync.objects.filter(account=self.account, kind=Sync.Kind.INVENTORY).latest("pk")

    def found(self) -> list[tuple[str, str]]:
        """What is open: kind and number."""
        rows = Discrepancy.objects.filter(account=self.account, solved=None)
        return sorted(rows.values_list("kind", "e164"))

    def difference(self, e164: str, kind: str = "") -> Discrepancy:
        """The open one of a number, after a pass."""
        rows = Discrepancy.objects.select_related("account", "number")
        kinds = {"kind": kind} if kind else {}
        return rows.get(account=self.account, e164=e164, solved=None, **kinds)


@contextmanager
def held_world(settings: Any, client: Client | None = None) -> Iterator[HeldWorld]:
    """An account of its own at a carrier of its own, with nothing in it. Nothing must settle."""
    settings.RINGUP_CARRIERS = {**settings.RINGUP_CARRIERS, **KIND}
    settings.RINGUP_SETTLE_SECONDS = 0
    with toy_telecom() as telecom:
        account = CarrierAccount(kind="held", name=f"Toy {len(_worlds)}", url=telecom.url)
        account.set_secrets({"key": KEY})
        account.save()
        world = HeldWorld(account, telecom, client or make_client("Karoo"))
        _worlds[telecom.url] = world
        try:
            yield world
        finally:
            del _worlds[telecom.url]
