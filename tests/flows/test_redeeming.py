"""Promotion codes from the draft to the order: what counts, who gets the last use, what is given back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pytest_django import Settings

from ringup.accounts.models import Client
from ringup.catalog import promotions
from ringup.catalog.pricing import Quote
from ringup.catalog.promotions import NotCounting
from ringup.catalog.rule_models import PromoCode, PromoUse
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out, quoting, redeeming
from ringup.flows.orders import cancelling
from ringup.orders.models import Draft, Order
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.racing import at_once, refused
from tests.world import COMPANY, SAM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None, settings: Settings) -> Iterator[ToyShop]:
    with toy_shop(settings, "forgetful") as made:
        yield made


def promo(**fields: Any) -> PromoCode:
    rest = {"code": "WELCOME", "kind": PromoCode.Kind.FREE_MONTHS, "free_months": 1} | fields
    return PromoCode.objects.create(**rest)


def drafted(shop: ToyShop, *, place: int = 0, numbers: int = 1, **company: str) -> Draft:
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(place + numbers)[place:])
    return shop.complete(draft, **company)


def frozen(order: Order) -> Quote:
    return Quote.from_data(order.lines.get().quote)


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("client", "brand", "product", "bundle").get(pk=draft.pk)


def today() -> Any:
    return promotions.today_of(Draft.objects.all()[0].brand)


# -- what counts ----------------------------------------------------------------------------------


def test_a_code_makes_the_quote_cheaper_and_is_frozen_with_the_order(shop: ToyShop) -> None:
    draft, code = drafted(shop), promo()
    before = quoting.quote_draft(draft)
    seen = quoting.mark_of(quoting.quote_draft(draft), draft.sold)
    redeeming.enter(draft, " wel come ")
    shown = quoting.quote_draft(draft)
    assert quoting.mark_of(quoting.quote_draft(draft), draft.sold) != seen
    assert shown.first_payment == before.setup
    assert [stage.total for stage in shown.then] == [before.recurring]
    order = checking_out.submit(draft)
    assert frozen(order) == shown
    code.refresh_from_db()
    assert code.uses == 1
    assert PromoUse.objects.get().order == order.uid
    redeeming_words = [line.text for line in shown.lines if line.kind == "discount"]
    assert redeeming_words == ["WELCOME: 1 month free"]


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"is_retired": True}, "has ended"),
        ({"ends": -1}, "has ended"),
        ({"begins": 1}, "begins on"),
        ({"most_uses": 3, "uses": 3}, "used up"),
        ({"cycles": ["annual"]}, "annual payment"),
        ({"minimum_micros": 10**10, "minimum_currency": "USD"}, "at least \\$10,000.00"),
        ({"minimum_micros": 1, "minimum_currency": "EUR"}, "orders in EUR"),
        ({"kind": "amount", "amount_micros": 1, "amount_currency": "CAD"}, "orders in CAD"),
        ({"only": "bundle"}, "is not for"),
        ({"code": "OTHER"}, "do not know the code"),
    ],
)
def test_a_code_that_does_not_count_says_why(
    shop: ToyShop, fields: dict[str, Any], why: str
) -> None:
    draft = drafted(shop)
    for name in ("begins", "ends"):
        if name in fields:
            fields = fields | {name: today() + fields[name] * DAY}
    only = fields.pop("only", "") if "only" in fields else ""
    code = promo(**fields)
    if only:
        code.bundles.add(shop.bundle)
    with pytest.raises(NotCounting, match=why):
        redeeming.enter(draft, "WELCOME")
    assert fresh(draft).promo_code == ""


def test_the_first_and_the_last_day_count(shop: ToyShop) -> None:
    draft = drafted(shop)
    code = promo(begins=today(), ends=today())
    code.products.add(shop.number)
    redeeming.enter(draft, "WELCOME")
    assert draft.promo_code == "WELCOME"


@pytest.mark.parametrize(
    "company",
    [
        {"email": "thandi+two@karoo.example", "phone": "+14165550199"},
        {"email": "Thandi@karoo.example", "phone": "+14165550199"},
        {"email": "somebody@fynbos.example"},
    ],
)
def test_who_is_a_new_client_once_more_is_doubted(shop: ToyShop, company: dict[str, str]) -> None:
    promo(new_clients_only=True)
    first = drafted(shop)
    redeeming.enter(first, "WELCOME")
    assert checking_out.submit(first, network="203.0.113.9").doubts == []
    again = drafted(shop, place=1, **company)
    redeeming.enter(again, "WELCOME")
    doubts = " ".join(checking_out.submit(again, network="198.51.100.7").doubts)
    assert "gets once (the code WELCOME), and other clients have" in doubts
    assert f"telephone: {COMPANY['company']}." in doubts


def test_a_code_for_new_clients_counts_until_they_have_an_order(shop: ToyShop) -> None:
    promo(new_clients_only=True)
    draft = drafted(shop)
    redeeming.enter(draft, "WELCOME")
    order = checking_out.submit(draft)
    client = Client.objects.get()
    second = shop.draft(client=client)
    with pytest.raises(NotCounting, match="first order of a new client"):
        redeeming.enter(second, "WELCOME")
    cancelling.cancel(order, actor=SAM)
    redeeming.enter(second, "WELCOME")


def test_each_order_of_a_draft_is_a_use(shop: ToyShop) -> None:
    """Of three numbers, two may have it."""
    code = promo(most_per_client=2)
    draft = drafted(shop, numbers=3)
    redeeming.enter(draft, "WELCOME")
    shown = quoting.quote_draft(draft)
    first = checking_out.submit(draft)
    orders = [first, *checking_out.placed_with(first)]
    assert [frozen(order).terms.promo for order in orders] == ["WELCOME", "WELCOME", ""]
    paid = [frozen(order).first_payment for order in orders]
    assert paid[0] + paid[1] + paid[2] == shown.first_payment
    code.refresh_from_db()
    assert code.uses == 2


# -- at submit ------------------------------------------------------------------------------------


def test_what_counts_no_more_is_said_and_the_new_price_is_seen_first(shop: ToyShop) -> None:
    draft, code = drafted(shop), promo()
    redeeming.enter(draft, "WELCOME")
    promotions.retire(code, actor=SAM)
    with pytest.raises(Refusal, match=r"has ended.*Nothing was ordered.*new price") as told:
        checking_out.submit(fresh(draft))
    assert told.value.field == "promo_code"
    assert not Order.objects.exists()
    now = fresh(draft)
    assert (now.state, now.promo_code) == (Draft.State.OPEN, "")
    order = checking_out.submit(now)
    assert frozen(order).terms.promo == ""


def test_an_order_that_ends_gives_its_use_back_once(shop: ToyShop) -> None:
    code = promo(most_uses=1)
    draft = drafted(shop)
    redeeming.enter(draft, "WELCOME")
    order = checking_out.submit(draft)
    other = drafted(shop, place=1, email="other@example.com", company="Other")
    with pytest.raises(NotCounting, match="used up"):
        redeeming.enter(other, "WELCOME")
    cancelling.cancel(order, actor=SAM)
    promotions.give_back(order.uid)
    code.refresh_from_db()
    assert code.uses == 0
    assert PromoUse.objects.get().given_back is not None
    redeeming.enter(other, "WELCOME")
    assert frozen(checking_out.submit(other)).terms.promo == "WELCOME"


def test_of_many_who_have_the_last_use_one_gets_it(shop: ToyShop) -> None:
    code = promo(most_uses=1)
    drafts = []
    for place in range(6):
        drafts.append(
            drafted(shop, place=place, email=f"b{place}@example.com", company=f"Buyer {place}")
        )
        redeeming.enter(drafts[-1], "WELCOME")
    outcomes = at_once(*[partial(checking_out.submit, fresh(draft)) for draft in drafts])
    placed = [one for one in outcomes if isinstance(one, Order)]
    assert len(placed) == 1, outcomes
    assert frozen(placed[0]).terms.promo == "WELCOME"
    assert all("Nothing was ordered" in str(one) for one in refused(outcomes))
    assert {one.field for one in refused(outcomes)} == {"promo_code"}
    code.refresh_from_db()
    assert (code.uses, PromoUse.objects.count()) == (1, 1)
    left = [fresh(draft) for draft in drafts]
    still = [one for one in left if one.state == Draft.State.OPEN]
    assert len(still) == 5
    assert {one.promo_code for one in still} == {""}, "the next page shows the new price"
    for one in still:
        assert frozen(checking_out.submit(one)).terms.promo == ""


def test_one_client_at_two_windows_uses_it_once(shop: ToyShop) -> None:
    """Also where it is for new clients: of two first orders one is the first."""
    for limit in ({"most_per_client": 1}, {"new_clients_only": True}):
        code = promo(code=f"CODE{len(limit)}{next(iter(limit))[:3].upper()}", **limit)
        client = Client.objects.create(
            brand=Draft.objects.all()[0].brand if Draft.objects.exists() else _brand(shop),
            name="Twice", contact_name="T", email="t@example.com", phone="+14165550142",
        )  # fmt: skip
        drafts = []
        for place in range(2):
            draft = shop.draft(client=client)
            at = place + 2 * PromoCode.objects.count()
            shop.choose(draft, shop.numbers(at + 1)[at])
            drafts.append(shop.complete(draft))
            redeeming.enter(draft, code.code)
        outcomes = at_once(*[partial(checking_out.submit, fresh(draft)) for draft in drafts])
        assert len(refused(outcomes)) == 1, outcomes
        code.refresh_from_db()
        assert code.uses == 1, limit


def _brand(shop: ToyShop) -> Any:
    return shop.draft().brand


def test_a_cart_counts_a_code_along_its_items(shop: ToyShop) -> None:
    promo(most_per_client=1)
    drafts = [drafted(shop, place=place) for place in range(2)]
    for draft in drafts:
        redeeming.enter(draft, "WELCOME")
    quotes = quoting.quote_drafts(drafts)
    assert [one.terms.promo for one in quotes] == ["WELCOME", ""]


def test_amounts_are_taken_off_each_month(shop: ToyShop) -> None:
    draft = drafted(shop)
    plain = quoting.quote_draft(draft)
    promo(kind="amount", on="recurring", months=3, amount_micros=500_000, amount_currency="USD")
    redeeming.enter(draft, "welcome")
    shown = quoting.quote_draft(draft)
    half = Money.of("0.50", "USD")
    assert shown.first_payment == plain.first_payment - half
    assert [(one.months, one.total) for one in shown.then] == [
        (1, plain.recurring - half),
        (3, plain.recurring),
    ]
