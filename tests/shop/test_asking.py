"""Asking for a number of a place whose digits the carrier chooses: a letter, and nothing ordered."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

import pytest
from django.http import HttpResponse

from ringup.accounts.models import Brand
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import PlaceOffer, Stock, StockArea
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.mail.models import Outbox
from ringup.numbers.models import Hold
from ringup.numbers.storing import Listed
from ringup.orders.models import Draft, Order
from ringup.shop import asking
from tests.shop.buying import Buyer, Shop, text_of, value_of
from tests.world import make_client, make_user

PLACE = PlaceOffer(
    "a-1", "DE", "", "Berlin", Money.of("2", "USD"), Money.of("1", "USD"), "", "30", 12,
    needs_papers=True,
)  # fmt: skip
AREA = StockArea("INT/DE", "Germany", "DE")
WISH = {"name": "Thandi Mokoena", "email": "Thandi@Karoo.example", "count": "3", "website": ""}


@pytest.fixture
def link(buyer: Buyer, shop: Shop) -> str:
    """Where "Ask for it" leads, of the one place on sale."""
    munich = replace(PLACE, key="a-2", rate_centre="Munich", prefix="", quantity=None)
    shop.put(Listed.of(AREA, Stock([], [PLACE, munich])))
    page = buyer.get("/", country="DE").content.decode()
    found = re.search(r'href="(/ask/[0-9a-f]+/)"[^>]*aria-label="Ask for a number in Berlin', page)
    assert found
    return found[1]


def send(buyer: Buyer, link: str, **typed: str) -> HttpResponse:
    form = buyer.get(link)
    data = WISH | {"uid": value_of(form, "uid")} | typed
    return buyer.browser.post(link, data)  # type: ignore[return-value]


def test_places_stand_in_the_list_with_price_and_stock(buyer: Buyer, link: str) -> None:
    text = text_of(buyer.get("/", country="DE"))

    assert "2 places in Germany" in text
    # 2.00 + 60 % + 0.50; set-up 1.00 + 50 %.
    assert "A number in Berlin, Germany +49 30… DE 12 available Papers needed" in text
    assert "$3.70 /mo $1.50 set-up Ask for it" in text
    assert "A number in Munich, Germany +49 … DE in stock" in text.replace("49…", "49 …")
    assert "A number in Berlin" in text_of(buyer.get("/", q="30*")), "digits it may begin with"
    assert "A number in Berlin" not in text_of(buyer.get("/", country="DE", q="89"))


def test_asking_writes_one_letter_and_says_what_happens_next(buyer: Buyer, link: str) -> None:
    form = buyer.get(link)
    assert "Begins with +49 30 Stock 12 available Price of each $3.70 a month" in text_of(form)
    data = WISH | {"uid": value_of(form, "uid"), "remark": "For our <b>front</b> desk."}

    answers = [buyer.browser.post(link, data) for _ in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    letter = Outbox.objects.get()
    assert letter.to == Brand.objects.get().support_email
    assert letter.subject == "3 numbers wanted: Berlin, Germany"
    for words in (
        "Thandi Mokoena",
        "thandi@karoo.example",
        "For our <b>front</b> desk.",
        "a-1",
        "$3.70",
    ):
        assert words in letter.text
    assert "<b>front" not in letter.html
    activity = Activity.objects.get(subject=letter.subject_of)
    assert (activity.actor, activity.what) == ("guest", "asked for 3 in Berlin, Germany")
    told = text_of(buyer.get(answers[0]["Location"]))
    assert "You asked for 3 numbers in Berlin, Germany." in told
    assert "writes to thandi@karoo.example" in told
    assert "Nothing was ordered or charged, and nothing is held for you." in told
    assert not Order.objects.exists()
    assert not Draft.objects.exists()
    assert not Hold.objects.exists()


def test_only_who_asked_sees_what_he_asked(buyer: Buyer, stranger: Buyer, link: str) -> None:
    page = send(buyer, link)["Location"]

    assert stranger.get(page).status_code == 404
    assert buyer.get(f"/asked/{uuid.uuid4()}/").status_code == 404


def test_a_clients_wish_is_signed_with_its_name(shop: Shop, buyer: Buyer, link: str) -> None:
    acme = make_client("Acme")
    buyer.browser.force_login(make_user("alice", acme))
    form = buyer.get(link)
    assert value_of(form, "email") == acme.email

    send(buyer, link)

    assert "(Acme) asks for 3 numbers" in Outbox.objects.get().text
    assert Activity.objects.get(subject__startswith="wish:").actor.startswith("user:")


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("name", "", "type your name"),
        ("name", "A\r\nBcc: x@y.example<", "leave out the characters"),
        ("email", "nobody", "type a complete e-mail address"),
        ("count", "", "type how many numbers you need"),
        ("count", "0", "type how many numbers you need"),
        ("count", "many", "type how many numbers you need"),
        ("count", "501", "up to 500 at once"),
        ("count", "9" * 400, "up to 500 at once"),
        ("remark", "x" * 1001, "use at most 1,000 characters"),
    ],
)
def test_what_is_typed_is_checked(
    buyer: Buyer, link: str, name: str, typed: str, sentence: str
) -> None:
    page = send(buyer, link, **{name: typed})

    assert page.status_code == 422
    assert sentence in text_of(page).lower()
    assert "Nothing was sent or ordered." in text_of(page)
    assert not Outbox.objects.exists()


def test_zero_bytes_and_other_scripts_do_no_harm(buyer: Buyer, link: str) -> None:
    sent = send(buyer, link, name="株式\x00会社", remark="\x00\u202e" + "語" * 100)

    assert sent.status_code == 302
    assert "株式会社 asks for 3 numbers" in Outbox.objects.get().text


def test_a_program_that_fills_in_everything_is_thanked_and_ignored(buyer: Buyer, link: str) -> None:
    page = send(buyer, link, website="https://spam.example/")

    assert page.status_code == 302
    assert not Outbox.objects.exists()


def test_many_questions_from_one_network_are_asked_to_wait(buyer: Buyer, link: str) -> None:
    for _ in range(asking.ASKS.times):
        assert send(buyer, link).status_code == 302

    refused = send(buyer, link)

    assert refused.status_code == 429
    assert "Several questions came from your network" in text_of(refused)
    assert Outbox.objects.count() == asking.ASKS.times


def test_a_place_that_is_gone_or_never_was(buyer: Buyer, shop: Shop, link: str) -> None:
    uid = str(uuid.uuid4())
    CarrierAccount.objects.update(countries=["US"])
    for gone in (link, "/ask/nonsense/"):
        page = buyer.get(gone)
        assert page.status_code == 404
        assert "are not on sale right now" in text_of(page)
        assert buyer.browser.post(gone, WISH | {"uid": uid}).status_code == 404
    assert not Outbox.objects.exists()
