"""What is configured and asked in the wizard, and that an order says what was answered."""

from __future__ import annotations

from typing import Any

import pytest

from ringup.catalog.models import CustomField, OptionValue, Product, ProductOption
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.checkout import answering, checking_out, quoting
from ringup.orders.contents import contents_of
from ringup.orders.models import Draft, Order
from tests.shop.buying import COMPANY, Buyer, Shop, text_of
from tests.world import make_user

Kind = ProductOption.Kind


def make_option(
    product: Product, name: str, kind: str, *prices: str, **columns: Any
) -> ProductOption:
    """With a value for each price a month, named A, B, …"""
    option = ProductOption.objects.create(product=product, name=name, kind=kind, **columns)
    for letter, price in zip("ABC", prices, strict=False):
        columns = money_columns(setup=Money.of("1", "USD"), amount=Money.of(price, "USD"))
        OptionValue.objects.create(option=option, name=letter, **columns)
    return option


def first_value(option: ProductOption) -> OptionValue:
    return option.values.order_by("pk")[0]


@pytest.fixture
def asked(shop: Shop) -> dict[str, Any]:
    """A question of each kind about plain numbers."""
    number = shop.number
    return {
        "lines": make_option(number, "Fax lines", Kind.QUANTITY, "2", least=0, most=5),
        "plan": make_option(number, "Plan", Kind.CHOICE, "0", "3"),
        "record": make_option(number, "Recording", Kind.YES_NO, "4"),
        "use": CustomField.objects.create(product=number, name="Used for", is_required=True),
        "where": CustomField.objects.create(
            product=number, name="Floor", kind="choice", choices=["First", "Second"]
        ),
        "agreed": CustomField.objects.create(product=number, name="Agreed", kind="yes-no"),
    }


def typed(asked: dict[str, Any], **more: str) -> dict[str, str]:
    plan = asked["plan"].values.get(name="B")
    return {
        f"option-{asked['lines'].pk}": "3",
        f"option-{asked['plan'].pk}": str(plan.pk),
        f"option-{asked['record'].pk}": "on",
        f"field-{asked['use'].pk}": "Tom & Co desk",
        f"field-{asked['where'].pk}": "Second",
    } | more


def at_options(buyer: Buyer) -> Draft:
    draft = buyer.start("number", e164=buyer.shop.offers()[0].e164)
    response = buyer.send(draft, "company", COMPANY)
    assert response["Location"].endswith("/options/")
    return draft


def test_where_nothing_is_asked_there_is_no_step(buyer: Buyer) -> None:
    draft = buyer.number_up_to_destination()
    assert buyer.step(draft, "options").status_code == 404


def test_what_is_chosen_is_priced_kept_and_told(buyer: Buyer, asked: dict[str, Any]) -> None:
    draft = at_options(buyer)
    text = text_of(buyer.step(draft, "options"))
    assert "$2.00 a month, $1.00 once, each" in text
    assert "B: $3.00 a month" in text
    before = quoting.quote_draft(draft).recurring
    response = buyer.send(draft, "options", typed(asked))
    assert response["Location"].endswith("/destination/")
    draft.refresh_from_db()
    plan = asked["plan"].values.get(name="B")
    assert draft.answers["options"] == {
        str(asked["lines"].pk): 3,
        str(asked["plan"].pk): plan.pk,
        str(asked["record"].pk): True,
    }
    assert draft.answers["fields"][str(asked["use"].pk)] == "Tom & Co desk"
    assert quoting.quote_draft(draft).recurring - before == Money.of("13", "USD")
    again = buyer.step(draft, "options").content.decode()
    assert "Tom &amp; Co desk" in again
    order = buyer.order_of(buyer.send(draft, "destination", {"goal": "sip-account"}))
    words = [
        ("Fax lines", "3"),
        ("Plan", "B"),
        ("Recording", "Yes"),
        ("Used for", "Tom & Co desk"),
        ("Floor", "Second"),
        ("Agreed", "No"),
    ]
    assert contents_of(order).answered == words
    CustomField.objects.all().delete()
    ProductOption.objects.all().delete()
    fresh = Order.objects.get()
    assert contents_of(fresh).answered == words
    assert "Tom & Co desk" in text_of(buyer.get(f"/my/orders/{order.uid}/"))
    buyer.browser.force_login(make_user("sam", None, role="owner", is_staff=True))
    office = text_of(buyer.get(f"/office/orders/{order.uid}/"))
    assert "Fax lines 3" in office
    assert "Used for Tom & Co" in office


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("lines", "6", "Type a number from 0 to 5."),
        ("lines", "-1", "Type a number from 0 to 5."),
        ("lines", "many", "Type a number from 0 to 5."),
        ("plan", "999999", "not offered any more"),
        ("plan", "", "Choose one of the list."),
        ("use", "", "Answer this: Used for."),
        ("where", "Attic", "Choose one of the list."),
    ],
)
def test_what_cannot_be_is_refused(
    buyer: Buyer, asked: dict[str, Any], name: str, value: str, words: str
) -> None:
    draft = at_options(buyer)
    kind = "option" if isinstance(asked[name], ProductOption) else "field"
    response = buyer.send(draft, "options", typed(asked), **{f"{kind}-{asked[name].pk}": value})
    assert response.status_code == 422
    assert words in text_of(response)
    draft.refresh_from_db()
    assert "options" not in draft.answers


