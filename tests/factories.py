"""Rows for tests of pages: orders, plans and runs in any state, without a carrier and a PBX.

Tests of what really happens outside build theirs with ``tests.world``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Quote
from ringup.catalog.terms import QuoteLine
from ringup.cli.seeding import PbxAddress, VoipmsAddress, seed
from ringup.core.actors import GUEST
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Draft, Order, OrderLine
from ringup.pbx.models import PbxServer
from ringup.provisioning.models import Approval, Change, Plan, Run, Step
from ringup.services.domains import claim
from ringup.services.models import Service
from ringup.services.seating import Person, Seating
from ringup.services.secrets import number_secrets, tenant_secrets
from ringup.services.wanted import Goal, WantedNumber, WantedTenant

ZERO = Money.zero("USD")
SETUP, MONTHLY = Money.of("0.40", "USD"), Money.of("0.85", "USD")


@dataclass(frozen=True)
class Shop:
    """A seeded catalogue whose carrier and PBX nobody answers for."""

    account: CarrierAccount
    server: PbxServer
    bundle: Bundle
    number: Product


def make_shop() -> Shop:
    nowhere = PbxAddress("postgresql://nowhere", "127.0.0.1", 1, "secret-of-events", "", "", "", "")
    account, server = seed(VoipmsAddress("http://127.0.0.1:1/", "me", "carrier-secret"), nowhere)
    bundle, number = Bundle.objects.get(slug="hosted-pbx-10"), Product.objects.get(slug="number")
    return Shop(account, server, bundle, number)


def make_number(shop: Shop, client: Client, *, e164: str = "") -> OwnedNumber:
    return OwnedNumber.objects.create(
        client=client,
        brand=client.brand,
        account=shop.account,
        e164=e164 or f"+1212555{1000 + OwnedNumber.objects.count():04}",
        country="US",
        region="NY",
        rate_centre="New York",
        **money_columns(
            cost_setup=SETUP, cost_monthly=MONTHLY, price_monthly=Money.of("1.90", "USD")
        ),
    )


def make_pbx_order(shop: Shop, client: Client, *, domain: str = "", e164: str = "") -> Order:
    """A submitted order of the bundle: a tenant with ten extensions and its main number."""
    number = make_number(shop, client, e164=e164)
    domain = domain or f"tenant{number.pk}.{shop.server.domain_suffix}"
    wanted = WantedTenant(
        domain=domain,
        company=client.name,
        time_zone="America/New_York",
        language="en-us",
        administrator_username="admin",
        administrator_name=client.contact_name,
        administrator_email=client.email,
        extensions=Seating(people=(Person(client.contact_name, client.email),)).extensions(10),
        main_number=str(number.uid),
        ring_extension="1001",
        max_outbound_calls=10,
    )
    tenant = _service(shop, client, Service.Kind.TENANT, domain, wanted.as_data())
    extensions = [row.extension for row in wanted.extensions]
    tenant.set_secrets(tenant_secrets(extensions, administrator_hash="$2b$10$hash"))
    tenant.save()
    claim(domain, server=shop.server, service=tenant)
    goal = WantedNumber(Goal.EXTENSION, "1001").as_data()
    part = _service(shop, client, Service.Kind.NUMBER, number.e164, goal)
    part.number, part.tenant = number, tenant
    part.save()
    return _order(client, tenant, bundle=shop.bundle)


def make_number_order(
    shop: Shop, client: Client, *, goal: Goal = Goal.SIP_ACCOUNT, value: str = "", e164: str = ""
) -> Order:
    """A submitted order of a plain number."""
    number = make_number(shop, client, e164=e164)
    wanted = WantedNumber(goal, value).as_data()
    service = _service(shop, client, Service.Kind.NUMBER, number.e164, wanted)
    service.number, service.server = number, None
    service.set_secrets(number_secrets())
    service.save()
    return _order(client, service, product=shop.number)


def _service(
    shop: Shop, client: Client, kind: Service.Kind, name: str, wanted: dict[str, Any]
) -> Service:
    return Service(
        client=client,
        brand=client.brand,
        kind=kind,
        name=name,
        account=shop.account,
        server=shop.server,
        wanted=wanted,
    )


def _order(client: Client, service: Service, **sold: Any) -> Order:
    draft = Draft.objects.create(
        brand=client.brand, client=client, state=Draft.State.SUBMITTED, **sold
    )
    order = Order.objects.create(brand=client.brand, client=client, draft=draft, is_sandbox=True)
    thing = sold.get("bundle") or sold["product"]
    line = QuoteLine(thing.name, 1, ZERO, Money.of("79", "USD"), "telecom")
    OrderLine.objects.create(
        order=order, text=thing.name, quote=Quote((line,), "USD").as_data(), service=service, **sold
    )
    order.note("Order received.", actor=GUEST, new=order.state)
    return order


def service_of(order: Order) -> Service:
    return Service.objects.get(line__order=order)


# -- the journal of the machine -------------------------------------------------------------------

STEPS = (
    ("number-purchase/1", "VoIP.ms sandbox", "create", "Buy +1 212 555 1000 (New York, NY, US)"),
    ("trunk/1", "VoIP.ms sandbox", "create", "Create SIP credentials"),
    ("number-routing/1", "VoIP.ms sandbox", "change", "Send calls to the SIP credentials"),
    ("carrier-access/1", "Sandbox PBX", "change", "Let calls from VoIP.ms through"),
    ("tenant/1", "Sandbox PBX", "create", "Create tenant tenant1.pbx.ringup.example"),
    ("pbx-refresh/1", "Sandbox PBX", "change", "Make directories, clear caches, load the gateway"),
    ("gateway-up/1", "Sandbox PBX", "change", "Prove that the gateway is up"),
    ("welcome-mail/1", "Mail", "create", "Mail the client how to begin"),
)


def make_plan(order: Order, *, problem: str = "", ok: bool = True, digest: str = "") -> Plan:
    """A plan with the eight rows of a tenant; without rows when it has a problem."""
    service = service_of(order)
    balance = "VoIP.ms sandbox has a balance of $25.00, $1.25 is needed"
    plan = Plan.objects.create(
        service=service,
        generation=service.generation,
        digest=digest or f"{order.pk:04x}" + "c0ffee" * 10,
        conditions=[{"ok": ok, "text": balance}],
        problem=problem,
    )
    targets = {"VoIP.ms sandbox": service.account.name}
    if service.server is not None:
        targets["Sandbox PBX"] = service.server.name
    for position, (key, target, action, text) in enumerate(() if problem else STEPS):
        costs = position == 0
        Change.objects.create(
            plan=plan,
            position=position,
            target=targets.get(target, target),
            key=key,
            action=action,
            wanted_digest="d",
            text=text,
            parts=["Extensions 1001 to 1010 with voicemail"] if key.startswith("tenant") else [],
            **money_columns(
                cost_once=SETUP if costs else ZERO, cost_monthly=MONTHLY if costs else ZERO
            ),
        )
    return plan


def make_run(
    order: Order,
    *,
    state: str,
    done: int = 0,
    step_state: str = "",
    detail: str = "",
    problem: str = "",
    said: str = "",
) -> Run:
    """A run of a fresh plan: ``done`` steps finished, the next one in ``step_state``."""
    plan, service = make_plan(order), service_of(order)
    now = timezone.now()
    approval = Approval.objects.create(
        plan=plan,
        by="staff:1",
        by_label="Sam",
        until=now + timedelta(hours=8),
        **money_columns(bound_once=SETUP, bound_monthly=MONTHLY),
    )
    run = Run.objects.create(
        service=service,
        tenant=service.tenant or service,
        approval=approval,
        generation=service.generation,
        state=state,
        problem=problem,
        client_problem=said,
        started=now - timedelta(seconds=72),
        finished=now if state == Run.State.DONE else None,
    )
    for change in plan.changes.all():
        _step(run, change, done=done, step_state=step_state, detail=detail)
    Order.objects.filter(pk=order.pk).update(
        state=Order.State.COMPLETED if state == Run.State.DONE else Order.State.APPROVED
    )
    order.refresh_from_db()
    return run


def _step(run: Run, change: Change, *, done: int, step_state: str, detail: str) -> Step:
    now = timezone.now()
    is_done, is_here = change.position < done, change.position == done and step_state
    waits = is_here and step_state == Step.State.WAITING
    return Step.objects.create(
        run=run,
        position=change.position,
        key=change.key,
        target=change.target,
        text=change.text,
        state=Step.State.DONE if is_done else step_state if is_here else Step.State.READY,
        touched=bool(is_done or is_here),
        attempts=3 if is_here else int(is_done),
        started=now - timedelta(seconds=60 - change.position) if is_done or is_here else None,
        finished=now - timedelta(seconds=57 - change.position) if is_done else None,
        run_at=now + timedelta(seconds=10) if waits else None,
        parts=[f"Done: {change.text}"] if is_done else [],
        detail=detail if is_here else "",
    )


def make_mail(subject_of: str, *, subject: str, state: str = "sent") -> Outbox:
    count = Outbox.objects.count()
    mail = Outbox(
        key=f"test/{count}",
        template="order-received",
        brand_id=1,
        subject_of=subject_of,
        to="thandi@karoo.example",
        sender="service@ringup.example",
        subject=subject,
        message_id=f"<test.{count}@ringup.example>",
        state=state,
        sent=timezone.now() if state == "sent" else None,
    )
    mail.text, mail.html = "text", "<p>html</p>"
    mail.save()
    return mail
