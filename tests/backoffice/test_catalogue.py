"""Groups, products and their prices, as staff makes them on the pages."""

from __future__ import annotations

import re
import uuid
from copy import copy
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts.roles import CAPABILITIES, Can, Role
from ringup.backoffice.catalogue.forms import FieldForm, ProductForm
from ringup.backoffice.catalogue.tables import PriceForm, PriceRows, PriceTable, with_more_rows
from ringup.catalog.models import (
    Bundle,
    CustomField,
    Mapping,
    Price,
    Product,
    ProductGroup,
    ProductOption,
)
from ringup.catalog.pricing import Cycle
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.orders.models import Draft
from tests.backoffice.catalogue_pages import (
    only_seen,
    page,
    post,
    price,
    rows_data,
    save_prices,
    seen_in,
    settings_data,
)
from tests.factories import Shop, make_number_order
from tests.world import People, make_user

BAD_AMOUNTS = ("-1", "abc", "1e30", "1,000", "0.1234567", "9" * 30, "9" * 5000, "٣", "1\x002", "$5")
BAD_COUNTS = ("-1", "abc", "1e3", "9" * 40, "٣", "5\x00", "1.5")


@pytest.fixture
def plain(shop: Shop) -> Product:
    """The number product of the seeded catalogue."""
    return shop.number


# -- groups ---------------------------------------------------------------------------------------


def test_groups_are_made_moved_and_deleted_when_empty(staff: Browser, shop: Shop) -> None:
    new = {"name": "Trunks", "tagline": "For your own PBX", "cart": "staff", "is_hidden": "on"}
    assert post(staff, "group-new", **new).status_code == 302
    group = ProductGroup.objects.get(name="Trunks")
    assert (group.cart, group.is_hidden, group.position) == ("staff", True, 1)

    again = post(staff, "group-new", **new)
    assert again.status_code == 422
    assert "There is a group of this name already" in again.content.decode()

    post(staff, "group-move", group.uid, to="up")
    assert [g.name for g in ProductGroup.objects.all()] == ["Trunks", "Telephone service"]
    post(staff, "group-move", group.uid, to="up")
    post(staff, "group-move", group.uid, to="down")
    assert [g.name for g in ProductGroup.objects.all()] == ["Telephone service", "Trunks"]

    seen = seen_in(page(staff, "group", group.uid), "settings")
    edited = {
        "name": "SIP trunks",
        "tagline": "",
        "cart": "wizard",
        "seen": seen,
        "part": "settings",
    }
    assert post(staff, "group", group.uid, **edited).status_code == 302
    group.refresh_from_db()
    assert (group.name, group.cart, group.is_hidden) == ("SIP trunks", "wizard", False)

    full = post(staff, "group-delete", shop.number.group.uid)
    assert full.status_code == 422
    text = full.content.decode()
    assert "Telephone service still holds" in text
    assert "Nothing was deleted" in text
    assert post(staff, "group-delete", group.uid).status_code == 302
    assert [g.name for g in ProductGroup.objects.all()] == ["Telephone service"]

    said = list(Activity.objects.filter(subject=f"group:{group.uid}").order_by("pk"))
    assert said[0].what == "added Trunks"
    changes = next(row.detail for row in said if row.what.startswith("changed"))
    assert changes["Name"] == ["Trunks", "SIP trunks"]
    assert changes["Hidden"] == ["yes", "no"]
    assert said[-1].what == "deleted the group SIP trunks"


# -- products -------------------------------------------------------------------------------------


