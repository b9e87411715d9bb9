"""What orders through a carrier account get on the PBX where nothing closer says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, fields

from django.db import transaction

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import CarrierDefaults
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.pbx.models import PbxServer, PbxTemplate

Kind = PbxTemplate.Kind
KINDS = {
    "gateway_template": Kind.GATEWAY,
    "inbound_template": Kind.INBOUND,
    "outbound_template": Kind.OUTBOUND,
    "access_template": Kind.ACCESS,
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """The columns of ``CarrierDefaults``."""

    server: PbxServer | None = None
    gateway_template: PbxTemplate | None = None
    inbound_template: PbxTemplate | None = None
    outbound_template: PbxTemplate | None = None
    access_template: PbxTemplate | None = None


def save_defaults(account: CarrierAccount, wanted: Defaults, *, actor: Actor) -> None:
    """Store the account's defaults. Refuses a server of the other environment, and a template in
    the place of another kind. Saying the same again records nothing."""
    values = {name: getattr(wanted, name) for name in (field.name for field in fields(wanted))}
    server = wanted.server
    if server is not None and server.environment != account.environment:
        raise Refusal(
            f"{server.name} is a {server.environment} server and this provider is set to "
            f"{account.environment}: they never serve one order. Nothing was changed.",
            field="server",
        )
    for name, kind in KINDS.items():
        template = values[name]
        if template is not None and template.kind != kind:
            raise Refusal(f"Choose a template of the kind {kind.label}.", field=name)
    with transaction.atomic():
        row = CarrierDefaults.objects.filter(account=account).first()
        row = row or CarrierDefaults(account=account)
        changes = {
            name: [_name(getattr(row, name)), _name(value)]
            for name, value in values.items()
            if getattr(row, name) != value
        }
        if not changes:
            return
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        what = f"Changed the PBX defaults of {account.name}"
        Activity.record(actor, f"carrier:{account.uid}", what, **changes)


def _name(row: PbxServer | PbxTemplate | None) -> str:
    return "" if row is None else str(row)
