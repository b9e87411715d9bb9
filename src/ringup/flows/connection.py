"""Whether a service is connected at this moment: asked of the PBX or the carrier for its page."""

from __future__ import annotations

import enum

from django.core.cache import cache

from ringup.carriers.opening import carrier_for
from ringup.core.failures import PortFailure
from ringup.pbx.opening import pbx_for
from ringup.pbx.port import GatewayState, gateway_uuid
from ringup.provisioning.steps.trunk import trunk_reference
from ringup.services.models import Service
from ringup.services.wanted import Goal, WantedNumber

# Asked once in this time, however often a page is looked at.
REMEMBERED_SECONDS = 15
# Somebody looks at the page meanwhile.
PAGE_SECONDS = 8.0


class Connection(enum.Enum):
    """``words`` and ``tone`` are for its owner."""

    UP = ("Connected to the telephone network", "green")
    TRYING = ("Connecting to the telephone network", "yellow")
    DOWN = ("Not connected to the telephone network: no calls go out. Write to us.", "red")
    REGISTERED = ("Your device is registered", "green")
    NOT_REGISTERED = ("No device is registered with it now", "yellow")
    NOT_TOLD = ("The carrier does not tell whether a device is registered", "grey")
    UNKNOWN = ("Cannot be asked at the moment. This says nothing about your service.", "grey")

    @property
    def words(self) -> str:
        return self.value[0]

    @property
    def tone(self) -> str:
        return self.value[1]


_OF_GATEWAY = {
    GatewayState.UP: Connection.UP,
    GatewayState.TRYING: Connection.TRYING,
    GatewayState.DOWN: Connection.DOWN,
    GatewayState.UNKNOWN: Connection.UNKNOWN,
}


def can_be_asked(service: Service) -> bool:
    """Whether there is a connection at all: a running PBX has one, and a number with its own SIP
    account."""
    if service.state != Service.State.ACTIVE:
        return False
    if service.kind == Service.Kind.TENANT:
        return service.server is not None
    return WantedNumber.from_data(service.wanted).goal is Goal.SIP_ACCOUNT


def connection_of(service: Service) -> Connection:
    """How it stands now, at most some seconds old. Never raises what the outside raises."""
    if not can_be_asked(service):
        return Connection.UNKNOWN
    place = f"connection/{service.uid}"
    known = cache.get(place)
    if known is not None:
        return Connection[known]
    try:
        found = _of_tenant(service) if service.server is not None else _of_number(service)
    except PortFailure:
        found = Connection.UNKNOWN
    cache.set(place, found.name, timeout=REMEMBERED_SECONDS)
    return found


def _of_tenant(service: Service) -> Connection:
    assert service.server is not None  # its caller asked
    with pbx_for(service.server) as pbx:
        return _OF_GATEWAY[pbx.gateway(gateway_uuid(service.uid, service.generation)).state]


def _of_number(service: Service) -> Connection:
    account = service.account
    account.read_timeout_seconds = min(account.read_timeout_seconds, PAGE_SECONDS)
    with carrier_for(account) as carrier:
        is_there = carrier.is_registered(trunk_reference(service))
    if is_there is None:
        return Connection.NOT_TOLD
    return Connection.REGISTERED if is_there else Connection.NOT_REGISTERED
