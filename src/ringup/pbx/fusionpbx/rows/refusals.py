"""Dialplans that answer a closed number with a notice and hang up, and never reach the carrier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringup.pbx.fusionpbx import app_uuids, dial_patterns
from ringup.pbx.fusionpbx.dialplan import Dialplan, Line, action, condition
from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.rows.outbound import EMERGENCY_ORDER
from ringup.pbx.fusionpbx.rows.table_rows import TableRows
from ringup.pbx.port import Tenant

REFUSAL_ORDER = 95
# Behind everything that may own a short number (menus, ring groups), before voicemail.
LAST_ORDER = 885

# Three rising tones: heard even where no sound files are installed.
_TONES = "tone_stream://%(274,0,913.8);%(274,0,1370.6);%(380,0,1776.7)"
# From FreeSWITCH's stock prompts; not verified against a live system.
_CANNOT_COMPLETE = "ivr/ivr-call_cannot_be_completed_as_dialed.wav"
_NO_OUTSIDE_CALLS = "ivr/ivr-phone_not_make_external_calls.wav"


@dataclass(frozen=True, slots=True)
class _Refusal:
    name: str
    expression: str
    order: int
    description: str
    emergency: bool = False


def refusal_rows(tenant: Tenant) -> TableRows:
    """One dialplan for each closed set, for seven digits, and for 911 without an address."""
    ids = Identifiers(tenant.uid, tenant.generation)
    dialplans = [_dialplan(tenant, refusal) for refusal in _refusals(tenant)]
    return {
        "v_dialplans": [dialplan.row() for dialplan in dialplans],
        "v_dialplan_details": [row for dialplan in dialplans for row in dialplan.details(ids)],
    }


def _refusals(tenant: Tenant) -> Iterator[_Refusal]:
    sets = dial_patterns.sets_of(tenant.home)
    if not tenant.emergency_caller_id or tenant.home is not None:
        yield _Refusal(
            "911",
            sets.emergency,
            EMERGENCY_ORDER,
            "No address is registered for emergency calls",
            emergency=True,
        )
    if sets.always_refused:
        yield _Refusal(
            "costly",
            sets.always_refused,
            REFUSAL_ORDER,
            "Numbers that cost extra are closed",
        )
    for pattern, expression in sets.refused.items():
        if pattern not in tenant.open_patterns:
            yield _Refusal(
                pattern.value,
                expression,
                REFUSAL_ORDER,
                f"{pattern.value.capitalize()} calls are closed",
            )
    yield _Refusal(
        "seven-digits",
        dial_patterns.NO_AREA_CODE,
        LAST_ORDER,
        "Numbers need an area code",
    )


def _dialplan(tenant: Tenant, refusal: _Refusal) -> Dialplan:
    ids = Identifiers(tenant.uid, tenant.generation)
    key = f"refusal/{refusal.name}"
    return Dialplan(
        key=key,
        uuid=ids.of("refusal-dialplan", refusal.name),
        domain_uuid=ids.domain,
        domain_name=tenant.domain,
        app_uuid=app_uuids.REFUSAL,
        context=tenant.domain,
        name=f"refused.{refusal.name}",
        order=refusal.order,
        description=refusal.description,
        lines=_emergency_notice(refusal) if refusal.emergency else _notice(refusal),
    )


def _notice(refusal: _Refusal) -> tuple[Line, ...]:
    # Early media and not an answer: a refused call must not look like a call to be billed.
    return (
        condition("${user_exists}", "false", 10),
        condition("destination_number", refusal.expression, 20),
        action("pre_answer", "", 30),
        action("playback", _TONES, 40),
        action("playback", _CANNOT_COMPLETE, 50),
        action("hangup", "OUTGOING_CALL_BARRED", 60),
    )


def _emergency_notice(refusal: _Refusal) -> tuple[Line, ...]:
    # Answered, since some phones play nothing before an answer; said twice; and no condition on
    # an extension with these digits, so that nobody takes the number over.
    return (
        condition("destination_number", refusal.expression, 20),
        action("answer", "", 30),
        action("playback", _TONES, 40),
        action("playback", _NO_OUTSIDE_CALLS, 50),
        action("playback", _TONES, 60),
        action("playback", _NO_OUTSIDE_CALLS, 70),
        action("hangup", "NORMAL_CLEARING", 80),
    )
