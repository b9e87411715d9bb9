"""The ground: database, migrations, clock, disk, keys, settings."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core import checks as django_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from ringup.core.keys import KeyProblem, fingerprint, read_keyring
from ringup.core.models import Activity, KeyFingerprint
from ringup.core.sentences import counted
from ringup.flows.health.findings import (
    Check,
    Group,
    Verdict,
    broken,
    doubtful,
    fine,
    listed,
)
from ringup.jobs import clock as database_clock

GIGABYTE = 1_000_000_000
OLD_KEY = timedelta(days=3 * 365)


def database() -> Verdict:
    """Reachable, and set to keep what it has confirmed."""
    if connection.vendor == "sqlite":
        return _sqlite()
    version = _asked("SHOW server_version")
    size = int(_asked("SELECT pg_database_size(current_database())"))
    sentence = f"PostgreSQL {version}, {size / 1e6:.0f} MB."
    lax = [name for name in ("fsync", "synchronous_commit") if _asked(f"SHOW {name}") == "off"]
    if lax:
        return doubtful(
            f"{sentence} {' and '.join(lax)} off: a power cut may lose confirmed orders.",
            "Set it to on in postgresql.conf, and reload.",
        )
    return fine(sentence)


def _sqlite() -> Verdict:
    mode, synchronous = _asked("PRAGMA journal_mode"), int(_asked("PRAGMA synchronous"))
    size = int(_asked("PRAGMA page_count")) * int(_asked("PRAGMA page_size"))
    sentence = f"SQLite {_asked('SELECT sqlite_version()')}, {size / 1e6:.0f} MB."
    if mode != "wal" or synchronous < 2:
        return broken(
            f"{sentence} journal_mode is {mode}, synchronous is {synchronous}; wal and 2 (FULL) are "
            "needed.",
            "Put the database on a local disk: a network share cannot hold a write-ahead log.",
        )
    return fine(f"{sentence} Write-ahead log, every commit on disk.")


def _asked(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


def migrations() -> Verdict:
    """Whether the tables are those of this program."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        first = waiting[0][0]
        return broken(
            f"{counted(len(waiting), 'migration')} wait, the first is {first.app_label}.{first.name}.",
            "Run: ringup migrate",
        )
    known = set(executor.loader.disk_migrations)
    unknown = [f"{app}.{name}" for app, name in executor.loader.applied_migrations]
    unknown = [name for name in unknown if tuple(name.split(".", 1)) not in known]
    if unknown:
        return doubtful(
            f"The database is newer than this program: it knows {listed(unknown, most=2)}.",
            "Upgrade this host to the version of the others.",
        )
    return fine("None pending.")


def clock() -> Verdict:
    """This host's clock against the database's, and against what was written before."""
    before, theirs, after = timezone.now(), database_clock.now(), timezone.now()
    off = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    remedy = (
        "Set the clock by the network (chrony, systemd-timesyncd) on this host and the database's."
    )
    if off > 2:
        verdict = broken if off > 30 else doubtful
        return verdict(f"This host and the database differ by {off:.0f} seconds.", remedy)
    newest: datetime | None = Activity.objects.order_by("-pk").values_list("at", flat=True).first()
    if newest is not None and newest > after + timedelta(minutes=1):
        return broken(f"It was set back: there is an entry of {newest:%Y-%m-%d %H:%M} UTC.", remedy)
    same = "the database uses the same" if connection.vendor == "sqlite" else "the database agrees"
    return fine(f"{after:%Y-%m-%d %H:%M:%S} UTC; {same}.")


def disk() -> Verdict:
    """Free space where Ringup and an SQLite database write."""
    places = {Path(settings.VAR)}
    if connection.vendor == "sqlite":
        places.add(Path(str(connection.settings_dict["NAME"])).parent)
    spaces = {place.stat().st_dev: (place, shutil.disk_usage(place)) for place in sorted(places)}
    place, space = min(spaces.values(), key=lambda found: found[1].free)
    sentence = f"{space.free / GIGABYTE:.1f} GB of {space.total / GIGABYTE:.0f} GB free at {place}."
    remedy = "Remove old backups and logs there, or give it more room."
    if space.free < GIGABYTE / 10:
        return broken(sentence, remedy)
    if space.free < GIGABYTE or space.free < space.total / 20:
        return doubtful(sentence, remedy)
    if connection.vendor == "postgresql":
        sentence += " The disk of the database's host is not seen from here."
    return fine(sentence)


def keys() -> Verdict:
    """The key file that opens this database: there, ours alone, complete."""
    path = Path(settings.RINGUP_KEY_FILE)
    try:
        mode = path.stat().st_mode & 0o777
        present = [fingerprint(key) for key in read_keyring(path).keys]
    except (KeyProblem, OSError) as problem:
        return broken(f"{problem}.", "Restore the key file: ringup restore --keys FILE")
    if mode & 0o077:
        return broken(f"{path} is readable by others (mode {mode:o}).", f"Run: chmod 600 {path}")
    noted = dict(KeyFingerprint.objects.values_list("name", "since"))
    if missing := sorted(set(noted) - set(present)):
        return broken(
            f"{path} lacks key {listed(missing)}, with which this database is sealed.",
            "Restore the key file that belongs to this database: ringup restore --keys FILE",
        )
    since = noted.get(present[0])
    if since is None:
        return fine(
            f"{counted(len(present), 'key')} in {path}; nothing is sealed with {present[0]}."
        )
    age = timezone.now() - since
    sentence = f"Key {present[0]} since {since:%Y-%m-%d}, {counted(len(present), 'key')} in {path}."
    if age > OLD_KEY:
        return doubtful(
            sentence, "It is older than three years: add a newer one on top of the file."
        )
    return fine(sentence)


def program_settings() -> Verdict:
    """Django's own checks, with those for production unless this is a laptop."""
    found = django_checks.run_checks(include_deployment_checks=not settings.DEVELOPMENT)
    serious = [message for message in found if message.level >= django_checks.ERROR]
    warnings = [message for message in found if message.level == django_checks.WARNING]
    for messages, verdict in ((serious, broken), (warnings, doubtful)):
        if messages:
            ids = listed(f"{message.id}: {message.msg}" for message in messages[:2])
            return verdict(
                f"{counted(len(messages), 'complaint')}. {ids}", "Run: ringup check --deploy"
            )
    if settings.DEVELOPMENT:
        return doubtful(
            "Settings of a laptop (RINGUP_DEVELOPMENT): unsafe on the internet.",
            "In production leave RINGUP_DEVELOPMENT away, and set RINGUP_SECRET_KEY and RINGUP_KEY_PATH.",
        )
    return fine("Fit for production.")


DATABASE = Check(Group.GROUND, "Database", database)


def checks() -> list[Check]:
    """All but the database itself, which is looked at first."""
    return [
        Check(Group.GROUND, "Migrations", migrations),
        Check(Group.GROUND, "Clock", clock),
        Check(Group.GROUND, "Disk", disk, needs_database=False),
        Check(Group.GROUND, "Encryption keys", keys),
        Check(Group.GROUND, "Settings", program_settings, needs_database=False),
    ]
