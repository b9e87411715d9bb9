"""Each step of the wizard: what it refuses, what it says, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from ringup.accounts.models import Client
from ringup.catalog.models import Mapping
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.time_zones import time_zones, zone_of
from ringup.flows.checkout import drafting
from ringup.flows.checkout.chosen_numbers import numbers_of
from ringup.orders.models import Draft
from ringup.pbx.languages import LANGUAGES
from ringup.services.models import Service
from ringup.services.seating import Person, Seating
from ringup.services.wanted import WantedTenant
from ringup.shop.steps.administrator import AdministratorStep
from tests.shop.buying import ADMINISTRATOR, COMPANY, PASSWORD, Buyer, Shop, text_of, value_of
from tests.world import make_client, make_user

# Pages and forms: no database answers them differently.
pytestmark = pytest.mark.once

# -- company --------------------------------------------------------------------------------------


WRONG_COMPANIES = [
    ("company", "", "Type the name of your company."),
    ("company", "   ", "Type the name of your company."),
    ("company", "Acme <b>", "Leave out the characters < and >."),
    ("company", "株式会社", "at least one Latin letter or digit"),
    ("company", "Admin Ltd", "The name admin is reserved."),
    ("company", "A" * 121, "Use at most 120 characters."),
    ("contact", "", "Type the name of the person we write to."),
    ("email", "", "Type a complete e-mail address"),
    ("email", "thandi@", "Type a complete e-mail address"),
    ("email", "thandi karoo.example", "Type a complete e-mail address"),
    ("email", "o&k@karoo.example", "without &"),
    ("email", "a" * 60 + "@" + ("b" * 60 + ".") * 4 + "example", "at most 254 characters"),
    ("phone", "", "Type a telephone number"),
    ("phone", "call me", "Type the number with its country code"),
    ("phone", "12", "too few or too many digits"),
    ("phone", "4" * 41, "too many digits"),
    ("phone", "+1\x00416", "too few or too many digits"),
]


def test_company_details_are_checked(buyer: Buyer) -> None:
    draft = buyer.start("hosted-pbx-10")
    for name, typed, sentence in WRONG_COMPANIES:
        page = buyer.send(draft, "company", COMPANY, **{name: typed})

        assert page.status_code == 422, (name, typed, sentence)
        assert sentence in text_of(page).replace("&lt;", "<").replace("&gt;", ">")
        assert "Nothing was ordered or charged." in text_of(page)
        for other, value in COMPANY.items():
            if other != name:
                assert value_of(page, other) == value
        draft.refresh_from_db()
        assert "company" not in draft.answers


def test_a_refused_field_is_marked_and_linked_from_the_summary(buyer: Buyer) -> None:
    draft = buyer.start("hosted-pbx-10")

    page = buyer.send(draft, "company", COMPANY, phone="12").content.decode()

    assert '<a href="#id_phone">Contact phone: this number has' in page
    assert 'aria-invalid="true"' in page
    assert 'id="id_phone-help"' in page
    assert "data-focus" in page


def test_company_details_are_kept_in_their_final_form(buyer: Buyer) -> None:
    draft = buyer.start("hosted-pbx-10")

    response = buyer.send(
        draft, "company", COMPANY, company="  Karoo   Freight ", email="Thandi@Karoo.Example"
    )

    assert response.status_code == 302
    draft.refresh_from_db()
    assert draft.answers["company"] == {
        "company": "Karoo Freight",
        "contact": "Thandi Mokoena",
        "email": "thandi@karoo.example",
        "phone": "+14165550142",
        "country": "US",
        "region": "",
        "street": "",
        "postal_code": "",
        "city": "",
        "vat_id": "",
    }
    assert value_of(buyer.step(draft, "company"), "phone") == "+1 416 555 0142"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Karoo Freight (Pty) Ltd", "Your PBX address will be karoofreight.pbx.ringup.example."),
        ("Admin", "The name admin is reserved."),
        ("株式会社", "The name becomes part of your PBX address."),
        ("", "The name becomes part of your PBX address."),
    ],
)
def test_the_pbx_address_is_previewed_while_the_name_is_typed(
    buyer: Buyer, typed: str, words: str
) -> None:
    draft = buyer.start("hosted-pbx-10")

    fragment = buyer.swap(f"/checkout/{draft.uid}/domain/", company=typed)

    assert words in text_of(fragment)
    assert 'id="id_company-help"' in fragment.content.decode()


def test_a_plain_number_has_no_pbx_address_and_any_name_will_do(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.start("number", e164=shop.offers()[0].e164)

    page = buyer.step(draft, "company")

    assert "PBX address" not in text_of(page)
    assert buyer.send(draft, "company", COMPANY, company="株式会社").status_code == 302


# -- number ---------------------------------------------------------------------------------------


def test_selecting_holds_the_number_and_shows_the_whole_price(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.start("hosted-pbx-10")
    buyer.send(draft, "company", COMPANY)
    offer = shop.cheap_offer()

    response = buyer.send(draft, "number", {"e164": offer.e164})

    assert response["Location"] == f"/checkout/{draft.uid}/tenant/"
    text = text_of(buyer.step(draft, "number"))
    assert "Held for you" in text
    assert "included" in text
    assert "First payment, before tax $79.60" in text
    assert "Nothing is charged yet" in text


@pytest.mark.parametrize("e164", ["", "+1", "416", "+1416555014x", "'; DROP TABLE", "+" + "1" * 30])
def test_only_a_number_can_be_selected(buyer: Buyer, e164: str) -> None:
    draft = buyer.start("hosted-pbx-10")
    buyer.send(draft, "company", COMPANY)

    page = buyer.send(draft, "number", {"e164": e164})

    assert page.status_code == 422
    assert "choose a number from the list" in text_of(page)


def test_a_number_that_was_sold_meanwhile_cannot_be_selected(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.start("hosted-pbx-10")
    buyer.send(draft, "company", COMPANY)
    offer = shop.offers()[0]
    shop.sell(offer.e164)

    page = buyer.send(draft, "number", {"e164": offer.e164})

    assert page.status_code == 422
    assert "sold, or not on sale here. Nothing was charged." in text_of(page)


def test_a_number_that_another_buyer_holds_cannot_be_selected(
    buyer: Buyer, stranger: Buyer, shop: Shop
) -> None:
    offer = shop.offers()[0]
    stranger.start("number", e164=offer.e164)
    draft = buyer.start("hosted-pbx-10")
    buyer.send(draft, "company", COMPANY)

    page = buyer.send(draft, "number", {"e164": offer.e164})

    assert page.status_code == 422
    assert f"Somebody else is buying {shown(offer.e164)} right now." in text_of(page)


def test_on_the_front_page_a_number_that_is_gone_is_said_there(buyer: Buyer, shop: Shop) -> None:
    offer = shop.offers()[0]
    shop.sell(offer.e164)

    response = buyer.browser.post(
        "/start/", {"slug": "number", "e164": offer.e164, "query": "country=US&region=NY"}
    )

    assert response["Location"] == "/?country=US&region=NY#results"
    assert "sold, or not on sale here" in text_of(buyer.get("/", country="US", region="NY"))
    assert "sold, or not" not in text_of(buyer.get("/"))


def test_a_hold_that_ended_can_be_renewed(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    buyer.browser.post(f"/checkout/{draft.uid}/leave/")

    page = buyer.step(draft, "number")

    assert "Hold it again" in text_of(page)
    e164 = draft.answers["number"]["e164"]
    assert buyer.send(draft, "number", {"e164": e164}).status_code == 302
    assert "Held for you" in text_of(buyer.step(draft, "number"))


def test_selecting_another_number_on_the_front_page_goes_on_with_the_same_order(
    buyer: Buyer, shop: Shop, stranger: Buyer
) -> None:
    first, second = shop.offers()[:2]
    draft = buyer.start("number", e164=first.e164)

    again = buyer.start("number", e164=second.e164)

    assert again == draft
    again.refresh_from_db()
    assert [row["e164"] for row in numbers_of(again)] == [first.e164, second.e164]
    assert stranger.start("number", e164=shop.offers()[2].e164) != draft


# -- PBX ------------------------------------------------------------------------------------------


def test_the_pbx_step_shows_what_will_be_built(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    text = text_of(buyer.step(draft, "tenant"))

    assert "Server pbx-sandbox-1" in text
    assert "Seats At most 10" in text
    assert "numbered 1001 to 1010" in text
    assert "$79.00 a month before tax" in text


WRONG_NAMES = [
    ("", "Type a name for your PBX address"),
    ("acme toronto", "Use 1 to 40 letters, digits or hyphens"),
    ("-acme", "Use 1 to 40 letters, digits or hyphens"),
    ("ačme", "Use 1 to 40 letters, digits or hyphens"),
    ("a" * 41, "Use 1 to 40 letters, digits or hyphens"),
    ("sip", "The name sip is reserved"),
    ("acme.example", "Use 1 to 40 letters, digits or hyphens"),
]


def test_the_pbx_name_is_checked_and_kept_as_typed(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    for typed, sentence in WRONG_NAMES:
        page = buyer.send(draft, "tenant", {"label": typed})

        assert page.status_code == 422, (typed, sentence)
        assert sentence in text_of(page).replace("use 1 to 40", "Use 1 to 40")
        assert value_of(page, "label") == typed


def test_a_chosen_pbx_name_survives_a_change_of_the_company(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    buyer.send(draft, "tenant", {"label": "My-PBX"})

    buyer.send(draft, "company", COMPANY, company="Other Name")

    draft.refresh_from_db()
    assert draft.answers["tenant"]["label"] == "my-pbx"


# -- extensions -----------------------------------------------------------------------------------


def layout(**fields: str) -> dict[str, str]:
    """What a browser sends of step 3, with the table of ten people."""
    table = {f"{name}-{place}": "" for place in range(10) for name in ("name", "email")}
    return {"label": "karoofreight", "first_extension": "1001", "ring": "0"} | table | fields


def seated(draft: Draft) -> list[tuple[str, str, str]]:
    draft.refresh_from_db()
    rows = drafting.seating_of(draft).extensions(10)
    return [(row.extension, row.name, row.email) for row in rows]


def test_the_first_extension_its_people_and_the_one_that_rings_are_chosen(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    fields = {"name-0": "Anna Adams", "name-2": "Lobby", "email-2": "Lobby@Acme.Example"}

    sent = layout(first_extension="200", ring="2", **fields)
    assert buyer.send(draft, "tenant", sent).status_code == 302

    assert seated(draft)[:4] == [
        ("200", "Anna Adams", ""), ("201", "Extension 201", ""),
        ("202", "Lobby", "lobby@acme.example"), ("203", "Extension 203", ""),
    ]  # fmt: skip
    page = buyer.step(draft, "tenant")
    assert value_of(page, "name-2") == "Lobby"
    assert '<option value="2" selected>202 Lobby</option>' in page.content.decode()
    order = buyer.order_of(buyer.send(draft, "administrator", ADMINISTRATOR | {"group": "user"}))
    wanted = WantedTenant.from_data(order.lines.get().service.wanted)
    assert (wanted.ring_extension, wanted.administrator_group) == ("202", "user")
    assert [row.extension for row in wanted.extensions] == [str(200 + n) for n in range(10)]


def test_who_lays_nothing_out_gets_the_usual(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    page = buyer.step(draft, "tenant")
    assert value_of(page, "name-0") == "Thandi Mokoena"
    unchanged = {"name-0": "Thandi Mokoena", "email-0": "thandi@karoo.example"}
    buyer.send(draft, "tenant", layout(**unchanged))
    buyer.send(draft, "company", COMPANY, contact="Sipho Dlamini")

    assert seated(draft)[0] == ("1001", "Sipho Dlamini", "thandi@karoo.example")


WRONG_LAYOUTS = [
    ({"first_extension": "*97"}, "ype 3 to 5 digits"),
    ({"first_extension": "905"}, "would include 911"),
    ({"first_extension": "995"}, "egin at 990 or lower"),
    ({"ring": "10"}, "hoose one of your extensions."),
    ({"ring": "x"}, "hoose one of your extensions."),
    ({"name-3": "<b>"}, "eave out the characters < and >."),
    ({"email-3": "x@"}, "ype a complete e-mail address"),
    (
        {"pasted": "Anna,anna@x.example\nBo,bo@"},
        "1 line of the pasted list cannot be taken, so none",
    ),
]


def test_extensions_are_checked_and_nothing_typed_is_lost(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    before = seated(draft)
    for wrong, sentence in WRONG_LAYOUTS:
        page = buyer.send(draft, "tenant", layout(**{"name-1": "Lobby"} | wrong))

        assert page.status_code == 422, wrong
        assert sentence in text_of(page).replace("&lt;", "<").replace("&gt;", ">"), wrong
        assert value_of(page, "name-1") == "Lobby"
        assert seated(draft) == before
    assert "Line 2" in text_of(page)
    assert "has no complete e-mail address: bo@" in text_of(page)


def test_a_pasted_list_is_shown_before_it_is_taken(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    before = seated(draft)
    sent = layout(first_extension="200", pasted="202;Lobby;lobby@acme.example\n200;Anna;")

    looked = buyer.send(draft, "tenant", sent | {"check": "1"})

    assert looked.status_code == 200
    assert "202 Lobby lobby@acme.example" in text_of(looked)
    assert "10, numbered 200 to 209" in text_of(looked)
    assert seated(draft) == before
    assert buyer.send(draft, "tenant", sent).status_code == 302
    assert seated(draft)[0] == ("200", "Anna", "")
    assert seated(draft)[2] == ("202", "Lobby", "lobby@acme.example")


def test_a_large_pbx_is_named_by_pasting(buyer: Buyer, shop: Shop) -> None:
    shop.bundle.items.filter(product__seats=1).update(quantity=500)
    draft = buyer.pbx_up_to_administrator()
    lines = "\n".join(f"Person {n},p{n}@acme.example" for n in range(500))

    sent = {"label": "karoofreight", "first_extension": "1001", "ring": "499", "pasted": lines}
    assert buyer.send(draft, "tenant", sent).status_code == 302

    draft.refresh_from_db()
    seating = drafting.seating_of(draft)
    assert (len(seating.people), seating.rings(500)) == (500, "1500")
    page = buyer.step(draft, "tenant")
    assert "The first 50 of 500 are shown." in text_of(page)
    sent = {"label": "karoofreight", "first_extension": "1001", "ring": "0", "name-0": "Zed"}
    buyer.send(draft, "tenant", sent)
    draft.refresh_from_db()
    assert drafting.seating_of(draft).people[499].name == "Person 499"


def test_a_price_for_each_seat_is_shown_where_there_is_one(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    assert "per seat" not in text_of(buyer.step(draft, "tenant"))
    shop.bundle.prices.all().delete()
    for item in shop.bundle.items.all():
        dollars = 7 if item.product.seats else 9
        item.product.prices.filter(cycle="monthly").delete()
        price = money_columns(amount=Money.of(dollars, "USD"), setup=Money.zero("USD"))
        item.product.prices.create(cycle="monthly", currency="USD", **price)

    assert "At most 10 , $7.00 a month per seat" in text_of(buyer.step(draft, "tenant"))


# -- administrator --------------------------------------------------------------------------------


WRONG_ADMINISTRATORS = [
    ("username", "", "ype a user name, for example admin."),
    ("username", "thandi@karoo", "eave out the @"),
    ("username", "thandi m", "se 2 to 40 letters without accents"),
    ("username", "a", "se 2 to 40 letters without accents"),
    ("username", "é" * 3, "se 2 to 40 letters without accents"),
    ("email", "x", "ype a complete e-mail address"),
    ("password", "", "ype a password for the administrator."),
    ("password", "Ab1", "at least 8 characters"),
    ("password", "kar00freight", "an upper-case letter"),
    ("password", "KAR00FREIGHT", "a lower-case letter"),
    ("password", "KarooFreight", "a number"),
    ("password", "abc", "at least 8 characters, an upper-case letter and a number"),
    ("password", "Aa1" + "é" * 40, "at most 72 characters"),
    ("repeated", "Kar00-Other", "he two passwords differ."),
    ("time_zone", "Mars/Olympus", "hoose a time zone from the list."),
    ("language", "tlh", "hoose a language from the list."),
    ("group", "superadmin", "hoose administrator or user."),
    ("group", "", "hoose administrator or user."),
    ("emergency", "", "Tick the box to confirm"),
]


def test_the_administrator_is_checked(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    for name, typed, sentence in WRONG_ADMINISTRATORS:
        page = buyer.send(draft, "administrator", ADMINISTRATOR, **{name: typed})

        assert page.status_code == 422, (name, typed, sentence)
        assert sentence in text_of(page)
        assert PASSWORD not in page.content.decode()
        for other in {"username", "email"} - {name}:
            assert value_of(page, other) == ADMINISTRATOR[other]
        if name != "time_zone":
            assert '<option value="America/Toronto" selected>' in page.content.decode()
        draft.refresh_from_db()
        assert draft.state == Draft.State.OPEN


def test_the_administrator_is_proposed_from_what_is_known(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    page = buyer.step(draft, "administrator")

    assert value_of(page, "username") == "admin"
    assert value_of(page, "email") == "thandi@karoo.example"
    assert '<option value="America/New_York" selected>' in page.content.decode()
    assert '<option value="admin" selected>Administrator</option>' in page.content.decode()
    assert "pbx-sandbox-1" in text_of(page)
    assert "karoofreight.pbx.ringup.example" in text_of(page)


def test_every_zone_and_language_is_named_once() -> None:
    zones = [zone for _, group in time_zones() for zone, _ in group]

    assert len(zones) == len(set(zones))
    assert {"America/Toronto", "Europe/Berlin", "Pacific/Honolulu"} <= set(zones)
    assert len({code for code, _ in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("country", "zone"),
    [("ZA", "Africa/Johannesburg"), ("DE", "Europe/Berlin"), ("??", ""), ("", "")],
)
def test_a_country_has_the_zone_of_most_of_its_people(country: str, zone: str) -> None:
    assert zone_of(country) == zone


@pytest.mark.parametrize(
    ("number", "zone", "language"),
    [
        ({"country": "CA", "region": "QC"}, "America/Toronto", "fr-ca"),
        ({"country": "ZA", "region": "GP"}, "Africa/Johannesburg", "en-us"),
        # Lombardy has no code, but Cagliari has California's.
        ({"country": "IT", "region": "CA"}, "Europe/Rome", "en-us"),
    ],
)
def test_the_time_zone_is_proposed_by_the_number(
    shop: Shop, number: dict[str, str], zone: str, language: str
) -> None:
    draft = Draft(bundle=shop.bundle, server=shop.server, answers={"number": number})
    proposed = AdministratorStep().form(draft).initial
    assert (proposed["time_zone"], proposed["language"]) == (zone, language)


# -- destination ----------------------------------------------------------------------------------


WRONG_DESTINATIONS = [
    ({}, "Choose where calls to this number go."),
    ({"goal": "moon"}, "Choose where calls to this number go."),
    ({"goal": "telephone"}, "ype the number with its country code"),
    ({"goal": "telephone", "telephone": "12"}, "too few or too many digits"),
    ({"goal": "telephone", "telephone": "+44 20 7946 0000"}, "United States and Canada"),
    ({"goal": "telephone", "telephone": "+1 876 555 0142"}, "United States and Canada"),
    ({"goal": "telephone", "telephone": "+1 900 555 0142"}, "United States and Canada"),
    ({"goal": "sip-uri"}, "ype a SIP address"),
    ({"goal": "sip-uri", "sip_uri": "reception"}, "ype a SIP address"),
    ({"goal": "sip-uri", "sip_uri": "a b@pbx.example.com"}, "ype a SIP address"),
    ({"goal": "sip-uri", "sip_uri": "a@localhost"}, "ype a SIP address"),
    ({"goal": "sip-uri", "sip_uri": "a@pbx.example.com;lr"}, "ype a SIP address"),
    ({"goal": "sip-uri", "sip_uri": "a@127.0.0.1"}, "annot reach this address"),
    ({"goal": "sip-uri", "sip_uri": "a@10.1.2.3"}, "inside a private network"),
    ({"goal": "sip-uri", "sip_uri": "a@pbx.example.com:99999"}, "number from 1 to 65535"),
    ({"goal": "sip-uri", "sip_uri": "a@pbx.example.com:"}, "number from 1 to 65535"),
    ({"goal": "extension"}, "ou have no running PBX here."),
    ({"goal": "extension", "extension": "x/1001"}, "hoose an extension of your own PBX."),
]


def test_the_destination_is_checked(buyer: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    for data, sentence in WRONG_DESTINATIONS:
        page = buyer.send(draft, "destination", data)

        assert page.status_code == 422, (data, sentence)
        assert sentence in text_of(page)
        for name in {"telephone", "sip_uri"} & set(data):
            assert value_of(page, name) == data[name]
        draft.refresh_from_db()
        assert draft.state == Draft.State.OPEN


def test_a_number_cannot_be_forwarded_to_itself(buyer: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    own = draft.answers["number"]["e164"]

    page = buyer.send(draft, "destination", {"goal": "telephone", "telephone": own})

    assert page.status_code == 422
    assert "calls would go in a circle" in text_of(page)


@pytest.mark.parametrize(
    ("data", "goal", "value"),
    [
        ({"goal": "telephone", "telephone": "(416) 555-0199"}, "telephone", "+14165550199"),
        (
            {"goal": "sip-uri", "sip_uri": "sip:Reception@PBX.Example.com:5080"},
            "sip-uri",
            "Reception@pbx.example.com:5080",
        ),
        ({"goal": "sip-uri", "sip_uri": "1001@203.0.113.7"}, "sip-uri", "1001@203.0.113.7"),
        ({"goal": "sip-account", "telephone": "nonsense is not asked for"}, "sip-account", ""),
    ],
)
def test_a_good_destination_becomes_the_wanted_state(
    buyer: Buyer, data: dict[str, str], goal: str, value: str
) -> None:
    draft = buyer.number_up_to_destination()

    order = buyer.order_of(buyer.send(draft, "destination", data))

    assert order.lines.get().service.wanted == {"goal": goal, "value": value}


def test_only_ones_own_running_pbx_is_offered(shop: Shop) -> None:
    acme, other = make_client("Acme"), make_client("Other")
    make_user("alice", acme)
    mine, theirs = running_tenant(shop, acme), running_tenant(shop, other)
    alice = Buyer(shop, Browser())
    assert alice.browser.login(username="alice@example.com", password="Correct-Horse-9")
    draft = alice.number_up_to_destination(email="alice@example.com")

    page = alice.step(draft, "destination").content.decode()
    foreign = {"goal": "extension", "extension": f"{theirs.uid}/1001"}
    refused = alice.send(draft, "destination", foreign)
    own = {"goal": "extension", "extension": f"{mine.uid}/1001"}
    order = alice.order_of(alice.send(draft, "destination", own))

    assert "acme.pbx.ringup.example" in page
    assert "other.pbx.ringup.example" not in page
    assert refused.status_code == 422
    service = order.lines.get().service
    assert service.tenant == mine
    assert service.wanted == {"goal": "extension", "value": "1001"}


def running_tenant(shop: Shop, client: Client) -> Service:
    """A live PBX of a client, as provisioning leaves it."""
    domain = f"{client.name.lower()}.pbx.ringup.example"
    wanted = WantedTenant(
        domain=domain,
        company=client.name,
        time_zone="America/Toronto",
        language="en-us",
        administrator_username="admin",
        administrator_name=client.contact_name,
        administrator_email=client.email,
        extensions=Seating(people=(Person(client.contact_name, client.email),)).extensions(2),
        ring_extension="1001",
        max_outbound_calls=2,
        main_number="+14165550100",
    )
    return Service.objects.create(
        client=client,
        brand=client.brand,
        kind=Service.Kind.TENANT,
        name=domain,
        state=Service.State.ACTIVE,
        wanted=wanted.as_data(),
        account=shop.account,
        server=shop.server,
    )


# -- all steps ------------------------------------------------------------------------------------


def test_what_leaves_the_shelf_stops_the_order_in_plain_words(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    Mapping.objects.filter(bundle=shop.bundle).delete()

    for slug in ("company", "number", "tenant", "administrator"):
        page = buyer.step(draft, slug)
        assert page.status_code in (200, 409)
    page = buyer.send(draft, "administrator", ADMINISTRATOR)

    assert page.status_code in (409, 422)
    assert "is not on sale right now. Nothing was ordered" in text_of(page)
