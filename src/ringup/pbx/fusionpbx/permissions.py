"""What a tenant's administrator may do: the rights of FusionPBX's stock group ``admin`` without these.

A tenant shares the server with others, so its administrator works with phones, voicemail, menus
and queues of the tenant, and leaves users, numbers, routes and the server to Ringup and staff.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SOURCE_GROUP = "admin"
GROUP_LEVEL = 40
HIGHEST_LEVEL = 50
# The stock group of people who see their own extension only.
USER_GROUP = "user"
# Never the group of a tenant's user, whatever the configuration says.
REFUSED_GROUPS = frozenset({"superadmin", "admin"})

# Rights by the beginning of their name. A group that has one of them is not used for a tenant.
_FORBIDDEN = (
    "user_",
    "users_",
    "group_",
    "destination_(?!view$|destinations$|map$|summary)",
    "inbound_route_",
    "outbound_route_",
    "dialplan_",
    "gateway_",
    "domain_",
    "bridge_",
    "default_setting_",
    "access_control_",
    "sip_profile_",
    "sip_status_",
    "sofia_",
    "var_",
    "module_",
    "database_",
    "upgrade_",
    "menu_",
    "permission_",
    "app_",
    "api_key",
    "script_editor_",
    "edit_",
    "exec_",
    "log_",
    "system_",
    "service_",
    "software_",
    "notification_",
    "number_translation_",
    "extension_(?:user_context|domain|dial_string|cidr|absolute_codec_string|import)",
    "fax_extension_advanced",
    "time_condition_(?:add|edit|delete|context|domain)",
    r"\w+_(?:context|hostname)$",
    "(?!conference_room_view_all|device_domain_all)[a-z0-9_]+_all$",
)
_FORBIDDEN_NAME = re.compile("|".join(_FORBIDDEN))

# Not given, but a reseller may add them to the group by hand: caller id and billing code of an
# extension, calls that leave the limit of simultaneous calls aside, and other people's live calls.
_LEFT_OUT = (
    "extension_caller_id$",
    r"extension_accountcode$",
    r"\w+_accountcode$|\w+_account_code$",
    "click_to_call_",
    "call_broadcast_",
    "call_active_(?:eavesdrop|hangup)",
    "operator_panel_(?:eavesdrop|hangup|manage|record)",
)
_LEFT_OUT_NAME = re.compile("|".join(_LEFT_OUT))

# Pages whose menu entry would lead to "access denied".
HIDDEN_PAGES = (
    "/core/users/users.php",
    "/core/groups/groups.php",
    "/app/dialplans/dialplans.php",
    "/app/time_conditions/time_conditions.php",
    "/app/call_broadcast/call_broadcast.php",
    "/app/fifo/fifo.php",
)


def forbidden(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that a tenant's administrator must not have."""
    return sorted({name for name in names if _FORBIDDEN_NAME.match(name)})


def given(names: Iterable[str]) -> list[str]:
    """Those of the stock group's ``names`` that the reduced group begins with."""
    closed = (_FORBIDDEN_NAME, _LEFT_OUT_NAME)
    return sorted({name for name in names if not any(each.match(name) for each in closed)})
