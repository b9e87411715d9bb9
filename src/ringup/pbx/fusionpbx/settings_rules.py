"""What a gateway's and a route's settings must look like before they are written: a last look at
what templates and orders made together. All of it is ours to mend: ``OurFault``."""

from __future__ import annotations

import re
from dataclasses import fields

from ringup.core.failures import OurFault
from ringup.pbx.fusionpbx.rows.outbound import FIRST_ORDER, LAST_ORDER
from ringup.pbx.tenant_settings import GatewaySettings, InboundSettings, OutboundSettings

# Signs that FusionPBX writes into XML without escaping, or that FreeSWITCH expands.
_UNSAFE = re.compile(r"[<>&\"'$`\\\x00-\x1f\x7f]")
# Where the dialled number is read: these expressions alone are let through by FusionPBX's page.
CONDITION_FIELDS = frozenset({"", "destination_number", "${sip_to_user}", "${sip_req_user}"})
_TRANSPORTS = frozenset({"", "udp", "tcp", "tls"})
_SENT = re.compile(r"[0-9*#+]*(?:\$1)?[0-9*#+]*", re.ASCII)
_DIGITS = re.compile(r"[0-9*#+]*", re.ASCII)
_ROUTE_NAME = re.compile(r"[a-z0-9-]{1,30}", re.ASCII)
# An expression of dialled digits: no slash, quote or blank, for FusionPBX matches some of them
# between slashes and writes them into XML.
_EXPRESSION = re.compile(r"\^[0-9*#+\\d.,:?(){}\[\]|^-]+\$", re.ASCII)


def check_gateway_settings(settings: GatewaySettings) -> None:
    """Raise for the first thing that is wrong."""
    _check_texts("gateway", settings)
    if settings.register_transport not in _TRANSPORTS:
        raise OurFault(f"a gateway cannot register by {settings.register_transport!r}")
    if not is_public(settings.context):
        raise OurFault(
            f"the gateway's context {settings.context!r} is not public: calls of the carrier would "
            "use a tenant's dialplan"
        )
    if not settings.profile or not settings.extension:
        raise OurFault("the gateway needs a SIP profile and an inbound user part")


def is_public(context: str) -> bool:
    """Whether FusionPBX takes a context for one of calls from outside (reference section 2)."""
    return context == "public" or context.endswith(".public") or context.startswith("public@")


def check_inbound_settings(settings: InboundSettings) -> None:
    """Raise for the first thing that is wrong."""
    if settings.condition_field not in CONDITION_FIELDS:
        raise OurFault(f"{settings.condition_field!r} cannot be what an inbound route looks at")
    _check_texts("inbound route", settings, besides="condition_field")
    # Between the caller's details (10) and the answer to unknown numbers (999).
    if not 10 < settings.order < 999:
        raise OurFault(f"an inbound route cannot stand at {settings.order}")


def check_outbound_settings(settings: OutboundSettings) -> None:
    """Raise for the first thing that is wrong. Which numbers a route reaches was checked when the
    template was saved."""
    _check_texts("outbound route", settings)
    if not FIRST_ORDER <= settings.order <= LAST_ORDER:
        raise OurFault(f"an outbound route cannot stand at {settings.order}")
    for digits in (settings.prefix, settings.national_prefix, settings.international_prefix):
        if not _DIGITS.fullmatch(digits):
            raise OurFault(f"{digits!r} cannot stand before a number")
    for route in settings.routes:
        if not (
            _ROUTE_NAME.fullmatch(route.name)
            and _SENT.fullmatch(route.sent)
            and route.sent
            and _EXPRESSION.fullmatch(route.expression)
        ):
            raise OurFault(f"the outbound route {route.name!r} cannot be written")


def _check_texts(
    what: str,
    settings: GatewaySettings | InboundSettings | OutboundSettings,
    *,
    besides: str = "",
) -> None:
    for one in fields(settings):
        text = getattr(settings, one.name)
        if one.name != besides and isinstance(text, str) and _UNSAFE.search(text):
            raise OurFault(
                f"the {what}'s {one.name} holds a sign that cannot stand in a dialplan or gateway"
            )
