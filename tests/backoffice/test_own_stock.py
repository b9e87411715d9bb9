"""The pages of own stock: the list, one number, and the import with its preview."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from ringup.accounts.roles import Role
from ringup.backoffice.orders.run_card import run_card
from ringup.carriers.models import CarrierAccount
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.flows.importing_numbers.writing import mark_of
from ringup.numbers import own_stock
from ringup.numbers.models import OwnedNumber, OwnStock
from tests.factories import Shop, make_number, make_pbx_order, make_run
from tests.world import People, make_user

MAYA = Actor("staff:9", "Maya")
NY, ON, DC = "+12125550147", "+14165550142", "+12025550142"
HERE = reverse("office:own-stock")
IMPORT = reverse("office:own-stock-import")
CHANGE = reverse("office:own-stock-change")
FILE = f"""number,provider,monthly_cost,note
{NY},VoIP.ms sandbox,0.85,front desk
{ON},VoIP.ms sandbox,1.10,
+1416,VoIP.ms sandbox,1.10,
"""


def put(shop: Shop, e164: str, **more: Any) -> OwnStock:
    given = {"country": "US", "region": "NY", "region_name": "New York"} | more
    cost = Money.of("0.85", "USD")
    return own_stock.add(shop.account, e164, cost_monthly=cost, actor=MAYA, **given)


@pytest.fixture
def three(shop: Shop, people: People) -> dict[str, OwnStock]:
    """One for sale, one withdrawn, one that Acme has."""
    rows = {
        NY: put(shop, NY, rate_centre="New York", note="front desk"),
        ON: put(shop, ON, country="CA", region="ON", region_name="Ontario"),
        DC: put(shop, DC, region="DC", region_name="District of Columbia"),
    }
    own_stock.withdraw([rows[ON].uid], actor=MAYA)
    make_number(shop, people.acme, e164=DC)
    OwnedNumber.objects.update(is_own_stock=True)
    return rows


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def file_of(text: str | bytes, name: str = "numbers.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def preview(staff: Browser, text: str | bytes = FILE, **options: Any) -> Any:
    return staff.post(IMPORT, {"file": file_of(text), **options})


def hidden(answer: Any) -> dict[str, str]:
    """What the confirming form of a preview posts."""
    context = answer.context
    options = context["options"]
    chosen = {"asks_carriers": options.asks_carriers, "is_whole": options.is_whole}
    fields = {name: "on" for name, is_set in chosen.items() if is_set}
    if options.default is not None:
        fields["provider"] = str(options.default.pk)
    fields |= {"packed": context["packed"], "seen": context["mark"]}
    for name, value in fields.items():
        assert f'name="{name}" value="{value}"' in answer.content.decode()
    return fields


# -- the list -------------------------------------------------------------------------------------


def test_the_list_says_what_became_of_each_number(
    staff: Browser, three: dict[str, OwnStock]
) -> None:
    answer = staff.get(HERE)
    assert [(row.stock.e164, row.state, row.client) for row in answer.context["rows"]] == [
        (DC, "sold", "Acme"),
        (NY, "on-sale", ""),
        (ON, "withdrawn", ""),
    ]
    assert [(chip.word, chip.count) for chip in answer.context["chips"]] == [
        ("All", 3), ("For sale", 1), ("Sold", 1), ("Withdrawn", 1),
    ]  # fmt: skip
    assert 'at <span class="money">$' in text_of(answer), "what clients pay"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=212-555", [NY]),
        ("q=%2B1 (416)", [ON]),
        ("q=front", [NY]),
        ("q=ontario", [ON]),
        ("q=%25", []),
        ("q=_", []),
        ("q=%00%00", [DC, NY, ON]),
        ("q=" + "9" * 500, []),
        ("state=sold", [DC]),
        ("state=withdrawn", [ON]),
        ("state=on-sale", [NY]),
        ("state=nonsense", [DC, NY, ON]),
        ("country=CA", [ON]),
        ("country=ca%00", [DC, NY, ON]),
        ("provider=999999", []),
        ("provider=x", [DC, NY, ON]),
        ("provider=٣", [DC, NY, ON]),
        ("country=US&state=on-sale&q=desk", [NY]),
        ("page=-1", [DC, NY, ON]),
    ],
)
def test_filters_leave_what_they_name(
    staff: Browser, three: dict[str, OwnStock], query: str, found: list[str]
) -> None:
    answer = staff.get(f"{HERE}?{query}")
    assert [row.stock.e164 for row in answer.context["rows"]] == found


def test_a_number_without_a_price_says_why(
    staff: Browser, shop: Shop, three: dict[str, OwnStock]
) -> None:
    shop.account.countries = ["DE"]
    shop.account.save()
    said = text_of(staff.get(HERE))
    assert "Not in the shop" in said
    assert "VoIP.ms sandbox does not sell in New York, US" in said


def test_a_full_page_asks_no_more_than_a_short_one(
    staff: Browser, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put(shop, NY)
    staff.get(HERE)
    with django_assert_num_queries(20, exact=False) as few:
        staff.get(HERE)
    for n in range(60):
        put(shop, f"+1212555{1000 + n}")
    with django_assert_num_queries(len(few)):
        assert len(staff.get(HERE).context["rows"]) == 50


def test_ticked_numbers_are_withdrawn_and_put_back(
    staff: Browser, people: People, three: dict[str, OwnStock]
) -> None:
    ticked = {"do": "withdraw", "uid": [str(three[NY].uid), str(three[ON].uid), "nonsense"]}
    answer = staff.post(f"{CHANGE}?state=on-sale", ticked, follow=True)
    assert answer.redirect_chain[0][0] == f"{HERE}?state=on-sale"
    assert "1 number withdrawn." in text_of(answer), "one was so already"
    assert {row.is_withdrawn for row in OwnStock.objects.filter(e164__in=[NY, ON])} == {True}
    told = Activity.objects.get(what=f"withdrew {NY}")
    assert told.actor == people.sam.as_actor().name
    answer = staff.post(CHANGE, {"do": "put-back", "uid": str(three[ON].uid)}, follow=True)
    assert "1 number put back." in text_of(answer)
    assert own_stock.offer_of(three[ON].account, ON) is not None


def test_all_that_the_filters_leave_are_changed_and_no_other(
    staff: Browser, three: dict[str, OwnStock]
) -> None:
    staff.post(f"{CHANGE}?country=US", {"do": "withdraw", "all": "yes"})
    assert set(OwnStock.objects.filter(is_withdrawn=True).values_list("e164", flat=True)) == {
        NY, DC, ON,
    }  # fmt: skip
    staff.post(f"{CHANGE}?q=416", {"do": "put-back", "all": "yes"})
    assert OwnStock.objects.get(is_withdrawn=False).e164 == ON


def test_nothing_ticked_changes_nothing(staff: Browser, three: dict[str, OwnStock]) -> None:
    answer = staff.post(CHANGE, {"do": "withdraw"}, follow=True)
    assert "Tick the numbers first. Nothing was changed." in text_of(answer)
    assert OwnStock.objects.filter(is_withdrawn=True).count() == 1


def test_the_export_goes_in_again(staff: Browser, three: dict[str, OwnStock]) -> None:
    answer = staff.get(reverse("office:own-stock-export") + "?country=US")
    data = b"".join(answer.streaming_content)
    assert data.startswith("\ufeffnumber,provider,country".encode())
    assert f"'{NY},".encode() in data
    assert ON.encode() not in data
    counts = preview(staff, data).context["counts"]
    assert counts == dict.fromkeys(counts, 0) | {"same": 2}
    exported = Activity.objects.get(what="exported own stock")
    assert exported.detail == {"query": "country=US"}


# -- one number -----------------------------------------------------------------------------------


def test_a_number_is_added_by_hand(staff: Browser, shop: Shop, people: People) -> None:
    page = reverse("office:own-stock-new")
    assert staff.get(page).status_code == 200
    cells = {"number": "(416) 555-0142", "country": "ca", "provider": str(shop.account.pk)}
    answer = staff.post(page, cells)
    assert answer.status_code == 422
    assert "It costs you a month: write what it costs you a month; 0 if nothing." in text_of(answer)
    assert staff.post(page, cells | {"monthly_cost": "1,10"}).status_code == 302
    row = OwnStock.objects.get()
    assert (row.e164, row.region, row.cost_monthly) == (ON, "ON", Money.of("1.10", "USD"))
    told = Activity.objects.get(subject=own_stock.subject_of(row))
    assert told.actor == people.sam.as_actor().name
    answer = staff.post(page, cells | {"monthly_cost": "1,10"})
    assert "This number is on the shelf already." in text_of(answer)


def test_a_number_is_changed_as_it_was_shown(
    staff: Browser, shop: Shop, three: dict[str, OwnStock]
) -> None:
    page = reverse("office:own-stock-number", args=[three[NY].uid])
    answer = staff.get(page)
    assert 'name="seen"' in answer.content.decode()
    form = {bound.name: bound.value() for bound in answer.context["form"]}
    assert form["monthly_cost"] == "0.85"
    seen = answer.context["seen"]
    assert seen == mark_of(OwnStock.objects.get(e164=NY))
    # The number itself is not changed, whatever is sent.
    typed = form | {"seen": seen, "note": "back office", "rate_centre": "", "number": ON}
    assert staff.post(page, typed).status_code == 302
    row = OwnStock.objects.get(e164=NY)
    assert (row.note, row.rate_centre, row.region) == ("back office", "", "NY")
    answer = staff.post(page, typed | {"note": "mine"})
    assert answer.status_code == 422
    assert "Somebody else changed this number meanwhile." in text_of(answer)
    answer = staff.post(page, form | {"seen": mark_of(row), "features": "telex", "region": "ZZ"})
    assert set(answer.context["form"].errors) == {"features", "region"}


def test_what_a_client_has_stays_at_its_provider(
    staff: Browser, shop: Shop, three: dict[str, OwnStock]
) -> None:
    other = CarrierAccount(name="Another", kind="voipms", url=shop.account.url)
    other.set_secrets({})
    other.save()
    page = reverse("office:own-stock-number", args=[three[DC].uid])
    answer = staff.get(page)
    assert "Acme has this number" in text_of(answer)
    form = {bound.name: bound.value() for bound in answer.context["form"]}
    moved = form | {"seen": answer.context["seen"], "provider": str(other.pk)}
    assert staff.post(page, moved).context["form"].errors["provider"] == [
        "Acme has it from VoIP.ms sandbox: it stays there."
    ]


def test_one_number_is_withdrawn_from_its_page(staff: Browser, three: dict[str, OwnStock]) -> None:
    page = reverse("office:own-stock-number", args=[three[NY].uid])
    given = {"uid": str(three[NY].uid), "do": "withdraw", "back": "number"}
    answer = staff.post(CHANGE, given, follow=True)
    assert answer.redirect_chain[0][0] == page
    assert "It is withdrawn" in text_of(answer)
    assert f"withdrew {NY}" in text_of(answer)


def test_no_number_of_this_uid_is_not_found(staff: Browser, shop: Shop) -> None:
    assert staff.get(reverse("office:own-stock-number", args=[uuid.uuid4()])).status_code == 404


# -- the import -----------------------------------------------------------------------------------


def test_the_preview_writes_nothing_and_the_confirmation_what_it_showed(
    staff: Browser, shop: Shop, people: People
) -> None:
    answer = preview(staff)
    assert answer.status_code == 200
    assert not OwnStock.objects.exists()
    assert "Import 2 numbers, leave out 1" in text_of(answer)
    assert "This number has too few or too many digits." in text_of(answer)
    done = staff.post(IMPORT, hidden(answer), follow=True)
    assert done.redirect_chain[0][0] == HERE
    assert "Imported: 2 added." in text_of(done)
    assert set(OwnStock.objects.values_list("e164", flat=True)) == {NY, ON}
    told = Activity.objects.get(subject="own-stock:import")
    assert (told.actor, told.detail) == (people.sam.as_actor().name, {"add": 2, "left": 0})
    assert "own stock" in text_of(staff.get(reverse("office:activity"))).lower()


def test_what_changed_meanwhile_is_shown_again(staff: Browser, shop: Shop, people: People) -> None:
    answer = preview(staff)
    make_number(shop, people.acme, e164=ON)
    again = staff.post(IMPORT, hidden(answer))
    assert again.status_code == 422
    assert "Nothing was imported. Read what would change now." in text_of(again)
    assert "Acme has it already, or ordered it." in text_of(again)
    assert not OwnStock.objects.exists()
    staff.post(IMPORT, hidden(again))
    assert OwnStock.objects.get().e164 == NY


def test_how_the_file_is_meant_comes_back_with_it(
    staff: Browser, three: dict[str, OwnStock], shop: Shop
) -> None:
    text = "number,monthly_cost\n+12125550150,1\n"
    answer = preview(staff, text, provider=str(shop.account.pk), is_whole="on")
    assert answer.context["counts"]["withdraw"] == 2
    meant = hidden(answer)
    other = staff.post(IMPORT, {name: meant[name] for name in ("packed", "seen", "provider")})
    assert other.status_code == 422, "it is meant in another way"
    done = staff.post(IMPORT, meant, follow=True)
    assert "Imported: 1 added, 2 withdrawn." in text_of(done)


def test_the_preview_can_be_taken_along(staff: Browser, shop: Shop) -> None:
    meant = hidden(preview(staff, FILE.replace("front desk", "'=1+1")))
    answer = staff.post(IMPORT, meant | {"download": "yes"})
    lines = answer.content.decode().splitlines()
    assert lines[0] == "\ufeffline,action,number,column,old,new,said"
    assert f"2,add,'{NY},note,,'=1+1," in lines
    assert any(line.startswith("4,refused,") for line in lines)
    assert not OwnStock.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04", "This is a workbook"),
        (b"\x89PNG\r\n\x1a\n", "The file is not text in UTF-8"),
        (b"number\n\x00", "This is not a CSV file"),
        (b"a,b\n1,2\n", "The first line must name the columns"),
    ],
)
def test_another_sort_of_file_is_refused_in_plain_words(
    staff: Browser, shop: Shop, data: bytes, words: str
) -> None:
    answer = preview(staff, data)
    assert answer.status_code == 422
    assert words in text_of(answer)


def test_no_file_at_all_is_asked_for(staff: Browser, shop: Shop) -> None:
    answer = staff.post(IMPORT, {})
    assert answer.status_code == 422
    assert "Choose a CSV file. Nothing was changed." in text_of(answer)


@pytest.mark.parametrize("packed", ["", "%%%", "AAAA", "eJwDAAAAAAE"])
def test_a_file_that_does_not_come_back_whole_is_not_imported(
    staff: Browser, shop: Shop, packed: str
) -> None:
    answer = staff.post(IMPORT, {"packed": packed, "seen": "x", "provider": "nonsense"})
    assert answer.status_code == 422
    assert "The file did not come back whole" in text_of(answer)


def test_a_note_is_shown_as_it_is(staff: Browser, shop: Shop) -> None:
    text = FILE.replace("front desk", "<script>alert(1)</script>")
    answer = preview(staff, text)
    assert "<script>alert" not in answer.content.decode()
    staff.post(IMPORT, hidden(answer))
    assert "<script>alert" not in staff.get(HERE).content.decode()


# -- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY, Role.BILLING])
def test_who_only_sees_numbers_changes_none(three: dict[str, OwnStock], role: str) -> None:
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role=role))
    answer = browser.get(HERE)
    assert answer.status_code == 200
    for words in ("Withdraw</button>", "Import CSV", "Add a number", ">Edit<"):
        assert words not in text_of(answer)
    assert browser.get(reverse("office:own-stock-export")).status_code == 200
    for page in (CHANGE, IMPORT, reverse("office:own-stock-new")):
        assert browser.post(page, {"do": "withdraw", "all": "yes"}).status_code == 403
    assert OwnStock.objects.filter(is_withdrawn=True).count() == 1


# -- elsewhere ------------------------------------------------------------------------------------


def test_a_provider_with_own_stock_is_not_deleted(
    staff: Browser, shop: Shop, three: dict[str, OwnStock]
) -> None:
    page = reverse("office:delete-provider", args=[shop.account.uid])
    said = text_of(staff.get(page))
    assert "3 numbers of your own stock" in said
    assert "+1 212 555 0147" in said
    staff.post(page)
    assert CarrierAccount.objects.filter(pk=shop.account.pk).exists()


def test_undoing_a_run_says_that_an_own_number_stays(
    staff: Browser, shop: Shop, people: People
) -> None:
    order = make_pbx_order(shop, people.acme)
    run = make_run(order, state="failed", done=2, step_state="failed")
    assert run_card(run).charged == Money.of("0.40", "USD")
    for rows in (run.steps, run.approval.plan.changes):
        rows.filter(key="number-purchase/1").update(key="number-adoption/1")
    card = run_card(run)
    assert (card.charged, card.monthly) == (Money.zero("USD"), Money.zero("USD"))
    said = text_of(staff.get(reverse("office:undo", args=[order.uid, run.uid])))
    assert "it stays at its provider, and nothing is lost" in said
    assert "goes back to the carrier" not in said
