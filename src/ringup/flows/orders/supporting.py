"""The support package: what support needs to know about an order, and nothing secret."""

from __future__ import annotations

import platform
import re

import django
from django.db import connection

import ringup
from ringup.flows.orders.approving import latest_plan, latest_run, service_of
from ringup.flows.orders.badges import badge
from ringup.orders.models import Order

E_MAIL = re.compile(r"[^\s@<>()\"':]+@([A-Za-z0-9.-]+)")


def support_package(order: Order) -> str:
    """Plain text to copy. Carries no password, PIN, key or address of a person."""
    service, run, plan = service_of(order), latest_run(order), latest_plan(order)
    lines = [
        f"Order {order.label} ({order.uid}), {badge(order).word}"
        f"{', sandbox' if order.is_sandbox else ''}",
        f"Client {order.client.name} ({order.client.uid})",
        f"Service {service.name} ({service.uid}), generation {service.generation}",
        f"Carrier {service.account.name} ({service.account.kind})",
        f"PBX {service.server.name if service.server else 'none'}",
        f"Submitted {order.submitted:%Y-%m-%d %H:%M:%S} UTC",
    ]
    if plan is not None:
        lines.append(
            f"Plan {plan.digest[:12]} made {plan.made:%Y-%m-%d %H:%M:%S} UTC {plan.problem}"
        )
    if run is not None:
        lines.append(f"Run {run.uid}: {run.state}. {run.problem}")
        lines += [
            f"  {step.position + 1}. [{step.state}] {step.text}, tried {step.attempts}x. {step.detail}"
            for step in run.steps.all()
        ]
    lines += [
        f"  {event.at:%Y-%m-%d %H:%M:%S} {event.actor}: {event.text or event.staff_text}"
        for event in order.events.all()
    ]
    lines.append(
        f"Ringup {ringup.__version__}, Django {django.get_version()}, "
        f"Python {platform.python_version()}, {connection.vendor}"
    )
    return "\n".join(E_MAIL.sub(r"…@\1", line).rstrip() for line in lines)
