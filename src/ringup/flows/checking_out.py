"""Submitting a draft: a client, an order with its frozen quote, and services with their wanted state.

All rows are written in one transaction; the carrier is asked and the password is hashed before it.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import bcrypt
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from ringup.accounts.models import Client, Membership, User
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer
from ringup.catalog import number_prices, selling, stock
from ringup.catalog.pricing import Quote
from ringup.core.actors import GUEST, Actor
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows import chosen_numbers, drafting, quoting, splitting
from ringup.flows.freezing import templates_of, with_templates
from ringup.jobs.enqueuing import enqueue
from ringup.numbers import holding, own_stock
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Draft, Order, OrderLine
from ringup.pbx.models import PbxServer
from ringup.pbx.template_fields import INBOUND
from ringup.services.domains import ServerFull, check_label, claim
from ringup.services.models import Service
from ringup.services.secrets import number_secrets, tenant_secrets
from ringup.services.wanted import (
    FIRST_EXTENSION,
    Goal,
    WantedNumber,
    WantedTenant,
    extensions_from,
)

KNOWN_EMAIL = (
    "This e-mail address already has an account. Sign in to continue: your answers are kept. "
    "Nothing was ordered yet."
)


def submit(draft: Draft, *, actor: Actor = GUEST, administrator_password: str = "") -> Order:
    """Place the order of a complete draft. Nothing is charged; the order reaches the queue unpaid.
    A draft of several numbers becomes as many orders, all or none; the first is returned, and
    ``placed_with`` tells the others.

    Raises ``Refusal`` (with ``field`` naming the step or input) and changes nothing when a rule
    says no or the number is gone. Submitting twice gives one order: the second call returns it.
    """
    if draft.state == Draft.State.SUBMITTED:
        return Order.objects.get(draft=draft)
    _require_answers(draft)
    mapping = selling.mapping_of(draft.sold)
    account = selling.account_of(mapping)
    _recheck_numbers(draft, account)
    password_hash = _bcrypt(administrator_password) if selling.needs_tenant(draft.sold) else ""
    try:
        return _place(draft, account, actor, password_hash)
    except ServerFull:
        # Somebody was faster. Where there is another server, the buyer sees the new address first.
        drafting.confirmed_server(draft)
        raise


def _place(draft: Draft, account: CarrierAccount, actor: Actor, password_hash: str) -> Order:
    """All rows of the order, or of the orders, or none."""
    server = drafting.confirmed_server(draft) if selling.needs_tenant(draft.sold) else None
    numbers = chosen_numbers.numbers_of(draft)
    quotes = [quoting.quote_with(draft, chosen) for chosen in numbers]
    with transaction.atomic():
        _close(draft)
        _require_still_served(draft, account)
        for _ in numbers:
            stock.take(draft.sold)
        client = draft.client or _new_client(draft)
        parts = splitting.split(draft, numbers, client=client)
        _lock_numbers(draft, parts, account)
        orders = [
            _order_of(part, quote, account, client, server, actor, password_hash)
            for part, quote in zip(parts, quotes, strict=True)
        ]
    return orders[0]


def placed_with(order: Order) -> list[Order]:
    """The other orders of the same submit; none for most. They are of the same client."""
    return splitting.placed_with(order)


def _lock_numbers(draft: Draft, parts: list[Draft], account: CarrierAccount) -> None:
    """Each for its part, in the order of the numbers: two buyers of the same ones never wait for each
    other. What the draft held besides, chosen in another window, is free again."""
    numbers = {part.answers["number"]["e164"]: part.uid for part in parts}
    for e164, holder in sorted(numbers.items()):
        if holder != draft.uid:
            holding.hand_over(e164, holder=draft.uid, to=holder)
        holding.lock(e164, holder=holder, account=account)
    holding.keep_only([], holder=draft.uid)


def _order_of(
    draft: Draft,
    quote: Quote,
    account: CarrierAccount,
    client: Client,
    server: PbxServer | None,
    actor: Actor,
    password_hash: str,
) -> Order:
    order = Order.objects.create(
        brand=client.brand, client=client, draft=draft, is_sandbox=account.is_sandbox
    )
    number = wanted_number(draft.answers["number"], account=account, client=client)
    service = _service(draft, account, client, number, server, password_hash)
    OrderLine.objects.create(
        order=order,
        bundle=draft.bundle,
        product=draft.product,
        text=draft.sold.name,
        quote=quote.as_data(),
        service=service,
    )
    order.note("Order received.", actor=actor, new=order.state)
    Activity.record(actor, f"order:{order.uid}", "submitted an order", label=order.label)
    enqueue("orders.received", key=f"order/{order.pk}/received", order=str(order.uid))
    enqueue("provisioning.plan", key=f"plan/{service.pk}", service=str(service.uid))
    return order


def _require_still_served(draft: Draft, account: CarrierAccount) -> None:
    """The carrier took its time to answer: what is ordered may have been retired, or mapped to
    another provider, meanwhile."""
    if selling.account_of(selling.mapping_of(draft.sold)).pk != account.pk:
        raise Refusal(
            f"{draft.sold.name} was changed this moment. Nothing was ordered or charged. Order "
            "again: your answers are kept."
        )


def _require_answers(draft: Draft) -> None:
    drafting.require_open(draft)
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
    offers = drafting.live_offers(account, [chosen["e164"] for chosen in numbers])
    fresh = [
        chosen | _rechecked(draft, account, chosen, offer)
        for chosen, offer in zip(numbers, offers, strict=True)
    ]
    draft.answers = chosen_numbers.with_numbers(draft.answers, fresh)


def _rechecked(
    draft: Draft, account: CarrierAccount, chosen: dict[str, Any], offer: NumberOffer
) -> dict[str, Any]:
    price = number_prices.price_offer(account, offer, draft.currency)
    seen = chosen_numbers.price_of(chosen)
    if price is None or price.monthly > seen.monthly or price.setup > seen.setup:
        raise Refusal(
            f"The price of {shown(chosen['e164'])} has changed. Nothing was ordered. "
            "Choose the number again to see its price.",
            field="number",
        )
    return chosen_numbers.number_answers(offer, seen)


def _bcrypt(password: str) -> str:
    # Cost 10, as FusionPBX itself uses (reference, section 3.1). bcrypt reads 72 bytes.
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(10)).decode()


def _close(draft: Draft) -> None:
    rows = Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN)
    if rows.update(state=Draft.State.SUBMITTED, changed=Now()) != 1:
        raise Refusal("This order was already placed. Nothing was ordered twice. See My orders.")
    draft.state = Draft.State.SUBMITTED


def _new_client(draft: Draft) -> Client:
    """The guest becomes a client with a login that has no password yet: the mail carries the link."""
    answers = draft.answers["company"]
    email = answers["email"].lower()
    try:
        with transaction.atomic():
            # People sign in by e-mail; the user name only has to be there and be unique.
            user = User(username=uuid.uuid4().hex, email=email, first_name=answers["contact"])
            user.set_unusable_password()
            user.save()
    except IntegrityError as error:
        raise Refusal(KNOWN_EMAIL, field="email") from error
    client = Client.objects.create(
        brand=draft.brand,
        name=answers["company"],
        contact_name=answers["contact"],
        email=email,
        phone=answers["phone"],
        time_zone=draft.answers.get("administrator", {}).get("time_zone", draft.brand.time_zone),
        currency=draft.currency,
    )
    Membership.objects.create(user=user, client=client, role=Membership.Role.OWNER)
    Draft.objects.filter(pk=draft.pk).update(client=client)
    draft.client = client
    return client


def wanted_number(
    chosen: dict[str, Any], *, account: CarrierAccount, client: Client
) -> OwnedNumber:
    """The row of a number that an order is going to buy, or to take from our own shelf; its uid is
    the carrier's reference."""
    own_stock.moved([chosen["e164"]])
    currency = chosen["currency"]
    # Drafts from before there were two currencies have one.
    cost_currency = chosen.get("cost_currency", currency)
    try:
        with transaction.atomic():
            return OwnedNumber.objects.create(
                client=client,
                brand=client.brand,
                account=account,
                e164=chosen["e164"],
                country=chosen["country"],
                region=chosen["region"],
                rate_centre=chosen["rate_centre"],
                is_own_stock=own_stock.is_ours(account, chosen["e164"]),
                **money_columns(
                    cost_setup=Money(chosen["cost_setup_micros"], cost_currency),
                    cost_monthly=Money(chosen["cost_monthly_micros"], cost_currency),
                    price_monthly=Money(chosen["price_monthly_micros"], currency),
                ),
            )
    except IntegrityError as error:
        raise holding.taken(chosen["e164"]) from error


