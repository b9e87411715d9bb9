"""Staff's number search: one live look at one account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.backoffice.views import number_search
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import NumberPriceRule
from ringup.core.limiting import count
from ringup.sandbox.voipms import VoipmsSandbox, running_voipms
from tests.factories import Shop
from tests.world import People

PAGE = reverse("office:number-search")


@pytest.fixture
def sandbox(transactional_db: None) -> Iterator[VoipmsSandbox]:
    with running_voipms() as running:
        yield running


@pytest.fixture
def account(sandbox: VoipmsSandbox, shop: Shop) -> CarrierAccount:
    row = shop.account
    row.url, row.identity = sandbox.url, {"user": sandbox.user}
    row.set_secrets({"password": sandbox.password})
    row.save()
    return row


def text(response: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", plain).replace("&#x27;", "'")


def test_a_search_shows_cost_price_and_time(
    account: CarrierAccount, sandbox: VoipmsSandbox, staff: Browser
) -> None:
    assert "Nothing was asked yet" in text(staff.get(PAGE))
    assert "Nothing was asked yet" in text(staff.get(PAGE, {"digits": "212", "account": "x"}))
    assert not sandbox.state.requests, "a plain visit asks nobody"
    query = {"account": str(account.uid), "country": "US", "region": "NY", "centre": "BUFFALO"}
    page = staff.get(PAGE, query)
    shown = text(page)
    assert re.search(r"answered in \d+ ms with \d+", shown)
    assert "$0.85 /mo" in shown, "the carrier's price"
    assert "$1.90 /mo" in shown, "and the client's"
    assert "Buffalo" in shown
    asked = sum(sandbox.state.requests.values())
    ends = staff.get(PAGE, query | {"digits": "7", "match": "ends"}, headers={"HX-Request": "true"})
    assert "<html" not in ends.content.decode()
    marked = re.findall(r"<mark>([^<]*)</mark></span>", ends.content.decode())
    assert marked
    assert set(marked) == {"7"}
    assert sum(sandbox.state.requests.values()) > asked, "the same is asked again, never remembered"


def test_why_there_is_no_price_is_said(account: CarrierAccount, staff: Browser) -> None:
    NumberPriceRule.objects.all().delete()
    query = {"account": str(account.uid), "country": "US", "region": "NY"}
    assert "No rule of VoIP.ms sandbox in USD" in text(staff.get(PAGE, query))


def test_only_open_places_are_searched(account: CarrierAccount, staff: Browser) -> None:
    CarrierAccount.objects.update(countries=["US"], regions=["US-IL"])
    shown = text(staff.get(PAGE, {"account": str(account.uid), "country": "CA", "region": "ON"}))
    assert "Illinois, US" in shown
    assert "Ontario" not in shown
    assert "New York" not in shown


def test_errors_of_the_carrier_are_shown_whole(
    account: CarrierAccount, sandbox: VoipmsSandbox, staff: Browser
) -> None:
    sandbox.faults.add("status:method_maintenance", method="getDIDsUSA")
    page = staff.get(PAGE, {"account": str(account.uid), "country": "US", "region": "NY"})
    assert "VoIP.ms answered getDIDsUSA with method_maintenance" in text(page)
    sandbox.state.allowed_addresses = []
    page = staff.get(PAGE, {"account": str(account.uid), "digits": "212"})
    assert "does not allow API calls from the address of this server" in text(page)
    assert sandbox.password not in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"country": "\x00", "region": "\x00", "digits": "\x00" * 50, "match": "\x00"},
        {"country": "x" * 10_000, "digits": "٤" * 10_000, "match": "sideways"},
        {"centre": "'; DROP TABLE", "digits": "<script>"},
    ],
)
def test_nonsense_harms_nothing(
    account: CarrierAccount, staff: Browser, query: dict[str, str]
) -> None:
    page = staff.get(PAGE, {"account": str(account.uid), **query})
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().replace("<script src", "")


def test_searches_are_limited(
    account: CarrierAccount, sandbox: VoipmsSandbox, people: People, staff: Browser
) -> None:
    for _ in range(number_search.SEARCHES.times):
        count(number_search.SEARCHES, str(people.sam.pk))
    page = staff.get(PAGE, {"account": str(account.uid)})
    assert page.status_code == 429
    assert "thirty searches" in text(page)
    assert not sandbox.state.requests
