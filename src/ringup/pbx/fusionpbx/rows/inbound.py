"""A number that rings an extension: destination, public dialplan and details (reference 6.1)."""

from __future__ import annotations

from collections.abc import Iterator

from ringup.pbx.fusionpbx import app_uuids
from ringup.pbx.fusionpbx.dialplan import PUBLIC, Dialplan, Line, action, condition
from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.number_forms import number_forms
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows
from ringup.pbx.port import Destination
from ringup.pbx.tenant_settings import InboundSettings

# A set action of FusionPBX's destination editor, with which a recording begins.
_RECORDING = (
    "record_path=${recordings_dir}/${domain_name}/archive/${strftime(%Y)}/${strftime(%b)}"
    "/${strftime(%d)}",
    "record_name=${uuid}.{format}",
    "record_append=true",
    "record_in_progress=true",
    "record_stereo=true",
    "recording_follow_transfer=true",
)


def inbound_rows(ids: Identifiers, domain: str, destination: Destination) -> TableRows:
    """The three tables' rows. ``single`` mode finds the dialplan only through v_destinations."""
    owned, settings = str(destination.owned), destination.settings
    forms = number_forms(destination.e164)
    target = f"{destination.extension} XML {domain}"
    dialplan = Dialplan(
        key=f"inbound/{owned}",
        uuid=ids.of("inbound-dialplan", owned),
        domain_uuid=ids.domain,
        domain_name=domain,
        app_uuid=app_uuids.INBOUND,
        context=PUBLIC,
        name=forms.number,
        number=forms.number,
        order=settings.order,
        description=settings.description or None,
        lines=(
            condition(settings.condition_field or "destination_number", forms.expression, 20),
            *_actions(settings, target),
        ),
    )
    row: Row = {
        "destination_uuid": ids.of("destination", owned),
        "domain_uuid": ids.domain,
        "dialplan_uuid": dialplan.uuid,
        "destination_type": "inbound",
        "destination_prefix": forms.stored_prefix,
        "destination_number": forms.number,
        "destination_number_regex": forms.expression,
        "destination_context": PUBLIC,
        "destination_app": "transfer",
        "destination_data": target,
        "destination_actions": [{"destination_app": "transfer", "destination_data": target}],
        "destination_order": settings.order,
        "destination_record": settings.record,
        "destination_enabled": True,
    }
    return {
        "v_destinations": [row | _columns(settings)],
        "v_dialplans": [dialplan.row()],
        "v_dialplan_details": dialplan.details(ids),
    }


def _columns(settings: InboundSettings) -> Row:
    """From these FusionPBX's destination editor makes the lines of ``_actions`` again."""
    texts = {
        "destination_condition_field": settings.condition_field,
        "destination_cid_name_prefix": settings.caller_id_name_prefix,
        "destination_accountcode": settings.account_code,
        "destination_hold_music": settings.hold_music,
        "destination_distinctive_ring": settings.distinctive_ring,
        "destination_description": settings.description,
    }
    return {name: text for name, text in texts.items() if text}


def _actions(settings: InboundSettings, target: str) -> Iterator[Line]:
    """The detail rows in the sequence and numbering of FusionPBX's destination editor, read in
    destination_edit.php of 5.5.13. (The XML that it makes itself has another sequence; its
    dialplan editor makes this one of the rows, and nothing depends on it.)"""
    lines: list[tuple[str, str, bool | None]] = []
    if settings.caller_id_name_prefix:
        name = f"{settings.caller_id_name_prefix}#${{caller_id_name}}"
        lines.append(("set", f"effective_caller_id_name={name}", True))
    for variable, value in (
        ("accountcode", settings.account_code),
        ("hold_music", settings.hold_music),
        ("sip_h_Alert-Info", settings.distinctive_ring),
    ):
        if value:
            lines.append(("export", f"{variable}={value}", True))
    if settings.record:
        for assignment in _RECORDING:
            lines.append(("set", assignment.replace("{format}", settings.record_format), True))
        lines.append(("record_session", "${record_path}/${record_name}", False))
    lines.append(("transfer", target, None))
    for position, (application, data, inline) in enumerate(lines):
        yield action(application, data, 40 + 10 * position, inline=inline)
