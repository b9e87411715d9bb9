"""The page of a provider's stock: areas, passes and problems, live, and fetching now."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, StockArea
from ringup.carriers.port import Stock as Shelf
from ringup.core.money import Money
from ringup.jobs import clock
from ringup.jobs.models import Job
from ringup.numbers import publishing, syncing
from ringup.numbers.models import IndexSeen, Stock, Sync
from ringup.numbers.troubles import Trouble, Troubles
from tests.factories import Shop
from tests.world import SAM, make_user

ZERO = Money.zero("USD")
FRAGMENT = {"HX-Request": "true"}
PROVINCES = {"CA/ON": "Ontario, Canada", "CA/QC": "Quebec, Canada", "SE/1": "Sweden"}


@pytest.fixture
def account(shop: Shop) -> CarrierAccount:
    """Three areas, fetched an hour ago."""
    for number, (key, name) in enumerate(PROVINCES.items()):
        area = StockArea(key, name, key[:2])
        code = {"CA": "1416", "SE": "468"}[key[:2]]
        offers = [
            NumberOffer(f"+{code}55{number}{n:04}", key[:2], "", "", ZERO, ZERO)
            for n in range(1200)
        ]
        moment = clock.now() - timedelta(minutes=50 - number)
        assert syncing.store(shop.account, area, Shelf(offers), moment)
    return shop.account


def ended(account: CarrierAccount, **columns: Any) -> Sync:
    known: dict[str, Any] = {
        "started": clock.now() - timedelta(hours=1),
        "finished": clock.now() - timedelta(minutes=45),
        "areas": 3,
        "areas_done": 3,
        "numbers": 3600,
    }
    return Sync.objects.create(account=account, kind=Sync.Kind.STOCK, **(known | columns))


def address(account: CarrierAccount, name: str = "stock") -> str:
    return reverse(f"office:{name}", args=[account.uid])


def text(response: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", plain).replace("&#x27;", "'")


def test_the_page_shows_areas_passes_and_the_index(account: CarrierAccount, staff: Browser) -> None:
    ended(account)
    publishing.publish()
    shown = text(staff.get(address(account)))
    for words in (
        "Stock of VoIP.ms sandbox", "Up to date", "Numbers 3,600", "Areas 3 in 2 countries",
        "Ontario, Canada CA/ON 1,200", "Sweden SE/1", "Fetch all now", "every 6 hours",
        "Done 3 of 3 areas, 3,600 numbers on sale 15 min", "Search index of this server Up to date",
        "Canada (2)", "1 to 3 of 3",
    ):  # fmt: skip
        assert words in shown, words
    assert 'hx-trigger="every' not in staff.get(address(account)).content.decode()


def test_areas_are_filtered_by_country_and_words(account: CarrierAccount, staff: Browser) -> None:
    def areas(query: str) -> list[str]:
        page = staff.get(f"{address(account)}?{query}")
        assert page.status_code == 200
        return [name for name in PROVINCES.values() if f"<span>{name}" in page.content.decode()]

    assert areas("country=CA") == ["Ontario, Canada", "Quebec, Canada"]
    assert areas("q=ontario") == ["Ontario, Canada"]
    assert areas("q=SE/") == ["Sweden"]
    assert areas("country=CA&q=sweden") == []
    assert "No area matches" in text(staff.get(f"{address(account)}?q=%00%25"))
    assert areas("page=99") == list(PROVINCES.values())


def test_a_pass_is_followed_to_its_end(account: CarrierAccount, staff: Browser) -> None:
    ended(account)
    assert staff.get(address(account), headers=FRAGMENT)["HX-Refresh"] == "true"
    staff.post(address(account, "sync-stock"))
    whole = staff.get(address(account)).content.decode()
    assert 'hx-trigger="every 1s"' in whole
    assert "Waiting for a worker" in whole
    assert "Fetch all now" not in whole
    seen = re.search(r"seen=([\d.]+)", whole)
    assert seen is not None
    here = f"{address(account)}?seen={seen[1]}"
    assert staff.get(here, headers=FRAGMENT).status_code == 204
    Sync.objects.filter(finished=None).update(areas=8, areas_done=5, areas_failed=1, problem="Hm.")
    piece = staff.get(here, headers=FRAGMENT)
    assert piece.status_code == 200
    assert "<html" not in piece.content.decode()
    assert "5 of 8 areas" in text(piece)
    assert "1 area failed and is asked again at the end." in text(piece)
    assert 'max="8" value="5"' in piece.content.decode()
    Sync.objects.update(finished=timezone.now())
    last = staff.get(here, headers=FRAGMENT)
    assert (last.status_code, last["HX-Refresh"]) == (204, "true")


def test_all_or_one_area_is_fetched_and_a_second_wish_refused(
    account: CarrierAccount, staff: Browser
) -> None:
    said = staff.post(address(account, "sync-stock"), {"area": "CA/ON"}, follow=True)
    assert "is asked for its area CA/ON." in text(said)
    begun = Sync.objects.get()
    assert (begun.scope, begun.by_label) == ("CA/ON", SAM.label)
    assert Job.objects.filter(name=syncing.JOB).count() == 1
    refused = staff.post(address(account, "sync-stock"), {"area": "CA/QC"}, follow=True)
    assert "is being asked for its area CA/ON just now. Nothing was changed." in text(refused)
    staff.post(address(account, "sync-stock"))
    assert Sync.objects.get().scope == ""


def test_problems_are_told_until_the_area_is_read(account: CarrierAccount, staff: Browser) -> None:
    troubles = Troubles({"CA/ON": Trouble(3, "<b>It</b> is broken."), "CA/NT": Trouble(3, "Too.")})
    Stock.objects.filter(area="CA/ON").update(fetched=clock.now() - timedelta(hours=7))
    ended(account, areas=4, areas_failed=2, problem="Ontario: no.", troubles=troubles.as_data())
    shown = staff.get(address(account))
    assert "2 areas could not be read" in text(shown)
    assert "CA/NT: Too." in text(shown)
    assert "&lt;b&gt;It&lt;/b&gt; is broken." in shown.content.decode()
    assert text(shown).count("is broken.") == 2  # above, and in its row
    assert "Some areas failed" in text(shown)
    Stock.objects.filter(area="CA/ON").update(fetched=clock.now())
    shown = staff.get(address(account))
    assert "1 area could not be read" in text(shown)
    assert "is broken." not in text(shown)


def test_a_pass_that_failed_and_an_index_that_is_behind_are_told(
    account: CarrierAccount, staff: Browser
) -> None:
    now = timezone.now()
    ended(account, problem="Nobody listens.", troubles=Troubles(is_cut=True).as_data())
    IndexSeen.objects.create(host="web-2", seen=now, behind_since=now, problem="It ended with 1.")
    shown = text(staff.get(address(account)))
    assert "The last pass ended before its time Nobody listens." in shown
    assert "Never fetched whole." in shown
    assert "Search index of this server Missing" in shown
    assert re.search(r"web-2 is behind since today \d\d:\d\d \. It ended with 1\.", shown)
    publishing.publish()
    Stock.objects.filter(area="SE/1").delete()
    assert "Search index of this server Behind" in text(staff.get(address(account)))
    settings.RINGUP_INDEX_FILE.write_bytes(b"damaged")
    assert staff.get(address(account)).status_code == 200


def test_an_account_out_of_use_and_a_new_one_say_so(shop: Shop, staff: Browser) -> None:
    shown = text(staff.get(address(shop.account)))
    assert "Nothing was fetched yet. A worker begins with it within a minute." in shown
    CarrierAccount.objects.update(is_enabled=False)
    shown = text(staff.get(address(shop.account)))
    assert "is not in use: nothing is fetched" in shown
    assert "Fetch all now" not in shown
    said = staff.post(address(shop.account, "sync-stock"), follow=True)
    assert "Nothing was fetched." in text(said)
    assert not Sync.objects.exists()


def test_who_may_only_look_finds_no_button(account: CarrierAccount) -> None:
    ended(account)
    reader = Browser()
    reader.force_login(make_user("rita", None, is_staff=True, role="read-only"))
    shown = reader.get(address(account)).content.decode()
    assert "Ontario" in shown
    assert address(account, "sync-stock") not in shown
    assert reader.post(address(account, "sync-stock")).status_code == 403
    assert not Sync.objects.filter(finished=None).exists()


def test_the_page_costs_the_same_however_much_there_is(
    account: CarrierAccount,
    staff: Browser,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(60):
        area = StockArea(f"DE/{number}", f"Place {number}", "DE")
        syncing.store(account, area, Shelf([]), clock.now() + timedelta(seconds=number))
    for _ in range(12):
        ended(account, areas_failed=1, troubles=Troubles({"DE/1": Trouble(3, "No.")}).as_data())
    with django_assert_max_num_queries(17) as queries:
        shown = staff.get(address(account))
    assert "1 to 50 of 63" in text(shown)
    assert not any('"content"' in query["sql"] for query in queries.captured_queries)


def test_the_providers_cards_lead_there(account: CarrierAccount, staff: Browser) -> None:
    ended(account)
    shown = staff.get(reverse("office:providers"))
    assert f'href="{address(account)}">3,600 numbers</a>' in shown.content.decode()
