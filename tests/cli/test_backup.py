"""Backup and restore, by the command line as an operator types it: processes, files, databases."""

from __future__ import annotations

import gzip
import io
import json
import re
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from ringup.cli.backup import key_safe, passphrases, programs
from ringup.cli.backup.key_safe import lock, unlock
from ringup.core.actors import RINGUP
from ringup.core.fields import keyring
from ringup.core.keys import Keyring, create_key_file
from ringup.core.models import Activity, KeyFingerprint
from ringup.core.sealing import remember_key
from ringup.core.sentences import Refusal
from ringup.flows.orders import approving
from ringup.jobs import attending
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from ringup.services.models import Service
from tests.cli.installations import Installation, empty_database, looking_into, this_url
from tests.factories import make_pbx_order, make_run, make_shop
from tests.world import make_client, make_user

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def phrase(tmp_path: Path) -> str:
    """A file with the passphrase."""
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def migrated(transactional_db: None, settings: Any) -> Iterator[None]:
    """The tables of tests are made from models. Here they count as migrated, as they would be."""
    settings.MIGRATION_MODULES = {}
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    applied = recorder.Migration.objects
    applied.bulk_create(
        recorder.Migration(app=app, name=name)
        for app, name in MigrationLoader(None).disk_migrations
    )
    yield
    applied.all().delete()


@pytest.fixture
def order(migrated: None) -> Order:
    """An installation in the middle of its work: an order whose run is under way."""
    shop = make_shop()
    remember_key()
    make_user("sam", None, is_staff=True)
    order = make_pbx_order(shop, make_client("Acme"), e164="+12125550142")
    make_run(order, state="running", done=2, step_state="running")
    enqueue("jobs.probe", key="waits")
    SessionStore().create()
    return order


@contextmanager
def somebody_writing() -> Iterator[Callable[[], int]]:
    """All the time, two rows a transaction; how many transactions so far."""
    stop, done = threading.Event(), [0]

    def write() -> None:
        try:
            while not stop.is_set():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                Activity.objects.bulk_create(
                    Activity(actor="x", actor_label="x", subject="pair", what=str(done[0]))
                    for _ in range(2)
                )
                done[0] += 1
                stop.wait(0.002)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield lambda: done[0]
    finally:
        stop.set()
        thread.join()


def test_both_go_onto_an_empty_machine_while_somebody_writes(
    tmp_path: Path, order: Order, phrase: str
) -> None:
    here = Installation(Path(settings.VAR), this_url())
    with somebody_writing() as written:
        before = written()
        assert "ringup-" in here.says("backup", str(tmp_path))
        assert written() > before
    keys = ("--keys", str(tmp_path / "keys.safe"), "--passphrase-file", phrase)
    call_command("backup", *keys, stdout=io.StringIO())
    (archive,) = tmp_path.glob("ringup-*.tar.gz")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys.safe").stat().st_mode) == 0o600
    assert {p.name for p in tmp_path.iterdir()} == {archive.name, "keys.safe", "passphrase"}
    no_keys_in(archive)
    assert Activity.objects.filter(subject="installation").count() == 2

    (tmp_path / "there").mkdir()
    with empty_database(tmp_path / "there") as url:
        there = Installation(tmp_path / "there", url, {"RINGUP_BACKUP_PASSPHRASE_FILE": phrase})
        there.says("restore", "--keys", str(tmp_path / "keys.safe"))
        assert there.keys.read_bytes() == Path(settings.RINGUP_KEY_FILE).read_bytes()
        said = there.says("restore", str(archive))
        assert order.label in said
        assert "1 jobs wait for a person" in said
        with looking_into(url):
            everything_is_there(order, there)
        found = json.loads(there.run("doctor", "--json").stdout)
        states = {finding["name"]: finding["state"] for finding in found["findings"]}
        assert states["Encryption keys"] == states["Migrations"] == "ok"
        assert states["Parked jobs"] == states["Stopped orders"] == "warning"