def test_a_product_of_each_kind_is_made_and_found(staff: Browser, shop: Shop) -> None:
    group = shop.number.group
    for kind, word in Product.Kind.choices:
        data = {
            "name": f"My {word}",
            "group": group.pk,
            "kind": kind,
            "tax_class": "telecom",
            "seats": 1 if kind == "hosted-pbx" else "",
        }
        answer = post(staff, "product-new", **data)
        assert answer.status_code == 302, answer.content.decode()
    made = Product.objects.get(name="My Seats")
    assert (made.slug, made.stock, made.seats, made.position) == ("my-seats", None, 0, 0)
    twin = {"name": "My Seats", "group": group.pk, "kind": "seats", "tax_class": "telecom"}
    post(staff, "product-new", **twin)
    assert Product.objects.filter(slug="my-seats-2").exists()

    everything = page(staff, "products")
    assert "My Add-on" in everything
    for query in (
        {"q": "my-add"},
        {"q": "ADD-ON"},
        {"kind": "add-on"},
        {"q": f"P-{Product.objects.get(kind='add-on').pk}", "kind": "add-on"},
    ):
        html = page(staff, "products", **query)
        assert "My Add-on" in html, query
        assert "My Seats" not in html, query
    Product.objects.filter(name="My Add-on").update(is_retired=True)
    assert "My Add-on" in page(staff, "products", state="retired")
    assert "My Add-on" not in page(staff, "products", state="on-sale")
    assert "No product matches" in page(staff, "products", group="424242")
    for nonsense in ("\x00", "9" * 50):
        page(staff, "products", q=nonsense, group=nonsense, kind=nonsense, state=nonsense, page="x")


def test_settings_are_saved_with_before_and_after(staff: Browser, plain: Product) -> None:
    seen = seen_in(page(staff, "product", plain.uid), "settings")
    data = settings_data(plain, name="Direct number", stock="7", position="3", seen=seen)
    assert post(staff, "product-edit", plain.uid, **data).status_code == 302
    plain.refresh_from_db()
    assert (plain.name, plain.stock, plain.position) == ("Direct number", 7, 3)
    row = Activity.objects.filter(subject=f"product:{plain.uid}").latest("pk")
    assert row.actor_label == "Sam"
    assert row.detail == {
        "Name": ["Phone number", "Direct number"],
        "Stock limit": ["none", "7"],
        "Position": ["0", "3"],
    }
    # Saving what is there already is no change.
    seen = seen_in(page(staff, "product", plain.uid), "settings")
    post(staff, "product-edit", plain.uid, **settings_data(plain, seen=seen))
    assert Activity.objects.filter(subject=f"product:{plain.uid}").latest("pk").pk == row.pk
    assert staff.get(reverse("office:product-edit", args=[plain.uid])).status_code == 302


def test_bad_settings_get_a_sentence_at_their_field(shop: Shop, plain: Product) -> None:
    wrong: list[dict[str, Any]] = [
        {field: value} for field in ("stock", "seats", "position") for value in BAD_COUNTS
    ]
    wrong += [
        {"name": ""},
        {"name": "x" * 10_000},
        {"name": "a\x00b"},
        {"slug": "Ümlaut und Leerzeichen"},
        {"slug": "hosted-pbx"},  # another product's
        {"group": "9" * 40},
        {"group": "\x00"},
        {"group": ""},
        {"kind": "yacht"},
        {"kind": "\x00"},
        {"tax_class": "No Tax!"},
        {"description": "x" * 10_000},
    ]
    for change in wrong:
        form = ProductForm(settings_data(plain) | change, instance=copy(plain))
        assert not form.is_valid(), change
        assert list(form.errors) == list(change), change
    assert ProductForm(settings_data(plain), instance=copy(plain)).is_valid()


def test_bad_settings_change_nothing(staff: Browser, shop: Shop, plain: Product) -> None:
    seen = seen_in(page(staff, "product", plain.uid), "settings")
    before = Product.objects.values().get(pk=plain.pk)
    wrong = {
        "whole number from 0": {"stock": "9" * 40},
        "belongs to a bundle": {"slug": shop.bundle.slug},  # the shop finds both by one slug
        "needs at least one seat": {"kind": "hosted-pbx", "seats": "0"},
        "opened too long ago": {"seen": "forged"},
    }
    for sentence, change in wrong.items():
        data = settings_data(plain, name="New", seen=seen) | change
        answer = post(staff, "product-edit", plain.uid, **data)
        assert answer.status_code == 422, change
        assert sentence in answer.content.decode(), change
        assert "Nothing was changed" in answer.content.decode(), change
        assert Product.objects.values().get(pk=plain.pk) == before, change
    assert post(staff, "product-new", name="\x00", kind="\x00", group="x").status_code == 422


def test_what_was_ordered_keeps_its_kind(staff: Browser, shop: Shop, people: People) -> None:
    make_number_order(shop, people.acme)
    seen = seen_in(page(staff, "product", shop.number.uid), "settings")
    data = settings_data(shop.number, kind="add-on", name="Renamed", seen=seen)
    post(staff, "product-edit", shop.number.uid, **data)
    shop.number.refresh_from_db()
    assert (shop.number.kind, shop.number.name) == ("number", "Renamed")


