"""The inventory's pages: what is shown, found, exported and settled, and by whom."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.roles import Role
from ringup.carriers.port import NumberOffer
from ringup.core.failures import NothingHappened
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.flows.reconciling import passing
from ringup.jobs.models import Job
from ringup.numbers.models import Discrepancy, OwnedNumber, OwnStock, Sync
from tests.factories import Shop, make_number_order, make_pbx_order, make_shop
from tests.flows.held_numbers import COST, HeldWorld, held_world
from tests.world import People, make_people, make_user, run_jobs

HERE, DIFFERENCES = "/office/numbers/", "/office/numbers/differences/"
ONE, TWO, THREE, FOUR = "+12125550001", "+12125550002", "+12125550003", "+12125550004"
DEAR = Money.of("1.15", "USD")


def text_of(answer: Any) -> str:
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " ")
    )


def page(browser: Browser, query: str = "", where: str = HERE) -> str:
    answer = browser.get(f"{where}{query}")
    assert answer.status_code == 200
    return text_of(answer)


def listed(browser: Browser, query: str) -> list[str]:
    """The numbers on a page, in their order."""
    content = browser.get(f"{HERE}{query}").content.decode()
    return [f"+{one}" for one in re.findall(r'num__cc">\+(1)</span>', content)] and [
        "+1" + re.sub(r"\D", "", one)
        for one in re.findall(r'num__cc">\+1</span>\xa0([\d\xa0]+)</span></?', content)
    ]


# -- the list ---------------------------------------------------------------------------------------


@pytest.fixture
def numbers(shop: Shop, people: People) -> dict[str, OwnedNumber]:
    """A tenant's number, a forwarded one that is dearer than its price, one ordered, one released."""
    make_pbx_order(shop, people.acme, domain="acme.pbx.ringup.example", e164=ONE)
    make_number_order(shop, people.acme, e164=TWO)
    make_number_order(shop, people.other, e164=THREE)
    make_number_order(shop, people.other, e164=FOUR)
    rows = OwnedNumber.objects
    rows.filter(e164__in=[ONE, TWO]).update(state="owned", bought=timezone.now())
    rows.filter(e164=TWO).update(cost_monthly_micros=3_000_000)
    rows.filter(e164=FOUR).update(state="released", released=timezone.now(), country="CA")
    OwnStock.objects.create(
        account=shop.account, e164="+13125550100", country="US", number_type="geographic",
        note="=fax", rate_centre="CHICAGO", **money_columns(cost_monthly=COST),
    )  # fmt: skip
    return {row.e164: row for row in rows.all()}


def test_each_number_shows_whose_it_is_where_it_rings_and_what_it_earns(
    staff: Browser, numbers: dict[str, OwnedNumber]
) -> None:
    shown = page(staff)
    for words in (
        "212 555 0001", "New York, NY, US", "Acme", "acme.pbx.ringup.example", "extension 1001",
        "$0.85", "$1.90", "$1.05", "-$1.10", "its own SIP account", "Owned", "Ordered",
    ):  # fmt: skip
        assert words in shown, words
    assert "212 555 0004" not in shown
    assert "312 555 0100" not in shown
    # Only what is owned is summed: 0.85 + 3.00 against twice 1.90.
    assert "$3.85" in shown
    assert "-$0.05" in shown
    assert "Acme" in page(staff, f"{numbers[ONE].uid}/")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort=number", [ONE, TWO, THREE]),
        ("", [THREE, TWO, ONE]),
        ("?state=owned", [TWO, ONE]),
        ("?state=wanted", [THREE]),
        ("?state=released", [FOUR]),
        ("?q=555-0002", [TWO]),
        ("?q=%2B1+212+555+000&sort=number", [ONE, TWO, THREE]),
        ("?q=acme", [TWO, ONE]),
        ("?q=acme.pbx", [ONE]),
        ("?q=office@other", [THREE]),
        ("?country=ca&state=released", [FOUR]),
        ("?only=loss", [TWO]),
        ("?only=differing", []),
        ("?state=shelf", ["+13125550100"]),
        ("?state=shelf&q=chicago", ["+13125550100"]),
        ("?state=shelf&q=555-99", []),
        ("?state=shelf&only=loss", []),
        ("?provider=999999", []),
        # Nonsense is left out.
        ("?state=x&only=y&sort=z&provider=٣&country=Canada&client=nobody", [THREE, TWO, ONE]),
        ("?q=%00&page=-7", [THREE, TWO, ONE]),
        ("?page=99999999999999999999", [THREE, TWO, ONE]),
        ("?q=%25", []),
        (f"?q={'9' * 5000}", []),
        ("?q=%E2%80%AE%D9%A1%D9%A2%D9%A3", []),
    ],
)
def test_filters(
    staff: Browser, numbers: dict[str, OwnedNumber], query: str, expected: list[str]
) -> None:
    assert listed(staff, query) == expected


