"""What a submit must pass: rules that block buyers, orders a day of one network, and how many orders of
a new client may wait. What passes is looked at for doubts (``flows.doubting``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from ringup.accounts import blocking
from ringup.accounts.belonging import locked
from ringup.accounts.models import BlockRule, Brand, Client, User
from ringup.catalog.pricing import Quote
from ringup.catalog.rule_models import PromoCode
from ringup.core.actors import Actor
from ringup.core.limiting import Limit, tally, within
from ringup.core.money import total
from ringup.core.phones import country_of
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal
from ringup.flows.checkout import opening_clients
from ringup.flows.checkout.doubting import Facts, doubts
from ringup.flows.checkout.placing_together import PLACED_WITH
from ringup.orders.models import Draft, Order
from ringup.services.models import Service

WAITING = (Order.State.PENDING, Order.State.CHOOSE_NUMBER)
REJECTED = Order.State.REJECTED
BY_NETWORK = Limit("orders-network-day", times=60, seconds=86_400)
TOO_OFTEN = (
    "Many orders came from your network today. Nothing was ordered or charged, and your answers are "
    "kept. Try again tomorrow, or write to us."
)
# Says neither that there is a rule nor which: who is blocked would go around it.
NOT_ONLINE = (
    "We cannot take this order here. Nothing was ordered or charged. Write to {support}, and somebody "
    "looks at it."
)
BLOCKED = (
    "A rule blocks this buyer: {kind} {value}{reason}. Nothing was ordered or charged. Remove the rule "
    "under “Blocked buyers”, then order again."
)
FULL = (
    "{waiting} of your orders wait for us already, and until your first service runs there can be no "
    "more at once. Nothing was ordered or charged, and your answers are kept. Wait for our answer, or "
    "write to {support}."
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who submits: what he typed, and from where. ``network`` is empty for staff."""

    emails: list[str]
    phones: list[str]
    network: str
    is_staff: bool
    support: str


def buyer_of(drafts: Sequence[Draft], *, actor: Actor, network: str) -> Buyer:
    """What all the drafts of one buyer say of him, and what his client does."""
    typed = [draft.answers.get("company", {}) for draft in drafts]
    client = drafts[0].client
    if client is not None:
        typed.append({"email": client.email, "phone": client.phone})
    is_staff = actor.name.startswith("staff:")
    return Buyer(
        emails=[*(answers.get("email", "") for answers in typed), _email_of(actor)],
        phones=[answers.get("phone", "") for answers in typed],
        network="" if is_staff else network,
        is_staff=is_staff,
        support=drafts[0].brand.support_email,
    )


def _email_of(actor: Actor) -> str:
    """Of the login that orders: a client's person types whatever address he likes."""
    kind, _, key = actor.name.partition(":")
    if kind != "user":
        return ""
    return next((email for (email,) in _emails_of(int(key))), "")


@prepared
def _emails_of(user: int) -> QuerySet[User, tuple[str]]:
    return User.objects.filter(pk=user).values_list("email")


def let_in(buyer: Buyer) -> None:
    """Before anything is asked outside. A blocked buyer is refused; so is one order too many of a
    network in a day."""
    rule = blocking.rule_for(emails=buyer.emails, phones=buyer.phones, network=buyer.network)
    if rule is not None:
        raise Refusal(
            _words_of(rule) if buyer.is_staff else NOT_ONLINE.format(support=buyer.support)
        )
    if not within(BY_NETWORK, buyer.network):
        raise Refusal(TOO_OFTEN)


def _words_of(rule: BlockRule) -> str:
    reason = f" ({rule.reason})" if rule.reason else ""
    return BLOCKED.format(kind=rule.get_kind_display().lower(), value=rule.value, reason=reason)


def require_room(client: Client) -> None:
    """In the transaction that places orders: of two submits at once, one waits here and sees the
    other's. What was placed together counts as one order."""
    locked(client)
    if _running(client.pk):
        return
    # Read now: the brand of a client in memory may be of before.
    brand = Brand.objects.only("most_waiting", "support_email").get(pk=client.brand_id)
    waiting = len(_placements(client))
    if waiting >= brand.most_waiting:
        raise Refusal(FULL.format(waiting=waiting, support=brand.support_email))


