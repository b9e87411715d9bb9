"""Whose drafts and orders a browser may open: a session outlives a person's place at a client."""

from __future__ import annotations

from django.test import Client as Browser

from ringup.accounts.access import CHOSEN_CLIENT
from ringup.accounts.models import Client, Membership, User
from ringup.orders.models import Draft
from tests.shop.buying import COMPANY, Buyer, Shop
from tests.world import make_client

SIP = {"goal": "sip-account"}


def member_of(shop: Shop, *clients: Client) -> tuple[Buyer, User]:
    user = User.objects.create_user(username="nomsa", email="nomsa@karoo.example")
    for client in clients:
        Membership.objects.create(user=user, client=client, role=Membership.Role.OWNER)
    browser = Browser()
    browser.force_login(user)
    return Buyer(shop, browser), user


def act_for(buyer: Buyer, client: Client) -> None:
    session = buyer.browser.session
    session[CHOSEN_CLIENT] = str(client.uid)
    session.save()


def test_who_has_left_a_client_opens_and_orders_none_of_its_drafts(shop: Shop) -> None:
    karoo = make_client("Karoo")
    buyer, user = member_of(shop, karoo)
    draft = buyer.number_up_to_destination()
    assert draft.client == karoo
    Membership.objects.filter(user=user).delete()
    assert buyer.step(draft, "company").status_code == 404
    assert buyer.send(draft, "destination", SIP).status_code == 404
    draft.refresh_from_db()
    assert draft.state == Draft.State.OPEN
    assert draft.answers["number"]["e164"] not in buyer.get("/").content.decode()


def test_who_has_left_a_client_sees_its_orders_no_more(shop: Shop) -> None:
    buyer, user = member_of(shop, make_client("Karoo"))
    draft = buyer.number_up_to_destination()
    placed = buyer.send(draft, "destination", SIP)
    assert buyer.get(placed["Location"]).status_code == 200
    Membership.objects.filter(user=user).delete()
    assert buyer.get(placed["Location"]).status_code == 404
    assert buyer.get(f"/checkout/{draft.uid}/").status_code == 404


def test_what_is_chosen_for_one_client_comes_into_no_draft_of_the_other(shop: Shop) -> None:
    karoo, fynbos = make_client("Karoo"), make_client("Fynbos")
    buyer, _ = member_of(shop, karoo, fynbos)
    first, second = (offer.e164 for offer in shop.offers()[:2])
    old = buyer.start("number", e164=first)
    act_for(buyer, fynbos)
    new = buyer.start("number", e164=second)
    assert (old.client, new.client) == (karoo, fynbos)
    assert new.answers["number"]["e164"] == second
    act_for(buyer, karoo)
    assert buyer.start("number").pk == old.pk


def test_a_guest_opens_what_he_has_ordered_also_from_the_draft(shop: Shop, buyer: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    placed = buyer.send(draft, "destination", SIP)
    assert buyer.get(placed["Location"]).status_code == 200
    assert buyer.get(f"/checkout/{draft.uid}/")["Location"] == placed["Location"]


def test_a_guest_s_draft_is_his_client_s_when_he_signs_in(shop: Shop, buyer: Buyer) -> None:
    karoo = make_client("Karoo")
    draft = buyer.start("number", e164=shop.offers()[0].e164)
    user = User.objects.create_user(username="nomsa", email=COMPANY["email"])
    Membership.objects.create(user=user, client=karoo, role=Membership.Role.OWNER)
    buyer.browser.force_login(user)
    assert buyer.start("number").pk == draft.pk
    assert buyer.step(draft, "company").status_code == 200
    draft.refresh_from_db()
    assert draft.client == karoo
