"""What is said about a server, and that it is said in sentences."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from ringup.core.failures import OurFault
from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.sandbox.fusionpbx import Options
from tests.pbx.fusionpbx.fresh_worlds import FreshWorlds
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld
from tests.pbx.wishes import wished_tenant

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("options", "version", "dialect", "mode", "cache"),
    [
        (Options(), "5.5.13", "boolean", "single", "file"),
        (Options(version="5.4"), "5.4.4", "text", "multiple", "file"),
        (Options(cache_method="memcache"), "5.5.13", "boolean", "single", "memcache"),
    ],
)
def test_the_kind_of_server_is_read_and_not_assumed(
    worlds: FreshWorlds,
    options: Options,
    version: str,
    dialect: str,
    mode: str,
    cache: str,
) -> None:
    with worlds.fresh(options).adapter() as pbx:
        report = pbx.prepare()
    assert (report.version, report.dialect, report.dialplan_mode) == (version, dialect, mode)
    assert (report.cache_method, report.hostname) == (cache, "sandbox-pbx")
    assert report.problems == ()


def test_what_is_in_the_way_is_said(world: FusionpbxWorld, pbx: FusionPbx, tmp_path: Path) -> None:
    for changes, words in (
        ({"event_port": 9}, "telephone side does not answer"),
        ({"event_password": "Wrong1234"}, "refused the password"),
        ({"template_domain": ""}, "No template tenant"),
        ({"template_domain": "gone.example"}, "gone.example does not exist"),
        ({"cache_dir": ""}, "cache in files that are not reachable"),
        ({"cache_dir": str(tmp_path / "none")}, "cannot be written"),
        ({"cache_dir": str(tmp_path)}, "one of the two is wrong"),
        ({"recordings_dir": ""}, "recordings is not reachable"),
        ({"voicemail_dir": str(tmp_path / "none")}, "voicemail"),
        ({"access_list": "nobody"}, "not prepared"),
    ):
        with world.adapter(**changes) as other:
            problems = other.inspect().problems
        assert any(words in problem for problem in problems), (changes, problems)
        assert all(problem.endswith(".") for problem in problems)
        assert not any("Wrong1234" in problem for problem in problems)


def test_an_access_list_that_lets_everybody_in_is_a_problem(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    world.rows("UPDATE v_access_controls SET access_control_default = 'allow'")
    assert any("allows everybody" in problem for problem in pbx.inspect().problems)


@pytest.mark.parametrize("template", ["", "gone.example", "empty.example"])
def test_without_a_template_nothing_is_built(
    world: FusionpbxWorld, pbx: FusionPbx, template: str
) -> None:
    world.somebodys_tenant("empty.example")
    with world.adapter(template_domain=template) as other:
        assert other.inspect().problems
        with pytest.raises(OurFault, match=r"template"):
            other.build_tenant(wished_tenant(), run="run-1", digest="d1")
    assert world.tenants() == {"empty.example"}


def test_a_database_that_is_not_fusionpbx_is_refused(
    world: FusionpbxWorld,
) -> None:
    dsn = psycopg.conninfo.make_conninfo(world.sandbox.dsn, dbname="postgres")
    with world.adapter(dsn=dsn) as pbx, pytest.raises(OurFault, match="no FusionPBX tables"):
        pbx.inspect()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE v_user_groups RENAME TO v_group_users",
        "ALTER TABLE v_domains ALTER COLUMN domain_enabled TYPE text",
    ],
)
def test_version_four_is_refused(own_world: FusionpbxWorld, change: str) -> None:
    world = own_world
    world.rows("DROP VIEW IF EXISTS view_users, view_groups CASCADE")
    world.rows(change)
    with world.adapter() as pbx:
        for work in (pbx.inspect, pbx.prepare, pbx.unrefreshed):
            with pytest.raises(OurFault, match=r"older than 5\.0"):
                work()
