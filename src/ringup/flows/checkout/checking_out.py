"""Submitting drafts: a client, orders with their frozen quotes, and services with their wanted state.

What has to be asked outside is asked first. All rows are then written in one transaction, whose locks
are taken in one order by everybody: drafts, stock, the client, numbers, servers; each kind by its own
key. Of two carts with the same things in them one waits for the other, never both.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from ringup.accounts.models import Brand, Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, PlaceOffer
from ringup.catalog import number_prices, selling, stock
from ringup.catalog.pricing import Quote
from ringup.core.actors import GUEST, Actor
from ringup.core.models import Activity
from ringup.core.phones import shown
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal
from ringup.flows.checkout import (
    answering,
    choosing_places,
    chosen_numbers,
    client_limits,
    drafted_papers,
    drafting,
    guarding,
    keeping_passwords,
    opening_clients,
    placing_together,
    quoting,
    redeeming,
)
from ringup.flows.checkout.new_services import new_service, wanted_number
from ringup.jobs.enqueuing import enqueue
from ringup.numbers import holding
from ringup.orders.models import Draft, Order, OrderLine
from ringup.pbx.models import PbxServer
from ringup.services.domains import ServerFull, tenant_domain

# A cart holds more; so many of its items are ordered at once.
MOST_ITEMS = 20
PLACED_ALREADY = "This order was already placed. Nothing was ordered twice. See My orders."
NOT_ONE_CURRENCY = (
    "{name} is priced in {wrong}, and what else you order is paid in {right}. Nothing was ordered or "
    "charged. Remove it, and choose it again to see its price."
)
TWICE = (
    "{what} is in two items of your cart. Nothing was ordered or charged. Change or remove one of "
    "the two."
)
TERMS = (
    "Our terms must be accepted first, in their present version. Nothing was ordered or charged. Read "
    "them, tick the box, then order again."
)
ONLY_A_PART = (
    "{name} is sold as a part of a bundle, and cannot be added to a PBX that runs yet. Nothing was "
    "ordered or charged. Remove it, or write to us."
)
DEARER_MEANWHILE = (
    "The price of {name} changed this moment. Nothing was ordered or charged. "
    + redeeming.LOOK_AGAIN
)
TYPE_IT_AGAIN = (
    "The administrator's password has to be typed once more: it is kept for a short time only. "
    "Nothing was ordered or charged."
)


class ItemRefusal(Refusal):
    """One of several items says no, so none was ordered. ``draft`` is the item, ``reason`` its words."""

    def __init__(self, refusal: Refusal, draft: Draft) -> None:
        super().__init__(f"{draft.sold.name}: {refusal}", field=refusal.field)
        self.reason = str(refusal)
        self.draft = draft


@dataclass(slots=True)
class _Item:
    """A draft that was checked, and what its orders are made of."""

    draft: Draft
    account: CarrierAccount
    numbers: list[dict[str, Any]]
    quotes: list[Quote]
    password_hash: str
    server: PbxServer | None
    parts: list[Draft] = field(default_factory=list)


def submit(
    draft: Draft,
    *,
    actor: Actor = GUEST,
    administrator_password: str = "",
    terms: int = 0,
    network: str = "",
) -> Order:
    """Place the order of a complete draft; see ``submit_all``. A draft of several numbers becomes as
    many orders; the first is returned, and ``placed_with`` tells the others."""
    if administrator_password and draft.state == Draft.State.OPEN:
        keeping_passwords.keep(draft, administrator_password)
    return submit_all([draft], actor=actor, terms=terms, network=network)[0]


def submit_all(
    drafts: Sequence[Draft],
    *,
    actor: Actor = GUEST,
    terms: int = 0,
    network: str = "",
    quoted: Sequence[list[Quote]] = (),
) -> list[Order]:
    """Place the orders of complete drafts of one buyer, all or none. Nothing is charged; the orders
    reach the queue unpaid. ``terms`` is the version of the brand's terms that he accepted, ``network``
    the ``address_of`` his request, ``quoted`` what ``quoting.quotes_of`` said of each draft a moment
    ago, if it was asked.

    Raises ``Refusal`` (with ``field`` naming the step or input, and of several items as an
    ``ItemRefusal``) and changes nothing when a rule says no or a number is gone. Submitting the same
    twice gives the same orders.
    """
    if drafts and all(draft.state == Draft.State.SUBMITTED for draft in drafts):
        return orders_of(drafts)
    _require_one_cart(drafts)
    drafting.touch(drafts)
    buyer = guarding.buyer_of(drafts, actor=actor, network=network)
    guarding.let_in(buyer)
    deadline = time.monotonic() + drafting.PAGE_SECONDS
    seen = _priced(drafts, quoted)
    items = []
    used: Counter[str] = Counter()
    for draft, marks in zip(drafts, seen, strict=True):
        with _named(draft, drafts):
            items.append(_checked(draft, deadline, used))
            _require_price(items[-1], marks)
    _require_no_two_alike(items)
    try:
        return _place(items, actor, terms, buyer)
    except Refusal as refusal:
        if isinstance(refusal, ServerFull) or isinstance(refusal.__cause__, ServerFull):
            _see_other_servers(items)
        if isinstance(refusal, redeeming.UsedUp):
            redeeming.forget_what_counts_no_more(drafts)
        raise


def orders_of(drafts: Sequence[Draft]) -> list[Order]:
    """The orders that these submitted drafts became, in the drafts' order; of several numbers all."""
    rows = Order.objects.filter(draft__in=drafts).select_related("client", "brand", "draft")
    by_draft = {order.draft_id: order for order in rows}
    found: dict[int, Order] = {}
    for draft in drafts:
        order = by_draft[draft.pk]
        for one in [order, *placing_together.split_from(order)]:
            found.setdefault(one.pk, one)
    return list(found.values())


