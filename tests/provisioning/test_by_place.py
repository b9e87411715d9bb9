"""A number by quantity at DIDWW, in a browser and over real sockets: chosen by its place in the wizard,
with its papers, until it rings on the PBX that was ordered with it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from ringup.carriers.opening import carrier_for
from ringup.mail.models import Outbox
from ringup.numbers.models import Hold, OwnedNumber
from ringup.numbers.publishing import publish
from ringup.numbers.storing import Listed, replace
from ringup.orders.models import Draft, Order
from ringup.provisioning.models import Change, Run
from ringup.services.models import Service
from tests.provisioning.outside import Outside
from tests.regulated import Regulated, run_until_waiting
from tests.regulatory.files import jpeg
from tests.shop.buying import ADMINISTRATOR, COMPANY, text_of
from tests.world import approve, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "A mobile number in the United Kingdom"
PAPERS = {
    "kind": "business",
    "first_name": "Thandi",
    "last_name": "Mokoena",
    "phone": "+442071838750",
    "contact_email": "thandi@karoo.example",
    "company_name": "Karoo Freight (Pty) Ltd",
    "company_reg_number": "2014/088123/07",
    "identity_country": "GB",
    "country": "GB",
    "city": "London",
    "postal_code": "EC1A 7AF",
    "street": "10 Bartholomew Close",
    "consent": "on",
}


class Buyer:
    """A guest, who has come for a British mobile number."""

    def __init__(self) -> None:
        self.browser = Browser()
        self.base = ""

    def choose(self) -> str:
        page = self.browser.get("/?country=GB&for=hosted-pbx-10-worldwide").content.decode()
        found = re.search(
            r'value="(~[^"]+)" aria-label="Choose a mobile number in the United Kingdom"', page
        )
        assert found, re.findall(r'aria-label="Choose[^"]*"', page)
        sent = {"slug": "hosted-pbx-10-worldwide", "e164": found[1]}
        began = self.browser.post("/start/", sent)
        assert began.status_code == 302, text_of(began)  # type: ignore[arg-type]
        self.base = began["Location"].rstrip("/")
        return found[1]

    def page(self, step: str) -> str:
        return text_of(self.browser.get(f"{self.base}/{step}/"))  # type: ignore[arg-type]

    def send(self, step: str, **data: Any) -> None:
        answer: HttpResponse = self.browser.post(f"{self.base}/{step}/", data)  # type: ignore[assignment]
        assert answer.status_code == 302, (step, text_of(answer))

    @property
    def draft(self) -> Draft:
        return Draft.objects.get(uid=self.base.rpartition("/")[2])


def stock(regulated: Regulated) -> None:
    """What DIDWW sells, fetched and published."""
    with carrier_for(regulated.account) as carrier:
        listed = [Listed.of(area, carrier.stock(area)) for area in carrier.areas()]
    with transaction.atomic():
        for one in listed:
            replace(regulated.account.pk, one, timezone.now())
    publish()


def order_a_pbx(buyer: Buyer) -> Order:
    buyer.choose()
    buyer.send("company", **COMPANY)
    assert "1 to 5 working days" in buyer.page("papers")
    buyer.send("papers", **PAPERS)
    picture = SimpleUploadedFile("scan.jpg", jpeg(), "image/jpeg")
    form = buyer.browser.get(f"{buyer.base}/papers/").content.decode()
    slots = re.findall(r'name="slot" value="([^"]+)"', form)
    for slot in slots:
        picture.seek(0)
        types = re.search(rf'value="{slot}".*?name="type".*?<option value="([^"]+)"', form, re.S)
        buyer.browser.post(
            f"{buyer.base}/papers/upload/",
            {"slot": slot, "type": types[1] if types else "", "file": picture},
        )
    assert f"Main number {WORDS}" in buyer.page("tenant")
    buyer.send("tenant", label=buyer.draft.answers["tenant"]["label"])
    assert WORDS in buyer.page("administrator")
    buyer.send("administrator", **ADMINISTRATOR)
    return Order.objects.get()


def test_a_british_mobile_number_from_the_list_to_the_dial_tone(regulated: Regulated) -> None:
    stock(regulated)
    buyer = Buyer()
    order = order_a_pbx(buyer)
    number = OwnedNumber.objects.get()
    assert (number.e164, number.is_by_place) == ("", True)
    assert not Hold.objects.exists()

    approve(order)
    assert "Buy a mobile number in the United Kingdom" in set(
        Change.objects.values_list("text", flat=True)
    )
    run_until_waiting(order)
    regulated.decide(approved=True)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem

    number.refresh_from_db()
    did = regulated.did()
    assert number.e164 == f"+{did.attributes['number']}"
    assert number.e164.startswith("+447")
    assert (number.carrier_key, number.order_key) == (did.id, regulated.rows("orders")[0].id)
    assert regulated.count()["orders"] == 1
    tenant = Service.objects.get(line__order=order)
    assert Service.objects.get(number=number).name == number.e164
    answered = Outside(regulated.world).pbx.lookup_inbound(number.e164).answered_by
    assert answered == f"user/1001@{tenant.name}"
    welcome = Outbox.objects.get(template="welcome-tenant")
    assert number.e164[-6:] in welcome.text.replace(" ", "")
