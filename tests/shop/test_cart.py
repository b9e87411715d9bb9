"""The cart: what stands in it, whose it is, and placing all of it, once."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser

from ringup.accounts.member_roles import CAPABILITIES
from ringup.accounts.models import Brand, Client, Membership, TermsVersion, User
from ringup.catalog.rule_models import PromoCode
from ringup.core.money import total
from ringup.flows.checkout import checking_out, quoting
from ringup.jobs.models import Job
from ringup.numbers.models import Hold
from ringup.orders.models import Draft, Order
from ringup.shop import cart
from tests.shop.buying import ADMINISTRATOR, COMPANY, PASSWORD, Buyer, Shop, text_of
from tests.world import make_client, make_user

TO_A_PHONE = {"goal": "telephone", "telephone": "416 555 0177"}


def pbx_item(buyer: Buyer, **company: str) -> Draft:
    """A complete PBX; its last step leads to the cart or, where it is alone, must not be sent here."""
    draft = buyer.pbx_up_to_administrator(**company)
    response = buyer.send(draft, "administrator", ADMINISTRATOR, to_cart="yes")
    assert response["Location"] == "/cart/", response.content
    return draft


def number_item(buyer: Buyer, place: int = 1, **company: str) -> Draft:
    """A complete plain number."""
    draft = buyer.start("number", e164=buyer.shop.offers()[place].e164)
    assert buyer.send(draft, "company", COMPANY | company).status_code == 302
    response = buyer.send(draft, "destination", TO_A_PHONE, to_cart="yes")
    assert response["Location"] == "/cart/", response.content
    draft.refresh_from_db()
    return draft


def place(buyer: Buyer, page: HttpResponse | None = None, **more: Any) -> HttpResponse:
    """Press the button of the cart's page."""
    shown = (page or buyer.get("/cart/")).content.decode()
    form = re.search(r'<form[^>]*action="/cart/place/".*?</form>', shown, flags=re.S)
    assert form, "there is no button"
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form[0]):
        if name not in ("terms", "csrfmiddlewaretoken"):
            fields.setdefault(name, []).append(value)
    return buyer.browser.post("/cart/place/", fields | more)  # type: ignore[return-value]


def cart_text(buyer: Buyer) -> str:
    return text_of(buyer.get("/cart/"))


def sign_in(browser: Browser, name: str, client: Client) -> User:
    user = make_user(name, client)
    browser.force_login(user)
    return user


# -- what stands in it ------------------------------------------------------------------------------


def test_an_empty_cart_leads_back_to_the_shop(buyer: Buyer) -> None:
    assert "Your cart is empty" in cart_text(buyer)
    assert "/cart/" not in buyer.get("/").content.decode()
    buyer.start("hosted-pbx-10")  # only begun
    assert "Your cart is empty" in cart_text(buyer)


def test_a_cart_shows_each_item_with_its_price_and_what_it_lacks(buyer: Buyer) -> None:
    pbx = buyer.pbx_up_to_administrator()
    number = number_item(buyer)
    text = cart_text(buyer)
    assert "karoofreight" in text
    assert "Still to do: Admin user" in text
    assert "Place the order" in text
    assert "Only complete items are ordered" in text
    assert f"/checkout/{pbx.uid}/administrator/" in buyer.get("/cart/").content.decode()
    assert str(quoting.quote_draft(number).first_payment) in text
    assert "Cart 2" in text_of(buyer.get("/"))


def test_its_sums_are_those_of_its_items(buyer: Buyer) -> None:
    drafts = [pbx_item(buyer), number_item(buyer)]
    quotes = [quoting.quote_draft(Draft.objects.get(pk=draft.pk)) for draft in drafts]
    text = cart_text(buyer)
    together = text[text.index("Together") :]
    assert str(total((quote.first_payment for quote in quotes), "USD")) in together
    assert str(total((quote.lasting for quote in quotes), "USD")) in together
    assert "Then a month" in together
    assert "Place all 2 orders" in together


def test_what_is_removed_is_free_for_others_and_closed(buyer: Buyer, stranger: Buyer) -> None:
    draft = number_item(buyer)
    kept = number_item(buyer, 2)
    assert stranger.browser.post(f"/checkout/{draft.uid}/remove/").status_code == 404
    response = buyer.browser.post(f"/checkout/{draft.uid}/remove/", follow=True)
    assert "was removed. Nothing was ordered" in text_of(response)
    assert not Hold.objects.filter(holder=draft.uid).exists()
    assert Hold.objects.filter(holder=kept.uid).exists()
    draft.refresh_from_db()
    assert draft.state == Draft.State.EXPIRED
    assert buyer.step(draft, "company").status_code == 410
    assert str(draft.uid) not in buyer.get("/cart/").content.decode()


def test_a_removed_pbx_keeps_no_password(buyer: Buyer) -> None:
    draft = pbx_item(buyer)
    assert Draft.objects.get(pk=draft.pk).secrets.startswith("$2b$")
    buyer.browser.post(f"/checkout/{draft.uid}/remove/")
    assert Draft.objects.get(pk=draft.pk).secrets == ""