def placed_with(order: Order) -> list[Order]:
    """The other orders of the same submit; none for most. They are of the same client."""
    return placing_together.placed_with(order)


@contextmanager
def _named(draft: Draft, drafts: Sequence[Any]) -> Iterator[None]:
    """Of several, a refusal says which one it is about."""
    try:
        yield
    except Refusal as refusal:
        if len(drafts) < 2:
            raise
        raise ItemRefusal(refusal, draft) from refusal


# -- before: what is asked outside ------------------------------------------------------------------


def _require_one_cart(drafts: Sequence[Draft]) -> None:
    """Raises ``ValueError`` for what no page may ask for, and refuses what a buyer can bring about."""
    if not drafts or len({draft.client_id for draft in drafts}) > 1:
        raise ValueError("only drafts of one buyer can be submitted together")
    if len(drafts) > MOST_ITEMS:
        raise Refusal(
            f"{MOST_ITEMS} items can be ordered at once. Nothing was ordered or charged. Remove "
            "some, or place their orders one by one."
        )
    client = drafts[0].client
    currency = client.currency if client else drafts[0].currency
    for draft in drafts:
        if draft.currency != currency:
            raise Refusal(
                NOT_ONE_CURRENCY.format(name=draft.sold.name, wrong=draft.currency, right=currency)
            )


def _priced(drafts: Sequence[Draft], quoted: Sequence[list[Quote]]) -> list[list[str]]:
    """What the orders of each draft cost before anything is asked outside, as marks of their quotes."""
    used: Counter[str] = Counter()
    found = []
    for place, draft in enumerate(drafts):
        with _named(draft, drafts):
            _require_answers(draft)
            answering.freeze(draft)
            redeeming.require(draft)
            quotes = quoted[place] if quoted else quoting.quotes_of(draft, used=used)
            found.append([quote.mark for quote in quotes])
    return found


def _require_price(item: _Item, marks: list[str]) -> None:
    """The carrier took its time to answer: the last use of a code may have gone meanwhile, or a price
    have risen. Nobody orders at a price that he has not seen."""
    if [quote.mark for quote in item.quotes] != marks:
        redeeming.require(item.draft)
        raise Refusal(DEARER_MEANWHILE.format(name=item.draft.sold.name))


def _checked(draft: Draft, deadline: float, used: Counter[str]) -> _Item:
    if time.monotonic() > deadline:
        raise Refusal(drafting.CARRIER_SILENT, field="number")
    has_tenant = selling.needs_tenant(draft.sold)
    password_hash = draft.secrets if has_tenant else ""
    if has_tenant and not password_hash:
        raise Refusal(TYPE_IT_AGAIN, field="password")
    account = selling.account_of(selling.mapping_of(draft.sold))
    _recheck_numbers(draft, account)
    drafted_papers.require(draft, account)
    numbers = chosen_numbers.numbers_of(draft)
    return _Item(
        draft=draft,
        account=account,
        numbers=numbers,
        quotes=quoting.quotes_of(draft, used=used),
        password_hash=password_hash,
        server=drafting.confirmed_server(draft) if has_tenant else None,
    )


