"""Keys out of an installation and into another one: the only way in which they leave."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from ringup.cli.backup import key_safe
from ringup.cli.backup.databases import first_table_with_rows
from ringup.cli.backup.engines import database
from ringup.cli.backup.files import appearing, refuse_taken
from ringup.core.actors import Actor
from ringup.core.keys import KeyProblem, read_keyring
from ringup.core.models import Activity, KeyFingerprint
from ringup.core.sentences import Refusal
from ringup.flows.health.backups import EXPORTED, INSTALLATION


def export_keys(target: Path, passphrase: str, *, actor: Actor) -> list[str]:
    """Write the key file's content into a safe at ``target``. Returns the keys' fingerprints."""
    refuse_taken(target)
    path = key_path()
    try:
        read_keyring(path)
        keys = path.read_bytes()
    except (KeyProblem, OSError) as error:
        raise Refusal(f"There are no keys to export: {error}.") from error
    safe = key_safe.lock(keys, passphrase)
    with appearing(target) as file:
        file.write(safe)
    names = key_safe.fingerprints(keys)
    if database().exists():
        with suppress(DatabaseError):  # keys must be rescuable while the database is away
            Activity.record(actor, INSTALLATION, EXPORTED, keys=names)
    return names


def import_keys(source: Path, passphrase: str) -> list[str]:
    """Make the keys of a safe this installation's key file. Refuses to replace keys that are in use;
    unused ones (a machine in development makes its own) are set aside. Never merges."""
    try:
        safe = source.read_bytes()
    except OSError as error:
        raise Refusal(f"{source} cannot be read: {error.strerror or error}.") from error
    keys = key_safe.unlock(safe, passphrase)
    path = key_path()
    if path.exists():
        present = path.read_bytes()
        if present.split() == keys.split():
            return key_safe.fingerprints(keys)
        _refuse_used(path, present)
        aside = path.with_name(
            f"{path.name}.unused-{'-'.join(key_safe.fingerprints(present))[:40]}"
        )
        path.rename(aside)
        try:
            _write(path, keys)
        except Refusal:
            aside.rename(path)
            raise
    else:
        _write(path, keys)
    read_keyring.cache_clear()
    return key_safe.fingerprints(keys)


def _write(path: Path, keys: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{path.parent} could not be made: {error.strerror}.") from error
    with appearing(path) as file:
        file.write(keys)


def key_path() -> Path:
    return Path(settings.RINGUP_KEY_FILE)


def _refuse_used(path: Path, present: bytes) -> None:
    names = key_safe.fingerprints(present)
    if _is_in_use():
        raise Refusal(
            f"{path} holds other keys ({', '.join(names)}), and a database is sealed with them. "
            "Nothing was changed. Restore onto an empty installation, or move that file away if you "
            "are sure."
        )


def _is_in_use() -> bool:
    """Whether the database that is there was sealed with the key file that is there, or may have
    been: when in doubt it was."""
    if not database().exists():
        return False
    try:
        if first_table_with_rows():
            return True
    except DatabaseError:
        return True
    try:
        return KeyFingerprint.objects.exists()
    except DatabaseError:
        return False  # no tables yet: nothing is sealed
