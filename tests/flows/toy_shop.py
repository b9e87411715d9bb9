"""The shop on a toy carrier in this process: what a hold asks of it, and how it can go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, StockArea
from ringup.carriers.port import Stock as PortStock
from ringup.catalog.models import Bundle, Product
from ringup.flows.checkout import drafting, holding_numbers
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold
from ringup.numbers.publishing import publish
from ringup.numbers.storing import Listed, replace
from ringup.orders.models import Draft
from tests.carriers.toy import KEY, Toy
from tests.carriers.toy_telecom import Telecom, toy_telecom
from tests.factories import make_shop
from tests.world import COMPANY


class Forgetful(Toy):
    """Keeps nothing for anybody, as VoIP.ms."""

    label = "Forgetful Telecom"
    capabilities = frozenset()


CARRIERS = {"toy": "tests.carriers.toy.Toy", "forgetful": "tests.flows.toy_shop.Forgetful"}


@dataclass(frozen=True)
class ToyShop:
    account: CarrierAccount
    telecom: Telecom
    bundle: Bundle
    number: Product

    def offers(self) -> list[NumberOffer]:
        return [offer for offer in self.telecom.on_sale() if offer.e164.startswith("+1212")]

    def numbers(self, count: int) -> list[str]:
        """Some that are on sale."""
        return [offer.e164 for offer in self.offers()][:count]

    def draft(self, sold: Product | Bundle | None = None, client: Client | None = None) -> Draft:
        return drafting.start(sold or self.number, client=client)

    def choose(self, draft: Draft, *e164s: str) -> None:
        holding_numbers.choose(draft, list(e164s), buyer=Buyer(draft.uid))

    def complete(self, draft: Draft, **company: str) -> Draft:
        """All that a draft of plain numbers still lacks."""
        drafting.save_company(draft, COMPANY | company)
        drafting.save_answers(draft, "destination", {"goal": "sip-account", "value": ""})
        return draft

    def put_places(self) -> None:
        """The carrier's places, into the index."""
        area = StockArea("places", "Places", "")
        with transaction.atomic():
            listed = Listed.of(area, PortStock([], list(self.telecom.places.values())))
            replace(self.account.pk, listed, timezone.now())
        publish()

    def kept(self) -> list[str]:
        """The numbers that the carrier keeps now."""
        now = self.telecom.now()
        return sorted(e164 for e164, kept in self.telecom.kept.items() if kept.ends > now)

    def held(self, **rows: Any) -> list[str]:
        return list(Hold.objects.filter(**rows).order_by("e164").values_list("e164", flat=True))

    def run_ends(self) -> None:
        """The jobs that tell the carrier; others stay."""
        Job.objects.exclude(name="numbers.end_reservation").delete()
        while run_one():
            pass


@contextmanager
def toy_shop(settings: Any, kind: str = "toy") -> Iterator[ToyShop]:
    settings.RINGUP_CARRIERS = {**settings.RINGUP_CARRIERS, **CARRIERS}
    shop = make_shop()
    with toy_telecom() as telecom:
        account = shop.account
        account.kind, account.url, account.identity = kind, telecom.url, {}
        account.set_secrets({"key": KEY})
        account.save()
        yield ToyShop(account, telecom, shop.bundle, shop.number)
