"""Another address for a PBX that is not built yet, given by staff."""

from __future__ import annotations

from django.db import transaction

from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.orders.approving import plan_anew, service_of
from ringup.flows.orders.renumbering import require_no_run
from ringup.jobs.enqueuing import enqueue
from ringup.orders.locking import lock
from ringup.orders.models import Order
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import pbx_for
from ringup.services.domains import check_label, move_claim, tenant_domain
from ringup.services.models import Service


def rename(order: Order, label: str, *, actor: Actor) -> str:
    """Give the tenant of a pending order another domain on the same server; returns it. The claim
    moves with it, a new plan is made, and the client is told."""
    service = service_of(order)
    server = service.server
    if service.kind != Service.Kind.TENANT or server is None:
        raise Refusal("This order has no PBX, so it has no address. Nothing was changed.")
    if tenant_domain(label.strip(), server) == service.name:
        raise Refusal("The PBX has this address already. Nothing was changed.", field="label")
    domain = check_label(label, server, field="label")
    _require_free_on(server, domain)
    with transaction.atomic():
        lock(order)
        if order.state != Order.State.PENDING:
            raise Refusal(
                "This order no longer waits for approval. Nothing was changed. Reload the page."
            )
        require_no_run(order)
        service = service_of(order)
        text = f"PBX address changed from {service.name} to {domain}."
        move_claim(service, domain)
        wanted = {**service.wanted, "domain": domain}
        Service.objects.filter(pk=service.pk).update(name=domain, wanted=wanted)
        # What the line says of the domain follows from the service.
        order.lines.get().save()
        event = order.note(text, actor=actor)
        plan_anew(service)
        Activity.record(actor, f"order:{order.uid}", "changed the PBX address", text=text)
        enqueue("orders.changed", key=f"order/changed/{event.pk}", event=event.pk)
    return domain


def _require_free_on(server: PbxServer, domain: str) -> None:
    """Ask the PBX too. One that is away is asked again by the plan."""
    try:
        with pbx_for(server) as pbx:
            owner = pbx.domain_owner(domain)
    except PortFailure:
        return
    if owner is not None:
        raise Refusal(
            f"{domain} is on the PBX already, and is not this order's. Nothing was changed. "
            "Choose another name.",
            field="label",
        )