def test_one_client_s_numbers(
    staff: Browser, numbers: dict[str, OwnedNumber], people: People
) -> None:
    assert listed(staff, f"?client={people.acme.uid}") == [TWO, ONE]
    assert listed(staff, f"?client={uuid.uuid4()}") == []
    assert listed(staff, f"?client={people.acme.uid}&state=shelf") == []


def test_two_thousand_numbers_cost_few_queries(
    staff: Browser, shop: Shop, people: People, django_assert_max_num_queries: Any
) -> None:
    first = make_number_order(shop, people.acme).lines.get().service.number
    assert first is not None
    columns = {
        field.attname: getattr(first, field.attname)
        for field in OwnedNumber._meta.concrete_fields
        if field.attname not in ("id", "uid", "e164")
    }
    rows = [OwnedNumber(**columns, e164=f"+1213{n:07}") for n in range(2000)]
    OwnedNumber.objects.bulk_create(rows, batch_size=500)
    now = timezone.now()
    Discrepancy.objects.bulk_create(
        Discrepancy(
            account=shop.account, kind="missing", e164=row.e164, number=row, detail={},
            first_seen=now, last_seen=now,
        )
        for row in rows[::2]
    )  # fmt: skip
    staff.get(HERE)
    with django_assert_max_num_queries(16):
        assert "1 to 50 of 2001" in page(staff)
    with django_assert_max_num_queries(16):
        assert "1 to 50 of 1000" in page(staff, "?only=differing")
    with django_assert_max_num_queries(20):
        assert "1 to 50 of 1000" in page(staff, where=DIFFERENCES)
    with django_assert_max_num_queries(12):
        content = b"".join(staff.get(f"{HERE}export/").streaming_content)  # type: ignore[arg-type]
    assert len(content.splitlines()) == 2002


def test_the_export_holds_what_the_filters_leave(
    staff: Browser, numbers: dict[str, OwnedNumber]
) -> None:
    def rows(query: str) -> list[dict[str, str]]:
        answer = staff.get(f"{HERE}export/{query}")
        assert "ringup-inventory-" in answer["Content-Disposition"]
        content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
        return list(csv.DictReader(io.StringIO(content)))

    found = rows("?state=owned&sort=number")
    assert [row["Number"] for row in found] == [f"'{ONE}", f"'{TWO}"]
    assert found[0]["PBX"] == "acme.pbx.ringup.example"
    assert (found[0]["Cost a month"], found[0]["Margin a month"]) == ("0.85", "1.05")
    assert found[0]["Reference"] == str(numbers[ONE].uid)
    assert rows("?state=shelf")[0]["Calls go to"] == "'=fax"
    assert Activity.objects.filter(what="exported the inventory").count() == 2


