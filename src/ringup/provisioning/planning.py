"""Making a plan: what a run would do now, what it costs, and what must hold first."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from ringup.core.failures import NumberGone, PortFailure
from ringup.core.fields import money_columns
from ringup.core.money import Money, total
from ringup.core.sentences import counted
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket
from ringup.pbx.port import tenant_key
from ringup.provisioning.blueprint import main_number, steps_for
from ringup.provisioning.mapped import not_mapped
from ringup.provisioning.models import Change, Plan
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, StepWork, Waiting, digest_of
from ringup.services.models import Service


def remaining(steps: Sequence[StepWork]) -> list[PlannedChange]:
    """What is left to do, asked from the world. Empty means there is nothing to do."""
    return [step.change() for step in steps if not step.is_done()]


def plan_digest(changes: Sequence[PlannedChange]) -> str:
    """The hash of what staff sees: identity, costs and words of every row."""
    return digest_of(
        [
            [
                c.key,
                c.action,
                c.digest,
                str(c.cost_once),
                str(c.cost_monthly),
                c.text,
                list(c.parts),
            ]
            for c in changes
        ]
    )


def make_plan(ticket: Ticket, *, service: str) -> None:
    """Job: look at the world and store a fresh plan for a service that is not live yet."""
    row = Service.objects.select_related("account", "server", "tenant", "client").get(uid=service)
    if row.state != Service.State.PENDING:
        return
    changes, conditions, problem, is_gone = _look(row)
    with ticket.fenced():
        store(row, changes, conditions=conditions, problem=problem)
        if is_gone:
            enqueue("orders.number_missing", service=service)


Look = tuple[list[PlannedChange], list[dict[str, object]], str, bool]


def _look(service: Service) -> Look:
    """The rows, the conditions, why there is no plan, and whether the number is gone. Never raises
    a port's failure."""
    if problem := not_mapped(service):
        return [], [], problem, False
    try:
        with Site(service) as site:
            changes = remaining(steps_for(service, site))
            return changes, _conditions(service, site, changes), "", False
    except NumberGone as gone:
        number = main_number(service)
        condition = {"ok": False, "text": f"{number.called} is not for sale any more: {gone}"}
        return [], [condition], str(gone), True
    except Waiting as waiting:
        return [], [], f"{waiting}. Look again in a minute.", False
    except PortFailure as failure:
        return [], [], str(failure), False


def _conditions(
    service: Service, site: Site, changes: Sequence[PlannedChange]
) -> list[dict[str, object]]:
    """Shown beside the plan, not approved: balance, the PBX's health, a free domain."""
    conditions = [_balance(service, site, changes)]
    if service.server is not None:
        report = site.pbx.inspect()
        healthy = not report.problems
        tenants = counted(report.tenants, "tenant")
        text = f"{service.server.name} answers: FusionPBX {report.version}, {tenants}"
        conditions.append({"ok": healthy, "text": text if healthy else " ".join(report.problems)})
    if service.kind == Service.Kind.TENANT:
        conditions.append(_free_domain(service, site))
    return conditions


def _balance(service: Service, site: Site, changes: Sequence[PlannedChange]) -> dict[str, object]:
    balance = site.carrier.balance()
    # What is changed only, for example a number of our own stock, is paid for already.
    bought = [change for change in changes if change.action == "create"]
    need = _sum(service, bought, "cost_once") + _sum(service, bought, "cost_monthly")
    name = service.account.name
    if balance >= need:
        return {"ok": True, "text": f"{name} has a balance of {balance}, {need} is needed"}
    return {"ok": False, "text": f"{name} has only {balance}: top it up, {need} is needed"}


def _free_domain(service: Service, site: Site) -> dict[str, object]:
    domain = service.name
    owner = site.pbx.domain_owner(domain)
    if owner is None:
        return {"ok": True, "text": f"{domain} is free on the PBX"}
    if site.pbx.change(tenant_key(service.uid)) is not None:
        return {"ok": True, "text": f"{domain} is on the PBX, built by this order"}
    return {"ok": False, "text": f"{domain} already exists on the PBX, and is not this order's"}


def _sum(service: Service, changes: Sequence[PlannedChange], field: str) -> Money:
    return total((getattr(change, field) for change in changes), service.account.currency)


def store(
    service: Service,
    changes: Sequence[PlannedChange],
    *,
    conditions: Sequence[dict[str, object]] = (),
    problem: str = "",
) -> Plan:
    """Write a plan with its rows."""
    with transaction.atomic():
        plan = Plan.objects.create(
            service=service,
            generation=service.generation,
            digest=plan_digest(changes),
            conditions=list(conditions),
            problem=problem,
        )
        Change.objects.bulk_create(
            Change(
                plan=plan,
                position=position,
                target=change.target,
                key=change.key,
                action=change.action,
                wanted_digest=change.digest,
                undoable=change.undoable,
                text=change.text,
                parts=list(change.parts),
                **money_columns(cost_once=change.cost_once, cost_monthly=change.cost_monthly),
            )
            for position, change in enumerate(changes)
        )
    return plan
