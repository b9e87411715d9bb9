"""The wizard against the second carrier's own sandbox: numbers of two countries, from its rules to an
order whose papers are whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from ringup.cli.seeding import DidwwAddress, seed_worldwide
from ringup.orders.models import Draft, Order
from ringup.regulatory import checking, filling
from ringup.regulatory.documents import wanted_of
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.sandbox.didww import DidwwSandbox, running_didww
from tests.factories import make_shop
from tests.regulatory.files import png
from tests.shop.buying import COMPANY, text_of

pytestmark = pytest.mark.django_db(transaction=True)
FIRM = {
    "kind": "business",
    "first_name": "Thandi",
    "last_name": "Mokoena",
    "phone": "021 001 2200",
    "contact_email": "thandi@karoo.example",
    "company_name": "Karoo Freight (Pty) Ltd",
    "company_reg_number": "2014/088123/07",
    "vat_id": "4820271199",
    "service_description": "Calls of our customers.",
    "consent": "on",
}
AT_HOME = {
    "ZA": {
        "country": "ZA", "identity_country": "ZA", "city": "Cape Town", "postal_code": "8001",
        "street": "14 Harrington Street",
    },
    "DE": {
        "country": "DE", "identity_country": "DE", "city": "BERLIN", "street": "Torstr. 10",
        "postal_code": "10115", "phone": "030 1234567",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Walk:
    didww: DidwwSandbox
    browser: Browser

    def number_in(self, country: str) -> str:
        store = self.didww.state.store
        found = []
        for row in store.all("available_dids"):
            group = row.one("did_group")
            of = group and group.one("country")
            if of is not None and of.attributes["iso"] == country:
                found.append(row.attributes["number"])
        return f"+{min(found)}"

    def post(self, path: str, data: dict[str, Any]) -> HttpResponse:
        answer = self.browser.post(path, data)
        assert answer.status_code == 302, text_of(answer)  # type: ignore[arg-type]
        return answer  # type: ignore[return-value]


@pytest.fixture
def walk(transactional_db: None) -> Iterator[Walk]:
    shop = make_shop()
    with running_didww() as didww:
        seed_worldwide(DidwwAddress(didww.url, didww.key, didww.callback_secret), shop.server)
        yield Walk(didww, Browser())


@pytest.mark.parametrize("country", ["ZA", "DE"])
def test_a_business_orders_a_number_that_needs_papers(walk: Walk, country: str) -> None:
    at = walk.post("/start/", {"slug": "number-worldwide"})["Location"]
    walk.post(f"{at}company/", COMPANY)
    walk.post(f"{at}number/", {"e164": walk.number_in(country)})
    page = walk.browser.get(f"{at}papers/")
    assert page.status_code == 200
    assert "This rule is made up for rehearsals" in text_of(page)  # type: ignore[arg-type]
    assert ("Blank form" in text_of(page)) == (country == "DE")  # type: ignore[arg-type]
    saved = walk.post(f"{at}papers/", FIRM | AT_HOME[country] | {"stay": "yes"})
    assert saved["Location"] == f"{at}papers/#documents"
    upload_all(walk, at)
    walk.post(f"{at}destination/", {"goal": "sip-account"})
    file = Order.objects.get().lines.get().service.papers
    assert file is not None
    assert (file.state, checking.hindrances(file)) == ("pending_review", [])
    told = filling.answers_of(file)
    assert told["country"] == country
    assert bool(told["area"]) == (country == "DE")
    # What this country's rules do not ask for stayed in the browser.
    assert bool(told["company_reg_number"]) == (country == "ZA")
    assert walk.didww.state.store.all("identities") == [], "nothing leaves before staff says so"


def upload_all(walk: Walk, at: str) -> None:
    file = RegulatoryFile.objects.get()
    for wanted in wanted_of(file):
        data = {
            "slot": wanted.slot,
            "type": wanted.types[0].key,
            "dated": timezone.localdate().isoformat() if wanted.needs_date else "",
            "file": SimpleUploadedFile("scan.png", png()),
        }
        walk.post(f"{at}papers/upload/", data)
    assert Document.objects.count() == len(wanted_of(file))


def test_a_city_elsewhere_is_no_area_of_the_number(walk: Walk) -> None:
    at = walk.post("/start/", {"slug": "number-worldwide"})["Location"]
    walk.post(f"{at}company/", COMPANY)
    walk.post(f"{at}number/", {"e164": walk.number_in("DE")})
    told = FIRM | AT_HOME["DE"] | {"city": "Berlim"}
    refused = walk.browser.post(f"{at}papers/", told)
    assert "Did you mean Berlin?" in text_of(refused)  # type: ignore[arg-type]
    assert Draft.objects.get().papers is None
