"""The preview beside a PBX template: for which order, the rows that would be written, or why not."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ringup.backoffice.pbx_templates.forms import TemplateForm
from ringup.core.sentences import Refusal
from ringup.flows.previewing import Trial, preview, recent_orders
from ringup.pbx.models import PbxTemplate
from ringup.pbx.port import WrittenRow
from ringup.pbx.template_fields import FIELDS
from ringup.pbx.templating import newly_costly
from ringup.services.models import Service

UNNAMED = "new template"


@dataclass(frozen=True, slots=True)
class Preview:
    """``chosen`` is the order's uid as text, empty for the sample. ``problem`` is a sentence,
    ``costly`` what an outbound template opens that costs extra, in words."""

    orders: list[Service]
    chosen: str
    rows: tuple[WrittenRow, ...] = ()
    problem: str = ""
    costly: tuple[str, ...] = ()
    wrong: list[str] = field(default_factory=list)


def preview_of(template: PbxTemplate, asked: str) -> Preview:
    """Of a saved template."""
    return _preview(Trial(template.kind, template.name, template.values), asked)


def preview_of_form(form: TemplateForm, asked: str) -> Preview:
    """Of what stands in the editor; the labels of what must be corrected first."""
    if set(form.errors) - {"name", "note", "confirmed"}:
        orders, chosen = _chosen(asked)
        wrong = [str(bound.label) for bound in form if bound.errors]
        return Preview(orders, chosen, wrong=wrong)
    name = str(form.cleaned_data.get("name") or UNNAMED)
    return _preview(Trial(form.kind, name, form.values), asked)


def preview_of_values(kind: str, values: Mapping[str, Any]) -> Preview:
    """Of an editor that nobody has typed in yet."""
    if not values:
        wrong = [one.label for one in FIELDS[kind] if one.required]
        return Preview(recent_orders(), "", wrong=wrong)
    return _preview(Trial(kind, UNNAMED, values), "")


def _preview(trial: Trial, asked: str) -> Preview:
    orders, chosen = _chosen(asked)
    service = next((one for one in orders if str(one.uid) == chosen), None)
    try:
        rows = preview(trial, service)
    except Refusal as refusal:
        return Preview(orders, chosen, problem=str(refusal))
    return Preview(orders, chosen, rows, costly=tuple(newly_costly({}, trial.values)))


def _chosen(asked: str) -> tuple[list[Service], str]:
    """The orders to choose from, and the asked one if it is among them."""
    orders = recent_orders()
    try:
        wanted = uuid.UUID(asked)
    except ValueError:
        return orders, ""
    return orders, str(wanted) if any(one.uid == wanted for one in orders) else ""
