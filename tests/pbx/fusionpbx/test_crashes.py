"""What stands after the connection or the process dies in the worst moment."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from ringup.core.failures import NothingHappened, OutcomeUnknown
from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.pbx.port import Tenant, gateway_uuid, tenant_key
from ringup.sandbox.fusionpbx import Fault
from tests.pbx.fusionpbx.cutting_proxy import CuttingProxy, Moment, cutting_proxy
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld
from tests.pbx.pbx_world import built, shows_a_secret
from tests.pbx.wishes import DOMAIN, E164, wished_tenant

pytestmark = pytest.mark.once


@pytest.fixture
def tenant() -> Tenant:
    return wished_tenant()


@pytest.fixture
def proxy(world: FusionpbxWorld) -> Iterator[CuttingProxy]:
    with cutting_proxy(world.sandbox.dsn) as proxy:
        yield proxy


def behind(world: FusionpbxWorld, proxy: CuttingProxy, **changes: float) -> FusionPbx:
    return world.adapter(dsn=proxy.dsn(world.sandbox.dsn), **changes)


def test_a_commit_whose_answer_is_lost_is_unknown_and_the_record_tells(
    world: FusionpbxWorld, pbx: FusionPbx, proxy: CuttingProxy, tenant: Tenant
) -> None:
    with behind(world, proxy) as other:
        proxy.cut(b"COMMIT", "after")
        with pytest.raises(OutcomeUnknown) as caught:
            other.build_tenant(tenant, run="run-1", digest="d1")
        assert not shows_a_secret(caught.value, tenant)
        # The same adapter finds out, on a new connection.
        found = other.change(tenant_key(tenant.uid))
    assert found is not None
    assert not found.refreshed
    assert pbx.build_tenant(tenant, run="run-1", digest="d1") == found
    pbx.refresh(found.key)
    assert world.call_in(E164).where == "1001"


def test_a_commit_that_never_arrived_is_unknown_too_and_left_nothing(
    world: FusionpbxWorld, pbx: FusionPbx, proxy: CuttingProxy, tenant: Tenant
) -> None:
    with behind(world, proxy) as other:
        proxy.cut(b"COMMIT", "before")
        with pytest.raises(OutcomeUnknown):
            other.build_tenant(tenant, run="run-1", digest="d1")
        assert other.change(tenant_key(tenant.uid)) is None
    assert world.tenants() == set()
    built(pbx, tenant)
    assert world.call_in(E164).where == "1001"


@pytest.mark.parametrize(
    ("mark", "moment"),
    [(b"BEGIN", "after"), (b'INTO "v_extensions"', "before"), (b"INTO ringup.change", "before")],
)
def test_a_connection_that_is_lost_before_commit_changed_nothing(
    world: FusionpbxWorld,
    pbx: FusionPbx,
    proxy: CuttingProxy,
    tenant: Tenant,
    mark: bytes,
    moment: Moment,
) -> None:
    with behind(world, proxy) as other:
        proxy.cut(mark, moment)
        with pytest.raises(NothingHappened) as caught:
            other.build_tenant(tenant, run="run-1", digest="d1")
        assert not shows_a_secret(caught.value, tenant)
    assert world.tenants() == set()
    assert pbx.change(tenant_key(tenant.uid)) is None


def test_a_connection_that_is_lost_behind_commit_is_unknown(
    world: FusionpbxWorld, pbx: FusionPbx, proxy: CuttingProxy, tenant: Tenant
) -> None:
    with behind(world, proxy) as other:
        # The look behind COMMIT asks for others of the same name.
        proxy.cut(b"AS others", "before")
        with pytest.raises(OutcomeUnknown):
            other.build_tenant(tenant, run="run-1", digest="d1")
        assert other.change(tenant_key(tenant.uid)) is not None


def test_a_server_that_falls_silent_does_not_hold_us_for_ever(
    world: FusionpbxWorld, pbx: FusionPbx, proxy: CuttingProxy, tenant: Tenant
) -> None:
    with behind(world, proxy, statement_timeout_seconds=1.0, connect_timeout_seconds=0.1) as other:
        proxy.cut(b"COMMIT", "after", hold=True)
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            other.build_tenant(tenant, run="run-1", digest="d1")
        assert time.monotonic() - started < 10
    assert pbx.change(tenant_key(tenant.uid)) is not None


def test_an_idle_connection_that_was_closed_is_opened_again(
    world: FusionpbxWorld, pbx: FusionPbx, tenant: Tenant
) -> None:
    assert pbx.unrefreshed() == []
    world.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ringup'"
    )
    assert pbx.build_tenant(tenant, run="run-1", digest="d1")


@pytest.mark.parametrize("when", ["behind COMMIT", "before COMMIT"])
def test_a_builder_killed_around_commit_leaves_all_or_nothing(
    world: FusionpbxWorld, pbx: FusionPbx, proxy: CuttingProxy, tenant: Tenant, when: str
) -> None:
    killed(world, proxy, tenant, "build", "after" if when == "behind COMMIT" else "before")
    record = pbx.change(tenant_key(tenant.uid))
    assert (record is None) == (when == "before COMMIT")
    assert world.tenants() == (set() if record is None else {DOMAIN})
    # Resumed: each thing is there once.
    again = pbx.build_tenant(tenant, run="run-2", digest="d1")
    assert again.run == ("run-2" if record is None else "run-1")
    pbx.refresh(again.key)
    assert pbx.inspect().extensions == len(tenant.extensions)
    assert world.loaded_gateways() == {str(gateway_uuid(tenant.uid, 1))}
    assert world.call_in(E164).where == "1001"
    pbx.undo(tenant_key(tenant.uid))
    assert world.tenants() == set()
    assert world.loaded_gateways() == set()


def test_an_undo_killed_behind_commit_is_finished_by_the_sweep(
    world: FusionpbxWorld, pbx: FusionPbx, proxy: CuttingProxy, tenant: Tenant
) -> None:
    key = built(pbx, tenant).key
    assert world.call_in(E164).where == "1001"
    killed(world, proxy, tenant, "undo", "after")
    # The rows are gone, but the gateway still registers and the cache still answers.
    assert pbx.change(key) is None
    assert world.loaded_gateways() == {str(gateway_uuid(tenant.uid, 1))}
    assert pbx.unrefreshed() == [key]
    pbx.refresh(key)
    assert pbx.unrefreshed() == []
    assert world.loaded_gateways() == set()
    assert world.directories() == set()
    assert world.call_in(E164).where == ""


@pytest.mark.parametrize("match", ["killgw", "sendevent", "hostname"])
def test_an_undo_that_cannot_be_finished_waits_for_a_repetition(
    world: FusionpbxWorld, pbx: FusionPbx, tenant: Tenant, match: str
) -> None:
    key = built(pbx, tenant).key
    world.sandbox.faults.add(Fault("drop-before", match=match))
    with pytest.raises(NothingHappened):
        pbx.undo(key)
    assert pbx.unrefreshed() == [key]
    assert pbx.undo(key) == ()
    assert pbx.unrefreshed() == []
    assert world.tenants() == set()
    assert world.loaded_gateways() == set()


def test_building_again_finishes_an_interrupted_removal_first(
    world: FusionpbxWorld, pbx: FusionPbx, tenant: Tenant
) -> None:
    key = built(pbx, tenant).key
    old = str(gateway_uuid(tenant.uid, 1))
    world.sandbox.faults.add(Fault("drop-before", match="killgw"))
    with pytest.raises(NothingHappened):
        pbx.undo(key)
    assert world.loaded_gateways() == {old}
    second = wished_tenant(uid=tenant.uid, generation=2)
    built(pbx, second)
    assert world.loaded_gateways() == {str(gateway_uuid(tenant.uid, 2))}
    assert pbx.unrefreshed() == []


def test_a_refresh_that_breaks_off_stays_due(
    world: FusionpbxWorld, pbx: FusionPbx, tenant: Tenant
) -> None:
    record = pbx.build_tenant(tenant, run="run-1", digest="d1")
    world.sandbox.faults.add(Fault("drop-after", match="rescan"))
    with pytest.raises(NothingHappened):
        pbx.refresh(record.key)
    assert pbx.unrefreshed() == [record.key]
    pbx.refresh(record.key)
    assert pbx.unrefreshed() == []
    assert world.call_out(DOMAIN, "1001", "3125550123").where == "3125550123"


def killed(
    world: FusionpbxWorld, proxy: CuttingProxy, tenant: Tenant, work: str, moment: Moment
) -> None:
    """Let a process of its own begin ``work``, and kill it around COMMIT."""
    program = [sys.executable, "-m", "tests.pbx.fusionpbx.building_process"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        proxy.cut(b"COMMIT", moment, then=process.kill)
        connection = world.connection(dsn=proxy.dsn(world.sandbox.dsn))
        assert process.stdin is not None
        process.stdin.write(pickle.dumps((connection, tenant, tenant_key(tenant.uid), work)))
        process.stdin.close()
        assert process.wait(30) == -signal.SIGKILL
