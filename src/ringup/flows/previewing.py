"""What a PBX template would write, merged with a sample order or a real one. Nothing is asked outside
and nothing is written; passwords are made up and masked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringup.carriers.opening import adapters
from ringup.carriers.port import SipTrunk
from ringup.core.failures import PortFailure
from ringup.core.ids import RINGUP, outside_uuid
from ringup.core.sentences import Refusal
from ringup.flows.freezing import with_templates
from ringup.numbers.models import OwnedNumber
from ringup.pbx.models import PbxServer
from ringup.pbx.port import WrittenRow
from ringup.pbx.previewing import adapter_of
from ringup.pbx.template_fields import ACCESS
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.wished_tenant import Ingredients, tenant_value
from ringup.services.models import Service
from ringup.services.seating import Person, Seating
from ringup.services.wanted import WantedTemplate, WantedTenant

RECENT = 20
# Only the carrier knows these, and tells them when an order runs.
SAMPLE_USER, SAMPLE_HOST = "100000_sample", "sip.carrier.example"
SAMPLE_NUMBER = "+12125550142"


@dataclass(frozen=True, slots=True)
class Trial:
    """A template as it stands in an editor. ``values`` are checked ones."""

    kind: str
    name: str
    values: Mapping[str, Any]


def recent_orders() -> list[Service]:
    """The newest ordered PBXes, to try a template with."""
    rows = Service.objects.filter(kind=Service.Kind.TENANT)
    return list(rows.select_related("client", "account", "server").order_by("-pk")[:RECENT])


def preview(trial: Trial, service: Service | None) -> tuple[WrittenRow, ...]:
    """The rows of the template's part, for ``service`` or for a sample. ``Refusal`` where the PBX
    would refuse them."""
    server = PbxServer.objects.order_by("pk").first() if service is None else service.server
    adapter = adapter_of(server)
    try:
        if trial.kind == ACCESS:
            provider = "Provider" if service is None else service.account.name
            networks = list(trial.values["networks"])
            return adapter.preview_addresses(networks, note=f"{provider}: {trial.name}")
        wanted = _sample(server) if service is None else WantedTenant.from_data(service.wanted)
        wanted = _with(wanted, trial)
        rows = adapter.preview(tenant_value(wanted, _ingredients(wanted, service)))
        return tuple(row for row in rows if row.part == trial.kind)
    except PortFailure as failure:
        raise Refusal(f"With this order the PBX could not take it: {failure}.") from failure


def _with(wanted: WantedTenant, trial: Trial) -> WantedTenant:
    """The order with this template in place of the one that it has of the kind."""
    tried = WantedTemplate(trial.kind, "", trial.name, dict(trial.values))
    others = tuple(one for one in wanted.templates if one.kind != trial.kind)
    return with_templates(wanted, (*others, tried))


def _sample(server: PbxServer | None) -> WantedTenant:
    suffix = server.domain_suffix if server else "pbx.example.com"
    return WantedTenant(
        domain=f"acme.{suffix}",
        company="Acme & Sons",
        time_zone="America/New_York",
        language="en-us",
        administrator_username="admin",
        administrator_name="Alice Mill",
        administrator_email="alice@acme.example",
        extensions=Seating(people=(Person("Alice Mill", "alice@acme.example"),)).extensions(10),
        main_number="",
        ring_extension="1001",
        max_outbound_calls=10,
    )


def _ingredients(wanted: WantedTenant, service: Service | None) -> Ingredients:
    sample = OwnedNumber(uid=_uuid("number"), e164=SAMPLE_NUMBER)
    return Ingredients(
        uid=_uuid("tenant") if service is None else service.uid,
        generation=1 if service is None else service.generation,
        number=sample if service is None else main_number(service),
        trunk=_trunk(service),
        provider="Provider" if service is None else service.account.name,
        secrets=_made_up(wanted),
    )


def _trunk(service: Service | None) -> SipTrunk:
    """As the service's carrier would have it, as far as that is known before it is made."""
    its = None if service is None else adapters().get(service.account.kind)
    return SipTrunk(
        _uuid("trunk"),
        SAMPLE_USER,
        SAMPLE_HOST,
        5060,
        "udp",
        registers=its is None or its.pbx_registers,
        is_e164=its is not None and its.is_e164,
    )


def _uuid(what: str) -> uuid.UUID:
    return outside_uuid(RINGUP, 0, "sample", what)


def _made_up(wanted: WantedTenant) -> dict[str, Any]:
    """Secrets of the right form that open nothing."""
    return {
        "administrator_hash": "$2b$10$" + "." * 53,
        "trunk_password": "x" * 20,
        "extensions": {
            row.extension: {"sip": "x" * 20, "pin": "0000"} for row in wanted.extensions
        },
    }
