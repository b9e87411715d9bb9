"""What a fresh FusionPBX has in its database: groups, settings, profiles, global dialplans."""

from __future__ import annotations

from importlib import resources

import psycopg

from ringup.sandbox.fusionpbx import dialplans
from ringup.sandbox.fusionpbx.dialects import Dialect
from ringup.sandbox.fusionpbx.rows import Row, copy_in, new_uuid
from ringup.sandbox.fusionpbx.templates import add_dialplans

# Group, level, description (reference: section 9). superadmin is not bound to a tenant.
GROUPS = (
    ("superadmin", 80, "Everything, of every tenant"),
    ("admin", 50, "Administrators of a tenant"),
    ("user", 30, "Users"),
    ("agent", 20, "Call centre agents"),
    ("fax", 20, "Fax users"),
    ("public", 10, "Everybody"),
)

# category subcategory name value; a line that begins with # is stored as disabled.
_SETTINGS = """
cache method text {cache_method}
cache location text {cache_dir}
cdr format text json
# cdr http_enabled boolean false
cdr database_retention_days numeric 730
destinations dialplan_details boolean true
destinations dialplan_mode text {dialplan_mode}
destinations unique boolean true
dialplan destination text destination_number
domain country code us
domain dial_string text ${sofia_contact(*/${dialed_user}@${dialed_domain})}
domain language code en-us
domain template name default
domain time_zone name UTC
extension call_timeout numeric 30
extension limit_max numeric 5
extension password_length numeric 20
# limit destinations numeric 3
# limit devices numeric 3
# limit extensions numeric 3
# limit gateways numeric 3
# limit ring_groups numeric 3
# limit users numeric 3
switch recordings dir {recordings_dir}
switch storage dir {storage_dir}
switch voicemail dir {voicemail_dir}
# switch extensions dir
# switch sip_profiles dir
# users unique text global
users password_length numeric 12
users password_lowercase boolean true
users password_number boolean true
users password_uppercase boolean true
voicemail keep_local boolean true
voicemail password_length numeric 8
voicemail voicemail_file text attach
"""

# Profile, then its settings. The external profile answers carriers without a password only from
# the addresses in the list «providers» (reference: section 5).
_PROFILES = {
    "internal": "context=public sip-port=5060 auth-calls=true apply-inbound-acl=providers "
    "challenge-realm=auto_to inbound-reg-force-matching-username=true dialplan=XML",
    "external": "context=public sip-port=5080 auth-calls=true apply-inbound-acl=providers "
    "dialplan=XML manage-presence=true",
}
_PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def plant(connection: psycopg.Connection, dialect: Dialect, *, dialplan_mode: str) -> None:
    """Fill the empty tables. What differs from one installation to the next is set by ``settle``."""
    copy_in(
        connection,
        "v_software",
        [
            {
                "software_uuid": new_uuid(),
                "software_name": "FusionPBX",
                "software_url": "https://www.fusionpbx.com",
                "software_version": dialect.version,
            }
        ],
    )
    _plant_groups(connection)
    _plant_settings(connection, dialplan_mode)
    _plant_access_lists(connection)
    _plant_profiles(connection)
    add_dialplans(connection, dialplans.global_dialplans(), dialect)


def permissions() -> dict[str, frozenset[str]]:
    """Permission names by group: user, admin, superadmin; each has those before it as well."""
    text = resources.files(__package__).joinpath("permissions.txt").read_text()
    groups: dict[str, frozenset[str]] = {}
    names: set[str] = set()
    prefix = group = ""
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            group = line.strip("[]")
        else:
            for word in line.split():
                if word == "." or word.endswith(":"):
                    prefix = word.rstrip(":").replace(".", "")
                else:
                    names.add(f"{prefix}_{word}" if prefix else word)
        groups[group] = frozenset(names)
    return groups


def settle(connection: psycopg.Connection, values: dict[str, str]) -> None:
    """Write what is this installation's own; ``values`` maps the names in braces above."""
    for name, value in values.items():
        connection.execute(
            "UPDATE v_default_settings SET default_setting_value = %s "
            "WHERE default_setting_value = %s",
            [value, f"{{{name}}}"],
        )


def _plant_groups(connection: psycopg.Connection) -> None:
    granted = permissions()
    groups: list[Row] = []
    rights: list[Row] = []
    for name, level, text in GROUPS:
        uuid = new_uuid()
        groups.append(
            {
                "group_uuid": uuid,
                "group_name": name,
                "group_protected": False,
                "group_level": level,
                "group_description": text,
            }
        )
        rights += [
            {
                "group_permission_uuid": new_uuid(),
                "permission_name": permission,
                "permission_protected": "false",
                "permission_assigned": "true",
                "group_name": name,
                "group_uuid": uuid,
            }
            for permission in sorted(granted.get(name, ()))
        ]
    copy_in(connection, "v_groups", groups)
    copy_in(connection, "v_group_permissions", rights)


def _plant_settings(connection: psycopg.Connection, dialplan_mode: str) -> None:
    rows: list[Row] = []
    for line in _SETTINGS.strip().splitlines():
        disabled = line.startswith("#")
        category, subcategory, name, *rest = line.removeprefix("# ").split(maxsplit=3)
        value = rest[0].replace("{dialplan_mode}", dialplan_mode) if rest else None
        rows.append(
            {
                "default_setting_uuid": new_uuid(),
                "default_setting_category": category,
                "default_setting_subcategory": subcategory,
                "default_setting_name": name,
                "default_setting_value": value,
                "default_setting_enabled": not disabled,
            }
        )
    copy_in(connection, "v_default_settings", rows)


def _plant_access_lists(connection: psycopg.Connection) -> None:
    private, providers = new_uuid(), new_uuid()
    lists = ((private, "rfc1918"), (providers, "providers"))
    copy_in(
        connection,
        "v_access_controls",
        [
            {
                "access_control_uuid": uuid,
                "access_control_name": name,
                "access_control_default": "deny",
            }
            for uuid, name in lists
        ],
    )
    copy_in(
        connection,
        "v_access_control_nodes",
        [
            {
                "access_control_node_uuid": new_uuid(),
                "access_control_uuid": private,
                "node_type": "allow",
                "node_cidr": cidr,
            }
            for cidr in _PRIVATE_NETWORKS
        ],
    )


def _plant_profiles(connection: psycopg.Connection) -> None:
    profiles: list[Row] = []
    settings: list[Row] = []
    for name, text in _PROFILES.items():
        uuid = new_uuid()
        profiles.append(
            {"sip_profile_uuid": uuid, "sip_profile_name": name, "sip_profile_enabled": True}
        )
        for pair in text.split():
            setting, _, value = pair.partition("=")
            settings.append(
                {
                    "sip_profile_setting_uuid": new_uuid(),
                    "sip_profile_uuid": uuid,
                    "sip_profile_setting_name": setting,
                    "sip_profile_setting_value": value,
                    "sip_profile_setting_enabled": True,
                }
            )
    copy_in(connection, "v_sip_profiles", profiles)
    copy_in(connection, "v_sip_profile_settings", settings)
