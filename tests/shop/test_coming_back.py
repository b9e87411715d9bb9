"""Leaving the wizard and coming back: on another device, after signing in, after it was closed."""

from __future__ import annotations

from django.test import Client as Browser

from ringup.core.phones import shown
from ringup.numbers.models import Hold
from ringup.orders.models import Draft
from ringup.shop.drafts import DRAFTS
from tests.shop.buying import ADMINISTRATOR, COMPANY, Buyer, Shop, text_of, value_of
from tests.world import make_client, make_user

SIP = {"goal": "sip-account"}


def signed_in(shop: Shop, name: str) -> Buyer:
    browser = Browser()
    assert browser.login(username=f"{name}@example.com", password="Correct-Horse-9")
    return Buyer(shop, browser)


def test_a_client_goes_on_with_his_order_on_another_device(shop: Shop) -> None:
    make_user("alice", make_client("Acme"))
    draft = signed_in(shop, "alice").pbx_up_to_administrator()

    tablet = signed_in(shop, "alice")

    assert tablet.start("hosted-pbx-10") == draft
    order = tablet.order_of(tablet.send(draft, "administrator", ADMINISTRATOR))
    assert order.draft == draft
    telephone = signed_in(shop, "alice")
    assert telephone.get(f"/checkout/{draft.uid}/")["Location"] == f"/my/orders/{order.uid}/"


def test_all_that_a_guest_wrote_is_his_client_s_and_gone_for_the_next_guest(
    shop: Shop, buyer: Buyer
) -> None:
    acme = make_client("Acme")
    alice = make_user("alice", acme)
    number = buyer.number_up_to_destination()
    pbx = buyer.start("hosted-pbx-10")
    buyer.browser.force_login(alice)

    assert buyer.get("/").status_code == 200

    assert {draft.client for draft in Draft.objects.all()} == {acme}
    assert buyer.browser.session[DRAFTS] == []
    buyer.browser.logout()
    for draft in (number, pbx):
        assert buyer.step(draft, "company").status_code == 404


def test_a_closed_order_says_so_and_begins_again(shop: Shop, buyer: Buyer, stranger: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    Draft.objects.update(state=Draft.State.EXPIRED)

    page = buyer.step(draft, "destination")

    assert page.status_code == 410
    assert "nobody went on with it for 14 days. Nothing was ordered or charged." in text_of(page)
    again = f"/checkout/{draft.uid}/again/"
    assert stranger.browser.post(again).status_code == 404
    begun = buyer.browser.post(again)["Location"]
    fresh = Draft.objects.get(state=Draft.State.OPEN)
    assert begun == f"/checkout/{fresh.uid}/"
    assert buyer.get(begun)["Location"] == f"/checkout/{fresh.uid}/number/"
    assert value_of(buyer.step(fresh, "company"), "company") == COMPANY["company"]
    assert stranger.step(fresh, "company").status_code == 404


def test_a_closed_order_of_what_is_sold_no_more_is_said_on_the_list(
    shop: Shop, buyer: Buyer
) -> None:
    draft = buyer.number_up_to_destination()
    Draft.objects.update(state=Draft.State.EXPIRED)
    shop.number.is_retired = True
    shop.number.save()

    assert buyer.browser.post(f"/checkout/{draft.uid}/again/")["Location"] == "/"
    assert "is not on sale right now. Nothing was ordered" in text_of(buyer.get("/"))
    assert not Draft.objects.filter(state=Draft.State.OPEN).exists()


def test_an_open_or_placed_order_is_not_begun_again(buyer: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    again = f"/checkout/{draft.uid}/again/"

    assert buyer.browser.post(again)["Location"] == f"/checkout/{draft.uid}/"
    placed = buyer.send(draft, "destination", SIP)["Location"]
    buyer.browser.post(again)
    assert Draft.objects.count() == 1
    assert buyer.get(f"/checkout/{draft.uid}/")["Location"] == placed


# -- the portal's card ------------------------------------------------------------------------------


def card(buyer: Buyer) -> str:
    """What the card on the portal's first page says; empty where there is none."""
    text = text_of(buyer.get("/my/"))
    return text.partition("Continue your order")[2].partition("My orders")[0]


def test_the_portal_shows_what_a_client_has_not_finished(shop: Shop) -> None:
    make_user("alice", make_client("Acme"))
    make_user("charlie", make_client("Other"))
    alice = signed_in(shop, "alice")
    assert card(alice) == ""
    draft = alice.pbx_up_to_administrator()
    number = shown(draft.answers["number"]["e164"])

    said = card(signed_in(shop, "alice"))

    assert "Hosted PBX, 10 seats" in said
    assert f"{number} , held until today" in said
    assert "Next: the administrator" in said
    Hold.objects.all().delete()
    assert f"{number} , no longer held" in card(alice)
    assert card(signed_in(shop, "charlie")) == ""
    alice.send(draft, "administrator", ADMINISTRATOR)
    assert card(alice) == ""


def test_a_guest_s_order_is_on_the_portal_as_soon_as_he_signs_in(shop: Shop, buyer: Buyer) -> None:
    alice = make_user("alice", make_client("Acme"))
    buyer.start("hosted-pbx-10")
    buyer.number_up_to_destination()

    buyer.browser.force_login(alice)

    said = card(buyer)
    assert "Next: where calls go" in said
    assert "Hosted PBX" not in said  # nothing was answered yet
