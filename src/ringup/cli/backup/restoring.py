"""Restoring a backup onto an empty installation. It happens as a whole, or not at all."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

import ringup
from ringup.cli.backup import archive
from ringup.cli.backup.carrying_keys import key_path
from ringup.cli.backup.databases import Database, refuse_unless_empty
from ringup.cli.backup.engines import VENDORS, database
from ringup.cli.backup.manifest import Manifest
from ringup.core.actors import Actor
from ringup.core.keys import KeyProblem, fingerprint, read_keyring
from ringup.core.models import KeyFingerprint
from ringup.core.sentences import Refusal
from ringup.flows.coming_back import CameBack, come_back
from ringup.jobs import attending
from ringup.jobs.redacting import brief


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what now waits for a person."""

    manifest: Manifest
    came_back: CameBack
    migrated: int
    kept: str


def restore(path: Path, *, replace: str, actor: Actor) -> Restored:
    """Put the archive's database in place of an empty one, or of the one that ``replace`` names.

    Checked before anything is touched: the archive's checksums, that this program knows its
    migrations, and that the key file has the keys with which it was sealed.
    """
    target = database()
    try:
        if (place := target.place()) is not None:
            place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ringup-", dir=place) as directory:
            manifest, members = archive.read(path, Path(directory))
            _refuse_foreign(manifest, target)
            _refuse_missing_keys(manifest.keys)
            had_rows = refuse_unless_empty(target, replace)
            if target.exists():
                _refuse_living_workers()
            with target.loaded(members[manifest.member("database").name], keep=had_rows):
                migrated = _bring_up_to_date()
                _refuse_missing_keys(list(KeyFingerprint.objects.values_list("name", flat=True)))
                came_back = come_back(manifest.made, actor=actor)
    except DatabaseError as error:
        raise Refusal(f"The database refused: {brief(error)}. Nothing was changed.") from error
    except OSError as error:
        raise Refusal(
            f"{error.strerror or error}: {error.filename}. Nothing was changed."
        ) from error
    return Restored(manifest, came_back, migrated, target.kept)


def _refuse_foreign(manifest: Manifest, target: Database) -> None:
    if manifest.vendor != connection.vendor:
        theirs, ours = (VENDORS.get(v, v) for v in (manifest.vendor, connection.vendor))
        raise Refusal(
            f"This is a backup of {theirs}, and this installation uses {ours} "
            "(RINGUP_DATABASE_URL). Nothing was changed."
        )
    known = MigrationLoader(None).disk_migrations
    unknown = [
        f"{app}.{name}"
        for app, names in manifest.migrations.items()
        for name in names
        if (app, name) not in known
    ]
    if unknown:
        raise Refusal(
            f"This backup was made by a newer Ringup ({manifest.ringup}; this is "
            f"{ringup.__version__}): it knows {unknown[0]}, this program does not. Nothing was "
            "changed. Upgrade Ringup first."
        )
    if manifest.schema and (here := target.schema()) != manifest.schema:
        raise Refusal(
            f"The backup's tables stand in the schema {manifest.schema}, and this database uses "
            f"{here}. Nothing was changed. Set search_path to {manifest.schema}."
        )


def _refuse_missing_keys(wanted: list[str]) -> None:
    path = key_path()
    try:
        present = {fingerprint(key) for key in read_keyring(path).keys}
    except KeyProblem as problem:
        raise Refusal(
            f"The backup is sealed with key {', '.join(wanted)}, and {problem}. Nothing was changed. "
            "Restore its keys first: ringup restore --keys FILE"
        ) from problem
    if missing := sorted(set(wanted) - present):
        raise Refusal(
            f"The backup is sealed with key {', '.join(missing)}, which the key file {path} lacks. "
            "Nothing was changed. Restore its keys first: ringup restore --keys FILE"
        )


def _refuse_living_workers() -> None:
    try:
        workers = attending.living()
    except DatabaseError:
        return  # no such table yet: an empty installation, or one before this version
    if workers:
        names = ", ".join(str(worker) for worker in workers)
        raise Refusal(
            f"A worker is still running ({names}). Nothing was changed. Stop ringup worker and ringup "
            "serve; a killed worker is forgotten after a minute."
        )


def _bring_up_to_date() -> int:
    """Apply what the backup's database lacks; how many migrations. Each ends with its constraints
    checked, as if it had a transaction of its own."""

    def progress(action: str, *_: Any) -> None:
        if action == "apply_success" and connection.vendor == "postgresql":
            connection.check_constraints()

    executor = MigrationExecutor(connection, progress)
    targets = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(targets)
    if plan:
        state = executor.migrate(targets, plan)
        emit_post_migrate_signal(0, False, connection.alias, apps=state.apps, plan=plan)
    apps.clear_cache()
    return len(plan)