def test_a_pbx_that_was_left_asks_for_its_password_again(buyer: Buyer) -> None:
    draft = pbx_item(buyer)
    buyer.browser.post(f"/checkout/{draft.uid}/leave/")
    assert "Still to do: Admin user" in cart_text(buyer)


def test_longer_from_the_cart_leads_back_to_it(buyer: Buyer) -> None:
    draft = number_item(buyer)
    for _ in range(2):
        response = buyer.browser.post(f"/checkout/{draft.uid}/longer/", {"at": "cart"})
        assert response["Location"] == "/cart/"
    assert "extended already" in cart_text(buyer)


def test_in_another_currency_an_item_is_not_ordered(buyer: Buyer) -> None:
    client = make_client("Acme")
    sign_in(buyer.browser, "alice", client)
    draft = number_item(buyer)
    Draft.objects.filter(pk=draft.pk).update(currency="CAD")
    text = cart_text(buyer)
    assert "priced in CAD, and your orders are paid in USD" in text
    assert "Nothing can be ordered yet" in text


# -- whose it is ------------------------------------------------------------------------------------


def test_a_guest_s_items_join_those_of_his_client_when_he_signs_in(
    shop: Shop, buyer: Buyer, stranger: Buyer
) -> None:
    client = make_client("Acme")
    user = sign_in(stranger.browser, "alice", client)
    elsewhere = number_item(stranger, 1)
    here = number_item(buyer, 2)
    signing_in = {"email": user.email, "password": "Correct-Horse-9"}
    buyer.browser.post("/account/sign-in/", signing_in)
    page = buyer.get("/cart/").content.decode()
    assert str(here.uid) in page
    assert str(elsewhere.uid) in page
    here.refresh_from_db()
    assert here.client == client
    assert str(here.uid) in stranger.get("/cart/").content.decode()
    response = place(buyer)
    assert Order.objects.filter(client=client).count() == 2
    assert response["Location"].startswith("/my/orders/")


def test_a_stranger_s_items_are_not_placed(buyer: Buyer, stranger: Buyer) -> None:
    draft = number_item(buyer)
    assert "Your cart is empty" in cart_text(stranger)
    for uid in (draft.uid, uuid.uuid4(), "nonsense"):
        assert stranger.browser.post("/cart/place/", {"item": str(uid)}).status_code == 404
    assert not Order.objects.exists()


