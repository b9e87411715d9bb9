"""A buyer's browser, as the tests drive it: forms over HTTP, nothing else."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import NumberOffer, NumberQuery
from ringup.catalog.models import Bundle, Product
from ringup.cli.seeding import PbxAddress, VoipmsAddress, seed
from ringup.numbers.publishing import publish
from ringup.numbers.storing import Listed, replace
from ringup.orders.models import Draft, Order
from ringup.pbx.models import PbxServer
from ringup.sandbox.voipms import VoipmsSandbox

COMPANY = {
    "company": "Karoo Freight (Pty) Ltd",
    "contact": "Thandi Mokoena",
    "email": "thandi@karoo.example",
    "phone": "416 555 0142",
}
PASSWORD = "Kar00-Freight"
ADMINISTRATOR = {
    "username": "admin",
    "email": "thandi@karoo.example",
    "password": PASSWORD,
    "repeated": PASSWORD,
    "time_zone": "America/Toronto",
    "language": "en-us",
    "group": "admin",
    "emergency": "on",
}


@dataclass(frozen=True)
class Shop:
    carrier: VoipmsSandbox
    account: CarrierAccount
    server: PbxServer
    bundle: Bundle
    number: Product

    def offers(
        self, *, region: str = "NY", country: str = "US", rate_centre: str = ""
    ) -> list[NumberOffer]:
        """Numbers on sale at the carrier."""
        with carrier_for(self.account) as carrier:
            return carrier.search(NumberQuery(country, region, rate_centre, limit=500))

    def cheap_offer(self) -> NumberOffer:
        """A number whose price the bundle covers."""
        return self.offers(rate_centre="BUFFALO")[0]

    def stock(self, *areas: str) -> None:
        """What the account has on sale there, into the index: as a pass over it would."""
        with carrier_for(self.account) as carrier:
            listed = [
                Listed.of(area, carrier.stock(area))
                for area in carrier.areas()
                if area.key in areas
            ]
        assert len(listed) == len(areas)
        self.put(*listed)

    def put(self, *listed: Listed, account: CarrierAccount | None = None) -> None:
        """Publish what an account has on sale in these areas, as of now."""
        seller = account or self.account
        with transaction.atomic():
            for one in listed:
                replace(seller.pk, one, timezone.now())
        publish()

    def sell(self, e164: str) -> None:
        """Somebody else buys the number at the carrier."""
        assert self.carrier.state.stock.sell(e164.removeprefix("+1"))


NO_PBX = PbxAddress(
    dsn="postgresql://nobody@127.0.0.1:1/none",
    event_host="127.0.0.1",
    event_port=1,
    event_password="none",
    cache_dir="",
    recordings_dir="",
    voicemail_dir="",
    template_domain="template.local",
)


def make_shop(carrier: VoipmsSandbox) -> Shop:
    """A seeded catalogue on a sandbox carrier, and its stock of a few places in the index. The PBX is
    only named: the checkout never calls it."""
    address = VoipmsAddress(carrier.url, carrier.user, carrier.password, carrier.account)
    account, server = seed(address, NO_PBX)
    shop = Shop(
        carrier=carrier,
        account=account,
        server=server,
        bundle=Bundle.objects.get(slug="hosted-pbx-10"),
        number=Product.objects.get(slug="number"),
    )
    shop.stock("US/NY", "US/CA", "US/IL", "CA/ON", "INT/GEOGRAPHIC/205")
    return shop


class Buyer:
    """One browser in the shop."""

    def __init__(self, shop: Shop, browser: Browser) -> None:
        self.shop = shop
        self.browser = browser

    def get(self, path: str, **query: str) -> HttpResponse:
        return self.browser.get(path, query)  # type: ignore[return-value]

    def swap(self, path: str, *, at: str = "http://testserver/", **query: str) -> HttpResponse:
        """What htmx would ask for, on the page ``at``."""
        headers = {"HX-Request": "true", "HX-Current-URL": at}
        return self.browser.get(path, query, headers=headers)  # type: ignore[return-value]

    def start(self, slug: str, **fields: str) -> Draft:
        """Begin an order; the draft that came of it."""
        response = self.browser.post("/start/", {"slug": slug, **fields})
        assert response.status_code == 302, response.content
        found = re.fullmatch(r"/checkout/([0-9a-f-]{36})/", response["Location"])
        assert found, response["Location"]
        return Draft.objects.get(uid=uuid.UUID(found[1]))

    def step(self, draft: Draft, slug: str) -> HttpResponse:
        return self.browser.get(f"/checkout/{draft.uid}/{slug}/")  # type: ignore[return-value]

    def send(self, draft: Draft, slug: str, data: dict[str, Any], **more: Any) -> HttpResponse:
        return self.browser.post(f"/checkout/{draft.uid}/{slug}/", data | more)  # type: ignore[return-value]

    def pbx_up_to_administrator(self, **company: str) -> Draft:
        """A draft of the bundle on which only the last step is missing."""
        draft = self.start("hosted-pbx-10")
        assert self.send(draft, "company", COMPANY | company).status_code == 302
        e164 = self.shop.cheap_offer().e164
        assert self.send(draft, "number", {"e164": e164}).status_code == 302
        draft.refresh_from_db()
        label = draft.answers["tenant"]["label"]
        assert self.send(draft, "tenant", {"label": label}).status_code == 302
        draft.refresh_from_db()
        return draft

    def number_up_to_destination(self, **company: str) -> Draft:
        """A draft of a plain number on which only the last step is missing."""
        draft = self.start("number", e164=self.shop.offers()[0].e164)
        assert self.send(draft, "company", COMPANY | company).status_code == 302
        draft.refresh_from_db()
        return draft

    def order_of(self, response: HttpResponse) -> Order:
        """The order on whose page a submit ended."""
        found = re.fullmatch(r"/my/orders/([0-9a-f-]{36})/", response["Location"])
        assert found, response["Location"]
        return Order.objects.get(uid=found[1])


def text_of(response: HttpResponse) -> str:
    """What a person reads: no tags, one space between words."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    words = re.sub(r"<[^>]+>", " ", page).replace("&#x27;", "'").replace("&amp;", "&")
    return re.sub(r"\s+", " ", words.replace("\N{NO-BREAK SPACE}", " "))


def value_of(response: HttpResponse, name: str) -> str:
    """The ``value`` of the input of this name."""
    page = response.content.decode()
    tag = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page)
    assert tag, f"no input {name}"
    found = re.search(r'\bvalue="([^"]*)"', tag[0])
    return found[1] if found else ""