def _require_answers(draft: Draft) -> None:
    drafting.require_open(draft)
    if not selling.is_sold_alone(draft.sold):
        raise Refusal(ONLY_A_PART.format(name=draft.sold.name))
    wanted = {"company", "number"}
    wanted |= {"tenant", "administrator"} if selling.needs_tenant(draft.sold) else {"destination"}
    for step in ("company", "number", "tenant", "destination", "administrator"):
        if step in wanted and step not in draft.answers:
            raise Refusal("A step is not complete yet. Nothing was ordered.", field=step)


def _recheck_numbers(draft: Draft, account: CarrierAccount) -> None:
    """Ask the carrier once more; the prices must be what the buyer saw. What a number costs us is
    what this account says now: the draft may have asked another one."""
    numbers = chosen_numbers.numbers_of(draft)
    if len(numbers) > 1 and not chosen_numbers.takes_several(draft):
        raise Refusal("This takes one number. Nothing was ordered. Choose one.", field="number")
    e164s = [chosen["e164"] for chosen in numbers if chosen["e164"]]
    offers = dict(zip(e164s, drafting.live_offers(account, e164s), strict=True))
    places = choosing_places.live_places(account, [one for one in numbers if not one["e164"]])
    fresh = [
        chosen
        | _rechecked(draft, account, chosen, offers.get(chosen["e164"]) or places[chosen["place"]])
        for chosen in numbers
    ]
    draft.answers = chosen_numbers.with_numbers(draft.answers, fresh)


def _rechecked(
    draft: Draft, account: CarrierAccount, chosen: dict[str, Any], offer: NumberOffer | PlaceOffer
) -> dict[str, Any]:
    price = number_prices.price_offer(account, offer, draft.currency)
    seen = chosen_numbers.price_of(chosen)
    if price is None or price.monthly > seen.monthly or price.setup > seen.setup:
        raise Refusal(
            f"The price of {chosen_numbers.words_of(chosen)} has changed. Nothing was ordered. "
            "Choose the number again to see its price.",
            field="number",
        )
    if isinstance(offer, PlaceOffer):
        return chosen_numbers.place_answers(offer, seen) | {"key": chosen["key"]}
    return chosen_numbers.number_answers(offer, seen)


def _require_no_two_alike(items: list[_Item]) -> None:
    """Two items of one cart cannot have one number, or one PBX address."""
    seen: set[str] = set()
    for item in items:
        chosen = [one for one in item.numbers if one["e164"]]
        parts = [(one["e164"], shown(one["e164"]), "number") for one in chosen]
        if item.server is not None:
            domain = tenant_domain(item.draft.answers["tenant"]["label"], item.server)
            parts.append((domain, domain, "label"))
        for key, words, name in parts:
            if key in seen:
                raise ItemRefusal(Refusal(TWICE.format(what=words), field=name), item.draft)
            seen.add(key)


def _see_other_servers(items: list[_Item]) -> None:
    """Somebody was faster. Where there is another server, the buyer sees the new address first."""
    for item in items:
        if item.server is not None:
            with _named(item.draft, items):
                drafting.confirmed_server(item.draft)


# -- the transaction --------------------------------------------------------------------------------


def _place(items: list[_Item], actor: Actor, terms: int, buyer: guarding.Buyer) -> list[Order]:
    """All rows of all orders, or none."""
    with transaction.atomic():
        _close(items)
        _require_terms(items[0].draft.brand_id, terms)
        _take_stock(items)
        client = items[0].draft.client or opening_clients.open_client([one.draft for one in items])
        if not buyer.is_staff:
            guarding.require_room(client)
        for item in items:
            item.parts = placing_together.split(item.draft, item.numbers, client=client)
        client_limits.keep(client, [(item.draft.sold, item.quotes) for item in items])
        placing_together.note_together([part for item in items for part in item.parts])
        _lock_numbers(items)
        _queue_at_servers(items)
        orders = [order for item in items for order in _orders_of(item, items, client, terms)]
        for order in orders:
            _received(order, actor)
        placed = iter(orders)
        for item in items:
            own = list(islice(placed, len(item.parts)))
            drafted_papers.hand_in(item.draft, item.parts, own, actor=actor)
        quotes = [quote for item in items for quote in item.quotes]
        redeeming.use(orders, quotes)
        guarding.note_doubts(orders, quotes, buyer)
        # One mail tells of all.
        first = orders[0]
        enqueue("orders.received", key=f"order/{first.pk}/received", order=str(first.uid))
    for item in items:
        item.draft.state, item.draft.client, item.draft.secrets = Draft.State.SUBMITTED, client, ""
    return orders


