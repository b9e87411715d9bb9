"""Step 2.5 in a browser: the form that the carrier's rules make, what it refuses, and what becomes of
it with the order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from ringup.accounts.models import Client
from ringup.accounts.roles import Role
from ringup.carriers.papers import Area
from ringup.core.failures import NothingHappened
from ringup.core.models import Activity
from ringup.flows.checkout import checking_out, drafting, holding_numbers
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.running import run_one
from ringup.numbers.holding import Buyer as Holder
from ringup.orders.models import Draft, Order
from ringup.regulatory import filling
from ringup.regulatory.models import Address, Document, Identity, RegulatoryFile
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.regulatory.files import png
from tests.regulatory.requirements import AREA_OF_BOTH, AREAS, COMPANY, WORLD_WIDE
from tests.shop.buying import COMPANY as BUYER
from tests.shop.buying import text_of, value_of
from tests.world import make_client, make_user

TOLD = {
    "kind": "business",
    "first_name": "Thandi Nomvula",
    "last_name": "Mokoena",
    "phone": "021 001 2200",
    "contact_email": "Thandi@Karoo.example",
    "company_name": "Karoo Freight (Pty) Ltd",
    "company_reg_number": "2014/088123/07",
    "vat_id": "4820271199",
    "identity_country": "ZA",
    "country": "ZA",
    "city": "cape town",
    "postal_code": "8001",
    "street": "14 Harrington Street",
    "service_description": "Calls of our customers.",
    "consent": "on",
}


@pytest.fixture
def shop(transactional_db: None, settings: Settings) -> Iterator[ToyShop]:
    """Three numbers on sale that need papers: two the same, one others."""
    with toy_shop(settings) as made:
        first, second, third = made.offers()[:3]
        made.telecom.requirements = {"za": AREA_OF_BOTH, "any": WORLD_WIDE}
        made.telecom.address_areas = list(AREAS)
        for offer, place in ((first, "za"), (second, "za"), (third, "any")):
            made.telecom.put_on_sale(replace(offer, needs_papers=True, place=place))
        yield made


class Writer:
    """A browser at one draft."""

    def __init__(self, shop: ToyShop, *, browser: Browser | None = None, numbers: int = 1) -> None:
        self.shop, self.browser = shop, browser or Browser()
        began = self.browser.post("/start/", {"slug": "number"})
        self.uid = began["Location"].rstrip("/").rpartition("/")[2]
        self.send("company", BUYER)
        for e164 in shop.numbers(numbers):
            self.choose(e164)

    @property
    def draft(self) -> Draft:
        return Draft.objects.get(uid=self.uid)

    @property
    def file(self) -> RegulatoryFile:
        file = self.draft.papers
        assert file is not None
        return file

    def choose(self, e164: str) -> HttpResponse:
        return self.send("number", {"e164": e164})

    def page(self, step: str = "papers") -> HttpResponse:
        return self.browser.get(f"/checkout/{self.uid}/{step}/")  # type: ignore[return-value]

    def send(self, step: str, data: dict[str, Any]) -> HttpResponse:
        return self.browser.post(f"/checkout/{self.uid}/{step}/", data)  # type: ignore[return-value]

    def tell(self, **changed: str) -> HttpResponse:
        return self.send("papers", {name: text for name, text in (TOLD | changed).items() if text})

    def upload(self, slot: str, **data: Any) -> HttpResponse:
        path = f"/checkout/{self.uid}/papers/upload/"
        return self.browser.post(path, {"slot": slot, **data})  # type: ignore[return-value]

    def place(self) -> list[Order]:
        placed = self.send("destination", {"goal": "sip-account"})
        assert placed.status_code == 302, text_of(placed)
        return list(Order.objects.order_by("pk"))


@pytest.fixture
def writer(shop: ToyShop) -> Writer:
    return Writer(shop)


# -- when it appears ------------------------------------------------------------------------------


def test_it_stands_behind_the_number_that_needs_papers(writer: Writer) -> None:
    assert writer.browser.get(f"/checkout/{writer.uid}/")["Location"].endswith("/papers/")
    page = text_of(writer.page())
    assert re.search(r"Number .*Papers .*Destination", page)
    assert "1 to 5 working days" in page
    assert "Invented for tests." in page, "the supplier's own notice"


def test_nobody_else_sees_it(shop: ToyShop) -> None:
    writer = Writer(shop, numbers=0)
    writer.choose(shop.numbers(5)[4])
    assert writer.page().status_code == 404
    assert "Papers" not in text_of(writer.page("destination"))
    assert shop.telecom.calls["requirement"] == 0


def test_the_form_asks_for_what_the_rules_ask_for(shop: ToyShop) -> None:
    writer = Writer(shop)
    page = writer.page().content.decode()
    for name in ("kind", "birth_date", "id_number", "company_reg_number", "vat_id", "street"):
        assert f'name="{name}"' in page
    assert 'name="personal_tax_id"' not in page
    assert 'name="birth_country"' not in page
    assert re.search(
        r'data-only="personal">\s*<div class="field">\s*<label for="id_birth_date"', page
    )
    assert '<option value="Cape Town">' in page
    other = Writer(shop, numbers=0)
    other.choose(shop.numbers(3)[2])
    page = other.page().content.decode()
    for name in ("kind", "birth_date", "company_name", "service_description", "area"):
        assert f'name="{name}"' not in page
    assert "No document is needed." in page


def test_it_begins_with_what_the_buyer_said_before(writer: Writer) -> None:
    page = writer.page()
    assert value_of(page, "first_name") == "Thandi"
    assert value_of(page, "last_name") == "Mokoena"
    assert value_of(page, "company_name") == BUYER["company"]
    assert value_of(page, "contact_email") == BUYER["email"]


def test_the_documents_are_listed_before_anything_is_told(writer: Writer) -> None:
    page = text_of(writer.page())
    for words in ("Proof of address", "Utility bill", "Business proof", "not older than 3 months"):
        assert words in page


# -- what is kept ---------------------------------------------------------------------------------


def test_what_was_told_is_sealed_and_nothing_of_it_is_in_the_answers(writer: Writer) -> None:
    saved = writer.tell()
    assert saved.status_code == 302, text_of(saved)
    assert saved["Location"].endswith("/destination/")
    told = filling.answers_of(writer.file)
    assert told["phone"] == "+27210012200"
    assert (told["city"], told["area"], told["contact_email"]) == (
        "cape town", "a-cpt", "thandi@karoo.example",
    )  # fmt: skip
    answers = str({step: kept for step, kept in writer.draft.answers.items() if step != "company"})
    for secret in ("Mokoena", "27210012200", "Harrington", "4820271199"):
        assert secret not in answers
    assert writer.draft.answers["papers"]["key"] == "r-za"
    assert writer.file.state == "draft"


def test_going_back_finds_what_was_typed(writer: Writer) -> None:
    writer.tell()
    page = writer.page()
    assert value_of(page, "street") == "14 Harrington Street"
    assert value_of(page, "company_reg_number") == "2014/088123/07"
    writer.tell(street="15 Harrington Street")
    assert Identity.objects.count() == Address.objects.count() == 1
    assert value_of(writer.page(), "street") == "15 Harrington Street"


def test_a_person_is_asked_other_things_than_a_company(writer: Writer) -> None:
    refused = writer.tell(kind="personal", birth_date="", company_name="")
    assert refused.status_code == 422
    assert "Type the date of birth" in text_of(refused)
    assert "registered company name" not in text_of(refused).replace("Registered company name", "")
    assert (
        writer.tell(kind="personal", birth_date="1986.4.17", id_number="86041").status_code == 302
    )
    told = filling.answers_of(writer.file)
    assert (told["birth_date"], told["company_name"]) == ("1986-04-17", "")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "personal", "id_number": "1", "birth_date": "17 April 1986"}, "year-month-day"),
        ({"kind": "personal", "id_number": "1", "birth_date": "1986-02-30"}, "no such day"),
        ({"kind": "personal", "id_number": "1", "birth_date": "2999-01-01"}, "yet to come"),
        ({"kind": "personal", "id_number": "1", "birth_date": "2020-01-01"}, "18 or older"),
        ({"first_name": ""}, "Type the first name"),
        ({"company_reg_number": ""}, "Type the registration number"),
        ({"phone": "12"}, "digits"),
        ({"contact_email": "thandi"}, "complete e-mail address"),
        ({"street": "<script>"}, "Leave out"),
        ({"last_name": "Moko\u202eena"}, "invisible characters"),
        ({"country": "DE"}, "Choose a country from the list"),
        ({"city": "Cape Twon"}, "Did you mean Cape Town?"),
        ({"city": "Xyz"}, "Choose a name from the list"),
        ({"service_description": ""}, "used for"),
        ({"consent": ""}, "Tick the box"),
        ({"kind": "robot"}, "Choose a company or a person"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    writer: Writer, changed: dict[str, str], words: str
) -> None:
    refused = writer.tell(**changed)
    assert refused.status_code == 422
    assert words in text_of(refused)
    assert not RegulatoryFile.objects.exists()
    assert not Identity.objects.exists()


def test_a_suburb_keeps_its_name_with_the_area_chosen_beside_it(writer: Writer) -> None:
    refused = writer.tell(city="Bellville")
    assert 'name="area"' in refused.content.decode()
    assert writer.tell(city="Bellville", area="a-cpt").status_code == 302
    told = filling.answers_of(writer.file)
    assert (told["city"], told["area"]) == ("Bellville", "a-cpt")
    assert 'name="area"' in writer.page().content.decode()


def test_of_many_cities_only_those_that_fit_are_sent(shop: ToyShop, writer: Writer) -> None:
    shop.telecom.address_areas = [*AREAS, *(Area(f"a-{one}", f"Town {one}") for one in range(400))]
    page = writer.page().content.decode()
    assert "/papers/cities/" in page
    assert "Town 1" not in page
    found = writer.browser.get(f"/checkout/{writer.uid}/papers/cities/", {"city": "koln"})
    assert found.content.decode() == '<option value="Köln">'
    strange = Browser().get(f"/checkout/{writer.uid}/papers/cities/", {"city": "k"})
    assert strange.status_code == 404


# -- another number, several numbers ---------------------------------------------------------------


def test_a_number_with_other_rules_begins_anew_and_the_old_is_erased(shop: ToyShop) -> None:
    draft = shop.draft(shop.bundle)
    holder = Holder(draft.uid)
    drafting.save_company(draft, BUYER | {"phone": "+14165550142"})
    first, second, third = shop.numbers(3)
    holding_numbers.choose(draft, [first], buyer=holder)
    browser = Browser()
    session = browser.session
    session[drafting.SESSION_DRAFTS] = [str(draft.uid)]
    session.save()
    at = f"/checkout/{draft.uid}/papers/"
    assert browser.post(at, TOLD).status_code == 302
    old = RegulatoryFile.objects.get()
    draft.refresh_from_db()
    holding_numbers.choose(draft, [second], buyer=holder)
    draft.refresh_from_db()
    assert draft.papers == old, "the same rules: nothing is typed twice"
    holding_numbers.choose(draft, [third], buyer=holder)
    draft.refresh_from_db()
    assert (draft.papers, "papers" in draft.answers) == (None, False)
    assert not RegulatoryFile.objects.exists()
    assert not Identity.objects.exists()
    assert browser.get(f"/checkout/{draft.uid}/")["Location"].endswith("/papers/")


def test_numbers_that_need_different_papers_are_ordered_separately(shop: ToyShop) -> None:
    writer = Writer(shop)
    other = writer.choose(shop.numbers(3)[2])
    assert "Order them separately" in text_of(other)
    assert len(writer.draft.answers.get("more_numbers", [])) == 0
    writer.choose(shop.numbers(5)[4])
    assert len(writer.draft.answers.get("more_numbers", [])) == 0, "nor with one that needs none"


def test_each_number_gets_papers_of_its_own_of_the_same_person(shop: ToyShop) -> None:
    writer = Writer(shop, numbers=2)
    assert "Who will have these 2 numbers?" in text_of(writer.page())
    writer.tell()
    orders = writer.place()
    files = [order.lines.get().service.papers for order in orders]
    assert len({file.pk for file in files if file}) == 2
    assert len({file.identity_id for file in files if file}) == 1
    assert len({file.address_id for file in files if file}) == 1
    for order, file in zip(orders, files, strict=True):
        assert file is not None
        assert (file.state, file.client) == ("pending_review", order.client)
        assert file.number == order.lines.get().service.number
        assert order.draft.papers == file


# -- documents ------------------------------------------------------------------------------------


def test_documents_can_be_added_at_once(writer: Writer) -> None:
    saved = writer.send("papers", TOLD | {"stay": "yes"})
    assert saved["Location"].endswith("/papers/#documents")
    assert "Matches the supplier's area Cape Town." in text_of(writer.page())
    today = timezone.localdate().isoformat()
    added = writer.upload("address-1", type="t-bill", dated=today, file=_picture())
    assert added.status_code == 302, text_of(added)
    document = Document.objects.get()
    assert (document.slot, document.address) == ("address-1", writer.file.address)
    assert "Received" in text_of(writer.page())


def test_a_wrong_document_is_refused_where_it_stands(writer: Writer) -> None:
    writer.tell()
    refused = writer.upload("address-1", type="t-bill", dated="2001-01-01", file=_picture())
    assert refused.status_code == 422
    assert "older than 3 months" in text_of(refused)
    assert value_of(refused, "street") == "14 Harrington Street"
    assert f'action="/checkout/{writer.uid}/papers/"' in refused.content.decode()
    assert not Document.objects.exists()


def test_nobody_adds_documents_to_anothers_draft(writer: Writer) -> None:
    writer.tell()
    strange = Browser().post(f"/checkout/{writer.uid}/papers/upload/", {"slot": "identity-1"})
    assert strange.status_code == 404


def test_documents_before_the_details_lead_to_the_details(writer: Writer) -> None:
    assert writer.upload("identity-1").status_code == 302
    assert not Document.objects.exists()


def _picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("bill.png", png())


# -- placing the order ----------------------------------------------------------------------------


def test_the_order_takes_the_papers_along(writer: Writer) -> None:
    writer.tell()
    (order,) = writer.place()
    file = writer.file
    assert (file.state, file.client, file.brand) == ("pending_review", order.client, order.brand)
    assert file.identity is not None
    assert file.identity.client == order.client
    service = order.lines.get().service
    assert (service.papers, file.number) == (file, service.number)
    assert "Mokoena" not in str(list(Activity.objects.values()))


def test_no_order_without_papers(writer: Writer) -> None:
    refused = writer.send("destination", {"goal": "sip-account"})
    assert refused["Location"].endswith(f"/checkout/{writer.uid}/"), "the step comes first"
    assert not Order.objects.exists()


def test_an_order_whose_papers_do_no_longer_hold_goes_back_to_them(writer: Writer) -> None:
    writer.tell()
    file = writer.file
    assert file.identity is not None
    filling.write_identity(file.identity, phone="")
    file.identity.save()
    refused = writer.send("destination", {"goal": "sip-account"})
    assert refused["Location"].endswith("/papers/")
    assert "telephone number is missing" in text_of(writer.page())
    assert not Order.objects.exists()


def test_a_draft_that_ends_leaves_nothing_of_a_person(writer: Writer) -> None:
    writer.tell()
    writer.browser.post(f"/checkout/{writer.uid}/remove/")
    assert writer.draft.state == "expired"
    assert not RegulatoryFile.objects.exists()
    assert not Identity.objects.exists()


# -- the carrier is silent ------------------------------------------------------------------------


def test_a_silent_carrier_stops_the_choice_in_plain_words(shop: ToyShop) -> None:
    writer = Writer(shop, numbers=0)
    shop.telecom.fail("requirement", NothingHappened("slow"))
    refused = writer.choose(shop.numbers(1)[0])
    assert "does not answer right now" in text_of(refused)
    assert "number" not in writer.draft.answers
    assert shop.held() == []


def test_the_rules_are_asked_once_a_day(shop: ToyShop) -> None:
    Writer(shop, numbers=2).page()
    Writer(shop, numbers=1).page()
    assert shop.telecom.calls["requirement"] == 1
    assert shop.telecom.calls["address_areas"] == 1


# -- signed in, by staff, as a client --------------------------------------------------------------


def sign_in(client: Client, name: str) -> Browser:
    browser = Browser()
    browser.force_login(make_user(name, client))
    return browser


def approve_all() -> None:
    now = timezone.now()
    Identity.objects.update(approved=now, carrier_key="i-1")
    Address.objects.update(approved=now, carrier_key="a-1")
    RegulatoryFile.objects.update(state="active")


def test_verified_papers_are_used_again(shop: ToyShop) -> None:
    client = make_client("Karoo")
    browser = sign_in(client, "thandi")
    first = Writer(shop, browser=browser)
    first.tell()
    first.place()
    again = Writer(shop, browser=browser, numbers=0)
    again.choose(shop.numbers(2)[1])
    assert "Use my verified papers" not in text_of(again.page()), "nobody has approved them"
    approve_all()
    page = again.page()
    assert "Use my verified papers" in text_of(page)
    assert "Karoo Freight (Pty) Ltd" in text_of(page)
    use = str(Address.objects.get().uid)
    lacks = again.send("papers", {"use": use})
    assert lacks.status_code == 422, "the rules ask for a description"
    used = again.send("papers", {"use": use, "service_description": "Calls."})
    assert used.status_code == 302, text_of(used)
    assert again.file.identity == Identity.objects.get()
    strange = Writer(shop, browser=sign_in(make_client("Else"), "eve"), numbers=0)
    shop.telecom.put_on_sale(replace(shop.offers()[5], needs_papers=True, place="za"))
    strange.choose(shop.numbers(6)[5])
    assert "Use my verified papers" not in text_of(strange.page())
    refused = strange.send("papers", {"use": use, "service_description": "Calls."})
    assert refused.status_code == 422
    assert strange.draft.papers is None


def test_a_guest_who_signs_in_takes_his_papers_along(writer: Writer) -> None:
    writer.tell()
    client = make_client("Karoo")
    writer.browser.force_login(make_user("thandi", client))
    writer.page("destination")
    assert writer.draft.client == client
    assert writer.file.client == client
    assert Identity.objects.get().client == client


def test_staff_orders_for_a_client_with_the_same_form(shop: ToyShop) -> None:
    client = make_client("Karoo")
    sam = make_user("sam", None, is_staff=True)
    browser = Browser()
    browser.force_login(sam)
    draft = shop.draft(shop.number, client)
    Draft.objects.filter(pk=draft.pk).update(placed_by=sam)
    holding_numbers.choose(draft, shop.numbers(1), buyer=Holder(draft.uid))
    drafting.save_company(draft, BUYER | {"phone": "+14165550142"})
    at = f"/checkout/{draft.uid}/"
    page = browser.get(f"{at}papers/")
    assert "The client agrees" in text_of(page)  # type: ignore[arg-type]
    assert browser.post(f"{at}papers/", TOLD).status_code == 302
    assert browser.post(f"{at}destination/", {"goal": "sip-account"}).status_code == 302
    file = RegulatoryFile.objects.get()
    assert (file.state, file.client) == ("pending_review", client)


def test_staff_that_acts_as_a_client_orders_as_he_would(shop: ToyShop) -> None:
    client, sam = make_client("Karoo"), make_user("sam", None, is_staff=True)
    browser = Browser()
    browser.force_login(sam)
    begun = browser.post(f"/office/act-as/{client.uid}/")
    assert begun.status_code == 302
    writer = Writer(shop, browser=browser)
    assert "Ringup may pass" in text_of(writer.page())
    writer.tell()
    writer.place()
    assert (writer.file.client, writer.file.state) == (client, "pending_review")
    rows = Activity.objects.filter(subject=f"papers:{writer.file.uid}")
    assert {row.on_behalf_of for row in rows} == {f"client:{client.pk}"}


def test_a_number_that_began_to_need_papers_is_chosen_again(shop: ToyShop) -> None:
    writer = Writer(shop, numbers=0)
    plain = shop.numbers(6)[5]
    writer.choose(plain)
    offer = next(offer for offer in shop.offers() if offer.e164 == plain)
    shop.telecom.put_on_sale(replace(offer, needs_papers=True, place="za"))
    stopped = writer.send("destination", {"goal": "sip-account"})
    assert "/number/" in stopped["Location"]
    assert "wants papers for this number now" in text_of(writer.page("number"))
    assert not Order.objects.exists()


def test_rules_of_companies_alone_have_no_choice_of_kind(shop: ToyShop) -> None:
    shop.telecom.requirements["za"] = replace(AREA_OF_BOTH, identities=(COMPANY,))
    writer = Writer(shop)
    page = writer.page().content.decode()
    assert 'name="kind"' not in page
    assert "data-only" not in page
    assert writer.tell(kind="").status_code == 302
    assert writer.file.identity is not None
    assert writer.file.identity.kind == "business"


def test_a_carrier_that_falls_silent_at_the_form_is_said_so(shop: ToyShop) -> None:
    writer = Writer(shop)
    shop.telecom.fail("address_areas", NothingHappened("slow"))
    stopped = writer.page()
    assert stopped.status_code == 409
    assert "Your answers are kept" in text_of(stopped)
    assert writer.page().status_code == 200


def test_a_cart_brings_each_number_its_papers(shop: ToyShop) -> None:
    """One that needs none between two that share a person."""
    browser = Browser()
    with_papers = Writer(shop, browser=browser, numbers=2)
    with_papers.tell()
    with_papers.send("destination", {"goal": "sip-account", "to_cart": "yes"})
    plain = Writer(shop, browser=browser, numbers=0)
    plain.choose(shop.numbers(6)[5])
    plain.send("destination", {"goal": "sip-account", "to_cart": "yes"})
    drafts = [with_papers.draft, plain.draft]
    orders = checking_out.submit_all([drafts[1], drafts[0]])
    papers = [order.lines.get().service.papers for order in orders]
    assert papers[0] is None
    numbers = [order.lines.get().service.number for order in orders[1:]]
    assert [file and file.number for file in papers[1:]] == numbers


def test_a_draft_that_nobody_came_back_to_leaves_nothing_of_a_person(writer: Writer) -> None:
    writer.tell()
    Draft.objects.update(changed=timezone.now() - timedelta(days=settings.RINGUP_DRAFT_DAYS + 1))
    enqueue("orders.expire_drafts", key="expire")
    while run_one():
        pass
    assert writer.draft.state == "expired"
    assert not Identity.objects.exists()
    assert not RegulatoryFile.objects.exists()


@pytest.mark.parametrize("told_by", ["use", "typing"])
def test_staff_that_acts_reads_nothing_that_papers_say(shop: ToyShop, told_by: str) -> None:
    """Neither by going on with what the client's people typed, nor by taking verified papers."""
    client = make_client("Karoo")
    first = Writer(shop, browser=sign_in(client, "thandi"))
    first.tell()
    if told_by == "use":
        first.place()
        approve_all()
    browser = Browser()
    browser.force_login(make_user("ann", None, is_staff=True, role=Role.SUPPORT))
    assert browser.post(f"/office/act-as/{client.uid}/").status_code == 302
    if told_by == "use":
        second = Writer(shop, browser=browser, numbers=0)
        second.choose(shop.numbers(2)[1])
        assert "Harrington" not in second.page().content.decode()
        use = {"use": str(Address.objects.get().uid), "service_description": "Calls."}
        assert second.send("papers", use).status_code == 302
    else:
        first.browser = browser
        second = first
    page = second.page().content.decode()
    assert "Papers" in page
    for secret in ("Harrington", "2014/088123/07", "Nomvula", "4820271199"):
        assert secret not in page, secret
