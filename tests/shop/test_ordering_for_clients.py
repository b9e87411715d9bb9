"""Staff orders for a client, in the wizard of the shop: from the choice of the client to the queue."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts.models import Client, User
from ringup.accounts.roles import CAPABILITIES, Can, Role
from ringup.catalog.models import Product, ProductGroup
from ringup.core.limiting import count
from ringup.core.models import Activity
from ringup.mail.models import Outbox
from ringup.numbers.models import Hold
from ringup.orders.models import Draft, Order
from ringup.shop.starting import CHOICES
from tests.shop.buying import ADMINISTRATOR, COMPANY, Buyer, Shop, text_of
from tests.world import make_client, make_user, run_jobs

SIP = {"goal": "sip-account"}
NEW = {
    "company": "Protea Tea", "contact": "Zanele Dube", "email": "Zanele@protea.example",
    "phone": "416 555 0199", "country": "CA",
}  # fmt: skip


@pytest.fixture
def acme(shop: Shop) -> Client:
    return make_client("Acme")


@pytest.fixture
def ann(shop: Shop) -> User:
    return make_user("ann", None, is_staff=True, role=Role.PROVISIONING)


def browsing(shop: Shop, user: User) -> Buyer:
    browser = Browser()
    browser.force_login(user)
    return Buyer(shop, browser)


@pytest.fixture
def staff(shop: Shop, ann: User) -> Buyer:
    return browsing(shop, ann)


def begin(staff: Buyer, client: Client, what: str = "product:number/monthly") -> Any:
    return staff.browser.post(reverse("office:begin-order", args=[client.uid]), {"what": what})


def begun(staff: Buyer, client: Client, what: str = "product:number/monthly") -> Draft:
    answer = begin(staff, client, what)
    draft = Draft.objects.latest("pk")
    assert answer["Location"] == reverse("shop:resume", args=[draft.uid])
    return draft


def up_to_destination(staff: Buyer, client: Client) -> Draft:
    draft = begun(staff, client)
    assert staff.send(draft, "company", COMPANY).status_code == 302
    e164 = staff.shop.offers()[0].e164
    assert staff.send(draft, "number", {"e164": e164}).status_code == 302
    draft.refresh_from_db()
    return draft


# -- the way -----------------------------------------------------------------------------------------


def test_a_number_for_a_client_whom_we_know(staff: Buyer, acme: Client, ann: User) -> None:
    draft = up_to_destination(staff, acme)
    page = staff.step(draft, "destination")
    assert "You are ordering for Acme ." in text_of(page)
    placed = staff.send(draft, "destination", SIP)
    order = Order.objects.get()
    assert placed["Location"] == reverse("office:order", args=[order.uid])
    assert staff.get(placed["Location"]).status_code == 200
    assert (order.client, order.draft.placed_by) == (acme, ann)
    for row in (order.events.get(), Activity.objects.get(subject=f"order:{order.uid}")):
        assert (row.actor, row.on_behalf_of) == (f"staff:{ann.pk}", f"client:{acme.pk}")
    assert "Ann for Acme" in staff.get(placed["Location"]).content.decode()
    # Opened once more, or sent twice, it is the same order.
    assert staff.get(f"/checkout/{draft.uid}/")["Location"] == placed["Location"]
    assert "orders" not in staff.browser.session


def test_a_pbx_for_a_new_client_whose_owner_gets_a_link(staff: Buyer, ann: User) -> None:
    where = reverse("office:new-order")
    answer = staff.browser.post(where, NEW)
    client = Client.objects.get()
    assert answer["Location"] == f"{where}?client={client.uid}"
    assert (client.name, client.country, client.phone) == ("Protea Tea", "CA", "+14165550199")
    owner = client.users.get()
    assert owner.email == "zanele@protea.example"
    assert not owner.has_usable_password()
    row = Activity.objects.get(subject=f"client:{client.uid}", what="opened the client")
    assert row.actor == f"staff:{ann.pk}"
    draft = begun(staff, client, "bundle:hosted-pbx-10/monthly")
    assert staff.send(draft, "company", COMPANY).status_code == 302
    e164 = staff.shop.cheap_offer().e164
    assert staff.send(draft, "number", {"e164": e164}).status_code == 302
    draft.refresh_from_db()
    label = draft.answers["tenant"]["label"]
    assert staff.send(draft, "tenant", {"label": label}).status_code == 302
    staff.send(draft, "administrator", ADMINISTRATOR)
    order = Order.objects.get()
    assert order.client == client
    run_jobs()
    mail = Outbox.objects.get(to="zanele@protea.example")
    assert "/account/password/" in mail.text


def test_an_address_that_is_somebodys_login_opens_no_client(staff: Buyer, acme: Client) -> None:
    make_user("zanele", acme)
    answer = staff.browser.post(reverse("office:new-order"), NEW | {"email": "ZANELE@example.com"})
    assert answer.status_code == 422
    text = text_of(answer)
    assert "has an account already" in text
    assert "Acme" in text  # the client behind it is offered
    assert Client.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company", ""), ("company", "<b>"), ("contact", " "), ("email", "x"), ("email", "a&b@c.de"),
        ("phone", "hello"), ("phone", "1"), ("country", ""), ("country", "XX"), ("company", "x" * 121),
    ],
)  # fmt: skip
def test_nonsense_opens_no_client(staff: Buyer, field: str, value: str) -> None:
    answer = staff.browser.post(reverse("office:new-order"), NEW | {field: value})
    assert answer.status_code == 422
    assert "No client was opened" in text_of(answer)
    assert not Client.objects.exists()


# -- which client ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["acme", "ACME office", "Contact", "office@acme", "416 555-0100", "(416) 5550100", "alice@"],
)
def test_a_client_is_found_by(staff: Buyer, acme: Client, words: str) -> None:
    make_user("alice", acme)
    Client.objects.filter(pk=make_client("Other").pk).update(phone="+442079460000")
    text = text_of(staff.get(reverse("office:new-order"), q=words))
    assert "Acme" in text
    if words != "Contact":
        assert "Other" not in text


def test_a_client_is_found_by_a_number_that_he_has(staff: Buyer, acme: Client) -> None:
    draft = up_to_destination(staff, acme)
    staff.send(draft, "destination", SIP)
    make_client("Other")
    e164 = draft.answers["number"]["e164"]
    text = text_of(staff.get(reverse("office:new-order"), q=e164))
    assert "Acme" in text
    assert "Other" not in text


def test_a_closed_client_is_no_choice(staff: Buyer, acme: Client) -> None:
    Client.objects.update(email="")
    assert "Acme" not in text_of(staff.get(reverse("office:new-order"), q="acme"))
    for where in (str(acme.uid), "x", "7"):
        assert staff.get(reverse("office:new-order"), client=where).status_code == 404
    assert begin(staff, acme).status_code == 404


# -- what --------------------------------------------------------------------------------------------


def test_also_what_the_shop_does_not_show(staff: Buyer, acme: Client, shop: Shop) -> None:
    Product.objects.filter(pk=shop.number.pk).update(is_hidden=True)
    ProductGroup.objects.filter(pk=shop.bundle.group_id).update(cart=ProductGroup.Cart.STAFF)
    page = text_of(staff.get(reverse("office:new-order"), client=str(acme.uid)))
    assert page.count("Not in the shop") >= 2
    assert "We are setting the shop up" in text_of(Buyer(shop, Browser()).get("/"))
    draft = up_to_destination(staff, acme)
    assert staff.send(draft, "destination", SIP)["Location"].startswith("/office/orders/")
    begun(staff, acme, "bundle:hosted-pbx-10/monthly")


@pytest.mark.parametrize("change", [{"is_retired": True}, {"stock": 0}])
def test_never_what_is_retired_or_sold_out(
    staff: Buyer, acme: Client, shop: Shop, change: dict[str, Any]
) -> None:
    Product.objects.filter(pk=shop.number.pk).update(**change)
    assert begin(staff, acme).status_code == 422
    assert not Draft.objects.exists()


def test_never_what_is_not_mapped(staff: Buyer, acme: Client, shop: Shop) -> None:
    shop.bundle.mapping.delete()
    assert begin(staff, acme, "bundle:hosted-pbx-10/monthly").status_code == 422


@pytest.mark.parametrize(
    "what", ["", "number", "product:number", "product:number/weekly", "bundle:number/monthly", "/"]
)
def test_nonsense_begins_nothing(staff: Buyer, acme: Client, what: str) -> None:
    answer = begin(staff, acme, what)
    assert answer.status_code == 422
    assert "Nothing was ordered" in text_of(answer)
    assert not Draft.objects.exists()


def test_prices_are_in_the_clients_currency(staff: Buyer, acme: Client) -> None:
    Client.objects.update(currency="EUR")
    page = text_of(staff.get(reverse("office:new-order"), client=str(acme.uid)))
    assert "Nothing can be ordered in EUR" in page
    assert begin(staff, acme).status_code == 422


# -- whose draft -------------------------------------------------------------------------------------


def test_a_colleague_finishes_it(staff: Buyer, acme: Client, shop: Shop) -> None:
    draft = up_to_destination(staff, acme)
    bob = make_user("bob", None, is_staff=True, role=Role.MANAGER)
    colleague = browsing(shop, bob)
    assert "Begun and not finished" in text_of(colleague.get(reverse("office:new-order")))
    assert colleague.send(draft, "destination", SIP).status_code == 302
    assert Order.objects.get().events.get().actor == f"staff:{bob.pk}"


@pytest.mark.parametrize("role", Role.values)
def test_only_staff_that_works_orders_opens_it(
    staff: Buyer, acme: Client, shop: Shop, role: str
) -> None:
    draft = begun(staff, acme)
    browser = browsing(shop, make_user("robin", None, is_staff=True, role=role))
    expected = 200 if Can.WORK_ORDERS in CAPABILITIES[role] else 404
    assert browser.step(draft, "company").status_code == expected
    assert begin(browser, acme).status_code == (302 if expected == 200 else 403)


def test_neither_the_client_nor_a_guest_opens_it(staff: Buyer, acme: Client, shop: Shop) -> None:
    draft = up_to_destination(staff, acme)
    alice = browsing(shop, make_user("alice", acme))
    guest = Buyer(shop, Browser())
    for buyer in (alice, guest):
        session = buyer.browser.session
        session["drafts"] = [str(draft.uid)]
        session.save()
        assert buyer.step(draft, "company").status_code == 404
        assert buyer.send(draft, "destination", SIP).status_code == 404
        assert buyer.browser.post(f"/checkout/{draft.uid}/leave/").status_code == 404
        assert draft.answers["number"]["e164"] not in buyer.get("/").content.decode()
    draft.refresh_from_db()
    assert draft.state == Draft.State.OPEN


def test_a_guest_who_became_staff_keeps_nothing_of_the_clients(
    staff: Buyer, acme: Client, ann: User
) -> None:
    draft = begun(staff, acme)
    User.objects.filter(pk=ann.pk).update(role=Role.SUPPORT)
    assert staff.step(draft, "company").status_code == 404


def test_without_a_second_step_where_it_is_required(
    staff: Buyer, acme: Client, settings: Any
) -> None:
    draft = begun(staff, acme)
    settings.RINGUP_STAFF_TWO_FACTOR = "required"
    assert staff.step(draft, "company").status_code == 403


def test_leaving_lets_the_numbers_go_and_leads_to_the_client(staff: Buyer, acme: Client) -> None:
    draft = up_to_destination(staff, acme)
    answer = staff.browser.post(f"/checkout/{draft.uid}/leave/")
    assert answer["Location"] == f"{reverse('office:new-order')}?client={acme.uid}"
    assert not Hold.objects.exists()
    assert "Begun and not finished" in text_of(staff.get(answer["Location"]))


def test_what_was_left_and_closed_begins_again_as_staffs(staff: Buyer, acme: Client) -> None:
    draft = up_to_destination(staff, acme)
    Draft.objects.filter(pk=draft.pk).update(state=Draft.State.EXPIRED)
    assert staff.browser.post(f"/checkout/{draft.uid}/again/").status_code == 302
    fresh = Draft.objects.latest("pk")
    assert fresh.pk != draft.pk
    assert (fresh.client, fresh.placed_by) == (acme, draft.placed_by)
    assert staff.step(fresh, "company").status_code == 200


def test_what_staff_removes_is_over(staff: Buyer, acme: Client) -> None:
    draft = up_to_destination(staff, acme)
    answer = staff.browser.post(f"/checkout/{draft.uid}/remove/")
    assert answer["Location"] == f"{reverse('office:new-order')}?client={acme.uid}"
    assert not Hold.objects.exists()
    assert "Begun and not finished" not in text_of(staff.get(answer["Location"]))


def test_staffs_own_cart_has_nothing_to_do_with_it(staff: Buyer, acme: Client) -> None:
    """What a member of staff selected as a guest, in the same browser."""
    own = staff.start("number", e164=staff.shop.offers()[3].e164)
    draft = up_to_destination(staff, acme)
    placed = staff.send(draft, "destination", SIP | {"to_cart": "yes"})
    assert placed["Location"].startswith("/office/orders/")
    own.refresh_from_db()
    assert own.state == Draft.State.OPEN


# -- holds -------------------------------------------------------------------------------------------


def test_what_staff_holds_counts_against_no_guest(
    staff: Buyer, buyer: Buyer, acme: Client, shop: Shop
) -> None:
    """Not against those of its network, and for each client by itself."""
    e164s = [offer.e164 for offer in shop.offers()]
    draft, other = begun(staff, acme), begun(staff, make_client("Other"))
    staff.send(draft, "company", COMPANY)
    staff.send(other, "company", COMPANY)
    assert staff.send(draft, "number", {"e164": e164s[0]}).status_code == 302
    assert staff.send(other, "number", {"e164": e164s[1]}).status_code == 302
    guest = buyer.start("number", e164=e164s[2])
    holds = {hold.holder: hold for hold in Hold.objects.all()}
    assert len({hold.guest for hold in holds.values()}) == 3
    assert holds[draft.uid].address == holds[other.uid].address == ""
    assert holds[guest.uid].address
    # A number that staff holds for one client is nobody else's, also not its own other client's.
    refused = staff.send(other, "number", {"e164": e164s[0]})
    assert refused.status_code == 422
    assert "Somebody else is buying" in text_of(refused)


def test_the_time_can_be_extended_and_numbers_dropped(staff: Buyer, acme: Client) -> None:
    draft = up_to_destination(staff, acme)
    assert staff.browser.post(f"/checkout/{draft.uid}/longer/").status_code == 302
    assert Hold.objects.get().is_extended
    staff.send(draft, "number", {"drop": draft.answers["number"]["e164"]})
    assert not Hold.objects.exists()


def test_staff_is_not_kept_waiting_by_guests_of_its_network(
    staff: Buyer, buyer: Buyer, acme: Client, shop: Shop
) -> None:
    while count(CHOICES, "127.0.0.1"):
        pass
    first, second = (offer.e164 for offer in shop.offers()[:2])
    refused = buyer.browser.post("/select/", {"slug": "number", "e164": first})
    assert "You chose many numbers" in text_of(buyer.get(refused["Location"]))
    draft = begun(staff, acme)
    staff.send(draft, "company", COMPANY)
    assert staff.send(draft, "number", {"e164": second}).status_code == 302


# -- acting as the client ----------------------------------------------------------------------------


def acting(shop: Shop, client: Client, user: User) -> Buyer:
    staff = browsing(shop, user)
    staff.browser.post(reverse("office:act-as", args=[client.uid]))
    return staff


def test_who_acts_orders_as_the_client_would(shop: Shop, acme: Client) -> None:
    sue = make_user("sue", None, is_staff=True, role=Role.SUPPORT)
    staff = acting(shop, acme, sue)
    draft = staff.number_up_to_destination()
    assert (draft.client, draft.placed_by) == (acme, None)
    assert "You act as Acme." in text_of(staff.step(draft, "destination"))
    order = staff.order_of(staff.send(draft, "destination", SIP))
    assert staff.get(reverse("portal:order", args=[order.uid])).status_code == 200
    event = order.events.get()
    assert (event.actor, event.on_behalf_of) == (f"staff:{sue.pk}", f"client:{acme.pk}")
    assert Hold.objects.get().address == ""
    # The client has it too, and staff has nothing of it when acting has ended.
    assert browsing(shop, make_user("alice", acme)).get("/my/").content.decode().count(order.label)
    staff.browser.post(reverse("office:stop-acting"))
    assert staff.get(reverse("portal:order", args=[order.uid])).status_code == 404
    assert staff.get(f"/checkout/{draft.uid}/").status_code == 404


def test_an_open_draft_is_out_of_reach_when_acting_has_ended(shop: Shop, acme: Client) -> None:
    staff = acting(shop, acme, make_user("sue", None, is_staff=True, role=Role.SUPPORT))
    draft = staff.number_up_to_destination()
    assert draft.answers["number"]["e164"] in staff.get("/").content.decode()
    staff.browser.post(reverse("office:stop-acting"))
    assert staff.step(draft, "destination").status_code == 404
    assert staff.send(draft, "destination", SIP).status_code == 404
    assert not Order.objects.exists()


def test_what_staff_began_as_a_guest_does_not_become_the_clients(
    shop: Shop, acme: Client, ann: User
) -> None:
    staff = browsing(shop, ann)
    own = staff.start("number")
    staff.browser.post(reverse("office:act-as", args=[acme.uid]))
    assert staff.step(own, "company").status_code == 404
    assert staff.start("number").pk != own.pk
    own.refresh_from_db()
    assert own.client is None


def test_an_order_of_the_back_office_waits_until_acting_ends(staff: Buyer, acme: Client) -> None:
    draft = begun(staff, acme)
    staff.browser.post(reverse("office:act-as", args=[make_client("Other").uid]))
    answer = staff.step(draft, "company")
    assert answer.status_code == 403
    assert "End acting first" in text_of(answer)
    # Beginning another order ends it.
    begun(staff, acme)
    assert staff.step(draft, "company").status_code == 200
    assert Activity.objects.filter(what="stopped acting as the client").count() == 1
