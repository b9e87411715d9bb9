"""Routes to the carrier: two dialplans for each set of numbers that is open (reference 6.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringup.pbx.fusionpbx import app_uuids, dial_patterns
from ringup.pbx.fusionpbx.dialplan import Dialplan, Line, action, condition
from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.number_forms import number_forms
from ringup.pbx.fusionpbx.rows.table_rows import TableRows
from ringup.pbx.fusionpbx.wording import route_label
from ringup.pbx.port import DialPattern, Tenant

# 22 is before the global dialplan (35) that would call the direction local.
DIRECTION_ORDER = 22
EMERGENCY_ORDER = 90
# Routes to the carrier stand behind the refusals (95), and at most here, since forwarding all calls
# would go in circles behind it (FusionPBX's own page has the same bound).
FIRST_ORDER, LAST_ORDER = 96, 300

_CAUSES_TO_GO_ON = "1,2,3,6,18,21,27,28,31,34,38,41,42,44,58,88,111,403,501,602,607,809"


@dataclass(frozen=True, slots=True)
class _Route:
    """One set of numbers and where they go. ``sent`` is what the carrier gets as number.

    ``caller_id`` is fixed for emergency calls, which also ignore the limit of calls and are
    not to be shadowed by an extension of the same digits.
    """

    name: str
    expression: str
    sent: str
    order: int
    caller_id: str = ""

    @property
    def emergency(self) -> bool:
        return bool(self.caller_id)


def outbound_rows(tenant: Tenant) -> TableRows:
    """All routes of the tenant; what is closed has none."""
    ids = Identifiers(tenant.uid, tenant.generation)
    dialplans = [
        dialplan
        for route in _routes(tenant)
        for dialplan in (_direction(tenant, route), _bridge(tenant, route))
    ]
    return {
        "v_dialplans": [dialplan.row() for dialplan in dialplans],
        "v_dialplan_details": [row for dialplan in dialplans for row in dialplan.details(ids)],
    }


def _routes(tenant: Tenant) -> Iterator[_Route]:
    settings, sets = tenant.outbound, dial_patterns.sets_of(tenant.home)
    # Outside North America nobody has confirmed an address yet, and 988 is no crisis line.
    if tenant.emergency_caller_id and tenant.home is None:
        caller_id = number_forms(tenant.emergency_caller_id).caller_id
        yield _Route("911", dial_patterns.EMERGENCY, "$1", EMERGENCY_ORDER, caller_id)
    if tenant.home is None:
        crisis_line = dial_patterns.CRISIS_LINE_NUMBER
        yield _Route("988", dial_patterns.CRISIS_LINE, crisis_line, settings.order)
    for pattern, expression in sets.allowed.items():
        if pattern in tenant.open_patterns:
            sent = settings.prefix + _carrier_prefix(pattern, tenant) + "$1"
            yield _Route(pattern.value, expression, sent, settings.order)
    for route in settings.routes:
        sent = settings.prefix + route.sent
        yield _Route(f"custom-{route.name}", route.expression, sent, settings.order)


def _carrier_prefix(pattern: DialPattern, tenant: Tenant) -> str:
    """What goes in front of the digits that the expression captures. International numbers go as
    011 and the number unless the carrier wants another form; those of the PBX's own country outside
    North America are international to it."""
    settings = tenant.outbound
    if pattern is DialPattern.INTERNATIONAL:
        return settings.international_prefix
    if pattern is DialPattern.HOME and tenant.home is not None:
        return settings.international_prefix + tenant.home.calling_code
    return settings.national_prefix


def _direction(tenant: Tenant, route: _Route) -> Dialplan:
    lines = (
        condition("${user_exists}", "false", 10),
        condition("${call_direction}", "^$", 20),
        condition("destination_number", route.expression, 30),
        action("export", "call_direction=outbound", 40, inline=True),
    )
    return _dialplan(
        tenant,
        key=f"direction/{route.name}",
        name=f"call_direction-outbound.{route.name}",
        order=DIRECTION_ORDER,
        goes_on=True,
        lines=lines[1:] if route.emergency else lines,
    )


def _bridge(tenant: Tenant, route: _Route) -> Dialplan:
    gateway = Identifiers(tenant.uid, tenant.generation).gateway
    number = route.caller_id or "${outbound_caller_id_number}"
    account_code = tenant.outbound.account_code
    steps = [
        ("set", f"sip_h_accountcode={account_code or '${accountcode}'}", bool(account_code)),
        ("export", "call_direction=outbound", True),
        ("unset", "call_timeout", True),
        ("set", "hangup_after_bridge=true", True),
        ("set", "effective_caller_id_name=${outbound_caller_id_name}", True),
        ("set", f"effective_caller_id_number={number}", True),
        ("set", "inherit_codec=true", True),
        ("set", "ignore_display_updates=true", True),
        ("set", "callee_id_number=$1", True),
        ("set", f"continue_on_fail={_CAUSES_TO_GO_ON}", True),
        ("set", f"limit_max={tenant.max_outbound_calls}", not route.emergency),
        ("limit", "hash ${domain_name} outbound ${limit_max} !USER_BUSY", not route.emergency),
        ("set", "pin_number=", False),
        ("lua", "pin_number.lua", False),
        ("bridge", f"sofia/gateway/{gateway}/{route.sent}", True),
    ]
    conditions = [
        condition("${user_exists}", "false", 10),
        condition("destination_number", route.expression, 20),
    ]
    actions: list[Line] = [
        action(
            application,
            data,
            30 + 10 * step,
            inline=application == "export" or None,
            enabled=enabled,
        )
        for step, (application, data, enabled) in enumerate(steps)
    ]
    return _dialplan(
        tenant,
        key=f"bridge/{route.name}",
        name=f"{route_label(tenant.gateway.label)}.{route.name}",
        order=route.order,
        goes_on=False,
        lines=(*(conditions[1:] if route.emergency else conditions), *actions),
    )


def _dialplan(
    tenant: Tenant, *, key: str, name: str, order: int, goes_on: bool, lines: tuple[Line, ...]
) -> Dialplan:
    ids = Identifiers(tenant.uid, tenant.generation)
    return Dialplan(
        key=key,
        uuid=ids.of("outbound-dialplan", key),
        domain_uuid=ids.domain,
        domain_name=tenant.domain,
        app_uuid=app_uuids.OUTBOUND,
        context=tenant.domain,
        name=name,
        order=order,
        goes_on=goes_on,
        lines=lines,
    )