def _service(
    draft: Draft,
    account: CarrierAccount,
    client: Client,
    number: OwnedNumber,
    server: PbxServer | None,
    password_hash: str,
) -> Service:
    if server is not None:
        return _tenant_service(draft, account, client, number, server, password_hash)
    return _number_service(draft, account, client, number)


def _tenant_service(
    draft: Draft,
    account: CarrierAccount,
    client: Client,
    number: OwnedNumber,
    server: PbxServer,
    password_hash: str,
) -> Service:
    """The tenant, and its main number as a service of its own that lives in it."""
    domain = check_label(draft.answers["tenant"]["label"], server, field="label")
    wanted = with_templates(_wanted_tenant(draft, domain, number), templates_of(account))
    service = Service(
        client=client, brand=client.brand, kind=Service.Kind.TENANT, name=domain,
        account=account, server=server, wanted=wanted.as_data(),
    )  # fmt: skip
    extensions = [row.extension for row in wanted.extensions]
    service.set_secrets(tenant_secrets(extensions, administrator_hash=password_hash))
    service.save()
    claim(domain, server=server, service=service)
    goal = WantedNumber(Goal.EXTENSION, wanted.ring_extension)
    Service.objects.create(
        client=client, brand=client.brand, kind=Service.Kind.NUMBER, name=number.e164, number=number,
        account=account, server=server, tenant=service, wanted=goal.as_data(),
    )  # fmt: skip
    return service