@prepared
def _running(client: int) -> QuerySet[Service, tuple[int]]:
    """One of the client's services that run."""
    rows = Service.objects.filter(client=client, state=Service.State.ACTIVE)
    return rows.values_list("pk")[:1]


def _placements(client: Client) -> set[str]:
    """One text for each submit of which an order waits."""
    rows = Order.objects.filter(client=client, state__in=WAITING)
    return {
        (answers.get(PLACED_WITH) or [str(uid)])[0]
        for uid, answers in rows.values_list("draft__uid", "draft__answers")
    }


def note_doubts(orders: Sequence[Order], quotes: Sequence[Quote], buyer: Buyer) -> None:
    """In the transaction that places orders: what staff should look at, on each of them."""
    found = doubts(_facts(orders, quotes, buyer))
    if found:
        Order.objects.filter(pk__in=[order.pk for order in orders]).update(doubts=found)
    for order in orders:
        order.doubts = found


def _facts(orders: Sequence[Order], quotes: Sequence[Quote], buyer: Buyer) -> Facts:
    client = orders[0].client
    login = opening_clients.known_login(client) if opening_clients.waits_for_owner(client) else None
    numbers = [order.draft.answers.get("number", {}) for order in orders]
    relatives = relatives_of(client)
    mailboxes = [(one.email, one.phone) for one in relatives]
    blocked = zip(relatives, blocking.blocked(mailboxes), strict=True)
    elsewhere = Order.objects.filter(client__in=relatives, state__in=(*WAITING, REJECTED))
    theirs = list(elsewhere.values_list("client", "state"))
    rejected = {key for key, state in theirs if state == REJECTED}
    before = _orders_before(client.pk, min(order.pk for order in orders))
    return Facts(
        email=client.email,
        names=(client.name, client.contact_name),
        phone_country=country_of(client.phone),
        company_country=client.country,
        regulated_countries=tuple(one["country"] for one in numbers if one.get("needs_papers")),
        orders_of_network=tally(BY_NETWORK, buyer.network) if buyer.network else 0,
        known_login=login.email if login else "",
        blocked_relatives=tuple(one.name for one, is_so in blocked if is_so),
        rejected_relatives=tuple(one.name for one in relatives if one.pk in rejected),
        other_waiting=sum(state != REJECTED for _, state in theirs),
        relatives=tuple(one.name for one in relatives),
        given_once=tuple(_given_once(quotes)),
        is_first=not before,
        first_payment=total((quote.first_payment for quote in quotes), quotes[0].currency),
    )


@prepared
def _orders_before(client: int, order: int) -> QuerySet[Order, tuple[int]]:
    """One of the client's orders that are older than this one."""
    return Order.objects.filter(client=client, pk__lt=order).values_list("pk")[:1]


def _given_once(quotes: Sequence[Quote]) -> list[str]:
    """What these have that another order of the client would not get."""
    codes = {quote.terms.promo for quote in quotes} - {""}
    found = [f"the code {code}" for code in _once_only(codes)] if codes else []
    if any(quote.terms.first_free for quote in quotes):
        found.append("the first number free")
    return found


def _once_only(codes: set[str]) -> QuerySet[PromoCode, str]:
    once = Q(new_clients_only=True) | Q(most_per_client__isnull=False)
    rows = PromoCode.objects.filter(once, code__in=codes).order_by("code")
    return rows.values_list("code", flat=True)


def relatives_of(client: Client) -> list[Client]:
    """Other clients with the same telephone or mailbox, whatever stands behind a plus sign. The newest
    few: staff reads them."""
    if client.phone:
        return _like(client.pk, client.mailbox, client.phone, has_phone=True)
    return _like(client.pk, client.mailbox, "", has_phone=False)


@prepared
def _like(client: int, mailbox: str, phone: str, *, has_phone: bool) -> QuerySet[Client]:
    alike = Q(mailbox=mailbox)
    if has_phone:
        alike |= Q(phone=phone)
    return Client.objects.filter(alike).exclude(pk=client).order_by("-pk")[:10]