def test_the_second_of_two_editors_is_told_what_the_first_changed(
    staff: Browser, plain: Product
) -> None:
    robin = Browser()
    robin.force_login(make_user("robin", None, is_staff=True, role="manager"))
    both = seen_in(page(staff, "product", plain.uid), "settings")
    first = settings_data(plain, name="Robin's number", position="4", seen=both)
    post(robin, "product-edit", plain.uid, **first)

    mine = settings_data(plain, description="From Sam", seen=both)
    answer = post(staff, "product-edit", plain.uid, **mine)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Changed meanwhile by Robin" in html
    assert "Phone number became Robin&#x27;s number" in html
    plain.refresh_from_db()
    assert plain.description == ""
    # The form now holds Robin's values, and what Sam typed: saving it loses neither.
    assert 'value="Robin&#x27;s number"' in html
    assert 'value="From Sam"' in html
    plain.description = "From Sam"
    merged = settings_data(plain, seen=seen_in(html, "settings"))
    assert post(staff, "product-edit", plain.uid, **merged).status_code == 302
    plain.refresh_from_db()
    assert (plain.name, plain.position, plain.description) == ("Robin's number", 4, "From Sam")

    # Prices likewise; and an order that takes from the stock is nobody's edit.
    seen = seen_in(page(staff, "product", plain.uid), "prices")
    save_prices(robin, plain, [price("monthly", "3"), price("annual", "0")])
    mine = [price("monthly", "0"), price("annual", "9"), price("quarterly", "1")]
    data = rows_data("prices", mine, seen=seen, part="prices")
    html = post(staff, "product-prices", plain.uid, **data).content.decode()
    assert "Changed meanwhile by Robin" in html
    assert "$0.00 became $3.00" in html
    assert plain.prices.get(cycle="monthly").amount == Money.of("3", "USD")
    assert plain.prices.get(cycle="annual").amount == Money.of("0", "USD")
    for value in ("3.00", "9.00", "1.00"):
        assert f'value="{value}"' in html, value
    assert 'value="0.00"' not in html
    Product.objects.filter(pk=plain.pk).update(stock=5)
    plain.refresh_from_db()
    seen = seen_in(page(staff, "product", plain.uid), "settings")
    Product.objects.filter(pk=plain.pk).update(stock=4)
    kept = post(staff, "product-edit", plain.uid, **settings_data(plain, position="9", seen=seen))
    assert kept.status_code == 302
    plain.refresh_from_db()
    assert (plain.stock, plain.position) == (4, 9)
    clash = post(staff, "product-edit", plain.uid, **settings_data(plain, stock="50", seen=seen))
    assert clash.status_code == 422


# -- prices ---------------------------------------------------------------------------------------


def test_prices_are_put_changed_and_removed(staff: Browser, plain: Product) -> None:
    rows = [
        price("monthly", "12.5", setup="3"),
        price("annual", "120,00", "eur"),
        price("biennial", "0.005", "EUR"),
        price("monthly", "", setup=""),  # an empty row, as it came
    ]
    assert save_prices(staff, plain, rows).status_code == 302
    held = {(p.cycle, p.currency): (p.setup, p.amount) for p in plain.prices.all()}
    assert held == {
        ("monthly", "USD"): (Money.of("3", "USD"), Money.of("12.50", "USD")),
        ("annual", "EUR"): (Money.of("0", "EUR"), Money.of("120", "EUR")),
        ("biennial", "EUR"): (Money.of("0", "EUR"), Money.of("0.005", "EUR")),
    }
    html = page(staff, "product", plain.uid)
    assert 'value="12.50"' in html
    said = Activity.objects.filter(subject=f"product:{plain.uid}").latest("pk")
    assert said.what == "changed the prices of Phone number"
    assert said.detail["Monthly, USD"] == ["$0.00", "$12.50, set-up $3.00"]
    assert said.detail["Annual, USD"] == ["$0.00", ""]

    rows = [price("monthly", "12.5", DELETE="on"), price("free", "", "CAD")]
    assert save_prices(staff, plain, rows).status_code == 302
    assert [(p.cycle, p.currency) for p in plain.prices.all()] == [("free", "CAD")]


