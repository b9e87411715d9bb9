"""Worlds with an order in them, for tests that begin there."""

from __future__ import annotations

from django.test import override_settings

from ringup.mail.models import Outbox
from ringup.provisioning.models import Run
from ringup.sandbox.fusionpbx import NEVER
from tests.provisioning.outside import Outside
from tests.world import Peers, World, approve, make_world, run_to_the_end

# The PBX's rows by tenant and table, before the order of ``make_failed``.
rows_before: dict[str, dict[str, int]] = {}


def make_approved(peers: Peers) -> World:
    """One order of a PBX, approved; nothing of its run has happened."""
    world = make_world(peers)
    approve(world.pbx_order())
    return world


def make_failed(peers: Peers) -> World:
    """The same with a run that made everything, but whose gateway never registers."""
    peers.fusionpbx.registrar = NEVER
    world = make_world(peers)
    rows_before.update(Outside(world).pbx_rows())
    order = world.pbx_order()
    approve(order)
    with override_settings(RINGUP_GATEWAY_MINUTES=0, RINGUP_SETTLE_SECONDS=0.15):
        run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    assert "minutes" in run.problem
    assert not Outbox.objects.filter(template="welcome-tenant").exists()
    return world