def everything_is_there(order: Order, machine: Installation) -> None:
    """In the restored database."""
    again = Order.objects.get(uid=order.uid)
    assert OwnedNumber.objects.filter(e164="+12125550142").exists()
    ring = Keyring(tuple(machine.keys.read_bytes().split()))
    service = Service.objects.get(line__order=again, tenant=None)
    place = f"services.service:{service.uid}:secrets"
    assert json.loads(ring.open(service.secrets_sealed, bound_to=place)) == service.open_secrets()
    run = approving.latest_run(again)
    assert run is not None
    assert run.state == Run.State.ASKING
    assert "Restored from the backup of" in run.problem
    assert Job.objects.get(key="waits").parked
    assert not Session.objects.exists()
    # The copy is of one moment: no transaction of the writer is there by half.
    pairs = Activity.objects.filter(subject="pair").count()
    assert pairs > 0
    assert pairs % 2 == 0
    fresh = Activity.record(RINGUP, "x", "a new row gets a new number")
    assert Activity.objects.filter(pk__gt=fresh.pk).count() == 0


def no_keys_in(archive: Path) -> None:
    content = gzip.decompress(archive.read_bytes())
    for key in keyring().keys:
        assert key not in content
        assert key.rstrip(b"=") not in content
    assert settings.SECRET_KEY.encode() not in content
    with tarfile.open(archive) as tar:
        assert next(member.name for member in tar) == "manifest.json"
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
    assert manifest["keys"] == [keyring().fingerprint]
    assert manifest["vendor"] == connection.vendor


# -- what is refused, in this process: nothing changes, and a sentence says why ---------------------


def refused(*command: str) -> str:
    with pytest.raises(CommandError) as caught:
        call_command(*command, stdout=io.StringIO(), stderr=io.StringIO())
    return str(caught.value)


@pytest.fixture
def archive(tmp_path: Path, order: Order) -> Path:
    path = tmp_path / "backup.tar.gz"
    call_command("backup", str(path), stdout=io.StringIO())
    return path


def changed(archive: Path, *, database: bytes = b"", **changes: Any) -> Path:
    """The archive with another manifest, or another database."""
    other = archive.with_name("changed.tar.gz")
    with tarfile.open(archive) as old, tarfile.open(other, "w:gz") as new:
        for member in old:
            content = old.extractfile(member).read()  # type: ignore[union-attr]
            if member.name == "manifest.json":
                content = json.dumps({**json.loads(content), **changes}).encode()
            else:
                content = database or content
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return other


