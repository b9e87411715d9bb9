"""Staff's look into the index: all providers at cost, whether clients see it or not."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, Stock, StockArea
from ringup.catalog.models import NumberPriceRule
from ringup.core.money import Money
from ringup.numbers import current
from ringup.numbers.models import Hold
from ringup.numbers.publishing import publish
from ringup.numbers.storing import Listed
from ringup.numbers.storing import replace as store
from tests.factories import Shop

PAGE = reverse("office:index-search")
OFFER = NumberOffer(
    "+12125550100", "US", "NY", "NEW YORK", Money.of("0.85", "USD"), Money.of("0.40", "USD"), "New York"
)  # fmt: skip
OFFERS = [replace(OFFER, e164=f"+1212555{n:04}") for n in range(100, 160)]
FAR = replace(OFFER, e164="+15125550142", region="TX", region_name="Texas", rate_centre="AUSTIN")


@pytest.fixture
def account(shop: Shop) -> CarrierAccount:
    area = StockArea("US/NY", "New York", "US")
    with transaction.atomic():
        store(shop.account.pk, Listed.of(area, Stock([*OFFERS, FAR])), timezone.now())
    publish()
    return shop.account


def text(response: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", plain).replace("&#x27;", "'")


def numbers(response: Any) -> list[str]:
    return [f"+{n}" for n in re.findall(r"\+(1 \d{3} \d{3} \d{4})", text(response))]


def test_all_numbers_stand_at_cost_and_price(account: CarrierAccount, staff: Browser) -> None:
    page = staff.get(PAGE)

    assert "61 numbers." in text(page)
    assert "$0.85 /mo $0.40 set-up $1.90 /mo" in text(page)
    assert account.name in text(page)
    assert "fetched today" in text(page)
    assert len(numbers(page)) == 50
    later = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
    assert later
    rest = staff.get(PAGE + later[1].replace("&amp;", "&"))
    assert len(numbers(rest)) == 11
    assert not set(numbers(rest)) & set(numbers(page))
    assert "First page" in text(rest)


def test_what_clients_do_not_see_is_there_with_its_reason(
    account: CarrierAccount, staff: Browser
) -> None:
    NumberPriceRule.objects.all().delete()
    CarrierAccount.objects.update(regions=["US-NY"])
    Hold.objects.create(
        e164=OFFERS[0].e164, account=account, holder=uuid.uuid4(),
        expires=timezone.now() + timedelta(minutes=5),
    )  # fmt: skip

    page = text(staff.get(PAGE, {"digits": "0100"}))
    assert "+1 212 555 0100 held or sold" in page
    assert f"No rule of {account.name} in USD" in page
    assert "does not sell in Texas, US" in text(staff.get(PAGE, {"digits": "512*"}))


def test_filters_narrow_it_down(account: CarrierAccount, staff: Browser) -> None:
    assert numbers(staff.get(PAGE, {"country": "US", "region": "TX"})) == ["+1 512 555 0142"]
    switched = {"country": "US", "region": "ON", "was": "CA"}
    assert "61 numbers." in text(staff.get(PAGE, switched)), "the region was of another country"
    assert numbers(staff.get(PAGE, {"digits": "*0142", "sort": "price"}))[0] in {
        "+1 212 555 0142",
        "+1 512 555 0142",
    }
    fragment = staff.get(PAGE, {"digits": "999"}, headers={"HX-Request": "true"})
    assert "Nothing like this is on sale" in text(fragment)
    assert "<html" not in fragment.content.decode()
    CarrierAccount.objects.update(is_enabled=False)
    assert not numbers(staff.get(PAGE)), "its stock is not on sale"


def test_before_there_is_an_index_it_says_how_to_make_one(shop: Shop, staff: Browser) -> None:
    settings.RINGUP_INDEX_FILE.unlink(missing_ok=True)
    current.forget()

    assert "The index of this host has not been made yet." in text(staff.get(PAGE))


@pytest.mark.parametrize(
    "query",
    [
        {"digits": "\x00" * 9_000, "country": "\x00", "region": "'", "after": "x" * 9_000},
        {"digits": "<script>", "account": "x", "sort": "sideways", "was": "XX"},
    ],
)
def test_nonsense_harms_nothing(
    account: CarrierAccount, staff: Browser, query: dict[str, str]
) -> None:
    page = staff.get(PAGE, query)

    assert page.status_code == 200
    assert "<script>" not in page.content.decode().replace("<script src", "")
