"""A number that rings an extension: destination, public dialplan and details (reference 6.1)."""

from __future__ import annotations

from ringup.pbx.fusionpbx import app_uuids
from ringup.pbx.fusionpbx.dialplan import PUBLIC, Dialplan, action, condition
from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.number_forms import number_forms
from ringup.pbx.fusionpbx.rows.table_rows import TableRows
from ringup.pbx.port import Destination


def inbound_rows(ids: Identifiers, domain: str, destination: Destination) -> TableRows:
    """The three tables' rows. ``single`` mode finds the dialplan only through v_destinations."""
    owned = str(destination.owned)
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
        order=100,
        lines=(
            condition("destination_number", forms.expression, 20),
            action("transfer", target, 40),
        ),
    )
    return {
        "v_destinations": [
            {
                "destination_uuid": ids.of("destination", owned),
                "domain_uuid": ids.domain,
                "dialplan_uuid": dialplan.uuid,
                "destination_type": "inbound",
                "destination_prefix": forms.prefix or None,
                "destination_number": forms.number,
                "destination_number_regex": forms.expression,
                "destination_context": PUBLIC,
                "destination_app": "transfer",
                "destination_data": target,
                "destination_actions": [
                    {"destination_app": "transfer", "destination_data": target}
                ],
                "destination_order": 100,
                "destination_record": False,
                "destination_enabled": True,
            }
        ],
        "v_dialplans": [dialplan.row()],
        "v_dialplan_details": dialplan.details(ids),
    }
