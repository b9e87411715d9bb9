"""The checkout as a whole: who may go on with a draft, and what placing the order makes."""

from __future__ import annotations

import re
import threading
import uuid

import bcrypt
import pytest
from django.core import mail
from django.db import connection
from django.test import Client as Browser

from ringup.accounts.models import Brand, Client, Membership, User
from ringup.catalog.pricing import Quote
from ringup.core.limiting import count
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.mail.models import Outbox
from ringup.numbers.models import Hold, OwnedNumber
from ringup.orders.models import Draft, Order
from ringup.services.models import DomainClaim, Service
from ringup.services.wanted import WantedTenant
from ringup.shop import placing
from ringup.shop.steps.administrator import EMERGENCY_NOTICE
from tests.shop.buying import ADMINISTRATOR, COMPANY, PASSWORD, Buyer, Shop, text_of, value_of
from tests.world import make_client, make_user, run_jobs

ACCOUNT_PASSWORD = "Correct-Horse-9"

# -- a whole order --------------------------------------------------------------------------------


def test_a_guest_orders_a_pbx_and_everything_is_made_once(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    response = buyer.send(draft, "administrator", ADMINISTRATOR)

    order = buyer.order_of(response)
    assert (order.state, order.is_sandbox) == (Order.State.PENDING, True)
    client = Client.objects.get()
    assert (client.name, client.email) == ("Karoo Freight (Pty) Ltd", "thandi@karoo.example")
    user = User.objects.get()
    assert user.email == "thandi@karoo.example"
    assert not user.has_usable_password()
    assert Membership.objects.get().role == Membership.Role.OWNER
    number = OwnedNumber.objects.get()
    assert number.e164 == draft.answers["number"]["e164"]
    assert Hold.objects.get().state == Hold.State.LOCKED
    tenant = order.lines.get().service
    assert DomainClaim.objects.get().domain == "karoofreight.pbx.ringup.example"
    assert Service.objects.filter(tenant=tenant, number=number).count() == 1
    wanted = WantedTenant.from_data(tenant.wanted)
    assert [row.extension for row in wanted.extensions] == [str(1001 + i) for i in range(10)]
    assert (wanted.time_zone, wanted.administrator_username) == ("America/Toronto", "admin")
    assert {job.name for job in Job.objects.all()} == {"orders.received", "provisioning.plan"}


def test_the_acceptance_of_the_emergency_notice_is_kept_with_its_version(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    buyer.send(draft, "administrator", ADMINISTRATOR)

    draft.refresh_from_db()
    assert draft.answers["administrator"]["emergency_notice"] == EMERGENCY_NOTICE


def test_the_password_is_kept_as_a_hash_and_nowhere_else(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    order = buyer.order_of(buyer.send(draft, "administrator", ADMINISTRATOR))

    secrets = order.lines.get().service.open_secrets()
    assert bcrypt.checkpw(PASSWORD.encode(), secrets["administrator_hash"].encode())
    assert PASSWORD not in everything_stored()
    assert PASSWORD not in str(dict(buyer.browser.session))
    assert Activity.objects.exists()


def everything_stored() -> str:
    """Every row of every table, as text."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += [str(row) for row in cursor.fetchall()]
    assert any("karoofreight" in row for row in rows)
    return "\n".join(rows)


def test_a_guest_orders_a_plain_number(buyer: Buyer) -> None:
    draft = buyer.number_up_to_destination()

    order = buyer.order_of(
        buyer.send(draft, "destination", {"goal": "telephone", "telephone": "416 555 0199"})
    )

    line = order.lines.get()
    assert line.service.kind == Service.Kind.NUMBER
    assert line.service.wanted == {"goal": "telephone", "value": "+14165550199"}
    assert line.quote["currency"] == "USD"


def test_the_buyer_sees_his_order_before_he_has_a_password(buyer: Buyer, stranger: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    response = buyer.send(draft, "destination", {"goal": "sip-account"})

    assert buyer.get(response["Location"]).status_code == 200
    assert stranger.get(response["Location"]).status_code in (302, 404)


def test_the_buttons_say_that_nothing_is_charged_yet(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    text = text_of(buyer.step(draft, "administrator"))

    assert "Create user & complete order" in text
    assert "Nothing is charged yet: your order is reviewed first." in text


# -- twice ----------------------------------------------------------------------------------------


def test_sending_the_last_step_twice_gives_one_order(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    first = buyer.send(draft, "administrator", ADMINISTRATOR)
    second = buyer.send(draft, "administrator", ADMINISTRATOR)

    assert first["Location"] == second["Location"]
    assert Order.objects.count() == Client.objects.count() == 1


def test_sending_the_last_step_twice_at_once_gives_one_order(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    session = buyer.browser.cookies["sessionid"].value
    pages: list[int] = []
    together = threading.Barrier(3)

    def send() -> None:
        browser = Browser()
        browser.cookies["sessionid"] = session
        together.wait()
        pages.append(Buyer(shop, browser).send(draft, "administrator", ADMINISTRATOR).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert pages == [302, 302, 302]
    assert Order.objects.count() == Client.objects.count() == OwnedNumber.objects.count() == 1


def test_a_finished_order_is_shown_and_not_written_again(buyer: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    order = buyer.send(draft, "destination", {"goal": "sip-account"})["Location"]

    for slug in ("company", "number", "destination"):
        assert buyer.step(draft, slug)["Location"] == order
    assert buyer.send(draft, "company", COMPANY, company="Other")["Location"] == order
    assert buyer.get(f"/checkout/{draft.uid}/")["Location"] == order


# -- in order -------------------------------------------------------------------------------------


def test_going_ahead_leads_to_the_first_step_that_is_missing(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.start("hosted-pbx-10")

    for slug in ("number", "tenant", "administrator"):
        assert buyer.step(draft, slug)["Location"] == f"/checkout/{draft.uid}/"
        assert buyer.send(draft, slug, {"e164": shop.offers()[0].e164}).status_code == 302
    assert buyer.get(f"/checkout/{draft.uid}/")["Location"] == f"/checkout/{draft.uid}/company/"
    draft.refresh_from_db()
    assert draft.answers == {}


def test_a_number_chosen_on_the_front_page_is_not_asked_for_again(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.start("number", e164=shop.offers()[0].e164)

    response = buyer.send(draft, "company", COMPANY)

    assert response["Location"] == f"/checkout/{draft.uid}/destination/"


def test_steps_of_the_other_kind_do_not_exist(buyer: Buyer, shop: Shop) -> None:
    number = buyer.start("number", e164=shop.offers()[0].e164)
    pbx = buyer.start("hosted-pbx-10")

    assert buyer.step(number, "tenant").status_code == 404
    assert buyer.step(pbx, "destination").status_code == 404
    assert buyer.step(pbx, "nonsense").status_code == 404


def test_answers_are_there_again_when_the_buyer_comes_back(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    assert value_of(buyer.step(draft, "company"), "contact") == "Thandi Mokoena"
    assert value_of(buyer.step(draft, "tenant"), "label") == "karoofreight"


def test_leaving_frees_the_number_and_keeps_the_answers(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    buyer.browser.post(f"/checkout/{draft.uid}/leave/")

    assert not Hold.objects.exists()
    assert "is no longer held. Nothing was ordered or charged." in text_of(buyer.get("/"))
    draft.refresh_from_db()
    assert draft.answers["company"]["contact"] == "Thandi Mokoena"


def test_a_draft_that_was_left_for_too_long_says_so(buyer: Buyer) -> None:
    draft = buyer.start("hosted-pbx-10")
    Draft.objects.update(state=Draft.State.EXPIRED)

    page = buyer.step(draft, "company")

    assert page.status_code == 410
    assert "Nothing was ordered or charged." in text_of(page)


# -- whose draft it is ----------------------------------------------------------------------------


def test_strangers_and_made_up_drafts_are_not_found(buyer: Buyer, stranger: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()

    for path in ("", "company/", "administrator/", "domain/?company=x"):
        assert stranger.get(f"/checkout/{draft.uid}/{path}").status_code == 404
        assert buyer.get(f"/checkout/{uuid.uuid4()}/{path}").status_code == 404
    assert stranger.send(draft, "company", COMPANY).status_code == 404
    assert stranger.browser.post(f"/checkout/{draft.uid}/leave/").status_code == 404
    assert Hold.objects.exists()


def test_another_client_does_not_find_a_clients_draft(shop: Shop) -> None:
    make_user("alice", make_client("Acme"))
    make_user("charlie", make_client("Other"))
    alice, charlie = signed_in(shop, "alice"), signed_in(shop, "charlie")
    draft = alice.start("hosted-pbx-10")

    assert charlie.step(draft, "company").status_code == 404
    assert alice.step(draft, "company").status_code == 200
    # Another browser of the same login goes on with it.
    assert signed_in(shop, "alice").step(draft, "company").status_code == 200


def signed_in(shop: Shop, name: str) -> Buyer:
    browser = Browser()
    assert browser.login(username=f"{name}@example.com", password=ACCOUNT_PASSWORD)
    return Buyer(shop, browser)


def test_a_client_orders_for_itself_and_no_second_one_is_made(shop: Shop) -> None:
    acme = make_client("Acme")
    make_user("alice", acme)
    alice = signed_in(shop, "alice")
    draft = alice.pbx_up_to_administrator(email="other@acme.example")

    order = alice.order_of(alice.send(draft, "administrator", ADMINISTRATOR))

    assert order.client == acme
    assert Client.objects.count() == User.objects.count() == 1


def test_a_clients_details_are_filled_in(shop: Shop) -> None:
    make_user("alice", make_client("Acme"))
    alice = signed_in(shop, "alice")

    page = alice.step(alice.start("hosted-pbx-10"), "company")

    assert value_of(page, "company") == "Acme"
    assert value_of(page, "phone") == "+1 416 555 0100"


# -- an e-mail address that has an account --------------------------------------------------------


def test_a_known_email_orders_like_any_other_and_its_owner_is_invited(
    buyer: Buyer, shop: Shop
) -> None:
    alice = make_user("alice", make_client("Acme"))
    draft = buyer.number_up_to_destination(email="Alice@Example.com")

    order = buyer.order_of(buyer.send(draft, "destination", {"goal": "sip-account"}))

    assert buyer.get(f"/my/orders/{order.uid}/").status_code == 200
    for _ in range(2):  # told twice, one mail
        run_jobs()
        enqueue("orders.received", key="again", order=str(order.uid))
    mails = Outbox.objects.filter(to="alice@example.com")
    assert sorted(mails.values_list("template", flat=True)) == [
        "client-invitation",
        "order-received",
    ]
    assert "password/" not in mails.get(template="order-received").text
    link = re.search(r"http://[^/]+(/my/join/\S+)", mails.get(template="client-invitation").text)
    assert link
    browser = Browser()
    browser.force_login(alice)
    assert browser.post(link[1])["Location"] == "/my/"
    assert order.client.memberships.get().user == alice


def test_a_known_buyer_signs_in_and_comes_back_to_his_order(buyer: Buyer, shop: Shop) -> None:
    acme = make_client("Acme")
    make_user("alice", acme)
    draft = buyer.pbx_up_to_administrator(email="Alice@Example.com")
    page = buyer.step(draft, "company")
    link = re.search(r'href="(/account/sign-in/\?next=[^"]+)"', page.content.decode())
    assert link
    credentials = {"email": "alice@example.com", "password": ACCOUNT_PASSWORD}
    back = buyer.browser.post(link[1], credentials)
    assert back["Location"] == f"/checkout/{draft.uid}/"
    step = buyer.get(back["Location"])["Location"]
    assert step == f"/checkout/{draft.uid}/administrator/"
    order = buyer.order_of(buyer.send(draft, "administrator", ADMINISTRATOR))
    assert order.client == acme
    assert Client.objects.count() == 1


# -- what can go wrong at the last moment ---------------------------------------------------------


def test_a_number_sold_while_the_buyer_wrote_leads_back_to_the_numbers(
    buyer: Buyer, shop: Shop
) -> None:
    draft = buyer.pbx_up_to_administrator()
    shop.sell(draft.answers["number"]["e164"])

    refused = buyer.send(draft, "administrator", ADMINISTRATOR)

    assert refused["Location"] == f"/checkout/{draft.uid}/number/"
    assert "sold, or not on sale here. Nothing was charged." in text_of(buyer.step(draft, "number"))
    assert not Order.objects.exists()
    assert not User.objects.exists()
    other = shop.cheap_offer().e164
    assert buyer.send(draft, "number", {"e164": other})["Location"].endswith("/administrator/")
    order = buyer.order_of(buyer.send(draft, "administrator", ADMINISTRATOR))
    assert OwnedNumber.objects.get().e164 == other
    assert order.client.name == COMPANY["company"]


def test_a_pbx_name_taken_while_the_buyer_wrote_leads_back_to_the_pbx(
    buyer: Buyer, stranger: Buyer, shop: Shop
) -> None:
    draft = buyer.pbx_up_to_administrator()
    first = stranger.start("hosted-pbx-10")
    stranger.send(first, "company", COMPANY, email="other@karoo.example")
    stranger.send(first, "number", {"e164": shop.offers()[-1].e164})
    stranger.send(first, "tenant", {"label": "karoofreight"})
    stranger.order_of(stranger.send(first, "administrator", ADMINISTRATOR))

    refused = buyer.send(draft, "administrator", ADMINISTRATOR)

    assert refused["Location"] == f"/checkout/{draft.uid}/tenant/"
    page = buyer.step(draft, "tenant")
    assert "is taken by another company. Add a word" in text_of(page)
    assert value_of(page, "label") == "karoofreight"
    assert Order.objects.count() == 1


def test_a_taken_name_is_refused_at_the_first_step(
    buyer: Buyer, stranger: Buyer, shop: Shop
) -> None:
    first = stranger.pbx_up_to_administrator()
    stranger.send(first, "administrator", ADMINISTRATOR)
    draft = buyer.start("hosted-pbx-10")

    page = buyer.send(draft, "company", COMPANY)

    assert page.status_code == 422
    assert "karoofreight.pbx.ringup.example is taken by another company" in text_of(page)
    assert value_of(page, "contact") == "Thandi Mokoena"


@pytest.mark.parametrize("fault", ["500", "html", "429", "reply_lost_after"])
def test_a_silent_carrier_loses_nothing(buyer: Buyer, shop: Shop, fault: str) -> None:
    draft = buyer.pbx_up_to_administrator()
    shop.carrier.faults.add(fault, times=-1)

    refused = buyer.send(draft, "administrator", ADMINISTRATOR)

    assert refused["Location"] == f"/checkout/{draft.uid}/number/"
    page = buyer.step(draft, "number")
    assert "does not answer right now. Nothing was charged and your answers are kept." in (
        text_of(page)
    )
    assert not Order.objects.exists()
    draft.refresh_from_db()
    assert draft.answers["administrator"]["username"] == "admin"
    assert draft.state == Draft.State.OPEN


def test_a_price_that_rose_is_shown_before_it_is_ordered(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    rule = shop.account.price_rules.get()
    rule.percent = 500
    rule.save()

    refused = buyer.send(draft, "administrator", ADMINISTRATOR)

    assert refused["Location"] == f"/checkout/{draft.uid}/number/"
    assert "has changed. Nothing was ordered." in text_of(buyer.step(draft, "number"))


def test_a_flood_of_orders_is_asked_to_wait(buyer: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    for _ in range(placing.SUBMITS.times):
        count(placing.SUBMITS, "127.0.0.1")

    page = buyer.send(draft, "destination", {"goal": "sip-account"})

    assert page.status_code == 422
    assert "Many orders came from your network" in text_of(page)
    assert not Order.objects.exists()
    assert not mail.outbox


def test_a_form_without_a_token_is_refused_in_plain_words(buyer: Buyer, shop: Shop) -> None:
    strict = Browser(enforce_csrf_checks=True)

    page = strict.post("/start/", {"slug": "hosted-pbx-10"})

    assert page.status_code == 403
    assert "nothing was sent, ordered or charged" in text_of(page)
    assert not Draft.objects.exists()


def test_what_is_not_on_sale_cannot_be_started(buyer: Buyer) -> None:
    response = buyer.browser.post("/start/", {"slug": "no-such-thing"})

    assert response["Location"] == "/#results"
    assert "This is not on sale right now." in text_of(buyer.get("/"))


def test_a_bundle_that_grew_dearer_is_shown_before_it_is_ordered(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    seen = value_of(buyer.step(draft, "administrator"), "seen")
    shop.bundle.prices.filter(cycle="monthly").update(amount_micros=99_000_000)

    refused = buyer.send(draft, "administrator", ADMINISTRATOR, seen=seen)

    assert refused.status_code == 422
    assert "The price has changed" in text_of(refused)
    assert not Order.objects.exists()
    again = value_of(refused, "seen")
    order = buyer.order_of(buyer.send(draft, "administrator", ADMINISTRATOR, seen=again))
    assert Quote.from_data(order.lines.get().quote).lines[0].recurring == Money.of("99", "USD")


def test_a_bundle_that_shrank_is_not_ordered_unseen(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    seen = value_of(buyer.step(draft, "administrator"), "seen")
    shop.bundle.items.filter(product__seats=1).update(quantity=3)

    refused = buyer.send(draft, "administrator", ADMINISTRATOR, seen=seen)

    assert (refused.status_code, Order.objects.count()) == (422, 0)
    assert "how many seats" in text_of(refused)
    again = value_of(refused, "seen")
    order = buyer.order_of(buyer.send(draft, "administrator", ADMINISTRATOR, seen=again))
    assert len(order.lines.get().service.wanted["extensions"]) == 3


def test_a_draft_in_another_currency_than_the_shop_shows_stays_behind(
    buyer: Buyer, shop: Shop
) -> None:
    start = {"slug": shop.bundle.slug}
    buyer.browser.post("/start/", start)
    buyer.browser.post("/start/", start)
    Brand.objects.update(currency="CAD")
    shop.bundle.prices.update(currency="CAD", amount_currency="CAD", setup_currency="CAD")
    buyer.browser.post("/start/", start)
    assert list(Draft.objects.order_by("pk").values_list("currency", flat=True)) == ["USD", "CAD"]