@pytest.mark.parametrize("change", ["value gone", "option gone", "field gone", "less", "new"])
def test_what_the_catalogue_lost_meanwhile_is_asked_again(
    buyer: Buyer, shop: Shop, asked: dict[str, Any], change: str
) -> None:
    draft = at_options(buyer)
    buyer.send(draft, "options", typed(asked))
    match change:
        case "value gone":
            asked["plan"].values.get(name="B").delete()
        case "option gone":
            asked["record"].delete()
        case "field gone":
            asked["use"].delete()
        case "less":
            ProductOption.objects.filter(pk=asked["lines"].pk).update(most=2)
        case "new":
            CustomField.objects.create(product=shop.number, name="Colour", is_required=True)
    response = buyer.send(draft, "destination", {"goal": "sip-account"})
    assert response["Location"].endswith("/options/")
    text = text_of(buyer.step(draft, "options"))
    assert "has changed" in text
    assert "Nothing was ordered or charged" in text
    assert not Order.objects.exists()


def test_a_bundle_asks_about_each_of_its_products(buyer: Buyer, shop: Shop) -> None:
    item = shop.bundle.items.order_by("-quantity")[0]
    option = make_option(item.product, "Headset", Kind.YES_NO, "5")
    draft = buyer.start("hosted-pbx-10")
    buyer.send(draft, "company", COMPANY)
    response = buyer.send(draft, "number", {"e164": shop.cheap_offer().e164})
    assert response["Location"].endswith("/options/")
    assert str(Money.of("5", "USD") * item.quantity) in text_of(buyer.step(draft, "options"))
    draft.refresh_from_db()
    before = quoting.quote_draft(draft).recurring
    assert buyer.send(draft, "options", {f"option-{option.pk}": "on"}).status_code == 302
    draft.refresh_from_db()
    after = quoting.quote_draft(draft).recurring
    assert after - before == Money.of("5", "USD") * item.quantity


def test_each_of_several_numbers_tells_the_answers(buyer: Buyer, asked: dict[str, Any]) -> None:
    offers = buyer.shop.offers()
    draft = buyer.start("number", e164=offers[0].e164)
    buyer.send(draft, "company", COMPANY)
    buyer.send(draft, "number", {"e164": offers[1].e164})
    buyer.send(draft, "options", typed(asked))
    buyer.send(draft, "destination", {"goal": "sip-account"})
    orders = list(Order.objects.all())
    assert len(orders) == 2
    assert all(("Plan", "B") in contents_of(order).answered for order in orders)


def test_answers_to_other_questions_are_no_answers(buyer: Buyer, asked: dict[str, Any]) -> None:
    draft = at_options(buyer)
    buyer.send(draft, "options", typed(asked))
    draft.refresh_from_db()
    with pytest.raises(Refusal, match="not offered any more"):
        answering.save(
            draft, options=draft.answers["options"] | {"9": 1}, fields=draft.answers["fields"]
        )
    with pytest.raises(Refusal) as refusal:
        answering.save(draft, options={}, fields={})
    assert refusal.value.field == "options"


def test_an_option_without_a_price_in_the_currency_is_not_asked(buyer: Buyer, shop: Shop) -> None:
    option = make_option(shop.number, "Plan", Kind.YES_NO, "2")
    OptionValue.objects.update(amount_currency="CAD", setup_currency="CAD")
    draft = at_options(buyer)
    assert buyer.send(draft, "options", {f"option-{option.pk}": "on"}).status_code == 302
    buyer.send(draft, "destination", {"goal": "sip-account"})
    assert contents_of(Order.objects.get()).answered == []
    assert checking_out.orders_of([Draft.objects.get(pk=draft.pk)])
