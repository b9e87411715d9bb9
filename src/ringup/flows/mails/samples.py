"""What a mail is shown with before it is sent to anybody: a real order or client, or examples."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from ringup.accounts.models import Client
from ringup.core.phones import shown
from ringup.flows.mails.order_letters import context_of
from ringup.flows.orders.approving import service_of
from ringup.mail.events import MailEvent
from ringup.orders.models import Order
from ringup.services.models import Service
from ringup.services.wanted import WantedTenant

MOST = 15
EXAMPLES = "Example data"


@dataclass(frozen=True, slots=True)
class Sample:
    """One choice: its key for the form, and its words."""

    key: str
    words: str


def samples_for(event: MailEvent, brand_id: int) -> list[Sample]:
    """What the mail can be shown with, the newest first, the examples last."""
    found: list[Sample] = []
    if event.about == "order":
        orders = Order.objects.filter(brand_id=brand_id).select_related("client").order_by("-pk")
        found = [
            Sample(f"order:{order.uid}", f"{order.label}, {order.client.name}")
            for order in orders[:MOST]
        ]
    elif event.about == "client":
        clients = Client.objects.filter(brand_id=brand_id).order_by("-pk")
        found = [Sample(f"client:{client.uid}", client.name) for client in clients[:MOST]]
    return [*found, Sample("", EXAMPLES)]


def values_for(event: MailEvent, key: str, brand_id: int) -> dict[str, Any]:
    """A value for each merge field: the chosen order's or client's, else an example. Links that open
    something are always examples. What is not this brand's is not there."""
    kind, _, uid = key.partition(":")
    read = {"order": _order_values, "client": _client_values}.get(kind)
    known = read(uid, brand_id) if read and kind == event.about and _is_uuid(uid) else {}
    is_open = {field.name for field in event.fields if field.opens}
    real = {name: value for name, value in known.items() if name not in is_open}
    examples = event.examples
    return examples | {name: value for name, value in real.items() if name in examples}


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _order_values(uid: str, brand_id: int) -> dict[str, Any]:
    rows = Order.objects.select_related("client", "brand", "draft")
    order = rows.filter(uid=uid, brand_id=brand_id).first()
    if order is None:
        return {}
    service = service_of(order)
    return context_of(order) | {"service": service.name} | _service_values(service)


def _service_values(service: Service) -> dict[str, Any]:
    if service.kind != Service.Kind.TENANT:
        return {"number": shown(service.name)}
    wanted = WantedTenant.from_data(service.wanted)
    values: dict[str, Any] = {
        "ring_extension": wanted.ring_extension,
        "administrator_username": wanted.administrator_username,
        "admin_url": f"https://{wanted.domain}/",
        "extensions": [{"extension": row.extension, "name": row.name} for row in wanted.extensions],
    }
    if service.server is not None:
        server = service.server
        values |= {
            "sip_host": server.sip_host,
            "sip_port": server.sip_port,
            "sip_tls_port": server.sip_tls_port,
        }
    return values


def _client_values(uid: str, brand_id: int) -> dict[str, Any]:
    client = Client.objects.select_related("brand").filter(uid=uid, brand_id=brand_id).first()
    if client is None:
        return {}
    return {
        "contact": client.contact_name,
        "client": client.name,
        "brand_name": client.brand.name,
        "support_email": client.brand.support_email,
    }
