"""Promotions, taxes and fees: what staff writes is what quotes are made of."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts.brands import default_brand
from ringup.catalog import promotions
from ringup.catalog.models import Product
from ringup.catalog.rule_models import ClientTax, FeeRule, PromoCode, TaxRule, TaxSettings
from ringup.core.models import Activity
from ringup.core.money import Money
from tests.factories import Shop, make_number_order
from tests.shop.buying import text_of
from tests.world import People

PROMO = {
    "code": "wel come", "kind": "percent", "rate": "12.5", "on": "both", "months": "3",
    "minimum": "10", "currency": "usd", "most_uses": "5", "cycles": ["monthly"],
}  # fmt: skip
TAX = {"name": "HST", "rate": "13", "country": "ca", "region": "on"}
FEE = {
    "name": "911 fee", "due": "monthly", "amount": "1.50", "currency": "USD", "per": "number",
    "place": "number", "country": "US", "tax_class": "telecom",
}  # fmt: skip


def send(browser: Browser, name: str, data: dict[str, Any], *args: Any, **more: Any) -> Any:
    return browser.post(reverse(f"office:{name}", args=args), data | more)


def test_a_code_is_written_changed_and_retired(shop: Shop, staff: Browser) -> None:
    assert send(staff, "promotion-new", PROMO).status_code == 302
    code = PromoCode.objects.get()
    assert (code.code, code.rate, code.months, code.cycles) == ("WELCOME", 125_000, 3, ["monthly"])
    assert code.minimum == Money.of("10", "USD")
    PromoCode.objects.update(uses=2)
    number = Product.objects.get(slug="number")
    changed = PROMO | {"kind": "amount", "amount": "5", "products": [number.pk], "rate": ""}
    assert send(staff, "promotion", changed, code.uid).status_code == 302
    code.refresh_from_db()
    assert (code.rate, code.amount, code.uses) == (0, Money.of("5", "USD"), 2)
    assert [product.pk for product in code.products.all()] == [number.pk]
    page = text_of(staff.get(reverse("office:promotions")))
    assert "$5.00 off the set-up and each month for 3 months" in page
    assert "2 of 5" in page
    refused = send(staff, "promotion", changed, code.uid, most_uses="1")
    assert refused.status_code == 422
    assert "More orders have this code than you allow now" in text_of(refused)
    assert send(staff, "promotion-retire", {}, code.uid).status_code == 302
    code.refresh_from_db()
    assert code.is_retired
    assert code.most_uses == 5
    send(staff, "promotion-retire", {"back": "yes"}, code.uid)
    code.refresh_from_db()
    assert not code.is_retired
    assert Activity.objects.filter(subject=promotions.subject_of(code)).count() == 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "NO/WAY"}, "letters and digits alone"),
        ({"code": ""}, "This field is required"),
        ({"rate": ""}, "how much the code gives"),
        ({"rate": "101"}, "from 0 to 100"),
        ({"rate": "1.00001"}, "at most four digits"),
        ({"rate": "NaN"}, "from 0 to 100"),
        ({"rate": "ten"}, "digits alone"),
        ({"kind": "free-months", "free_months": ""}, "how much the code gives"),
        ({"kind": "amount", "amount": "1.001"}, "fraction of a coin"),
        ({"kind": "amount", "amount": "-1"}, "digits alone"),
        ({"currency": ""}, "currency of the amounts"),
        ({"begins": "2026-02-01", "ends": "2026-01-01"}, "before the first"),
        ({"cycles": ["daily"]}, "Select a valid choice"),
    ],
)
@pytest.mark.once
def test_a_wrong_code_is_refused(
    shop: Shop, staff: Browser, change: dict[str, Any], sentence: str
) -> None:
    page = send(staff, "promotion-new", PROMO | change)
    assert page.status_code == 422
    assert sentence in text_of(page)
    assert not PromoCode.objects.exists()


@pytest.mark.once
def test_two_codes_cannot_be_the_same(shop: Shop, staff: Browser) -> None:
    send(staff, "promotion-new", PROMO)
    page = send(staff, "promotion-new", PROMO)
    assert "There is a code WELCOME already" in text_of(page)


def test_who_used_a_code_is_shown(shop: Shop, staff: Browser, people: People) -> None:
    send(staff, "promotion-new", PROMO)
    order = make_number_order(shop, people.acme)
    promotions.take("WELCOME", client=people.acme, order=order.uid)
    page = staff.get(reverse("office:promotion", args=[PromoCode.objects.get().uid]))
    assert order.label in text_of(page)
    assert people.acme.name in text_of(page)
    promotions.give_back(order.uid)
    page = staff.get(reverse("office:promotion", args=[PromoCode.objects.get().uid]))
    assert "use given back" in text_of(page)


def test_taxes_and_fees_are_written_and_retired(shop: Shop, staff: Browser) -> None:
    assert send(staff, "tax-new", TAX).status_code == 302
    tax = TaxRule.objects.get()
    assert (tax.country, tax.region, tax.rate, tax.brand) == ("CA", "ON", 130_000, None)
    assert send(staff, "tax", TAX | {"rate": "9.975", "is_compound": "on"}, tax.uid)
    tax.refresh_from_db()
    assert (tax.rate, tax.is_compound) == (99_750, True)
    assert send(staff, "fee-new", FEE).status_code == 302
    fee = FeeRule.objects.get()
    assert (fee.amount, fee.rate, fee.tax_class) == (Money.of("1.50", "USD"), 0, "telecom")
    send(staff, "fee", FEE | {"due": "rate", "rate": "2.5", "amount": ""}, fee.uid)
    fee.refresh_from_db()
    assert (fee.amount, fee.rate) == (None, 25_000)
    page = text_of(staff.get(reverse("office:taxes")))
    assert "9.975 %" in page
    assert "2.5 %" in page
    for name, row in (("tax", tax), ("fee", fee)):
        assert staff.get(reverse(f"office:{name}", args=[row.uid])).status_code == 200
        send(staff, f"{name}-retire", {}, row.uid)
        row.refresh_from_db()
        assert row.is_retired
        send(staff, f"{name}-retire", {"back": "yes"}, row.uid)
        row.refresh_from_db()
        assert not row.is_retired


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("tax-new", TAX | {"country": "XX"}, "two letters of a country"),
        ("tax-new", TAX | {"rate": ""}, "required"),
        ("tax-new", TAX | {"begins": "2026-02-01", "ends": "2026-01-01"}, "before the first"),
        ("fee-new", FEE | {"amount": ""}, "what the fee is"),
        ("fee-new", FEE | {"currency": ""}, "Type the currency"),
        ("fee-new", FEE | {"due": "rate"}, "what the fee is"),
        ("fee-new", FEE | {"currency": "JPY"}, "fraction of a coin in JPY"),
        ("tax-exempt", {"email": "nobody@example.com", "reason": "x"}, "No client has"),
    ],
)
def test_a_wrong_rule_is_refused(
    shop: Shop, staff: Browser, name: str, data: dict[str, Any], sentence: str
) -> None:
    page = send(staff, name, data)
    assert page.status_code == 422
    assert sentence in text_of(page)
    assert not any(model.objects.exists() for model in (TaxRule, FeeRule, ClientTax))


def test_where_a_brand_sells_from_and_who_is_exempt(
    shop: Shop, staff: Browser, people: People
) -> None:
    brand = default_brand()
    wrong = send(staff, "tax-seller", {"country": "DE", "vat_id": "DE1"}, brand.uid)
    assert "does not have the form of a VAT id" in text_of(wrong)
    send(staff, "tax-seller", {"country": "de", "vat_id": "DE 123456789"}, brand.uid)
    assert TaxSettings.objects.get().vat_id == "DE123456789"
    send(staff, "tax-exempt", {"email": people.acme.email.upper(), "reason": "Embassy"})
    assert ClientTax.objects.get().client == people.acme
    assert "Embassy" in text_of(staff.get(reverse("office:taxes")))
    send(staff, "tax-again", {}, people.acme.uid)
    assert not ClientTax.objects.exists()


def test_limits_stand_on_the_product_s_form(shop: Shop, staff: Browser) -> None:
    number = Product.objects.get(slug="number")
    page = staff.get(reverse("office:product", args=[number.uid]))
    assert 'name="most_per_client"' in page.content.decode()
    assert 'name="first_free"' in page.content.decode()
