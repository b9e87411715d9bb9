"""Bundles as staff makes them on the pages, up to an order of one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from ringup.backoffice.catalogue.tables import PartTable
from ringup.catalog import selling
from ringup.catalog.bundling import warnings_of
from ringup.catalog.models import Bundle, Mapping, Price, Product, ProductGroup
from ringup.catalog.pricing import Cycle, Quote
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out, drafting
from ringup.numbers.models import OwnedNumber
from tests.backoffice.catalogue_pages import page, post, price, rows_data, save_prices, seen_in
from tests.factories import Shop
from tests.world import ADMINISTRATOR, COMPANY, PASSWORD, World, make_user


def part(product: str, quantity: str = "1") -> dict[str, str]:
    return {"product": product, "quantity": quantity}


def save_contents(browser: Browser, bundle: Bundle, rows: list[dict[str, str]]) -> Any:
    seen = seen_in(page(browser, "bundle", bundle.uid), "contents")
    data = rows_data("parts", rows, seen=seen, part="contents")
    return post(browser, "bundle-contents", bundle.uid, **data)


def save_bundle_prices(
    browser: Browser, bundle: Bundle, rows: list[dict[str, str]], included: str = "2.50"
) -> Any:
    seen = seen_in(page(browser, "bundle", bundle.uid), "prices")
    data = rows_data("prices", rows, seen=seen, part="prices")
    data |= {"included-amount": included, "included-currency": "USD"}
    return post(browser, "bundle-prices", bundle.uid, **data)


def held(bundle: Bundle) -> dict[str, int]:
    return {item.product.slug: item.quantity for item in bundle.items.all()}


def set_price(slug: str, cycle: Cycle, amount: str, setup: str = "0") -> None:
    Price.objects.update_or_create(
        product=Product.objects.get(slug=slug),
        cycle=cycle.value,
        currency="USD",
        defaults=money_columns(setup=Money.of(setup, "USD"), amount=Money.of(amount, "USD")),
    )


def test_products_are_put_into_a_bundle_by_id_slug_or_name(staff: Browser, shop: Shop) -> None:
    bundle = shop.bundle
    seat = Product.objects.get(slug="seat")
    rows = [part("hosted-pbx"), part(f"Seat (P-{seat.pk})", "12"), part("Main number"), part("")]
    assert save_contents(staff, bundle, rows).status_code == 302
    assert held(bundle) == {"hosted-pbx": 1, "seat": 12, "pbx-number": 1}
    said = Activity.objects.filter(subject=f"bundle:{bundle.uid}").latest("pk")
    assert said.detail == {f"Seat (P-{seat.pk})": ["10", "12"]}

    Product.objects.create(group=seat.group, slug="twin", name="Seat", kind="seats")
    Product.objects.create(group=seat.group, slug="old", name="Old", kind="add-on", is_retired=True)
    wrong = [
        ([part("seat"), part(f"p-{seat.pk}")], "Seat is in a row above already"),
        ([part("Seat")], "Several products are called so"),
        ([part("yacht")], "There is no such product"),
        ([part("P-" + "9" * 9)], "There is no such product"),
        ([part("\x00")], "Product: "),
        ([part("x" * 10_000)], "Product: "),
        ([part("seat", "0")], "whole number from 1"),
        ([part("seat", "-1")], "whole number from 1"),
        ([part("seat", "9" * 50)], "whole number from 1"),
        ([part("seat", "٣")], "whole number from 1"),
    ]
    for rows, sentence in wrong:
        table = PartTable(rows_data("parts", rows), prefix="parts")
        assert not table.is_valid(), sentence
        assert sentence in " ".join(table.forms[-1].sentences), sentence
    for rows, sentence in (wrong[0], ([part("old")], "Old is retired and cannot be added")):
        answer = save_contents(staff, bundle, rows)
        assert answer.status_code == 422, sentence
        assert sentence in answer.content.decode(), sentence
        assert held(bundle)["seat"] == 12

    both = seen_in(page(staff, "bundle", bundle.uid), "contents")
    robin = Browser()
    robin.force_login(make_user("robin", None, is_staff=True, role="owner"))
    save_contents(robin, bundle, [part("hosted-pbx"), part("seat", "5")])
    data = rows_data("parts", [part("hosted-pbx")], seen=both, part="contents")
    html = post(staff, "bundle-contents", bundle.uid, **data).content.decode()
    assert "Changed meanwhile by Robin" in html
    assert "12 became 5" in html
    assert held(bundle) == {"hosted-pbx": 1, "seat": 5}


def test_the_page_compares_the_bundle_with_its_products(staff: Browser, shop: Shop) -> None:
    bundle = shop.bundle
    for cycle, times in ((Cycle.MONTHLY, 1), (Cycle.ANNUAL, 10)):
        set_price("hosted-pbx", cycle, str(29 * times), setup="15")
        set_price("seat", cycle, str(6 * times))
        set_price("pbx-number", cycle, "0")
    rows = [price("monthly", "79"), price("annual", "1000")]
    assert save_bundle_prices(staff, bundle, rows, included="3").status_code == 302
    bundle.refresh_from_db()
    assert bundle.included_number == Money.of("3", "USD")
    html = page(staff, "bundle", bundle.uid)
    assert "$89.00" in html  # 29 + 10 x 6
    assert "$10.00" in html  # saved each month
    assert "-$110.00" in html  # dearer by the year
    assert "Annual, it costs more than its products together" in html

    # Without a price of its own it costs the sum, in the cycles that all of its products have.
    set_price("hosted-pbx", Cycle.QUARTERLY, "80")
    assert save_bundle_prices(staff, bundle, []).status_code == 302
    html = page(staff, "bundle", bundle.uid)
    assert "It is not sold quarterly in USD: no such price for Seat, Main number" in html
    assert "sum of its products" in page(staff, "bundles")
    bundle = Bundle.objects.get(pk=bundle.pk)
    assert selling.cycles_of(bundle, "USD") == [Cycle.MONTHLY, Cycle.ANNUAL]
    assert save_bundle_prices(staff, bundle, [], included="1e30").status_code == 422


INCOMPLETE = (
    ([], "It has no products yet, so it is not sold"),
    ([("hosted-pbx", 1), ("pbx-number", 1)], "hosted PBX without seats, so it is not sold"),
    ([("seat", 1), ("pbx-number", 1)], "It has seats but no hosted PBX"),
    ([("hosted-pbx", 1), ("seat", 1)], "It has no number product"),
    ([("hosted-pbx", 2), ("seat", 1)], "more than one hosted PBX"),
    ([("pbx-number", 2)], "more than one number"),
)


def test_an_incomplete_bundle_says_so_and_is_not_sold_where_it_cannot_be_built(shop: Shop) -> None:
    bundle = shop.bundle
    assert bundle in selling.visible_bundles("USD")
    for contents, sentence in INCOMPLETE:
        bundle.items.all().delete()
        for slug, quantity in contents:
            bundle.items.create(product=Product.objects.get(slug=slug), quantity=quantity)
        now = Bundle.objects.get(pk=bundle.pk)
        assert sentence in " ".join(warnings_of(now, "USD")), sentence
        is_sold = bundle in selling.visible_bundles("USD")
        assert is_sold is ("not sold" not in sentence)
        if not is_sold:
            with pytest.raises(Refusal, match="not on sale"):
                drafting.start(now, client=None)


def test_the_pages_of_an_incomplete_bundle_say_so(staff: Browser, shop: Shop) -> None:
    assert save_contents(staff, shop.bundle, [part("hosted-pbx")]).status_code == 302
    html = page(staff, "bundle", shop.bundle.uid)
    assert "hosted PBX without seats, so it is not sold" in html
    assert "It brings a PBX without a seat" in html
    assert "Incomplete" in page(staff, "bundles")


def test_a_bundle_is_made_on_the_pages_and_ordered_by_the_year(world: World) -> None:
    staff = Browser()
    staff.force_login(make_user("sam", None, is_staff=True, role="owner"))
    post(staff, "group-new", name="Offices", tagline="", cart="wizard")
    group = ProductGroup.objects.get(name="Offices")
    common = {"group": group.pk, "tax_class": "telecom", "is_hidden": "on"}
    for name, kind, seats, monthly in (
        ("Office PBX", "hosted-pbx", "", "20"),
        ("Desk", "seats", "1", "4"),
        ("Office number", "number", "", "0"),
    ):
        assert (
            post(staff, "product-new", name=name, kind=kind, seats=seats, **common).status_code
            == 302
        )
        rows = [price("monthly", monthly), price("annual", str(int(monthly) * 10), setup="5")]
        assert save_prices(staff, Product.objects.get(name=name), rows).status_code == 302
    shown = {"group": group.pk, "tax_class": "telecom"}
    assert post(staff, "bundle-new", name="Small office", **shown).status_code == 302
    bundle = Bundle.objects.get(name="Small office")
    rows = [part("office-pbx"), part("desk", "3"), part("office-number")]
    assert save_contents(staff, bundle, rows).status_code == 302
    assert save_bundle_prices(staff, bundle, [], included="0.50").status_code == 302
    assert bundle not in selling.visible_bundles("USD")
    assert "not mapped to a provider" in page(staff, "bundle", bundle.uid)

    Mapping.objects.create(bundle=bundle, account=world.account, server=world.server)
    assert bundle in selling.visible_bundles("USD")
    assert "Small office" in Browser().get("/").content.decode()
    bundle = Bundle.objects.get(pk=bundle.pk)
    draft = drafting.start(bundle, client=None, cycle=Cycle.ANNUAL)
    drafting.save_company(draft, COMPANY)
    drafting.choose_number(draft, world.offer().e164)
    drafting.save_tenant(draft, label=draft.answers["tenant"]["label"])
    drafting.save_answers(draft, "administrator", ADMINISTRATOR)
    order = checking_out.submit(draft, administrator_password=PASSWORD)

    quote = Quote.from_data(order.lines.get().quote)
    amounts = {line.text: (line.recurring, line.setup) for line in quote.lines[:-1]}
    assert quote.cycle is Cycle.ANNUAL
    assert amounts == {
        "Office PBX": (Money.of("200", "USD"), Money.of("5", "USD")),
        "Desk": (Money.of("120", "USD"), Money.of("15", "USD")),
        "Office number": (Money.of("0", "USD"), Money.of("5", "USD")),
    }
    number = OwnedNumber.objects.get().price_monthly
    beyond = number - Money.of("0.50", "USD")
    assert beyond.micros > 0
    assert quote.lines[-1].recurring == beyond * 12
    assert "1 order" in page(staff, "bundle", bundle.uid)
    assert post(staff, "bundle-delete", bundle.uid).status_code == 422
    assert post(staff, "product-delete", Product.objects.get(slug="desk").uid).status_code == 422
