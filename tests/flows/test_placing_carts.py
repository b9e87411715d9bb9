"""Placing the items of a cart together: all or none, once, whatever happens at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from ringup.accounts.models import Brand, Client
from ringup.catalog.models import Product
from ringup.catalog.rule_models import PromoCode
from ringup.core.models import Activity
from ringup.core.money import total
from ringup.core.sentences import Refusal
from ringup.flows.checkout import (
    checking_out,
    drafting,
    holding_numbers,
    keeping_passwords,
    quoting,
    redeeming,
)
from ringup.flows.checkout.checking_out import ItemRefusal
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.mail.models import Outbox
from ringup.numbers.models import Hold, OwnedNumber
from ringup.orders.contents import contents_of
from ringup.orders.models import Draft, Order
from ringup.pbx.models import PbxServer
from ringup.services.models import DomainClaim, Service
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.racing import at_once, kinds, refused
from tests.world import ADMINISTRATOR, COMPANY, PASSWORD, make_client, make_people

pytestmark = pytest.mark.django_db(transaction=True)
NOTHING = "Nothing was ordered"


@pytest.fixture
def shop(settings: Any) -> Iterator[ToyShop]:
    with toy_shop(settings) as one:
        yield one


def number_item(shop: ToyShop, *e164s: str, client: Client | None = None, **company: str) -> Draft:
    """A complete draft of plain numbers."""
    draft = shop.draft(client=client)
    shop.choose(draft, *e164s)
    return shop.complete(draft, **company)


def pbx_item(shop: ToyShop, e164: str, client: Client | None = None, **company: str) -> Draft:
    """A complete draft of a PBX, its password kept."""
    draft = shop.draft(shop.bundle, client)
    drafting.save_company(draft, COMPANY | company)
    shop.choose(draft, e164)
    drafting.save_tenant(draft, label=draft.answers["tenant"]["label"])
    drafting.save_answers(draft, "administrator", ADMINISTRATOR)
    keeping_passwords.keep(draft, PASSWORD)
    return draft


def cart(shop: ToyShop, client: Client | None = None, *, first: int = 0) -> list[Draft]:
    """A PBX, and two plain numbers in one draft."""
    numbers = shop.numbers(first + 3)[first:]
    return [
        pbx_item(shop, numbers[0], client),
        number_item(shop, *numbers[1:], client=client),
    ]


def copies(drafts: list[Draft]) -> list[Draft]:
    """As another window has them."""
    return [Draft.objects.get(pk=draft.pk) for draft in drafts]


def nothing_was_placed() -> bool:
    return not (Order.objects.exists() or Service.objects.exists() or OwnedNumber.objects.exists())


# -- all of it --------------------------------------------------------------------------------------


def test_a_guest_s_cart_becomes_one_client_and_an_order_for_each_line(shop: ToyShop) -> None:
    drafts = cart(shop)
    expected = [quoting.quote_draft(draft).first_payment for draft in drafts]
    orders = checking_out.submit_all(drafts)
    assert [order.draft_id for order in orders[:2]] == [draft.pk for draft in drafts]
    assert len(orders) == 3
    client = Client.objects.get()
    assert {order.client for order in orders} == {client}
    assert set(Draft.objects.values_list("client", "state")) == {(client.pk, "submitted")}
    quotes = [contents_of(order).quote for order in orders]
    assert total((quote.first_payment for quote in quotes), "USD") == total(expected, "USD")
    for order in orders:
        others = {other.pk for other in orders} - {order.pk}
        assert {other.pk for other in checking_out.placed_with(order)} == others
        assert Activity.objects.filter(subject=f"order:{order.uid}").count() == 1
    assert Hold.objects.filter(state=Hold.State.LOCKED).count() == Hold.objects.count() == 3
    assert Job.objects.filter(name="provisioning.plan").count() == 3


def test_one_mail_tells_of_all(shop: ToyShop) -> None:
    people = make_people()
    orders = checking_out.submit_all(cart(shop, people.acme))
    Job.objects.exclude(name="orders.received").delete()
    assert Job.objects.count() == 1
    run_one()
    mails = Outbox.objects.filter(client_id=people.acme.pk)
    assert len({mail.to for mail in mails}) == mails.count() == 3
    for mail in Outbox.objects.all():
        assert all(order.label in mail.text and order.label in mail.html for order in orders)
    assert Outbox.objects.filter(template="staff-orders-received").count() == 1


def test_several_numbers_of_one_draft_are_one_mail_too(shop: ToyShop) -> None:
    make_people()
    order = checking_out.submit(number_item(shop, *shop.numbers(3)))
    Job.objects.exclude(name="orders.received").delete()
    run_one()
    mail = Outbox.objects.get(client_id=order.client_id)
    assert mail.template == "orders-received"
    assert mail.subject == "Your 3 orders: we have them, nothing is charged yet"


def test_the_password_s_hash_goes_to_the_service_and_from_the_draft(shop: ToyShop) -> None:
    draft = pbx_item(shop, *shop.numbers(1))
    kept = draft.secrets
    assert kept.startswith("$2b$")
    assert kept not in str(list(Draft.objects.values()))
    order = checking_out.submit(draft)
    assert contents_of(order).service.open_secrets()["administrator_hash"] == kept
    assert Draft.objects.get().secrets == ""


def test_without_a_password_a_pbx_is_not_ordered(shop: ToyShop) -> None:
    draft = pbx_item(shop, *shop.numbers(1))
    holding_numbers.leave(draft)
    [left] = copies([draft])
    assert left.secrets == ""
    with pytest.raises(Refusal, match="typed once more") as refusal:
        checking_out.submit(left)
    assert refusal.value.field == "password"
    assert nothing_was_placed()


# -- or nothing -------------------------------------------------------------------------------------


def test_if_one_item_refuses_nothing_is_placed_and_it_is_named(shop: ToyShop) -> None:
    drafts = cart(shop)
    gone = drafts[1].answers["number"]["e164"]
    shop.telecom.sell_to_somebody_else(gone)
    with pytest.raises(ItemRefusal, match="sold") as refusal:
        checking_out.submit_all(drafts)
    assert (refusal.value.draft, refusal.value.field) == (drafts[1], "number")
    assert str(refusal.value).startswith("Phone number: ")
    assert nothing_was_placed()
    assert {draft.state for draft in copies(drafts)} == {Draft.State.OPEN}
    assert [draft.secrets != "" for draft in copies(drafts)] == [True, False]


def test_the_last_piece_in_stock_is_not_sold_twice_in_one_cart(shop: ToyShop) -> None:
    first, second, third = shop.numbers(3)
    Product.objects.filter(pk=shop.number.pk).update(stock=2)
    drafts = [number_item(shop, first, second), number_item(shop, third)]
    for draft in drafts:
        draft.refresh_from_db()
    with pytest.raises(ItemRefusal, match="last Phone number") as refusal:
        checking_out.submit_all([Draft.objects.get(pk=draft.pk) for draft in drafts])
    assert refusal.value.draft.pk == drafts[1].pk
    assert nothing_was_placed()
    assert Product.objects.get(pk=shop.number.pk).stock == 2


def test_the_last_place_on_a_server_is_not_taken_twice_in_one_cart(shop: ToyShop) -> None:
    first, second = shop.numbers(2)
    drafts = [pbx_item(shop, first), pbx_item(shop, second, company="Another Company")]
    PbxServer.objects.update(max_tenants=1)
    with pytest.raises(ItemRefusal, match="last place") as refusal:
        checking_out.submit_all(drafts)
    assert refusal.value.draft == drafts[1]
    assert nothing_was_placed()
    assert PbxServer.objects.get().claimed_tenants == 0
    assert not DomainClaim.objects.exists()


def test_one_address_twice_in_a_cart_is_refused(shop: ToyShop) -> None:
    drafts = [pbx_item(shop, e164) for e164 in shop.numbers(2)]
    labels = [draft.answers["tenant"]["label"] for draft in drafts]
    assert len(set(labels)) == 2, "a name is proposed for one PBX alone"
    drafting.save_tenant(drafts[1], label=labels[0])  # and typed all the same
    with pytest.raises(ItemRefusal, match="two items of your cart") as refusal:
        checking_out.submit_all(drafts)
    assert (refusal.value.draft, refusal.value.field) == (drafts[1], "label")
    assert nothing_was_placed()


def test_one_number_twice_in_a_cart_is_refused(shop: ToyShop) -> None:
    client = make_client("Karoo")
    [e164] = shop.numbers(1)
    drafts = [number_item(shop, e164, client=client) for _ in range(2)]
    with pytest.raises(ItemRefusal, match="two items of your cart"):
        checking_out.submit_all(drafts)
    assert nothing_was_placed()


def test_two_currencies_do_not_mix(shop: ToyShop) -> None:
    drafts = cart(shop)
    Draft.objects.filter(pk=drafts[1].pk).update(currency="CAD")
    with pytest.raises(Refusal, match="priced in CAD"):
        checking_out.submit_all(copies(drafts))
    assert nothing_was_placed()


def test_terms_are_accepted_in_their_present_version(shop: ToyShop) -> None:
    drafts = cart(shop)
    Brand.objects.update(terms_version=3)
    for version in (0, 2):
        with pytest.raises(Refusal, match="terms") as refusal:
            checking_out.submit_all(drafts, terms=version)
        assert refusal.value.field == "terms"
        assert NOTHING in str(refusal.value)
    assert nothing_was_placed()
    orders = checking_out.submit_all(copies(drafts), terms=3)
    assert {order.terms_version for order in orders} == {3}


# -- once -------------------------------------------------------------------------------------------


def test_submitting_a_cart_again_gives_the_same_orders(shop: ToyShop) -> None:
    drafts = cart(shop)
    orders = checking_out.submit_all(drafts)
    assert checking_out.submit_all(drafts) == orders
    assert checking_out.submit_all(copies(drafts)) == orders
    assert checking_out.submit_all(copies(drafts[1:])) == orders[1:]
    assert Order.objects.count() == 3


def test_a_cart_of_which_one_item_was_ordered_alone_is_refused(shop: ToyShop) -> None:
    client = make_client("Karoo")
    drafts = cart(shop, client)
    checking_out.submit(drafts[1])
    with pytest.raises(ItemRefusal, match="already placed") as refusal:
        checking_out.submit_all(copies(drafts))
    assert refusal.value.draft == drafts[1]
    assert Order.objects.count() == 2


def test_two_submits_of_one_cart_at_once_give_its_orders_once(shop: ToyShop) -> None:
    drafts = cart(shop)
    tabs = [copies(drafts), copies(drafts)[::-1], copies(drafts), copies(drafts)[1:]]
    outcomes = at_once(*[partial(checking_out.submit_all, tab) for tab in tabs])
    assert "ok" in kinds(outcomes)
    assert all("already placed" in str(one) for one in refused(outcomes))
    assert OwnedNumber.objects.count() == Order.objects.count() <= 3
    assert Client.objects.count() == 1


def test_two_carts_with_the_same_things_never_wait_for_each_other_both(shop: ToyShop) -> None:
    """The same numbers, stock, servers and addresses, in the opposite order."""
    numbers = shop.numbers(4)
    Product.objects.filter(pk=shop.number.pk).update(stock=50)
    carts = []
    for turn in range(6):
        chosen = numbers if turn % 2 else numbers[::-1]
        client = make_client(f"Client {turn}")
        items = [
            pbx_item(shop, chosen[0], client, company=f"Company {chosen[0]}"),
            number_item(shop, *chosen[1:3], client=client),
            pbx_item(shop, chosen[3], client, company=f"Company {chosen[3]}"),
        ]
        carts.append(items if turn % 3 else items[::-1])
        Hold.objects.all().delete()
    outcomes = at_once(*[partial(checking_out.submit_all, copies(items)) for items in carts])
    assert len(refused(outcomes)) == len(carts) - 1
    assert (Order.objects.count(), OwnedNumber.objects.count()) == (4, 4)
    assert Product.objects.get(pk=shop.number.pk).stock == 48
    assert DomainClaim.objects.count() == 2


def test_an_item_removed_while_its_cart_is_submitted_is_ordered_or_removed(shop: ToyShop) -> None:
    for turn in range(4):
        client = make_client(f"Client {turn}")
        drafts = [
            number_item(shop, e164, client=client) for e164 in shop.numbers(8)[turn * 2 :][:2]
        ]
        before = Order.objects.count()
        submitted, _ = at_once(
            partial(checking_out.submit_all, copies(drafts)),
            partial(holding_numbers.remove, copies(drafts)[1]),
        )
        state = Draft.objects.get(pk=drafts[1].pk).state
        if isinstance(submitted, Refusal):
            assert state == Draft.State.EXPIRED
            assert Order.objects.count() == before
            assert not Hold.objects.filter(holder=drafts[1].uid).exists()
        else:
            assert state == Draft.State.SUBMITTED
            assert Order.objects.count() == before + 2
            assert Hold.objects.get(holder=drafts[1].uid).state == Hold.State.LOCKED


# -- what happens while the carrier is asked --------------------------------------------------------


def meanwhile(shop: ToyShop, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Have something happen when the carrier is asked next, once."""
    waiting, ask = [act], shop.telecom.answer

    def answer(verb: str, do: Callable[[], Any]) -> Any:
        if waiting:
            waiting.pop()()
        return ask(verb, do)

    monkeypatch.setattr(shop.telecom, "answer", answer)


def test_nobody_loses_his_code_unseen_to_who_is_faster(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = PromoCode.objects.create(
        code="LAST", kind=PromoCode.Kind.FREE_MONTHS, free_months=1, most_uses=1
    )
    slow, fast = [number_item(shop, one) for one in shop.numbers(2)]
    for draft in (slow, fast):
        redeeming.enter(draft, "LAST")
    meanwhile(shop, monkeypatch, lambda: checking_out.submit(fast))
    with pytest.raises(Refusal, match="LAST was used up"):
        checking_out.submit(slow)
    assert [order.draft for order in Order.objects.all()] == [fast]
    slow.refresh_from_db()
    assert (slow.state, slow.promo_code) == (Draft.State.OPEN, "")
    code.refresh_from_db()
    assert code.uses == 1


def test_nobody_orders_at_a_price_that_he_has_not_seen(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = [number_item(shop, one) for one in shop.numbers(2)]
    meanwhile(shop, monkeypatch, lambda: shop.number.prices.update(amount_micros=900_000_000))
    with pytest.raises(ItemRefusal, match=f"changed this moment. {NOTHING}"):
        checking_out.submit_all(copies(drafts))
    assert nothing_was_placed()
    assert checking_out.submit_all(copies(drafts))
