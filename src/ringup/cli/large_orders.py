"""Many orders with all that belongs to them, for benchmarks: written in bulk, and nothing outside is
asked. The same in every run.

Each order has what a real one has: a client, a draft, a line with its frozen quote, a service (a
tenant with its number, or a number alone), events, a plan, an approval and a run, and a mail; one in
ten has papers.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Client, Membership, User
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import Product, ProductGroup
from ringup.catalog.pricing import Quote
from ringup.catalog.terms import QuoteLine
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Draft, Order, OrderEvent, OrderLine
from ringup.pbx.models import PbxServer
from ringup.provisioning.models import Approval, Plan, Run
from ringup.regulatory.models import RegulatoryFile
from ringup.services.models import DomainClaim, Service
from ringup.services.seating import Person, Seating
from ringup.services.wanted import Goal, WantedNumber, WantedTenant

AT_ONCE = 500
ORDERS_A_CLIENT = 5
SPAN = timedelta(days=900)
# How many of the newest orders are open, at most, and the share of each kind among them: what staff
# works on does not grow with what was done in years. The others are completed, or were refused (one
# in sixteen).
MOST_OPEN = 1000
OPEN: tuple[tuple[str, str, float], ...] = (
    ("pending", "", 0.4),
    ("choose-number", "", 0.1),
    ("approved", "running", 0.1),
    ("approved", "waiting", 0.2),
    ("approved", "failed", 0.2),
)
# One order in so many needs papers, and how they stand, by its state and its run's.
PAPERS_EACH = 10
PAPERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("pending", ""): ("pending_review", "identity_address_confirmed", "documents_uploaded"),
    ("choose-number", ""): ("pending_review",),
    ("approved", "running"): ("documents_uploaded",),
    ("approved", "waiting"): ("order_placed", "order_placed", "rejected", "blocked", "active"),
    ("approved", "failed"): ("order_placed",),
    ("completed", "done"): ("active",),
}
_ZERO = Money.zero("USD")
_PLACES = (("US", "NY", "New York", "212"), ("US", "CA", "Los Angeles", "213"),
           ("CA", "ON", "Toronto", "416"), ("CA", "BC", "Vancouver", "604"))  # fmt: skip
_FIRST = ("Karoo", "Prairie", "Baltic", "Harbour", "Umhlanga", "Fern", "Granite", "Cedar", "Delta")
_SECOND = ("Freight", "Signal", "Parcel", "Dental", "Books", "Legal", "Foods", "Works", "Travel")
# As long as what seals the passwords of ten extensions.
_SEALED = "gAAAAA" + "x" * 900


@dataclass(frozen=True, slots=True)
class Ground:
    """What all orders share."""

    accounts: Sequence[CarrierAccount]
    server: PbxServer
    pbx: Product
    number: Product


def make_large_orders(orders: int) -> None:
    """So many orders, the newest ones open."""
    ground, chance = _ground(), random.Random(1)  # noqa: S311 - no secret
    clients = list(_clients(max(orders // ORDERS_A_CLIENT, 1)))
    now = timezone.now()
    for first in range(0, orders, AT_ONCE):
        count = min(AT_ONCE, orders - first)
        states = [_state(orders - first - n, orders, chance) for n in range(count)]
        at = now - SPAN * (orders - first - count) / orders
        with transaction.atomic():
            _Batch(ground, chance, clients, first, states, at).write()


def _state(age: int, orders: int, chance: random.Random) -> tuple[str, str]:
    """Order and run of the ``age``-newest order."""
    place = age / min(orders / 50, MOST_OPEN)
    for state, run, share in OPEN:
        if place <= share:
            return state, run
        place -= share
    if chance.random() < 1 / 16:
        return chance.choice(("rejected", "cancelled")), ""
    return "completed", "done"


def _ground() -> Ground:
    group = ProductGroup.objects.create(name="Benchmarks")
    return Ground(
        accounts=[
            CarrierAccount.objects.create(name=name, kind="voipms", url="http://127.0.0.1:1/")
            for name in ("Carrier A", "Carrier B", "Carrier C")
        ],
        server=PbxServer.objects.create(
            name="pbx-bench", sip_host="pbx-bench.example", domain_suffix="pbx-bench.example"
        ),
        pbx=Product.objects.create(
            group=group, name="Hosted PBX 10", slug="bench-pbx", kind=Product.Kind.HOSTED_PBX
        ),
        number=Product.objects.create(
            group=group, name="Number", slug="bench-number", kind=Product.Kind.NUMBER
        ),
    )


def _clients(count: int) -> Iterator[Client]:
    """Each with an owner who signs in."""
    brand = default_brand()
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        clients = _save(
            Client(
                brand=brand,
                name=f"{_FIRST[n % 9]} {_SECOND[n // 9 % 9]} {n:05}",
                contact_name=f"Contact {n:05}",
                email=f"office@client{n:05}.example",
                phone=f"+1416{n:07}",
                country=("US", "CA", "ZA")[n % 3],
            )
            for n in numbers
        )
        users = _save(
            User(username=f"u{n}", email=f"owner{n:05}@client{n:05}.example", first_name="Owner")
            for n in numbers
        )
        _save(Membership(user=u, client=c) for u, c in zip(users, clients, strict=True))
        yield from clients


def _save(rows: Iterable[Any]) -> list[Any]:
    """Rows of one model, with their new keys."""
    listed = list(rows)
    model: type[Model] = type(listed[0]) if listed else Order
    return model._default_manager.bulk_create(listed)


class _Batch:
    """Some orders of one moment."""

    def __init__(
        self,
        ground: Ground,
        chance: random.Random,
        clients: list[Client],
        first: int,
        states: list[tuple[str, str]],
        at: datetime,
    ) -> None:
        self.ground, self.states, self.at, self.first = ground, states, at, first
        self.chance = chance
        self.clients = chance.choices(clients, k=len(states))
        self.accounts = chance.choices(ground.accounts, weights=(80, 19, 1), k=len(states))
        self.indexes = range(len(states))
        self.are_tenants = [chance.random() < 0.6 for _ in states]

    def write(self) -> None:
        numbers = self._numbers()
        services = self._services(numbers)
        self._papers(services, numbers)
        orders = self._orders(services)
        self._events(orders)
        self._runs(services)
        self._mails(orders)

    def _numbers(self) -> list[OwnedNumber]:
        costs = money_columns(
            cost_setup=_ZERO, cost_monthly=Money.of("0.85", "USD"), price_monthly=_ZERO
        )
        return _save(
            OwnedNumber(
                client=self.clients[n],
                brand=self.clients[n].brand,
                account=self.accounts[n],
                e164=f"+1{_place(n)[3]}{self.first + n:07}",
                country=_place(n)[0],
                region=_place(n)[1],
                rate_centre=_place(n)[2],
                state="owned" if self.states[n][0] == "completed" else "wanted",
                bought=self.at,
                **costs,
            )
            for n in self.indexes
        )

    def _services(self, numbers: list[OwnedNumber]) -> list[Service]:
        services = _save(self._service(n, numbers[n]) for n in self.indexes)
        tenants = [n for n in self.indexes if self.are_tenants[n]]
        _save(self._part(n, numbers[n], services[n]) for n in tenants)
        _save(
            DomainClaim(
                server=self.ground.server,
                domain=services[n].name,
                service=services[n],
                extensions=10,
            )
            for n in tenants
        )
        return services

    def _papers(self, services: list[Service], numbers: list[OwnedNumber]) -> None:
        regulated = [n for n in self.indexes if (self.first + n) % PAPERS_EACH == 0]
        files = _save(
            RegulatoryFile(
                client=self.clients[n],
                brand=self.clients[n].brand,
                account=self.accounts[n],
                number=numbers[n],
                # As long as a real one.
                requirement={"notice": "x" * 1500},
                state=self.chance.choice(PAPERS.get(self.states[n], ("closed",))),
            )
            for n in regulated
        )
        for n, file in zip(regulated, files, strict=True):
            services[n].papers = file
        Service.objects.bulk_update([services[n] for n in regulated], ["papers"])

    def _service(self, n: int, number: OwnedNumber) -> Service:
        if not self.are_tenants[n]:
            wanted = WantedNumber(Goal.SIP_ACCOUNT).as_data()
            return self._bare(n, "number", number.e164, wanted, number=number)
        client, domain = self.clients[n], f"tenant{self.first + n:06}.pbx-bench.example"
        tenant = WantedTenant(
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
        return self._bare(n, "tenant", domain, tenant.as_data(), server=self.ground.server)

    def _part(self, n: int, number: OwnedNumber, tenant: Service) -> Service:
        goal = WantedNumber(Goal.EXTENSION, "1001").as_data()
        return self._bare(n, "number", number.e164, goal, number=number, tenant=tenant)

    def _bare(self, n: int, kind: str, name: str, wanted: dict[str, Any], **more: Any) -> Service:
        is_live = self.states[n][0] == "completed"
        return Service(
            client=self.clients[n],
            brand=self.clients[n].brand,
            kind=kind,
            name=name,
            state="active" if is_live else "pending",
            wanted=wanted,
            secrets_sealed=_SEALED,
            account=self.accounts[n],
            activated=self.at if is_live else None,
            **more,
        )

    def _orders(self, services: list[Service]) -> list[Order]:
        sold = [
            self.ground.pbx if is_tenant else self.ground.number for is_tenant in self.are_tenants
        ]
        drafts = _save(
            Draft(
                brand=self.clients[n].brand,
                client=self.clients[n],
                product=sold[n],
                state="submitted",
                answers={"company": {"company": self.clients[n].name}},
            )
            for n in self.indexes
        )
        orders = _save(
            Order(
                brand=drafts[n].brand,
                client=drafts[n].client,
                draft=drafts[n],
                state=self.states[n][0],
                is_sandbox=(self.first + n) % 1000 == 0,
            )
            for n in self.indexes
        )
        Order.objects.filter(pk__in=[order.pk for order in orders]).update(submitted=self.at)
        lines = []
        for n in self.indexes:
            price = Money.of("79" if self.are_tenants[n] else "4.50", "USD")
            quote = Quote((QuoteLine(sold[n].name, 1, _ZERO, price, "telecom"),), "USD")
            lines.append(
                OrderLine(
                    order=orders[n],
                    product=sold[n],
                    text=sold[n].name,
                    quote=quote.as_data(),
                    service=services[n],
                )
            )
            lines[-1].derive()
        _save(lines)
        return orders

    def _events(self, orders: list[Order]) -> None:
        events = []
        for order, (state, run) in zip(orders, self.states, strict=True):
            events.append(_event(order, "guest", "Order received.", "pending"))
            if run:
                events.append(_event(order, "staff:1", "Approved.", "approved"))
            if state not in ("pending", "approved"):
                events.append(_event(order, "ringup", "Everything is set up and works.", state))
        _save(events)
        OrderEvent.objects.filter(pk__in=[event.pk for event in events]).update(at=self.at)
        _save(
            Activity(
                actor="staff:1",
                actor_label="Sam",
                subject=f"order:{order.uid}",
                what="approved an order",
            )
            for order in orders
        )

    def _runs(self, services: list[Service]) -> None:
        plans = _save(
            Plan(service=service, generation=1, digest=f"{service.pk:064x}") for service in services
        )
        bounds = money_columns(bound_once=_ZERO, bound_monthly=_ZERO)
        running = [n for n in self.indexes if self.states[n][1]]
        approvals = _save(
            Approval(plan=plans[n], by="staff:1", by_label="Sam", until=self.at, **bounds)
            for n in running
        )
        _save(
            Run(
                service=services[n],
                tenant=services[n],
                approval=approval,
                generation=1,
                state=self.states[n][1],
                problem="the event socket did not answer" if self.states[n][1] == "failed" else "",
            )
            for n, approval in zip(running, approvals, strict=True)
        )

    def _mails(self, orders: list[Order]) -> None:
        _save(
            Outbox(
                key=f"order/{order.uid}/received",
                template="order-received",
                brand_id=order.brand_id,
                client_id=order.client_id,
                subject_of=f"order:{order.uid}",
                to=order.client.email,
                sender="service@ringup.example",
                subject=f"Order {order.label} received",
                text_sealed=_SEALED,
                html_sealed=_SEALED,
                message_id=f"<{order.uid}@ringup.example>",
                state="failed" if order.pk % 5000 == 0 else "sent",
                sent=self.at,
            )
            for order in orders
        )


def _place(n: int) -> tuple[str, str, str, str]:
    return _PLACES[n % len(_PLACES)]


def _event(order: Order, actor: str, text: str, new: str) -> OrderEvent:
    return OrderEvent(order=order, actor=actor, actor_label=actor, text=text, new=new)
