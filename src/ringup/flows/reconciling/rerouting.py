"""Sending the calls of a client's number where they should go, once more."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.models import Activity
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.reconciling.taking import require_enabled, words_for
from ringup.numbers.models import OwnedNumber
from ringup.provisioning.blueprint import steps_for
from ringup.provisioning.models import Run
from ringup.provisioning.site import Site
from ringup.provisioning.steps.number_routing import NumberRouting
from ringup.services.models import Service


def home_of(number: OwnedNumber) -> Service | None:
    """The live service whose blueprint routes the number: its own, or the tenant's whose main number
    it is. None when there is none."""
    services = Service.objects.select_related("tenant__account", "tenant__server", "account")
    service = services.filter(number=number, state=Service.State.ACTIVE).first()
    if service is None:
        return None
    tenant = service.tenant
    if tenant is not None and tenant.wanted.get("main_number") == str(number.uid):
        return tenant
    return service


def route_again(number: OwnedNumber, *, actor: Actor) -> str:
    """Look where the carrier sends the calls of a number, and mend it. Costs nothing, and nothing is
    changed when all is well. Returns what to tell."""
    home = home_of(number)
    if number.state != OwnedNumber.State.OWNED or home is None:
        raise Refusal("No live service has this number, so nothing says where its calls go.")
    if Run.objects.filter(tenant=home.tenant or home, state__in=Run.OPEN).exists():
        raise Refusal("An order changes this service right now. Nothing was changed. Wait for it.")
    require_enabled(home.account)
    try:
        with Site(home) as site:
            steps = [step for step in steps_for(home, site) if isinstance(step, NumberRouting)]
            for step in steps:
                if step.is_done():
                    return "Its calls go where they should."
                done = step.apply(run="", started=timezone.now())
    except PortFailure as failure:
        raise Refusal(words_for(home.account, failure)) from failure
    with transaction.atomic():
        Activity.record(
            actor, f"number:{number.uid}", f"routed {number.e164} again", provider=home.account.name
        )
    return f"{done[0]}." if done else f"The calls of {shown(number.e164)} are routed again."
