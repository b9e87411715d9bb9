"""Temporary directories that go when they are closed, or at the next start if we were killed."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_OWNED = "owned"


class NoScratch(Exception):
    """There is no directory for temporary files. The text says what to do."""


class Scratch:
    """A directory of our own below the system's temporary one.

    A lock on a file in it says that its process lives. ``shared`` lets other users pass through
    it, for a server that runs as another user; what lies in it keeps its own permissions.
    """

    def __init__(self, kind: str, *, shared: bool = False) -> None:
        root = _public_root() if shared else Path(tempfile.gettempdir())
        _sweep(root, kind)
        hidden = Path(tempfile.mkdtemp(prefix=f".ringup-{kind}-", dir=root))
        self._lock = os.open(hidden / _OWNED, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # Only now under the name that others sweep: before, it would look abandoned.
        self.path = hidden.rename(root / hidden.name.removeprefix(".")).resolve()
        if shared:
            self.path.chmod(0o711)
        atexit.register(self.close)

    def close(self) -> None:
        """Remove the directory. Calling it twice does no harm."""
        atexit.unregister(self.close)
        if self._lock < 0:
            return
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        self._lock = -1


def open_to_all(directory: Path) -> bool:
    """Whether any user may enter ``directory``: every directory above it must let others pass."""
    return all(place.stat().st_mode & 0o001 for place in (directory, *directory.parents))


def _public_root() -> Path:
    for place in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp is used in it
        root = Path(place).resolve()
        if root.is_dir() and open_to_all(root):
            return root
    raise NoScratch("No directory for temporary files is open to other users: chmod 1777 /tmp.")


def _sweep(root: Path, kind: str) -> None:
    """Remove directories of ``kind`` whose process was killed before it could."""
    for place in root.glob(f"ringup-{kind}-*"):
        try:
            if place.stat().st_uid != os.geteuid():
                continue
            lock = os.open(place / _OWNED, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue  # just removed by its own process
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue  # its process lives
        else:
            shutil.rmtree(place, ignore_errors=True)
        finally:
            os.close(lock)