def _wanted_tenant(draft: Draft, domain: str, number: OwnedNumber) -> WantedTenant:
    company, administrator = draft.answers["company"], draft.answers["administrator"]
    seats = selling.seats_of(draft.sold)
    return WantedTenant(
        domain=domain,
        company=company["company"],
        time_zone=administrator["time_zone"],
        language=administrator["language"],
        administrator_username=administrator["username"],
        administrator_name=company["contact"],
        administrator_email=administrator["email"],
        extensions=extensions_from(FIRST_EXTENSION, seats, company["contact"], company["email"]),
        main_number=str(number.uid),
        ring_extension=str(FIRST_EXTENSION),
        max_outbound_calls=max(2, min(seats, settings.RINGUP_MAX_OUTBOUND_CALLS)),
    )


def _number_service(
    draft: Draft, account: CarrierAccount, client: Client, number: OwnedNumber
) -> Service:
    answers = draft.answers["destination"]
    wanted = WantedNumber(Goal(answers["goal"]), answers["value"])
    tenant = None
    if wanted.goal is Goal.EXTENSION:
        tenant = live_tenants(client).filter(uid=answers["tenant"]).first()
        if tenant is None:
            raise Refusal("Choose one of your own running PBXes.", field="destination")
        _require_one_environment(tenant, account)
        wanted = replace(wanted, templates=templates_of(account, INBOUND))
    service = Service(
        client=client, brand=client.brand, kind=Service.Kind.NUMBER, name=number.e164, number=number,
        account=account, server=tenant.server if tenant else None, tenant=tenant,
        wanted=wanted.as_data(),
    )  # fmt: skip
    if wanted.goal is Goal.SIP_ACCOUNT:
        service.set_secrets(number_secrets())
    service.save()
    return service


def _require_one_environment(tenant: Service, account: CarrierAccount) -> None:
    """A rehearsal's number rings on no PBX that works, and a number that costs money on no
    rehearsal's."""
    if tenant.server is not None and tenant.server.environment != account.environment:
        raise Refusal(
            f"{tenant.name} cannot take this number: one of the two is for trying out, the other "
            "is not. Nothing was ordered or charged. Choose another place for the calls.",
            field="destination",
        )


def live_tenants(client: Client | None) -> Any:
    """The client's running PBXes, to which a number can be added."""
    rows = Service.objects.for_client(client)
    return rows.filter(kind=Service.Kind.TENANT, state=Service.State.ACTIVE).order_by("name")
