"""How a service's page learns whether it is connected: from the PBX, or from the carrier."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from ringup.flows.checkout import checking_out
from ringup.flows.connection import Connection, can_be_asked, connection_of
from ringup.flows.orders.approving import service_of
from ringup.orders.models import Order
from ringup.pbx.models import PbxServer
from ringup.services.models import Service
from tests.world import World, approve, run_to_the_end


def built(order: Order) -> Service:
    approve(order)
    assert run_to_the_end(order).state == "done"
    return service_of(order)


def asked_again(service: Service) -> Connection:
    cache.clear()
    return connection_of(service)


@pytest.mark.once
def test_a_pbx_is_as_connected_as_its_gateway(world: World) -> None:
    order = world.pbx_order()
    assert not can_be_asked(service_of(order))
    tenant = built(order)
    assert asked_again(tenant) is Connection.UP
    PbxServer.objects.update(event_port=1)  # where nobody listens
    assert connection_of(service_of(order)) is Connection.UP  # remembered for some seconds
    assert asked_again(service_of(order)) is Connection.UNKNOWN


@pytest.mark.once
def test_a_number_is_as_connected_as_its_device(world: World) -> None:
    number = built(checking_out.submit(world.number_draft(goal="sip-account")))
    assert asked_again(number) is Connection.NOT_REGISTERED
    (account,) = world.peers.voipms.state.sub_accounts.values()
    world.peers.voipms.state.registrations[account["account"]] = {"server_pop": "1"}
    assert asked_again(number) is Connection.REGISTERED
