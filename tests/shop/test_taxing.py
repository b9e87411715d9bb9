"""The address of the first step: what it asks where taxes depend on it, and what it changes."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import Settings

from ringup.accounts.models import Client
from ringup.catalog.rule_models import FeeRule, PromoCode, TaxRule
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.flows.checkout import quoting, redeeming
from ringup.orders.models import Draft, Order
from tests.shop.buying import ADMINISTRATOR, COMPANY, Buyer, text_of, value_of
from tests.world import PASSWORD, make_client, make_user

ADDRESS = {
    "country": "CA", "region": "ON", "street": "1 King St", "postal_code": "M5V 1K4",
    "city": "Toronto", "vat_id": "",
}  # fmt: skip


def preview(buyer: Buyer, draft: object, **typed: str) -> str:
    url = reverse("shop:preview-taxes", args=[draft.uid])  # type: ignore[attr-defined]
    return str(buyer.browser.get(url, typed).content.decode())


def test_the_region_is_asked_where_the_taxes_depend_on_it(buyer: Buyer) -> None:
    draft = buyer.start("hosted-pbx-10")
    assert buyer.send(draft, "company", COMPANY | {"country": "CA"}).status_code == 302
    TaxRule.objects.create(name="HST", country="CA", region="ON", rate=130_000)
    refused = buyer.send(draft, "company", COMPANY | {"country": "CA"})
    assert refused.status_code == 422
    assert "the taxes depend on it" in text_of(refused)
    wrong = buyer.send(draft, "company", COMPANY | ADDRESS | {"region": "TX"})
    assert "Choose it from the list" in text_of(wrong)
    assert value_of(wrong, "street") == "1 King St"
    assert buyer.send(draft, "company", COMPANY | ADDRESS).status_code == 302
    draft.refresh_from_db()
    assert {name: draft.answers["company"][name] for name in ADDRESS} == ADDRESS


@pytest.mark.once
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"country": "XX"}, "Choose a country from the list."),
        ({"country": "DE", "vat_id": "DE12"}, "This is no VAT id of Germany."),
        ({"street": "1 <b>"}, "Leave out the characters"),
        ({"city": "x" * 81}, "at most 80"),
    ],
)
def test_a_wrong_address_is_refused(buyer: Buyer, typed: dict[str, str], sentence: str) -> None:
    draft = buyer.start("hosted-pbx-10")
    page = buyer.send(draft, "company", COMPANY | ADDRESS | typed)
    assert page.status_code == 422
    assert sentence in text_of(page)


def test_the_summary_follows_the_address_and_saves_nothing(buyer: Buyer) -> None:
    TaxRule.objects.create(name="HST", country="CA", region="ON", rate=130_000)
    draft = buyer.start("hosted-pbx-10")
    page = preview(buyer, draft, country="CA", region="ON")
    assert "HST, 13 %" in page
    assert page.count('hx-swap-oob="true"') == 2
    assert '<option value="ON" selected>Ontario' in page
    assert "HST" not in preview(buyer, draft, country="DE", vat_id="DE 123456789")
    assert "no VAT id of Germany" in preview(buyer, draft, country="DE", vat_id="12")
    assert "depend on it" not in preview(buyer, draft, country="CA")
    preview(buyer, draft, country="\x00", region="<script>", vat_id="x" * 999)
    draft.refresh_from_db()
    assert "company" not in draft.answers


def test_a_page_may_show_the_taxes_of_a_moment_ago_but_nothing_is_ordered_by_them(
    buyer: Buyer, settings: Settings
) -> None:
    settings.RINGUP_SHELF_SECONDS = 60
    TaxRule.objects.create(name="HST", country="CA", rate=130_000)
    draft = buyer.pbx_up_to_administrator(**ADDRESS)
    assert "HST, 13 %" in text_of(buyer.step(draft, "administrator"))
    TaxRule.objects.update(rate=150_000)
    page = buyer.step(draft, "administrator")
    assert "HST, 13 %" in text_of(page)
    old = value_of(page, "seen")
    refused = buyer.send(draft, "administrator", ADMINISTRATOR, seen=old)
    assert "The price has changed" in text_of(refused)
    assert not Order.objects.exists()
    settings.RINGUP_SHELF_SECONDS = 0
    page = buyer.step(draft, "administrator")
    assert "HST, 15 %" in text_of(page)
    seen = value_of(page, "seen")
    buyer.order_of(buyer.send(draft, "administrator", ADMINISTRATOR, seen=seen))


def test_a_signed_in_client_finds_his_address(buyer: Buyer) -> None:
    make_user("alice", make_client("Acme"))
    assert buyer.browser.login(username="alice@example.com", password=PASSWORD)
    Client.objects.update(country="CA", region="Ontario", street="1 King St", vat_id="")
    draft = buyer.start("hosted-pbx-10")
    page = buyer.browser.get(reverse("shop:step", args=[draft.uid, "company"]))
    assert '<option value="CA" selected>Canada' in page.content.decode()
    assert '<option value="ON" selected>Ontario' in page.content.decode()
    assert value_of(page, "street") == "1 King St"


def test_what_is_paid_first_and_then_is_shown_until_the_order_is_placed(buyer: Buyer) -> None:
    TaxRule.objects.create(name="Excise", country="US", rate=100_000)
    FeeRule.objects.create(
        name="911 fee", country="US", **money_columns(amount=Money.of("1", "USD"))
    )
    PromoCode.objects.create(code="WELCOME", kind="free-months", free_months=2)
    draft = buyer.number_up_to_destination()
    draft = Draft.objects.select_related("product", "brand", "client").get(pk=draft.pk)
    redeeming.enter(draft, "WELCOME")
    quote = quoting.quote_draft(draft)
    assert quote.first_payment < quote.lasting
    page = text_of(buyer.step(draft, "destination"))
    stages = [str(stage.total) for stage in quote.then]
    for words in (
        "911 fee", "WELCOME: 2 months free", "Excise, 10 %", "First payment, tax included",
        str(quote.first_payment), f"Then a month {stages[0]}", f"After 2 months {stages[1]}",
    ):  # fmt: skip
        assert words in page
    order = buyer.order_of(buyer.send(draft, "destination", {"goal": "sip-account"}))
    shown = text_of(buyer.get(reverse("portal:order", args=[order.uid])))
    for words in ("WELCOME: 2 months free", "Excise, 10 %", str(quote.first_payment), stages[1]):
        assert words in shown
