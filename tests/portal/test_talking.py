"""What a client says about an order: who may, how often, and what the page shows of both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.member_roles import MemberRole
from ringup.catalog.pricing import Quote
from ringup.core.money import Money
from ringup.flows.orders import writing
from ringup.numbers.models import Hold
from ringup.orders.models import Order, OrderMessage
from ringup.orders.proposals import Proposal, open_proposal
from tests.factories import Shop, make_pbx_order
from tests.portal.conftest import browser_of
from tests.portal.test_access import just_ordered
from tests.world import SAM, People, make_user


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


def page(browser: Browser, order: Order) -> str:
    return browser.get(reverse("portal:order", args=[order.uid])).content.decode()


def post(browser: Browser, name: str, order: Order, **data: str) -> Any:
    return browser.post(reverse(f"portal:{name}", args=[order.uid]), data)


def propose(order: Order, shop: Shop) -> Proposal:
    """A dearer number, as staff leaves it behind."""
    chosen = {
        "e164": "+12125550177", "country": "US", "region": "NY", "region_name": "New York",
        "rate_centre": "New York", "currency": "USD", "cost_currency": "USD",
        "cost_monthly_micros": 5_000_000, "cost_setup_micros": 0,
        "price_monthly_micros": 9_000_000, "price_setup_micros": 0, "needs_papers": False,
    }  # fmt: skip
    data = order.lines.get().quote
    data["lines"][0]["recurring_micros"] = Money.of("88", "USD").micros
    until = timezone.now() + timedelta(hours=48)
    proposal = Proposal(chosen, Quote.from_data(data), until, "Sam")
    Order.objects.filter(pk=order.pk).update(proposed=proposal.as_data())
    Hold.objects.create(
        e164="+12125550177", account=shop.account, holder=order.draft.uid, expires=until
    )
    found = open_proposal(Order.objects.get(pk=order.pk))
    assert found is not None
    return found


def test_both_sides_are_shown_with_who_wrote_and_as_plain_text(
    alice: Browser, order: Order
) -> None:
    writing.write_as_staff(order, "See <b>https://evil.example</b>\nline two", actor=SAM)
    assert (
        post(alice, "write", order, text="<script>alert(1)</script> thank you").status_code == 302
    )
    text = page(alice, order)
    assert "Sam (staff)" in text
    assert ">Alice</b>" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; thank you" in text
    assert "&lt;b&gt;https://evil.example&lt;/b&gt;" in text
    assert 'href="https://evil.example' not in text


def test_a_question_stands_on_top_until_it_is_answered(alice: Browser, order: Order) -> None:
    writing.write_as_staff(order, "Which street is it?", actor=SAM, is_question=True)
    text = page(alice, order)
    assert text.index("It is your turn: please answer a question") < text.index("Progress")
    assert "Nothing to do on your side" not in text
    assert "Your answer, please" in text
    assert text.count('id="message-text"') == 1
    answer = alice.post(reverse("portal:write", args=[order.uid]), {"text": "Main 5"}, follow=True)
    assert "Your answer is sent. We go on with your order." in answer.content.decode()
    assert "It is your turn" not in answer.content.decode()
    order.refresh_from_db()
    assert order.asked is None


def test_what_is_refused_is_still_in_the_box(alice: Browser, order: Order) -> None:
    answer = post(alice, "write", order, text="x" * 4_001)
    assert answer.status_code == 422
    assert "at most 4,000 characters. Nothing was sent." in answer.content.decode()
    assert "x" * 4_001 in answer.content.decode()
    for text in ("", "a\x00b"):
        assert post(alice, "write", order, text=text).status_code == 422
    assert not OrderMessage.objects.exists()


def test_many_messages_in_a_short_time_are_refused(alice: Browser, order: Order) -> None:
    for number in range(12):
        assert post(alice, "write", order, text=f"Message {number}").status_code == 302
    answer = post(alice, "write", order, text="One more")
    assert answer.status_code == 422
    assert "Wait 15 minutes" in answer.content.decode()
    assert OrderMessage.objects.count() == 12


def test_a_guest_who_has_just_ordered_writes_and_answers(order: Order, shop: Shop) -> None:
    guest = just_ordered(order)
    assert post(guest, "write", order, text="Please hurry").status_code == 302
    assert "Acme Contact" in page(guest, order)
    proposal = propose(order, shop)
    assert post(guest, "take-proposal", order, mark=proposal.mark).status_code == 302
    order.refresh_from_db()
    assert order.proposed == {}
    # Another order of the same client is not his to write to.
    other = make_pbx_order(shop, order.client)
    assert post(guest, "write", other, text="And this?").status_code == 302
    assert not other.messages.exists()


@pytest.mark.parametrize("name", ["write", "take-proposal", "leave-proposal"])
def test_strangers_and_staff_change_nothing(
    order: Order, shop: Shop, people: People, name: str
) -> None:
    proposal = propose(order, shop)
    for user in (people.charlie, people.sam):
        answer = post(browser_of(user), name, order, text="x", mark=proposal.mark)
        assert answer.status_code == 404
    assert post(Browser(), name, order, text="x", mark=proposal.mark).status_code == 302
    order.refresh_from_db()
    assert order.proposed != {}
    assert not order.messages.exists()


def test_the_price_is_shown_before_it_is_taken(alice: Browser, order: Order, shop: Shop) -> None:
    proposal = propose(order, shop)
    text = page(alice, order)
    assert "do you want this number instead?" in text
    assert "$88.00" in text
    assert "$79.00" in text
    assert f'value="{proposal.mark}"' in text
    assert post(alice, "take-proposal", order, mark="somethingelse").status_code == 422
    assert post(alice, "take-proposal", order, mark=proposal.mark).status_code == 302
    text = page(alice, order)
    assert "212\N{NO-BREAK SPACE}555\N{NO-BREAK SPACE}0177" in text
    assert "$88.00" in text
    assert "Took +1 212 555 0177, which we proposed." in text


def test_leaving_keeps_the_order(alice: Browser, order: Order, shop: Shop) -> None:
    proposal = propose(order, shop)
    assert post(alice, "leave-proposal", order, mark=proposal.mark).status_code == 302
    assert post(alice, "leave-proposal", order, mark=proposal.mark).status_code == 422
    text = page(alice, order)
    assert "Did not take +1 212 555 0177." in text
    assert "$88.00" not in text


def test_who_sees_no_prices_cannot_agree_to_one(order: Order, shop: Shop, people: People) -> None:
    proposal, bob = propose(order, shop), browser_of(people.bob)
    text = page(bob, order)
    assert "$88.00" not in text
    assert "your role does not see prices" in text
    assert post(bob, "take-proposal", order, mark=proposal.mark).status_code == 403
    assert post(bob, "leave-proposal", order, mark=proposal.mark).status_code == 302
    bella = browser_of(make_user("bella", people.acme, role=MemberRole.BILLING))
    assert "Write to us" in page(bella, order)


def test_an_old_thread_is_read_only(alice: Browser, order: Order) -> None:
    writing.write_as_staff(order, "It is done.", actor=SAM)
    Order.objects.filter(pk=order.pk).update(
        state=Order.State.CANCELLED, closed=timezone.now() - timedelta(days=31)
    )
    text = page(alice, order)
    assert "It is done." in text
    assert 'id="message-text"' not in text
    assert post(alice, "write", order, text="Hello?").status_code == 422


def test_the_timeline_says_who_acted_for_whom_we_wait_and_how_long(
    alice: Browser, order: Order, people: People
) -> None:
    order.note("PBX address changed.", actor=SAM)
    order.note("Wished for.", actor=people.bob.as_actor())
    nameless = people.sam
    nameless.first_name = ""
    order.note("Looked at.", actor=nameless.as_actor())
    text = page(alice, order)
    for words in ("Sam (staff)", "Bob", "our staff", "Waits for us", "within one working day"):
        assert words in text, words
    assert nameless.email not in text
