"""Extensions with a voicemail box each (reference section 4)."""

from __future__ import annotations

from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.number_forms import caller_id, number_forms
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows
from ringup.pbx.fusionpbx.wording import display_name
from ringup.pbx.port import Extension, Tenant


def extension_rows(tenant: Tenant) -> TableRows:
    """Every extension with own password and own internal caller id.

    ``user_context`` is the tenant's domain: another value would put the phone into the dialplan
    of another tenant, at that tenant's cost.
    """
    return {
        "v_extensions": [_extension(tenant, extension) for extension in tenant.extensions],
        "v_voicemails": [_voicemail(tenant, extension) for extension in tenant.extensions],
    }


def _extension(tenant: Tenant, extension: Extension) -> Row:
    ids = Identifiers(tenant.uid, tenant.generation)
    company = display_name(tenant.company)
    name = display_name(extension.name) or extension.extension
    first, _, last = name.partition(" ")
    emergency = tenant.emergency_caller_id
    return {
        "extension_uuid": ids.of("extension", extension.extension),
        "domain_uuid": ids.domain,
        "extension": extension.extension,
        "password": extension.sip_password,
        "accountcode": tenant.domain,
        "user_context": tenant.domain,
        "effective_caller_id_name": name,
        "effective_caller_id_number": extension.extension,
        "outbound_caller_id_name": company,
        "outbound_caller_id_number": caller_id(tenant.caller_id),
        "emergency_caller_id_name": company if emergency else None,
        "emergency_caller_id_number": number_forms(emergency).caller_id if emergency else None,
        "directory_first_name": first,
        "directory_last_name": last or None,
        "directory_visible": False,
        "directory_exten_visible": False,
        "limit_max": "5",
        "limit_destination": "!USER_BUSY",
        "call_timeout": "30",
        "call_screen_enabled": False,
        "force_ping": False,
        "extension_type": "default",
        "extension_dialect": "us",
        "extension_voice": "callie",
        "enabled": True,
        "description": extension.name or None,
    }


def _voicemail(tenant: Tenant, extension: Extension) -> Row:
    ids = Identifiers(tenant.uid, tenant.generation)
    return {
        "voicemail_uuid": ids.of("voicemail", extension.extension),
        "domain_uuid": ids.domain,
        "voicemail_id": extension.extension,
        "voicemail_password": extension.voicemail_pin,
        "voicemail_mail_to": extension.email or None,
        "voicemail_file": "attach",
        "voicemail_local_after_email": True,
        # What FusionPBX's editor makes of empty ones: so saving the box unchanged changes nothing.
        "voicemail_tutorial": False,
        "voicemail_recording_instructions": True,
        "voicemail_recording_options": True,
        "voicemail_enabled": True,
        "voicemail_description": extension.name or None,
    }
