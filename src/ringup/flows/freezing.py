"""Copying the PBX templates that an account chose into what an order wants: later edits of a template
never change an order that somebody reviewed."""

from __future__ import annotations

from dataclasses import replace

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import CarrierDefaults
from ringup.pbx.merging import OrderValues, merged, open_sets
from ringup.pbx.models import PbxTemplate
from ringup.pbx.template_fields import ACCESS, GATEWAY, INBOUND, OUTBOUND
from ringup.services.wanted import WantedTemplate, WantedTenant, template_of

_COLUMNS = {kind: f"{kind}_template" for kind in (GATEWAY, INBOUND, OUTBOUND, ACCESS)}


def templates_of(account: CarrierAccount, *kinds: str) -> tuple[WantedTemplate, ...]:
    """Copies of the templates that the account's defaults name, of all kinds unless some are given.
    One query."""
    rows = CarrierDefaults.objects.select_related(*_COLUMNS.values()).filter(account=account)
    defaults = rows.first()
    found = ((kind, getattr(defaults, _COLUMNS[kind], None)) for kind in kinds or _COLUMNS)
    return tuple(frozen(template) for kind, template in found if template and template.kind == kind)


def frozen(template: PbxTemplate) -> WantedTemplate:
    """A copy of the template as it is now."""
    return WantedTemplate(template.kind, str(template.uid), template.name, dict(template.values))


def with_templates(wanted: WantedTenant, templates: tuple[WantedTemplate, ...]) -> WantedTenant:
    """What is wanted, with these templates. An outbound template also says what may be dialled, and
    how many calls go out at once if it has a number for that."""
    outbound = template_of(templates, OUTBOUND)
    wanted = replace(wanted, templates=templates)
    if outbound is None:
        return wanted
    calls = merged(OUTBOUND, outbound.values, OrderValues())["calls"]
    return replace(
        wanted,
        open_patterns=open_sets(outbound.values),
        max_outbound_calls=calls or wanted.max_outbound_calls,
    )