def test_a_number_s_page_tells_its_history(
    staff: Browser, numbers: dict[str, OwnedNumber], people: People
) -> None:
    number = numbers[TWO]
    Activity.record(people.sam.as_actor(), f"number:{number.uid}", "routed it again")
    shown = page(staff, f"{number.uid}/")
    for words in ("routed it again", str(number.uid), "-$1.10", "its own SIP account"):
        assert words in shown
    assert staff.get(f"{HERE}{uuid.uuid4()}/").status_code == 404
    answer = staff.post(f"{HERE}{number.uid}/route/")
    assert answer.status_code == 422, "its service is not live yet"
    assert "No live service" in text_of(answer)
    log = page(staff, "", "/office/activity/")
    assert "+1 212 555 0002" in log


def test_who_may_see_and_who_may_settle(people: People, shop: Shop) -> None:
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role=Role.READ_ONLY))
    assert browser.get(HERE).status_code == 200
    content = browser.get(DIFFERENCES).content.decode()
    assert "compare" not in content.lower().replace("compared", "")
    assert browser.get(f"{HERE}export/").status_code == 403
    assert browser.post(reverse("office:compare-all")).status_code == 403
    assert not Job.objects.exists()


# -- differences --------------------------------------------------------------------------------------


@pytest.fixture
def office(transactional_db: None, settings: Any) -> Iterator[tuple[HeldWorld, Browser]]:
    """Sam's browser, and an account at a carrier that answers."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    make_shop()
    people = make_people()
    with held_world(settings, client=people.acme) as world:
        browser = Browser()
        browser.force_login(people.sam)
        yield world, browser


def act(browser: Browser, name: str, row: Discrepancy, **data: Any) -> Any:
    return browser.post(reverse(f"office:{name}", args=[row.pk]), data)


def test_each_kind_is_shown_with_what_it_costs(office: tuple[HeldWorld, Browser]) -> None:
    world, browser = office
    world.own(ONE, is_there=False)
    world.own(TWO)
    world.hold(TWO, "<b>reception</b>")
    world.own(THREE)
    world.prices[THREE] = DEAR
    world.hold(FOUR, str(uuid.uuid4()), target="account:100001")
    world.shelve("+12125550005", is_there=False)
    world.reconcile()
    shown = page(browser, where=DIFFERENCES)
    for words in (
        f"Acme pays for it, and {world.account.name} does not have it any more",
        "It stands on your shelf, and",
        "shows the reference “&lt;b&gt;reception&lt;/b&gt;”, and not ours",
        "takes $1.15 a month; it is booked with $0.85",
        "another installation, or of a lost database", "Its calls go to account:100001",
        "+ $0.30", "$0.85 a month, 1 number", "$1.90 is paid", "Differs",
    ):  # fmt: skip
        assert words in shown, words
    kinds = re.findall(r"(Missing|Orphan|Other reference|Other price) ", shown)
    assert kinds[-5:] == ["Missing", "Missing", "Orphan", "Other reference", "Other price"]
    assert "5 differences" in page(browser), "and the inventory leads there"
    for query, count in (("?kind=missing", 2), ("?q=0003", 1), ("?q=acme", 3), ("?provider=9", 0)):
        assert f"of {count} " in page(browser, query, DIFFERENCES) or count == 0
    for row in Discrepancy.objects.all():
        assert row.e164[-4:] in page(browser, f"{row.pk}/", DIFFERENCES)
    assert world.account.name in page(browser, where="/office/providers/")


def test_one_click_puts_things_right(office: tuple[HeldWorld, Browser]) -> None:
    world, browser = office
    number = world.own(TWO)
    world.hold(TWO, "reception")
    world.own(THREE)
    world.prices[THREE] = DEAR
    world.hold(FOUR)
    world.shelve("+12125550005", is_there=False)
    world.reconcile()
    assert act(browser, "shelve-orphan", world.difference(FOUR)).status_code == 302
    assert act(browser, "write-reference", world.difference(TWO)).status_code == 302
    answer = act(browser, "take-cost", world.difference(THREE), seen="1150000 USD")
    assert answer["Location"] == DIFFERENCES
    assert act(browser, "withdraw-missing", world.difference("+12125550005")).status_code == 302
    world.reconcile()
    assert world.found() == []
    assert str(number.uid) in world.telecom.held[TWO].note
    assert OwnStock.objects.filter(e164=FOUR, is_withdrawn=False).exists()
    assert OwnedNumber.objects.get(e164=THREE).cost_monthly == DEAR
    assert "Nothing waits for you" in page(browser, where=DIFFERENCES)
    assert Activity.objects.filter(actor_label="Sam").count() == 4


@pytest.mark.parametrize("seen", ["", "1 USD", "x", "1150000", "-5 USD", "9" * 40 + " USD"])
def test_a_cost_is_only_taken_over_as_it_was_shown(
    office: tuple[HeldWorld, Browser], seen: str
) -> None:
    world, browser = office
    world.own(THREE)
    world.prices[THREE] = DEAR
    world.reconcile()
    answer = act(browser, "take-cost", world.difference(THREE), seen=seen)
    assert answer.status_code == 422
    assert "Nothing was changed" in text_of(answer)
    assert OwnedNumber.objects.get(e164=THREE).cost_monthly == COST


def test_giving_back_asks_first_and_says_that_it_is_for_good(
    office: tuple[HeldWorld, Browser],
) -> None:
    world, browser = office
    stranger = str(uuid.uuid4())
    world.hold(FOUR, stranger)
    world.reconcile()
    row = world.difference(FOUR)
    where = reverse("office:give-back", args=[row.pk])
    asked = page(browser, where=where)
    assert "cannot be undone" in asked
    assert "$0.85 a month saved" in asked
    assert stranger in asked
    answer = browser.post(where, {"seen": stranger})
    assert answer.status_code == 422
    assert "somebody else may use this number" in text_of(answer)
    assert FOUR in world.telecom.held
    world.telecom.fail("release", NothingHappened("away"))
    answer = browser.post(where, {"seen": stranger, "sure": "yes"})
    assert answer.status_code == 422
    assert "Nothing was changed and nothing was charged" in text_of(answer)
    assert browser.post(where, {"seen": stranger, "sure": "yes"}).status_code == 302
    assert FOUR not in world.telecom.held
    assert browser.post(where, {"seen": stranger, "sure": "yes"}).status_code == 422
    assert "Settled" in page(browser, f"{row.pk}/", DIFFERENCES)


def test_a_missing_number_is_bought_again_for_the_price_on_the_page(
    office: tuple[HeldWorld, Browser],
) -> None:
    world, browser = office
    number = world.own(ONE, is_there=False)
    world.reconcile()
    row = world.difference(ONE)
    where = reverse("office:buy-again", args=[row.pk])
    answer = browser.get(where)
    assert answer.status_code == 422
    assert "does not offer" in text_of(answer)
    setup = Money.of("0.40", "USD")
    world.telecom.put_on_sale(NumberOffer(ONE, "US", "NY", "New York", COST, setup))
    assert "Buy again for $0.40 and $0.85 a month" in page(browser, where=where)
    assert browser.post(where, {"setup": "x", "monthly": "850000 USD"}).status_code == 422
    assert browser.post(where, {"setup": "1 USD", "monthly": "850000 USD"}).status_code == 422
    assert world.telecom.charged == []
    answer = browser.post(where, {"setup": "400000 USD", "monthly": "850000 USD"})
    assert answer["Location"] == reverse("office:owned-number", args=[number.uid])
    assert "No live service has this number" in page(browser, where=answer["Location"])
    assert world.telecom.charged == [ONE]


def test_looking_again_leads_to_where_it_is_still_shown(office: tuple[HeldWorld, Browser]) -> None:
    world, browser = office
    world.own(ONE, is_there=False)
    world.reconcile()
    row = world.difference(ONE)
    assert act(browser, "look-again", row)["Location"] == f"{DIFFERENCES}{row.pk}/"
    world.hold(ONE, str(OwnedNumber.objects.get(e164=ONE).uid))
    assert act(browser, "look-again", row)["Location"] == DIFFERENCES
    world.telecom.fail("find_number", NothingHappened("away"))
    assert act(browser, "look-again", row).status_code == 422


def test_several_are_asked_about_then_accepted_or_shelved(
    office: tuple[HeldWorld, Browser],
) -> None:
    world, browser = office
    world.usual_price = None
    for e164 in (ONE, TWO, THREE):
        world.hold(e164)
    world.own(FOUR, is_there=False)
    world.reconcile()
    keys = {row.e164: row.pk for row in Discrepancy.objects.all()}
    where = reverse("office:settle-many")
    for data in (
        {},
        {"do": "shelve", "difference": [keys[FOUR]]},
        {"difference": ["x", "-1", "٣"]},
    ):
        answer = browser.post(where, data)
        assert answer.status_code == 422
        assert "Tick at least one" in text_of(answer)
    asked = text_of(browser.post(where, {"do": "accept", "difference": [keys[ONE], keys[FOUR]]}))
    assert "2 differences meant to be so" in asked
    assert Discrepancy.objects.filter(accepted=None).count() == 4, "nothing is done yet"
    data = {"do": "accept", "difference": [keys[ONE], keys[FOUR]], "sure": "yes", "note": "ours"}
    assert browser.post(f"{where}?kind=orphan", data)["Location"] == f"{DIFFERENCES}?kind=orphan"
    assert Discrepancy.objects.filter(accepted=None).count() == 2
    assert "ours" in page(browser, "?kind=accepted", DIFFERENCES)
    data = {"do": "shelve", "difference": [keys[TWO], keys[THREE]]}
    assert "Monthly cost" in text_of(browser.post(where, data))
    answer = browser.post(where, data | {"sure": "yes", "cost": "cheap"})
    assert answer.status_code == 422
    del world.telecom.held[THREE]
    answer = browser.post(where, data | {"sure": "yes", "cost": "0.75"}, follow=True)
    assert "1 on your own shelf now" in text_of(answer)
    assert f"{THREE}: " in text_of(answer)
    assert OwnStock.objects.get().cost_monthly == Money.of("0.75", "USD")
    row = Discrepancy.objects.get(pk=keys[FOUR])
    assert act(browser, "unaccept-difference", row).status_code == 302
    assert act(browser, "accept-difference", row, note="x" * 301).status_code == 422
    assert act(browser, "accept-difference", row, note="so be it").status_code == 302


def test_comparing_is_asked_for_and_followed(office: tuple[HeldWorld, Browser]) -> None:
    world, browser = office
    fragment = {"HX-Request": "true"}
    where = reverse("office:passes")
    assert browser.get(where)["Location"] == DIFFERENCES
    assert "Not compared yet" in page(browser, where=DIFFERENCES)
    browser.post(reverse("office:compare-provider", args=[world.account.uid]))
    answer = browser.get(where, headers=fragment)
    assert "Waiting for a worker" in text_of(answer)
    assert "every 2s" in answer.content.decode()
    assert "HX-Refresh" not in answer
    run_jobs()
    answer = browser.get(where, headers=fragment)
    assert answer["HX-Refresh"] == "true", "the differences below are new"
    assert "Agrees" in text_of(answer)
    assert "asked for by Sam" in text_of(answer)
    world.telecom.fail("inventory", NothingHappened("cut after 7 rows"))
    browser.post(reverse("office:compare-all"))
    assert Job.objects.filter(name=passing.JOB).count() == 2
    run_jobs()
    shown = page(browser, where=DIFFERENCES)
    assert "cut after 7 rows" in shown
    assert "What is below is as of" in shown
    world.account.is_enabled = False
    world.account.save()
    browser.post(reverse("office:compare-provider", args=[world.account.uid]))
    assert Sync.objects.filter(account=world.account).count() == 2
