"""Health: what each check says, that none hinders another, and that none tells a secret."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ringup.core.fields import keyring, money_columns
from ringup.core.keys import create_key_file
from ringup.core.models import Activity, KeyFingerprint
from ringup.core.money import Money
from ringup.core.sealing import remember_key
from ringup.flows import checkup
from ringup.flows.health import background, backups, ground, looking, mails, people, providers
from ringup.flows.health import selling as selling_checks
from ringup.flows.health.findings import Check, Finding, Group, State, finding, fine, worst
from ringup.flows.models import Checkup
from ringup.jobs import attending
from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job, Schedule, WorkerSeen
from ringup.jobs.scheduling import begin_due_slots
from ringup.mail.connecting import connection_to
from ringup.mail.models import MailServer
from ringup.sandbox.smtp import running_smtp
from ringup.sandbox.voipms import running_voipms
from tests.factories import Shop, make_mail, make_pbx_order, make_run, make_shop
from tests.world import make_client, make_user

SECRETS = ("carrier-secret", "secret-of-events", "dsn-secret", "mail-secret")


@pytest.fixture
def nowhere(transactional_db: None) -> Shop:
    """A catalogue whose carrier and PBX nobody answers for, at addresses that refuse at once."""
    shop = make_shop()
    shop.server.set_secrets(
        dsn="postgresql://fusionpbx:dsn-secret@127.0.0.1:1/fusionpbx",
        event_password="secret-of-events",
    )
    shop.server.save()
    return shop


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {found.name: found for found in findings}


def test_nothing_outside_hinders_the_others_and_no_secret_is_told(
    nowhere: Shop, silent: int, caplog: pytest.LogCaptureFixture
) -> None:
    server = MailServer(host="127.0.0.1", port=silent, user="me", security=MailServer.Security.NONE)
    server.password = "mail-secret"
    server.save()
    began = time.monotonic()
    found = looking.examine(seconds=1.0)
    assert time.monotonic() - began < looking.OUTSIDE_SECONDS
    names = by_name(found)
    assert names["Mail server"].state == State.UNKNOWN
    assert "No answer within" in names["Mail server"].sentence
    assert names[nowhere.account.name].state == State.ERROR
    assert names[nowhere.server.name].state == State.ERROR
    assert names["Database"].state in (State.OK, State.WARNING)
    assert [f.group for f in found] == sorted(
        (f.group for f in found), key=[str(group) for group in Group].index
    )
    assert all(f.sentence for f in found)
    assert all(f.remedy for f in found if f.state in (State.ERROR, State.WARNING))
    everything = json.dumps([f.as_data() for f in found]) + caplog.text
    assert [secret for secret in SECRETS if secret in everything] == []
    assert keyring().keys[0].decode() not in everything


@pytest.mark.once
def test_words_are_cleaned_of_secrets_control_characters_and_length() -> None:
    def look() -> Any:
        raise RuntimeError("login s3cret-long failed: password=other\x00\n token: abc")

    check = Check(Group.MAIL, "Mail", look, secrets=lambda: ("s3cret", "s3cret-long", "a", ""))
    found = looking._found(check)
    assert found.state == State.UNKNOWN
    assert found.sentence == (
        "Could not be looked at: RuntimeError: login *** failed: password=*** token: ***"
    )
    long = finding(check, fine("x" * 5000), milliseconds=1, secrets=())
    assert len(long.sentence) == 400
    assert Finding.from_data(json.loads(json.dumps(long.as_data()))) == long
    assert worst([]) == State.OK
    assert worst([found, long]) == State.UNKNOWN


@pytest.mark.django_db
def test_work_in_the_background(shop_rows: Shop, settings: Any) -> None:
    assert background.workers().state == State.ERROR
    assert background.schedules().state == State.ERROR
    attending.attend(["mail"])
    assert "only mail" in background.workers().sentence
    attending.attend()
    begin_due_slots()
    assert background.workers().state == background.schedules().state == State.OK
    Schedule.objects.filter(name="shop.tidy").update(last_slot=1)
    assert background.schedules().sentence == "Standing still: shop.tidy."
    WorkerSeen.objects.update(seen=FromNow(-100))
    assert background.workers().state == State.ERROR
    Job.objects.update(owner="host:1:x", lease_until=FromNow(30))  # it works, and cannot look
    assert background.workers().state == State.OK

    assert background.parked().state == background.late().state == State.OK
    Job.objects.update(owner="", lease_until=None, due=FromNow(-300))
    assert background.late().state == State.WARNING
    Job.objects.update(due=FromNow(-1000))
    assert background.late().state == State.ERROR
    Job.objects.update(parked=True)
    assert background.late().state == State.OK
    assert background.parked().state == State.WARNING

    assert background.stopped_runs().state == State.OK
    make_run(make_pbx_order(shop_rows, make_client("Acme")), state="asking")
    assert background.stopped_runs().state == State.WARNING


@pytest.fixture
def shop_rows(db: None) -> Shop:
    return make_shop()


@pytest.mark.django_db
def test_the_ground(settings: Any, tmp_path: Path) -> None:
    assert ground.migrations().state == State.OK
    assert ground.clock().state == State.OK
    Activity.objects.create(subject="x", what="x")
    Activity.objects.update(at=timezone.now() + timedelta(hours=1))
    assert "set back" in ground.clock().sentence
    assert ground.disk().sentence
    assert ground.program_settings().state == State.WARNING  # tests run as on a laptop

    KeyFingerprint.objects.all().delete()
    assert "nothing is sealed" in ground.keys().sentence
    remember_key()
    assert ground.keys().state == State.OK
    KeyFingerprint.objects.update(since=timezone.now() - timedelta(days=1200))
    assert ground.keys().state == State.WARNING
    settings.RINGUP_KEY_FILE = tmp_path / "other"
    assert ground.keys().state == State.ERROR
    create_key_file(tmp_path / "other")
    assert "lacks key" in ground.keys().sentence
    (tmp_path / "other").chmod(0o644)
    assert "chmod 600" in ground.keys().remedy
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (2,)


@pytest.mark.django_db
def test_mails_people_products_and_backups(shop_rows: Shop) -> None:
    assert mails.outbox().state == State.OK
    waiting = make_mail("order:1", subject="Waits", state="waiting")
    type(waiting).objects.update(created=timezone.now() - timedelta(hours=1))
    assert "1 mail waits" in mails.outbox().sentence
    make_mail("order:1", subject="Refused", state="failed")
    assert "thandi@karoo.example" in mails.outbox().sentence

    assert people.second_factors().state == State.OK
    assert people.owners().state == State.WARNING
    make_user("sam", None, is_staff=True)
    assert "sam@example.com" in people.second_factors().sentence
    assert people.owners().state == State.OK

    assert selling_checks.unsold().state == State.OK
    shop_rows.bundle.mapping.delete()
    assert shop_rows.bundle.name in selling_checks.unsold().sentence

    assert backups.last_backup().state == backups.keys_apart().state == State.WARNING
    for what, detail in (
        (backups.MADE, {"file": "r.tar.gz", "bytes": 1_000_000}),
        (backups.EXPORTED, {"keys": [keyring().fingerprint]}),
    ):
        Activity.objects.create(subject=backups.INSTALLATION, what=what, detail=detail)
    assert backups.last_backup().state == backups.keys_apart().state == State.OK
    Activity.objects.update(at=timezone.now() - timedelta(days=3))
    assert "Made 3 days ago: " in backups.last_backup().sentence
    assert backups.last_backup().state == State.WARNING


@pytest.mark.django_db
def test_a_mail_server_is_asked_and_gets_no_mail() -> None:
    with running_smtp() as sandbox:
        server = MailServer(host=sandbox.host, port=sandbox.port, security="none")
        verdict = mails.server(connection_to(server))
        assert verdict.state == State.OK, verdict
        server.security = "starttls"
        assert mails.server(connection_to(server)).state == State.ERROR
        assert sandbox.mailbox.all() == []


@pytest.mark.django_db(transaction=True)
def test_a_provider_tells_its_balance_and_when_it_is_low() -> None:
    with running_voipms() as voipms:
        account = make_shop().account
        account.url = voipms.url
        account.identity["user"] = voipms.user
        account.set_secrets({"password": voipms.password})
        assert "balance $250.00" in providers.account(account).sentence
        for name, value in money_columns(low_balance=Money.of("300", "USD")).items():
            setattr(account, name, value)
        verdict = providers.account(account)
        assert (verdict.state, "below $300.00" in verdict.sentence) == (State.WARNING, True)


def test_a_checkup_is_kept_and_only_one_goes_on_at_a_time(nowhere: Shop) -> None:
    first = checkup.begin(by="Sam")
    assert checkup.begin(by="Robin").pk == first.pk
    deadline = time.monotonic() + 30
    while checkup.latest() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    row = checkup.latest()
    assert row is not None
    assert (row.pk, row.by_label, row.expected) == (first.pk, "Sam", len(row.findings))
    assert checkup.counts(checkup.findings_of(row))[State.ERROR] >= 2
    assert checkup.current() is None

    dead = Checkup.objects.create(by_label="Sam")
    assert checkup.current() == dead
    Checkup.objects.filter(pk=dead.pk).update(started=timezone.now() - timedelta(minutes=1))
    assert checkup.current() is None
    for _ in range(checkup.KEPT + 3):
        Checkup.objects.create(under_way=None, finished=timezone.now(), by_label="x")
    checkup._forget_old()
    assert Checkup.objects.count() == checkup.KEPT