IMPOSSIBLE: list[tuple[list[dict[str, str]], str]] = [
    *[([price("monthly", bad)], "Amount: ") for bad in BAD_AMOUNTS],
    ([price("monthly", "1", setup="-1")], "Set-up: Write the amount with digits"),
    ([price("monthly", "", "EUR")], "Type what it costs"),
    ([price("monthly", "1", "UDS")], "UDS is no currency"),
    ([price("monthly", "1", "\x00")], "Currency: "),
    ([price("hourly", "1")], "Choose a cycle"),
    ([price("free", "5")], "Free has no amounts"),
    ([price("monthly", "1"), price("monthly", "2")], "There is another monthly price in USD"),
    ([price("monthly", "1"), price("one-time", "2")], "not two of them"),
]


@pytest.mark.once
def test_impossible_prices_get_a_sentence_at_their_row() -> None:
    for rows, sentence in IMPOSSIBLE:
        table = PriceTable(rows_data("prices", rows), prefix="prices")
        assert not table.is_valid(), rows
        assert sentence in " ".join(table.forms[-1].sentences), rows
        assert not any(form.sentences for form in table.forms[:-1]), rows
    for total in ("-1", "9" * 30, "x", "", "100000"):
        data = {"prices-TOTAL_FORMS": total, "prices-INITIAL_FORMS": total}
        PriceTable(data, prefix="prices").is_valid()
        query = QueryDict(urlencode(data))
        assert len(with_more_rows(query, "prices", PriceForm, PriceRows).forms) == 3


def test_impossible_prices_change_nothing(staff: Browser, plain: Product) -> None:
    before = list(Price.objects.order_by("pk").values())
    answer = save_prices(staff, plain, [price("monthly", "5"), price("annual", "abc")])
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="prices-1-faults"' in html
    assert 'id="prices-0-faults"' not in html
    assert 'value="abc"' in html
    assert list(Price.objects.order_by("pk").values()) == before
    crowd = {"prices-TOTAL_FORMS": "9" * 30, "prices-INITIAL_FORMS": "x"}
    assert post(staff, "product-prices", plain.uid, **crowd).status_code == 422


def test_more_rows_keep_what_was_typed_and_save_nothing(staff: Browser, plain: Product) -> None:
    seen = seen_in(page(staff, "product", plain.uid), "prices")
    rows = [price("annual", "nonsense"), price("free", "")]
    data = rows_data("prices", rows, seen=seen, part="prices", more="yes")
    answer = post(staff, "product-prices", plain.uid, **data)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="nonsense"' in html
    assert 'name="prices-4-amount"' in html
    assert 'name="prices-5-amount"' not in html
    assert plain.prices.count() == 2


