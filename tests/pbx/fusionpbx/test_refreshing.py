"""What a refresh clears, makes and reloads, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ringup.core.failures import NothingHappened, OurFault
from ringup.pbx.fusionpbx import markers
from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.pbx.fusionpbx.database import Database
from ringup.pbx.port import gateway_uuid, tenant_key
from ringup.sandbox.fusionpbx import Fault, Options
from tests.pbx.fusionpbx.fresh_worlds import FreshWorlds
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld
from tests.pbx.pbx_world import built
from tests.pbx.wishes import DOMAIN, E164, destination, wished_tenant

pytestmark = pytest.mark.once

FORMS = ("2085550100", "12085550100", "+12085550100")


@pytest.fixture(params=["5.5 single", "5.5 multiple", "5.5 memcache", "5.5.7", "5.4"])
def every_kind(request: pytest.FixtureRequest, worlds: FreshWorlds) -> FusionpbxWorld:
    kinds = {
        "5.5 single": Options(dialplan_mode="single"),
        "5.5 multiple": Options(dialplan_mode="multiple"),
        "5.5 memcache": Options(cache_method="memcache"),
        "5.5.7": Options(version="5.5.7"),
        "5.4": Options(version="5.4"),
    }
    return worlds.fresh(kinds[request.param])


def test_nothing_stale_is_left_in_any_cache(every_kind: FusionpbxWorld) -> None:
    world = every_kind
    tenant = wished_tenant()
    with world.adapter() as pbx:
        pbx.prepare()
        assert [world.call_in(form).where for form in FORMS] == ["", "", ""]
        built(pbx, tenant)
        assert [world.call_in(form).where for form in FORMS] == ["1001"] * 3
        assert world.call_out(DOMAIN, "1001", "3125550123").where == "3125550123"
        assert world.call_out(DOMAIN, "1001", "1003").where == "1003"
        # Everything of the tenant is remembered now, and must be forgotten with it.
        pbx.undo(tenant_key(tenant.uid))
        assert [world.call_in(form).where for form in FORMS] == ["", "", ""]
        assert world.sandbox.directory("1001", DOMAIN) is None
        second = replace(tenant, generation=2, destinations=(destination(E164, "1002"),))
        built(pbx, second)
        assert [world.call_in(form).where for form in FORMS] == ["1002"] * 3
        assert world.call_out(DOMAIN, "1002", "3125550123").where == "3125550123"


def test_other_tenants_keep_what_is_cached(world: FusionpbxWorld, pbx: FusionPbx) -> None:
    neighbour = wished_tenant(
        domain="next.pbx.example", destinations=(destination("+12085550111"),)
    )
    built(pbx, neighbour)
    assert world.call_in("2085550111").where == "1001"
    cache = world.sandbox.cache_dir
    kept = {
        "directory.1001@next.pbx.example", "dialplan.next.pbx.example",
        "dialplan.public.2085550111", "directory.1001@not-acme.pbx.example",
        "dialplan.not-acme.pbx.example.au", "dialplan.public.20855501001",
    }  # fmt: skip
    for name in kept:
        (cache / name).touch()
    built(pbx, wished_tenant())
    assert kept <= {path.name for path in cache.iterdir()}


def test_other_nodes_are_told_and_the_gateway_is_loaded(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    tenant = wished_tenant()
    record = pbx.build_tenant(tenant, run="run-1", digest="d1")
    world.sandbox.forget_commands()
    pbx.refresh(record.key)
    sent = world.sandbox.commands()
    events = [one.headers for one in sent if one.text.startswith("sendevent")]
    assert {one["Event-Subclass"] for one in events} == {"fusion::file"}
    told = [one["API-Command-Argument"] for one in events]
    assert f"delete dialplan.{DOMAIN}" in told
    assert "delete sandbox-pbx.configuration.sofia.conf" in told
    assert "api sofia profile external rescan" in world.sandbox.command_texts()
    assert len({one.connection for one in sent}) == 1


def test_directories_are_made_with_the_rights_of_the_switch(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    built(pbx, wished_tenant(seats=2))
    recordings = world.sandbox.recordings_dir / DOMAIN
    boxes = world.sandbox.voicemail_dir / "default" / DOMAIN
    for path in (recordings, boxes, boxes / "1001", boxes / "1002"):
        assert path.is_dir()
        assert path.stat().st_mode & 0o7777 == 0o770
        assert path.stat().st_uid == world.sandbox.recordings_dir.stat().st_uid


def test_without_reachable_directories_none_are_made(world: FusionpbxWorld) -> None:
    with world.adapter(recordings_dir="", voicemail_dir="") as pbx:
        pbx.prepare()
        record = built(pbx, wished_tenant())
        assert pbx.unrefreshed() == []
        assert pbx.change(record.key) is not None
    assert world.directories() == set()


@pytest.mark.parametrize("place", ["cache_dir", "recordings_dir", "voicemail_dir"])
def test_a_wrong_path_is_our_fault_and_the_refresh_stays_due(
    world: FusionpbxWorld, tmp_path: Path, place: str
) -> None:
    with world.adapter(**{place: str(tmp_path / "nowhere")}) as pbx:
        pbx.prepare()
        record = pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")
        with pytest.raises(OurFault, match=r"director|path"):
            pbx.refresh(record.key)
        assert pbx.unrefreshed() == [record.key]


def test_a_cache_in_files_out_of_reach_is_our_fault(world: FusionpbxWorld) -> None:
    with world.adapter(cache_dir="") as pbx:
        assert any("cache" in problem for problem in pbx.prepare().problems)
        record = pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")
        with pytest.raises(OurFault, match="cache"):
            pbx.refresh(record.key)


def test_a_profile_that_does_not_run_is_our_fault(world: FusionpbxWorld, pbx: FusionPbx) -> None:
    record = pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")
    world.sandbox.faults.add(Fault("error", match="rescan"))
    with pytest.raises(OurFault, match="external"):
        pbx.refresh(record.key)
    assert pbx.unrefreshed() == [record.key]


def test_refreshing_again_does_not_disturb_a_living_gateway(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    tenant = wished_tenant()
    record = built(pbx, tenant)
    world.sandbox.forget_commands()
    pbx.refresh(record.key)
    assert not [text for text in world.sandbox.command_texts() if "killgw" in text]
    assert world.loaded_gateways() == {str(gateway_uuid(tenant.uid, 1))}


def test_a_change_that_is_undone_meanwhile_is_not_marked_as_refreshed(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    record = built(pbx, wished_tenant())
    database = Database(world.connection())
    marker = markers.find(database, record.key)
    assert marker is not None
    # Somebody's undo comes between a refresh and its mark.
    world.sandbox.faults.add(Fault("drop-before", match="killgw"))
    with pytest.raises(NothingHappened):
        pbx.undo(record.key)
    markers.set_refreshed(database, marker)
    database.close()
    assert pbx.unrefreshed() == [record.key]
