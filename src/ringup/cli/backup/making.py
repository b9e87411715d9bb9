"""Making a backup: the database of one moment, and the manifest that describes it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

import ringup
from ringup.cli.backup import archive
from ringup.cli.backup.databases import Database
from ringup.cli.backup.engines import database
from ringup.cli.backup.files import refuse_taken, sha256_of
from ringup.cli.backup.manifest import Manifest, Member
from ringup.core.actors import Actor
from ringup.core.fields import keyring
from ringup.core.keys import KeyProblem
from ringup.core.models import Activity, KeyFingerprint
from ringup.core.sentences import Refusal
from ringup.flows.health.backups import INSTALLATION, MADE


@dataclass(frozen=True, slots=True)
class Made:
    """The archive and its size. ``is_noted`` tells whether the database remembers this backup."""

    path: Path
    bytes: int
    is_noted: bool


def back_up(where: Path, *, actor: Actor) -> Made:
    """Write one archive: ``where`` is a directory, or the name of a file that does not exist.

    A name without a suffix that does not exist yet is a directory, and is made: taken for a file, the
    first night's archive would refuse every later one its place.
    """
    now = datetime.now(UTC)
    is_new = not where.suffix and not where.exists()
    is_directory = is_new or where.is_dir()
    target = where / f"ringup-{now:%Y%m%d-%H%M%S}.tar.gz" if is_directory else where
    refuse_taken(target)
    place_of_all = where.parent if is_new else target.parent
    if not place_of_all.is_dir():
        raise Refusal(f"There is no directory {place_of_all}. No backup was made.")
    source = database()
    if not source.exists():
        raise Refusal(f"There is no database {source.name} yet. No backup was made.")
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ringup-", dir=target.parent) as place:
            path = Path(place) / source.member_name
            source.dump(path)
            member = Member(source.member_name, "database", path.stat().st_size, sha256_of(path))
            manifest = _manifest(source, now, member)
            archive.write(target, manifest, [archive.Source(member, path)])
    except OSError as error:
        raise Refusal(
            f"The backup could not be written below {target.parent}: {error.strerror or error}. "
            "Nothing was left behind."
        ) from error
    size = target.stat().st_size
    return Made(target, size, _noted(actor, target, size))


def _manifest(source: Database, made: datetime, member: Member) -> Manifest:
    applied: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        applied.setdefault(app, []).append(name)
    return Manifest(
        made=made,
        ringup=ringup.__version__,
        vendor=connection.vendor,
        server=source.version(),
        schema=source.schema(),
        migrations=applied,
        keys=_keys(),
        members=[member],
    )


def _keys() -> list[str]:
    """The fingerprints that the database noted; where it noted none, that of the newest key."""
    try:
        noted = sorted(KeyFingerprint.objects.values_list("name", flat=True))
        return noted or [keyring().fingerprint]
    except (DatabaseError, KeyProblem):
        return []


def _noted(actor: Actor, target: Path, size: int) -> bool:
    """Remember the backup in the database, for the Health page. An old schema may not let us."""
    try:
        Activity.record(actor, INSTALLATION, MADE, file=target.name, bytes=size)
    except DatabaseError:
        return False
    return True