def test_prices_need_their_own_permission(
    staff: Browser, people: People, plain: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.sam.role = Role.MANAGER
    people.sam.save()
    monkeypatch.setitem(CAPABILITIES, Role.MANAGER, frozenset(Can) - {Can.EDIT_PRICES})
    html = page(staff, "product", plain.uid)
    assert "Save settings" in html
    assert "Save prices" not in html
    assert 'data-label="Amount">0.00' in html
    assert post(staff, "product-prices", plain.uid, **rows_data("prices", [])).status_code == 403
    assert post(staff, "option-new", plain.uid, name="x").status_code == 403
    monkeypatch.setitem(CAPABILITIES, Role.MANAGER, frozenset({Can.SEE_CATALOGUE}))
    html = page(staff, "product", plain.uid)
    assert 'type="submit">Save' not in html
    assert "<dt>Tax class</dt>" in html
    assert 'type="submit">Save' not in page(staff, "bundle", Bundle.objects.get().uid)


# -- questions ------------------------------------------------------------------------------------


def test_custom_fields(staff: Browser, plain: Product) -> None:
    new = {"name": "Colour", "kind": "choice", "choices": " red \n\nblue\r\n", "is_required": "on"}
    seen = re.search(r'name="seen" value="([^"]+)"', page(staff, "field-new", plain.uid))
    assert seen
    new["seen"] = seen[1]
    assert post(staff, "field-new", plain.uid, **new).status_code == 302
    field = CustomField.objects.get()
    assert (field.choices, field.is_required) == (["red", "blue"], True)
    for change in (
        {"choices": "red"},
        {"choices": "red\nRED"},
        {"choices": "x\n" * 60},
        {"choices": "x" * 90 + "\ny"},
        {"choices": "a\x00\nb"},
        {"kind": "\x00"},
        {"name": ""},
        {"position": "9" * 30},
    ):
        row = CustomField(product=plain)
        assert not FieldForm(new | {"name": "Other"} | change, instance=row).is_valid(), change
    assert "one of this name already" in post(staff, "field-new", plain.uid, **new).content.decode()
    assert CustomField.objects.count() == 1

    html = page(staff, "field", plain.uid, field.pk)
    edit = {"name": "Colour", "kind": "text", "choices": "gone\nsoon", "seen": only_seen(html)}
    assert post(staff, "field", plain.uid, field.pk, **edit).status_code == 302
    field.refresh_from_db()
    assert (field.kind, field.choices) == ("text", [])
    stale = post(
        staff, "field", plain.uid, field.pk, **edit | {"part": "settings", "kind": "yes-no"}
    )
    assert stale.status_code == 422
    assert "Changed meanwhile by Sam" in stale.content.decode()
    other = Product.objects.exclude(pk=plain.pk).first()
    assert other
    assert post(staff, "field-remove", other.uid, field.pk).status_code == 404
    assert post(staff, "field-remove", plain.uid, field.pk).status_code == 302
    assert not CustomField.objects.exists()


def value(name: str, amount: str, currency: str = "USD", setup: str = "") -> dict[str, str]:
    return {"name": name, "amount": amount, "currency": currency, "setup": setup}


def test_options_with_prices(staff: Browser, plain: Product) -> None:
    seen = only_seen(page(staff, "option-new", plain.uid))
    base = {"name": "Storage", "kind": "choice", "seen": seen, "part": "settings"}
    rows = [value("1 GB", "1"), value("10 GB", "5", setup="2"), value("10 GB", "4", "EUR")]
    answer = post(staff, "option-new", plain.uid, **rows_data("values", rows, **base))
    assert answer.status_code == 302, answer.content.decode()
    option = ProductOption.objects.get()
    assert [(v.name, v.amount, v.setup) for v in option.values.all()] == [
        ("1 GB", Money.of("1", "USD"), Money.of("0", "USD")),
        ("10 GB", Money.of("5", "USD"), Money.of("2", "USD")),
        ("10 GB", Money.of("4", "EUR"), Money.of("0", "EUR")),
    ]
    assert "10 GB" in page(staff, "product", plain.uid)

    # As a quantity it has one price for each currency, and bounds.
    html = page(staff, "option", plain.uid, option.pk)
    quantity = {"name": "Storage", "kind": "quantity", "least": "1", "most": "50"}
    data = rows_data(
        "values", [value("", "1.25")], seen=only_seen(html), part="settings", **quantity
    )
    assert post(staff, "option", plain.uid, option.pk, **data).status_code == 302
    option.refresh_from_db()
    assert (option.kind, option.least, option.most) == ("quantity", 1, 50)
    assert [(v.name, v.amount) for v in option.values.all()] == [
        ("Storage", Money.of("1.25", "USD"))
    ]

    wrong: list[tuple[dict[str, str], list[dict[str, str]], str]] = [
        (quantity, [], "at least one price"),
        (quantity | {"most": "0", "least": "0"}, [value("", "1")], "The most must be"),
        (quantity | {"most": "9" * 40}, [value("", "1")], "whole number"),
        (quantity, [value("", "1"), value("", "2")], "same value and currency"),
        (quantity, [value("", "-3")], "A month: "),
        (quantity, [value("", "3", "XXX")], "XXX is no currency"),
        (base, [value("", "3")], "Give the value a name"),
        (base, [value("x" * 99, "3")], "Value: "),
    ]
    for change, rows, sentence in wrong:
        data = rows_data("values", rows, **base | change | {"name": "Other"})
        answer = post(staff, "option-new", plain.uid, **data)
        assert answer.status_code == 422, sentence
        assert sentence in answer.content.decode(), sentence
    more = rows_data("values", [value("Half", "typed")], more="yes", **base | {"name": "Kept"})
    html = post(staff, "option-new", plain.uid, **more).content.decode()
    assert 'value="Kept"' in html
    assert 'value="typed"' in html
    assert ProductOption.objects.count() == 1
    assert post(staff, "option-remove", plain.uid, option.pk).status_code == 302
    assert not ProductOption.objects.exists()


# -- retiring and deleting ------------------------------------------------------------------------


def test_what_is_in_use_is_retired_and_never_deleted(
    staff: Browser, shop: Shop, people: People
) -> None:
    order = make_number_order(shop, people.acme)
    Draft.objects.create(brand=people.acme.brand, product=shop.number)
    answer = post(staff, "product-delete", shop.number.uid)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f"1 order ({order.label})" in html
    assert "1 order in the wizard" in html
    assert "Retire it instead" in html
    assert Product.objects.filter(pk=shop.number.pk).exists()

    seat = Product.objects.get(slug="seat")
    assert "the bundle Hosted PBX, 10 seats" in page(staff, "product-delete", seat.uid)
    assert post(staff, "product-delete", seat.uid).status_code == 422
    assert "It is still sold inside" in page(staff, "product-retire", seat.uid)
    answer = staff.post(reverse("office:product-retire", args=[seat.uid]), follow=True)
    assert "It is still sold in Hosted PBX, 10 seats" in answer.content.decode()
    seat.refresh_from_db()
    assert seat.is_retired
    assert "Retired products are still in it: Seat" in page(staff, "bundle", shop.bundle.uid)
    assert post(staff, "product-retire", seat.uid).status_code == 302
    assert Activity.objects.filter(subject=f"product:{seat.uid}").count() == 1
    assert post(staff, "product-back", seat.uid).status_code == 302
    seat.refresh_from_db()
    assert not seat.is_retired
    assert Activity.objects.filter(subject=f"product:{seat.uid}").latest("pk").detail == {
        "Retired": ["yes", "no"]
    }

    lone = Product.objects.create(group=seat.group, slug="lone", name="Lone", kind="add-on")
    Mapping.objects.create(product=lone, account=shop.account)
    assert "This cannot be undone" in page(staff, "product-delete", lone.uid)
    assert post(staff, "product-delete", lone.uid).status_code == 302
    assert not Product.objects.filter(slug="lone").exists()
    assert post(staff, "product-delete", lone.uid).status_code == 404


# -- the list -------------------------------------------------------------------------------------


def test_two_hundred_products_take_fifteen_queries(
    staff: Browser, shop: Shop, django_assert_max_num_queries: Any
) -> None:
    group = shop.number.group
    products = Product.objects.bulk_create(
        Product(group=group, slug=f"p-{i}", name=f"Product {i:03}", kind="number")
        for i in range(200)
    )
    zero, amount = Money.zero("USD"), Money.of("5", "USD")
    Price.objects.bulk_create(
        Price(
            product=product,
            cycle=cycle.value,
            currency="USD",
            **money_columns(setup=zero, amount=amount),
        )
        for product in products
        for cycle in (Cycle.MONTHLY, Cycle.ANNUAL)
    )
    Mapping.objects.bulk_create(
        Mapping(product=product, account=shop.account, server=shop.server) for product in products
    )
    with django_assert_max_num_queries(15):
        html = page(staff, "products")
    assert "1 to 50 of 204" in html
    assert html.count("/mo") >= 47
    with django_assert_max_num_queries(15):
        page(staff, "bundles")


def test_the_page_says_why_the_shop_does_not_show_it(staff: Browser, plain: Product) -> None:
    html = page(staff, "product", plain.uid)
    assert "Clients can buy it in USD" in html
    mapped = f"{reverse('office:mappings')}?q={plain.code}"
    assert mapped in html
    assert plain.name in staff.get(mapped).content.decode()
    plain.prices.all().delete()
    Mapping.objects.filter(product=plain).delete()
    Product.objects.filter(pk=plain.pk).update(is_hidden=True, stock=0)
    ProductGroup.objects.update(is_hidden=True, cart="staff")
    html = page(staff, "product", plain.uid)
    for sentence in (
        "It is hidden",
        "is hidden.",
        "for staff orders only",
        "stock is used up",
        "no price in USD",
        "not mapped to a provider",
    ):
        assert sentence in html, sentence
    seat = Product.objects.get(slug="seat")
    assert "sold inside bundles, not alone" in page(staff, "product", seat.uid)
    assert staff.get(reverse("office:product", args=[uuid.uuid4()])).status_code == 404
