"""Saving, testing and preparing PBX servers: what is refused, what is kept, what is never shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.db import connection

from ringup.core.actors import Actor
from ringup.core.failures import OurFault
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.pbx.configuring import Secrets, save_server, set_enabled
from ringup.pbx.database_address import NotAnAddress, check_address, masked
from ringup.pbx.fusionpbx.database_errors import of_connecting
from ringup.pbx.last_test import LastTest
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import pbx_for
from ringup.pbx.trying import prepare_server, sentence, try_server
from ringup.sandbox.fusionpbx import SandboxFusionpbx, running_fusionpbx
from ringup.sandbox.postgres import PostgresServer
from tests.pbx.wishes import wished_tenant

SAM = Actor("staff:1", "Sam")
DSN, EVENTS = "postgresql://fusionpbx:Dsn-Secret-1@127.0.0.1:1/fusionpbx", "Event-Secret-2"


def saved(server: PbxServer | None = None, **more: Any) -> PbxServer:
    """Save as staff would; ``more`` are columns and, by their names, the two secrets."""
    secrets = Secrets(dsn=more.pop("dsn", None), event_password=more.pop("event_password", None))
    if server is None:
        secrets = replace(secrets, dsn=secrets.dsn or DSN, event_password=EVENTS)
        more = {"name": "pbx-1", "sip_host": "pbx1.example", "domain_suffix": "one.example"} | more
    changes = {name: ["", str(value)] for name, value in more.items()}
    wanted = server or PbxServer()
    return save_server(wanted, more, secrets=secrets, actor=SAM, changes=changes).server


def test_addresses_of_databases_are_read_and_shown_without_their_passwords() -> None:
    for dsn, shown in (
        (DSN, "postgresql://fusionpbx:••••@127.0.0.1:1/fusionpbx"),
        ("host=db.example dbname=f user=u password='p q'", "postgresql://u:••••@db.example/f"),
        ("postgresql://u@[2001:db8::1]/f", "postgresql://u@[2001:db8::1]/f"),
        ("dbname=f host=/var/run/postgresql", "postgresql://%2Fvar%2Frun%2Fpostgresql/f"),
        ("postgresql://u:p@h/f?sslpassword=Geheim&passfile=/x", "postgresql://u:••••@h/f"),
        ("rubbish Geheim", "••••"),
        ("", ""),
    ):
        assert masked(dsn) == shown
    check_address(DSN)
    for junk in (
        "rubbish Geheim", "postgresql://u:Geheim@h", "postgresql://u:Geheim%zz@h/f",
        "postgresql://u:Geheim@h:99999/f", "postgresql://u:Geheim@h:0/f", "\x00", "host=Geheim",
        "http://u:Geheim@h/f", "dbname=f port=x", "dbname=f\x00 password=Geheim", "x" * 10_000,
    ):  # fmt: skip
        with pytest.raises(NotAnAddress) as wrong:
            check_address(junk)
        assert "Geheim" not in f"{wrong.value}{wrong.value.__context__}{wrong.value.__cause__}"


@pytest.mark.django_db
def test_secrets_are_sealed_and_stay_where_nothing_is_typed() -> None:
    server = saved()
    assert (server.connection().dsn, server.connection().event_password) == (DSN, EVENTS)
    assert saved(server, name="pbx-2").connection().dsn == DSN
    other = saved(server, dsn="postgresql://u:New-Secret@h/f")
    assert other.connection().dsn == "postgresql://u:New-Secret@h/f"
    assert other.connection().event_password == EVENTS
    stored = str(list(PbxServer.objects.values())) + str(list(Activity.objects.values()))
    for secret in ("Dsn-Secret-1", EVENTS, "New-Secret"):
        assert secret not in stored
    assert Activity.objects.filter(subject=f"server:{server.uid}").count() == 3


@pytest.mark.django_db
def test_what_a_rule_forbids_changes_nothing() -> None:
    server, other = saved(), saved(name="pbx-2", domain_suffix="two.example")
    PbxServer.objects.filter(pk=server.pk).update(claimed_tenants=2, claimed_extensions=20)
    before, told = list(PbxServer.objects.values()), Activity.objects.count()
    for row, values, field, words in (
        (
            server,
            {"domain_suffix": "new.example"},
            "domain_suffix",
            "2 tenants live on this server",
        ),
        (server, {"environment": "production"}, "environment", "from sandbox orders"),
        (other, {"domain_suffix": "one.example"}, "domain_suffix", "is the suffix of pbx-1"),
        (None, {"name": "pbx-3"}, "domain_suffix", "is the suffix of pbx-1"),
        (other, {"name": "pbx-1"}, "name", "has this name already"),
        (None, {"domain_suffix": "three.example"}, "name", "has this name already"),
        (server, {"event_host": "elsewhere.example"}, "event_password", "never sent to a host"),
        (server, {"event_port": 8022}, "event_password", "never sent to a host"),
        (server, {"dsn": "host=h"}, "dsn", "Name the database"),
    ):
        with pytest.raises(Refusal, match=words) as refusal:
            saved(row, **values)
        assert refusal.value.field == field
        assert "Nothing was changed" in str(refusal.value)
    with pytest.raises(Refusal, match="Type the address"):
        save_server(
            PbxServer(),
            {"name": "new", "domain_suffix": "n.example"},
            secrets=Secrets(),
            actor=SAM,
            changes={},
        )
    assert list(PbxServer.objects.values()) == before
    assert Activity.objects.count() == told


@pytest.mark.django_db
def test_saving_never_writes_back_what_orders_count_meanwhile() -> None:
    server = saved(max_tenants=5)
    PbxServer.objects.filter(pk=server.pk).update(claimed_tenants=3, claimed_extensions=30)
    result = save_server(
        server,
        {"max_tenants": 2, "sip_host": "x.example"},
        secrets=Secrets(),
        actor=SAM,
        changes={},
    )
    server.refresh_from_db()
    assert (server.claimed_tenants, server.claimed_extensions, server.max_tenants) == (3, 30, 2)
    assert result.warnings == (
        "3 tenants are promised on pbx-1 and it is set to hold 2: it takes no new ones. Those that "
        "it has go on.",
        "Phones of 3 tenants were told pbx1.example: keep that name alive in DNS.",
    )
    saved(server, event_host="new.example", event_password="Another")
    assert server.connection().event_password == EVENTS
    server.refresh_from_db()
    assert server.connection().event_password == "Another"


@pytest.mark.django_db
def test_switching_off_is_recorded_once_and_a_change_forgets_the_test() -> None:
    server = saved()
    for _ in range(2):
        set_enabled(server, is_enabled=False, actor=SAM)
    assert not PbxServer.objects.get().is_enabled
    assert Activity.objects.filter(what="Disabled PBX server pbx-1").count() == 1
    report = LastTest(version="5.5", others_tenants=3).as_data()
    PbxServer.objects.update(tested="2026-01-01T00:00:00Z", test_report=report)
    assert saved(server, country="CA").tested is not None
    changed = saved(server, template_domain="t.example")
    assert (changed.tested, changed.last_test.others_tenants) == (None, 3)
    assert LastTest.from_data({"unknown": 1, "notes": ["x"]}) == LastTest(notes=("x",))


# -- with a PBX behind it -------------------------------------------------------------------------


@pytest.fixture
def sandbox(transactional_db: None, pbx_postgres: PostgresServer) -> Iterator[SandboxFusionpbx]:
    with running_fusionpbx(postgres=pbx_postgres) as sandbox:
        yield sandbox


def reachable(sandbox: SandboxFusionpbx, **more: Any) -> PbxServer:
    events = sandbox.event_socket
    return saved(
        **{
            "dsn": sandbox.dsn,
            "event_host": events.host,
            "event_port": events.port,
            "cache_dir": str(sandbox.cache_dir),
            "recordings_dir": str(sandbox.recordings_dir),
            "voicemail_dir": str(sandbox.voicemail_dir),
            "template_domain": sandbox.template_domain,
        }
        | more
    )


def nobody(name: str) -> list[str]:
    return []


def test_a_server_is_prepared_tested_and_counted(sandbox: SandboxFusionpbx) -> None:
    server = reachable(sandbox)
    server = saved(server, event_password=sandbox.event_socket.password)

    fresh = try_server(server, actor=SAM, resolve=nobody)
    assert any("not prepared yet" in problem for problem in fresh.problems)
    made, found = prepare_server(server, actor=SAM, resolve=nobody)
    assert [part.split()[0] for part in made] == ["Schema", "Group"]
    assert (found.problems, found.prepared, found.hostname) == ((), True, "sandbox-pbx")
    assert "no wildcard record" in found.notes[1], "a sandbox works without"
    again, _ = prepare_server(server, actor=SAM, resolve=nobody)
    assert again == ()

    with pbx_for(server) as pbx:
        tenant = wished_tenant()
        pbx.build_tenant(tenant, run="run-1", digest="d1")
    with psycopg.connect(sandbox.dsn, autocommit=True) as link:
        link.execute("INSERT INTO v_domains (domain_uuid, domain_name) VALUES"
                     " (gen_random_uuid(), 'by-hand.example')")  # fmt: skip
        link.execute("INSERT INTO v_extensions (extension_uuid, domain_uuid, extension)"
                     " SELECT gen_random_uuid(), domain_uuid, '100' FROM v_domains"
                     " WHERE domain_name = 'by-hand.example'")  # fmt: skip
    found = try_server(server, actor=SAM, resolve=nobody)
    seats = len(tenant.extensions)
    assert (found.tenants, found.extensions) == (3, seats + 1)
    assert (found.others_tenants, found.others_extensions) == (2, 1), "template, and by hand"
    server.refresh_from_db()
    assert server.tested is not None
    assert server.last_test == found
    assert (server.room, server.room_for_extensions) == (198, 4999)
    PbxServer.objects.update(claimed_tenants=190, claimed_extensions=4990)
    server.refresh_from_db()
    assert [server.has_room(9), server.has_room(10), server.room] == [True, False, 8]
    told = [row.what for row in Activity.objects.order_by("pk")]
    assert told[1:4] == [
        "Changed PBX server pbx-1",
        "Tested PBX server pbx-1",
        "Prepared PBX server pbx-1",
    ]


def test_why_a_server_cannot_be_reached_is_said_precisely(sandbox: SandboxFusionpbx) -> None:
    server = reachable(sandbox, environment="production")
    good = psycopg.conninfo.conninfo_to_dict(sandbox.dsn)

    def tried(**changes: Any) -> LastTest:
        dsn = psycopg.conninfo.make_conninfo(**{**good, **changes})
        return try_server(saved(server, dsn=dsn), actor=SAM, resolve=nobody)

    for changes, words in (
        ({"password": "Wrong-Secret"}, "refused the connection: authentication failed"),
        ({"dbname": "nothing"}, "it has no database of this name"),
        ({"dbname": "postgres"}, "holds no FusionPBX tables"),
        ({"host": "127.0.0.1", "port": "9"}, "nothing listens at its host and port"),
        ({"host": "nowhere.invalid"}, "no machine has its host name"),
    ):
        found = tried(**changes)
        assert words in found.failure
        assert found.failure[0].isupper()
        assert found.failure.endswith(".")
        assert not found.is_good
        assert any("no wildcard record" in problem for problem in found.problems)
    with pytest.raises(Refusal, match=r"host name.*prepare the server again"):
        prepare_server(PbxServer.objects.get(), actor=SAM, resolve=nobody)
    found = tried()
    assert found.failure == ""
    assert "refused the password" in found.problems[0]
    stored = str(list(PbxServer.objects.values())) + str(list(Activity.objects.values()))
    assert "Wrong-Secret" not in stored
    assert EVENTS not in stored


@pytest.mark.once
@pytest.mark.parametrize(
    ("said", "words"),
    [
        # What psycopg 3.2 and PostgreSQL 15 say; only the first was met live.
        ("connection timeout expired", "no answer in time. A firewall may drop the packets"),
        ('FATAL:  role "x" is not permitted to log in', "may not log in"),
        ('no pg_hba.conf entry for host "203.0.113.9", user "x", SSL off', "address 203.0.113.9"),
        ("server does not support SSL, but SSL was required", "do not agree about TLS"),
        ("Fehler: Datenbank unbekannt", "cannot be reached"),
    ],
)
def test_the_driver_s_words_become_ours(said: str, words: str) -> None:
    assert words in str(of_connecting(psycopg.OperationalError(said)))


def test_a_test_of_a_server_that_was_changed_meanwhile_is_not_kept(
    sandbox: SandboxFusionpbx,
) -> None:
    server = reachable(sandbox)

    def meanwhile(name: str) -> list[str]:
        PbxServer.objects.filter(pk=server.pk).update(sip_tls_port=5071)
        connection.close()  # lookups run in threads of their own
        return []

    try_server(server, actor=SAM, resolve=meanwhile)
    assert PbxServer.objects.get().tested is None
    assert not Activity.objects.filter(what__startswith="Tested").exists()
    assert sentence(OurFault("")) == "OurFault."