def _close(items: list[_Item]) -> None:
    for item in sorted(items, key=lambda item: item.draft.pk):
        draft = item.draft
        rows = Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN)
        ended = {"state": Draft.State.SUBMITTED, **keeping_passwords.NO_SECRETS}
        with _named(draft, items):
            if rows.update(changed=Now(), **ended) != 1:
                drafting.require_open(Draft.objects.get(pk=draft.pk))
            _require_still_served(item)


def _require_still_served(item: _Item) -> None:
    """The carrier took its time to answer: what is ordered may have been retired, or mapped to
    another provider, meanwhile."""
    sold = item.draft.sold
    if selling.account_of(selling.mapping_of(sold)).pk != item.account.pk:
        raise Refusal(
            f"{sold.name} was changed this moment. Nothing was ordered or charged. Order "
            "again: your answers are kept."
        )


def _require_terms(brand_id: int, accepted: int) -> None:
    """Read now: the terms may have changed while the buyer read them."""
    ((version,),) = _terms_version(brand_id)
    if version and accepted != version:
        raise Refusal(TERMS, field="terms")


@prepared
def _terms_version(brand: int) -> QuerySet[Brand, tuple[int]]:
    return Brand.objects.filter(pk=brand).values_list("terms_version")


def _take_stock(items: list[_Item]) -> None:
    def place(item: _Item) -> tuple[str, int]:
        return type(item.draft.sold).__name__, item.draft.sold.pk

    for item in sorted(items, key=place):
        with _named(item.draft, items):
            for _ in item.numbers:
                stock.take(item.draft.sold)


def _lock_numbers(items: list[_Item]) -> None:
    """Each for its part, in the order of the numbers of the whole cart. What the drafts held besides,
    chosen in another window, is free again. Of a place nothing is held."""
    pairs = [(item, part) for item in items for part in item.parts]
    wanted = {
        e164: (item, part) for item, part in pairs if (e164 := part.answers["number"]["e164"])
    }
    held = {hold.e164: item for item in items for hold in holding.held_by(item.draft.uid)}
    for e164 in sorted({*wanted, *held}):
        if e164 not in wanted:
            holding.release(e164, holder=held[e164].draft.uid)
            continue
        item, part = wanted[e164]
        with _named(item.draft, items):
            if part.uid != item.draft.uid:
                holding.hand_over(e164, holder=item.draft.uid, to=part.uid)
            holding.lock(e164, holder=part.uid, account=item.account)


def _queue_at_servers(items: list[_Item]) -> None:
    """Their rooms and domains are claimed one after the other, in the order of the cart."""
    wanted = {item.server.pk for item in items if item.server is not None}
    if len(wanted) > 1:
        rows = PbxServer.objects.filter(pk__in=wanted).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))


def _orders_of(item: _Item, items: list[_Item], client: Client, terms: int) -> list[Order]:
    with _named(item.draft, items):
        return [
            _order_of(part, quote, item, client, terms)
            for part, quote in zip(item.parts, item.quotes, strict=True)
        ]


def _order_of(draft: Draft, quote: Quote, item: _Item, client: Client, terms: int) -> Order:
    order = Order.objects.create(
        brand=client.brand,
        client=client,
        draft=draft,
        is_sandbox=item.account.is_sandbox,
        terms_version=terms,
    )
    number = wanted_number(draft.answers["number"], account=item.account, client=client)
    service = new_service(draft, item.account, client, number, item.server, item.password_hash)
    OrderLine.objects.create(
        order=order,
        bundle=draft.bundle,
        product=draft.product,
        text=draft.sold.name,
        quote=quote.as_data(),
        service=service,
    )
    enqueue("provisioning.plan", key=f"plan/{service.pk}", service=str(service.uid))
    return order


def _received(order: Order, actor: Actor) -> None:
    order.note("Order received.", actor=actor, new=order.state)
    Activity.record(actor, f"order:{order.uid}", "submitted an order", label=order.label)