def test_what_cannot_be_restored_says_why_and_changes_nothing(archive: Path) -> None:
    whole = archive.read_bytes()
    broken = archive.with_name("broken.tar.gz")

    def of(content: bytes) -> str:
        broken.write_bytes(content)
        return refused("restore", str(broken))

    assert "There is no file" in refused("restore", str(archive.with_name("none")))
    assert "no archive of Ringup" in of(b"")
    assert "no archive of Ringup" in of(b"not an archive")
    assert "cut short or damaged" in of(whole[: len(whole) // 2])
    assert "cut short or damaged" in of(whole[:-6])
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    assert re.search(r"damaged|checksum", of(flipped))
    for changes, words in (
        ({"format": "another"}, "no backup of Ringup"),
        ({"format_version": 2}, "made by a newer Ringup"),
        ({"vendor": "oracle"}, "backup of oracle"),
        ({"migrations": {"jobs": ["0001_initial", "0999_future"]}}, "Upgrade Ringup first"),
        ({"keys": ["0badcafe"]}, "sealed with key 0badcafe, which the key file"),
        ({"members": []}, "which its manifest does not name"),
        ({"database": b"another database"}, "checksum"),
    ):
        assert words in refused("restore", str(changed(archive, **changes))), changes
    name = str(connection.settings_dict["NAME"]).rpartition("/")[2]
    assert f"--replace {name}" in refused("restore", str(archive))
    assert "You typed 'other'" in refused("restore", str(archive), "--replace", "other")
    attending.attend()
    assert "worker is still running" in refused("restore", str(archive), "--replace", name)
    assert Order.objects.count() == 1
    assert Run.objects.get().state == Run.State.RUNNING
    leftovers = {path.name for path in archive.parent.iterdir() if path.name.startswith(".")}
    assert leftovers == set()


def test_a_restore_that_fails_on_the_way_leaves_the_target_as_it_was(
    archive: Path, tmp_path: Path
) -> None:
    """The manifest hides that the database needs another key: that is found when all is loaded."""
    KeyFingerprint.objects.create(name="0badcafe")
    hiding = tmp_path / "hiding.tar.gz"
    call_command("backup", str(hiding), stdout=io.StringIO())
    hiding = changed(hiding, keys=[keyring().fingerprint])
    with empty_database(tmp_path) as url, looking_into(url):
        assert "0badcafe" in refused("restore", str(hiding))
        assert connection.introspection.table_names() == []
        connection.close()
        call_command("restore", str(archive), stdout=io.StringIO())
        first = tables_and_rows()
        name = connection.settings_dict["NAME"].rpartition("/")[2]
        assert "0badcafe" in refused("restore", str(hiding), "--replace", name)
        assert tables_and_rows() == first

        Order.objects.update(is_sandbox=False)
        said = io.StringIO()
        call_command("restore", str(archive), "--replace", name, stdout=said)
        assert Order.objects.get().is_sandbox
        kept = list(tmp_path.glob("*.before-*"))
        assert len(kept) == (1 if connection.vendor == "sqlite" else 0)
        assert all(str(path) in said.getvalue() for path in kept)


def tables_and_rows() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
            counts[name] = cursor.fetchone()[0]
    return counts


def test_an_older_backup_is_brought_up_to_date(archive: Path, tmp_path: Path) -> None:
    with empty_database(tmp_path) as url, looking_into(url):
        call_command("restore", str(archive), stdout=io.StringIO())
        call_command("migrate", "flows", "zero", verbosity=0)
        call_command("migrate", "jobs", "0001", verbosity=0)
        older = tmp_path / "older.tar.gz"
        call_command("backup", str(older), stdout=io.StringIO(), stderr=io.StringIO())
        said = io.StringIO()
        name = connection.settings_dict["NAME"].rpartition("/")[2]
        call_command("restore", str(older), "--replace", name, stdout=said)
        assert "2 migrations brought it up to date" in said.getvalue()
        attending.attend()
        assert len(attending.living()) == 1
        assert Order.objects.count() == 1


def test_a_backup_overwrites_nothing_and_leaves_nothing_behind(
    archive: Path, tmp_path: Path
) -> None:
    content = archive.read_bytes()
    assert "exists already" in refused("backup", str(archive))
    assert archive.read_bytes() == content
    assert "There is no directory" in refused("backup", str(tmp_path / "no" / "where"))
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]


def test_the_directory_of_the_first_night_is_made(transactional_db: None, tmp_path: Path) -> None:
    nightly = tmp_path / "backups"
    call_command("backup", str(nightly), stdout=io.StringIO(), stderr=io.StringIO())
    assert nightly.stat().st_mode & 0o777 == 0o700
    assert [path.name[:7] for path in nightly.iterdir()] == ["ringup-"]


def test_a_file_that_another_program_has_open_is_not_replaced(
    archive: Path, tmp_path: Path
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL: the transaction waits for locks")
    with empty_database(tmp_path) as url, looking_into(url):
        call_command("restore", str(archive), stdout=io.StringIO())
        reader = connection.copy()
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM jobs_job")
            words = refused("restore", str(archive), "--replace", "ringup.sqlite3")
        reader.close()
        assert "Another program has" in words
        assert list(tmp_path.glob("*.before-*")) == []


def test_the_password_of_postgresql_is_no_argument_and_in_no_sentence(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no password")
    spy = tmp_path / "bin" / "pg_dump"
    spy.parent.mkdir()
    spy.write_text(
        '#!/bin/sh\ncase "$1" in --version) echo "pg_dump (PostgreSQL) 99.1"; exit 0;; esac\n'
        f'echo "$@" > {tmp_path}/arguments; echo "$PGPASSWORD" > {tmp_path}/password\n'
        'echo "pg_dump: error: password=$PGPASSWORD refused" >&2; exit 1\n'
    )
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", str(spy.parent), prepend=":")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "Secret-Of-Postgres")
    words = refused("backup", str(tmp_path / "other.tar.gz"))
    assert "pg_dump failed" in words
    assert "Secret-Of-Postgres" not in words
    assert (tmp_path / "password").read_text() == "Secret-Of-Postgres\n"
    assert "Secret-Of-Postgres" not in (tmp_path / "arguments").read_text()
    assert not (tmp_path / "other.tar.gz").exists()


# -- keys ----------------------------------------------------------------------------------------


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested is who may open a safe, not scrypt; the whole way above pays the full price."""
    monkeypatch.setattr(key_safe, "_N", 2**10)


@pytest.mark.once
def test_keys_leave_and_come_back_only_with_their_passphrase(
    tmp_path: Path, phrase: str, transactional_db: None, cheap: None
) -> None:
    safe = tmp_path / "keys.safe"
    short = tmp_path / "short"
    short.write_text("too short\n")
    short.chmod(0o600)
    assert "12 characters" in refused(
        "backup", "--keys", str(safe), "--passphrase-file", str(short)
    )
    assert "cannot be read" in refused("backup", "--keys", str(safe), "--passphrase-file", "/none")
    assert "no terminal" in refused("backup", "--keys", str(safe))
    assert not safe.exists()
    call_command("backup", "--keys", str(safe), "--passphrase-file", phrase, stdout=io.StringIO())
    assert "exists already" in refused("backup", "--keys", str(safe), "--passphrase-file", phrase)
    content = safe.read_bytes()
    for key in keyring().keys:
        assert key not in content
    assert keyring().fingerprint in content.decode()
    assert Activity.objects.get().detail == {"keys": [keyring().fingerprint]}

    other = tmp_path / "machine" / "keys"
    arguments = ("restore", "--keys", str(safe), "--passphrase-file")
    with override_settings(RINGUP_KEY_FILE=other):
        wrong = tmp_path / "wrong"
        wrong.write_text("another passphrase")
        wrong.chmod(0o600)
        assert "passphrase is wrong" in refused(*arguments, str(wrong))
        assert not other.exists()
        call_command(*arguments, phrase, stdout=io.StringIO())
        assert stat.S_IMODE(other.stat().st_mode) == 0o600
        assert other.read_bytes() == Path(str(settings.VAR) + "/keys").read_bytes()

        other.unlink()
        create_key_file(other)
        theirs = other.read_bytes()
        make_user("sam", None, is_staff=True)  # the database is in use: so may be its keys
        assert "holds other keys" in refused(*arguments, phrase)
        assert other.read_bytes() == theirs
    phrase_path = Path(phrase)
    phrase_path.chmod(0o644)
    assert "chmod 600" in refused(*arguments, phrase)


@pytest.mark.once
def test_a_safe_that_was_changed_stays_closed(cheap: None) -> None:
    safe = json.loads(lock(b"k" * 40, PASSPHRASE))
    for name, value in (("made", "2020-01-01"), ("nonce", safe["salt"]), ("n", 2)):
        with pytest.raises(Refusal):
            unlock(json.dumps({**safe, name: value}).encode(), PASSPHRASE)
    for nonsense in (b"", b"{}", b"[]", b"\xff", json.dumps({**safe, "locked": "%"}).encode()):
        with pytest.raises(Refusal, match="no file of keys"):
            unlock(nonsense, PASSPHRASE)


@pytest.mark.once
def test_a_passphrase_is_typed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = iter([PASSPHRASE, PASSPHRASE + "!", PASSPHRASE, PASSPHRASE, "short"])
    monkeypatch.setattr(passphrases.getpass, "getpass", lambda prompt: next(typed))
    with pytest.raises(Refusal, match="differ"):
        passphrases.new_passphrase()
    assert passphrases.new_passphrase() == PASSPHRASE
    with pytest.raises(Refusal, match="12 characters"):
        passphrases.new_passphrase()


@pytest.mark.once
def test_a_missing_program_is_named_with_its_package() -> None:
    assert programs.program("pg_dump", at_least=9).name == "pg_dump"
    with pytest.raises(Refusal, match="postgresql-client-99"):
        programs.program("pg_dump", at_least=99)
    with pytest.raises(Refusal, match="pg_nothing of PostgreSQL 14"):
        programs.program("pg_nothing", at_least=14)