def test_a_member_who_may_not_order_gets_403(buyer: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(buyer.browser, "alice", make_client("Acme"))
    number_item(buyer)
    page = buyer.get("/cart/")
    monkeypatch.setitem(CAPABILITIES, Membership.Role.OWNER, frozenset())
    assert place(buyer, page).status_code == 403
    assert buyer.browser.post("/start/", {"slug": "hosted-pbx-10"}).status_code == 403
    assert not Order.objects.exists()


# -- placing all of it ------------------------------------------------------------------------------


def test_all_are_placed_for_one_new_client(buyer: Buyer) -> None:
    pbx_item(buyer)
    number_item(buyer)
    response = place(buyer)
    orders = list(Order.objects.order_by("pk"))
    assert len(orders) == 2
    assert response["Location"] == f"/my/orders/{orders[0].uid}/"
    assert Client.objects.count() == 1
    text = text_of(buyer.browser.get(response["Location"]))  # type: ignore[arg-type]
    assert f"2 orders were placed: {orders[0].label}, {orders[1].label}" in text
    assert buyer.get(f"/my/orders/{orders[1].uid}/").status_code == 200
    assert Job.objects.filter(name="orders.received").count() == 1
    assert "Your cart is empty" in cart_text(buyer)


def test_alone_in_its_cart_an_item_is_placed_by_its_last_step(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    page = buyer.step(draft, "administrator")
    assert "Create user & complete order" in text_of(page)
    response = buyer.send(draft, "administrator", ADMINISTRATOR)
    assert buyer.order_of(response).draft == draft


def test_beside_others_the_last_step_saves_and_leads_to_the_cart(buyer: Buyer) -> None:
    number_item(buyer)
    draft = buyer.pbx_up_to_administrator()
    assert "Create user & go to the cart" in text_of(buyer.step(draft, "administrator"))
    response = buyer.send(draft, "administrator", ADMINISTRATOR, to_cart="yes")
    assert response["Location"] == "/cart/"
    assert PASSWORD not in buyer.get("/cart/").content.decode()
    assert not Order.objects.exists()


def test_a_page_from_before_there_were_others_places_nothing(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    buyer.step(draft, "administrator")
    number_item(buyer)  # in another window
    response = buyer.send(draft, "administrator", ADMINISTRATOR)
    assert response["Location"] == "/cart/"
    assert not Order.objects.exists()


def test_one_that_refuses_is_named_and_nothing_is_placed(buyer: Buyer) -> None:
    number_item(buyer)
    draft = number_item(buyer, 2)
    page = buyer.get("/cart/")
    buyer.shop.sell(draft.answers["number"]["e164"])
    response = place(buyer, page)
    assert response["Location"] == "/cart/"
    shown = buyer.get("/cart/").content.decode()
    item = shown[shown.index(f'id="item-{draft.uid}"') :]
    assert "None of your items was ordered" in item[: item.index("</article>")]
    assert f"/checkout/{draft.uid}/number/" in item
    assert not Order.objects.exists()


# -- once -------------------------------------------------------------------------------------------


def test_sent_twice_it_leads_to_the_same_orders(buyer: Buyer) -> None:
    number_item(buyer)
    number_item(buyer, 2)
    page = buyer.get("/cart/")
    first, again = place(buyer, page), place(buyer, page)
    assert first["Location"] == again["Location"]
    assert Order.objects.count() == 2


@pytest.mark.parametrize("change", ["added", "removed", "ordered", "dearer"])
def test_a_stale_page_is_refused_with_a_sentence(buyer: Buyer, change: str) -> None:
    number_item(buyer)
    draft = number_item(buyer, 2)
    page = buyer.get("/cart/")
    match change:
        case "added":
            number_item(buyer, 3)
        case "removed":
            buyer.browser.post(f"/checkout/{draft.uid}/remove/")
        case "ordered":
            checking_out.submit(Draft.objects.get(pk=draft.pk))
        case "dearer":
            buyer.shop.number.prices.update(amount_micros=9_000_000)
    before = Order.objects.count()
    response = place(buyer, page)
    assert response["Location"] == "/cart/"
    text = cart_text(buyer)
    assert "since this page was made" in text
    assert "Nothing was ordered or charged" in text
    assert Order.objects.count() == before


# -- terms and codes --------------------------------------------------------------------------------


def set_terms(version: int) -> None:
    brand = Brand.objects.get()
    TermsVersion.objects.create(brand=brand, version=version, text=f"Version {version}.")
    Brand.objects.update(terms=f"Version {version}.", terms_version=version)


def test_terms_are_accepted_with_the_cart(buyer: Buyer) -> None:
    set_terms(1)
    number_item(buyer)
    number_item(buyer, 2)
    page = buyer.get("/cart/")
    assert "I accept the terms of" in text_of(page)
    assert place(buyer, page)["Location"] == "/cart/"
    assert "terms must be accepted" in cart_text(buyer)
    set_terms(2)
    place(buyer, page, terms="1")
    assert "terms must be accepted" in cart_text(buyer)
    assert not Order.objects.exists()
    assert place(buyer, terms="2")["Location"].startswith("/my/orders/")
    assert set(Order.objects.values_list("terms_version", flat=True)) == {2}


def test_terms_are_accepted_with_the_last_step_too(buyer: Buyer) -> None:
    set_terms(3)
    draft = buyer.number_up_to_destination()
    assert "I accept the terms of" in text_of(buyer.step(draft, "destination"))
    for typed in ({}, {"terms": "2"}, {"terms": "x"}):
        response = buyer.send(draft, "destination", TO_A_PHONE, **typed)
        assert response.status_code == 422
        assert "terms must be accepted" in text_of(response)
    order = buyer.order_of(buyer.send(draft, "destination", TO_A_PHONE, terms="3"))
    assert order.terms_version == 3


def test_without_terms_nothing_is_accepted(buyer: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    assert "I accept" not in text_of(buyer.step(draft, "destination"))
    assert buyer.order_of(buyer.send(draft, "destination", TO_A_PHONE)).terms_version == 0


def test_an_unknown_code_changes_nothing(buyer: Buyer) -> None:
    draft = number_item(buyer)
    assert buyer.browser.post("/cart/code/", {"promo_code": "nothing"})["Location"] == "/cart/"
    assert "We do not know the code" in cart_text(buyer)
    draft.refresh_from_db()
    assert draft.promo_code == ""


def test_who_guesses_codes_is_stopped_also_behind_one_that_counts(
    buyer: Buyer, stranger: Buyer
) -> None:
    PromoCode.objects.create(code="WELCOME", kind=PromoCode.Kind.FREE_MONTHS, free_months=1)
    draft = number_item(buyer)
    buyer.browser.post("/cart/code/", {"promo_code": "welcome"})
    buyer.browser.post("/cart/code/", {"off": "1"})
    for place in range(cart.CODES.times - 1):
        buyer.browser.post("/cart/code/", {"promo_code": f"guess{place}"})
    assert "We do not know the code" in cart_text(buyer)
    buyer.browser.post("/cart/code/", {"promo_code": "welcome"})
    assert "Many codes were entered" in cart_text(buyer)
    draft.refresh_from_db()
    assert draft.promo_code == ""
    # Another browser of the same network knows no more.
    number_item(stranger, 2)
    stranger.browser.post("/cart/code/", {"promo_code": "welcome"})
    assert "Many codes were entered" in cart_text(stranger)
