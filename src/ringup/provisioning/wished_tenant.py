"""From a tenant's wanted state to the value that the PBX port takes: templates merged, secrets in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ringup.carriers.port import SipTrunk
from ringup.core.phones import country_code, national
from ringup.numbers.models import OwnedNumber
from ringup.pbx.home_plan import home_plan
from ringup.pbx.merging import (
    OrderValues,
    gateway_label,
    gateway_settings,
    inbound_settings,
    outbound_settings,
)
from ringup.pbx.port import (
    Administrator,
    AdministratorGroup,
    Destination,
    DialPattern,
    Extension,
    Gateway,
    Tenant,
)
from ringup.pbx.template_fields import GATEWAY, INBOUND, OUTBOUND
from ringup.pbx.tenant_settings import OutboundSettings
from ringup.services.wanted import WantedTemplate, WantedTenant


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a tenant is made of beside its wanted state. ``secrets`` are the service's, opened;
    ``number`` is its main number, ``provider`` the carrier account's name."""

    uid: uuid.UUID
    generation: int
    number: OwnedNumber
    trunk: SipTrunk
    provider: str
    secrets: Mapping[str, Any] = field(repr=False)


def tenant_value(wanted: WantedTenant, given: Ingredients) -> Tenant:
    """The port's value, secrets inside: it lives as long as the call."""
    order = order_values(wanted, given.number.e164, given.trunk)
    inbound = inbound_settings(values_of(wanted.template(INBOUND)), order)
    number = given.number
    return Tenant(
        uid=given.uid,
        generation=given.generation,
        domain=wanted.domain,
        company=wanted.company,
        time_zone=wanted.time_zone,
        language=wanted.language,
        administrator=Administrator(
            username=wanted.administrator_username,
            email=wanted.administrator_email,
            name=wanted.administrator_name,
            password_hash=given.secrets["administrator_hash"],
            group=AdministratorGroup(wanted.administrator_group),
        ),
        extensions=_extensions(wanted, given.secrets["extensions"]),
        gateway=_gateway(wanted, given, order),
        destinations=(Destination(number.uid, number.e164, wanted.ring_extension, inbound),),
        caller_id=caller_id(number.e164, given.trunk),
        max_extensions=len(wanted.extensions),
        max_outbound_calls=wanted.max_outbound_calls,
        open_patterns=dialable(wanted, number.country),
        emergency_caller_id=wanted.emergency_caller_id,
        home=home_plan(number.country),
        outbound=_outbound(
            outbound_settings(values_of(wanted.template(OUTBOUND)), order), given.trunk
        ),
    )


def order_values(wanted: WantedTenant, e164: str, trunk: SipTrunk | None = None) -> OrderValues:
    """What the merge fields of a tenant's templates stand for."""
    order = OrderValues(
        domain=wanted.domain, company=wanted.company, e164=e164, national=national(e164)
    )
    if trunk is None:
        return order
    return OrderValues(
        domain=order.domain,
        company=order.company,
        e164=order.e164,
        national=order.national,
        username=trunk.username,
        host=trunk.host,
        port=trunk.port,
        transport=trunk.transport,
    )


def dialable(wanted: WantedTenant, country: str) -> frozenset[DialPattern]:
    """What a PBX may dial whose main number is of ``country``. What is wanted is said as for North
    America: elsewhere its own country stands for that, and North America is abroad."""
    opened = frozenset(DialPattern(name) for name in wanted.open_patterns)
    if home_plan(country) is None:
        return opened
    costly = opened & {DialPattern.ISLANDS, DialPattern.PREMIUM}
    abroad = {DialPattern.NANP, DialPattern.TOLL_FREE, DialPattern.INTERNATIONAL}
    return costly | {DialPattern.HOME} | (abroad if DialPattern.INTERNATIONAL in opened else set())


def values_of(template: WantedTemplate | None) -> dict[str, Any]:
    """A template's values; of none, none: then everything has its default."""
    return {} if template is None else template.values


def caller_id(e164: str, trunk: SipTrunk | None = None) -> str:
    """The caller's number as North American carriers want it, ten digits; elsewhere, and for a carrier
    that wants it so, digits with the country code."""
    is_e164 = trunk is not None and trunk.is_e164
    return national(e164) if country_code(e164) == "1" and not is_e164 else e164.lstrip("+")


def _outbound(settings: OutboundSettings, trunk: SipTrunk) -> OutboundSettings:
    """Where the carrier dials by country code, that is what is sent, unless a template says otherwise:
    its own default is what North American carriers take."""
    if not trunk.is_e164:
        return settings
    usual = OutboundSettings()
    same = settings.national_prefix == usual.national_prefix
    national_prefix = "1" if same else settings.national_prefix
    same = settings.international_prefix == usual.international_prefix
    abroad = "" if same else settings.international_prefix
    return replace(settings, national_prefix=national_prefix, international_prefix=abroad)


def _extensions(
    wanted: WantedTenant, secrets: Mapping[str, Mapping[str, str]]
) -> tuple[Extension, ...]:
    return tuple(
        Extension(
            extension=row.extension,
            name=row.name,
            email=row.email,
            sip_password=secrets[row.extension]["sip"],
            voicemail_pin=secrets[row.extension]["pin"],
        )
        for row in wanted.extensions
    )


def _gateway(wanted: WantedTenant, given: Ingredients, order: OrderValues) -> Gateway:
    """User and host are the carrier's to tell (late-bound), and so is the password where it makes its
    own. A template may keep the gateway from registering; where the carrier calls the PBX at its
    address there is nobody to register at, whatever a template says."""
    trunk, values = given.trunk, values_of(wanted.template(GATEWAY))
    settings = gateway_settings(values, order)
    return Gateway(
        label=gateway_label(values, order) or f"{given.provider} {trunk.username}",
        username=trunk.username,
        host=trunk.host,
        port=trunk.port,
        transport=trunk.transport,
        password=trunk.password or given.secrets["trunk_password"],
        settings=replace(settings, register=settings.register and trunk.registers),
    )
