"""The search index that this process has mapped: whichever was published last on this host."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from ringup.numbers.index import columns
from ringup.numbers.index.searching import Index

log = logging.getLogger(__name__)


class Stamp(NamedTuple):
    """What changes whenever another file is renamed in."""

    inode: int
    written: int
    size: int


class _Held(NamedTuple):
    """What is mapped. ``stamp`` is the file's that was looked at last, good or damaged."""

    path: Path
    stamp: Stamp | None
    found: Index | None


class _Mapping:
    """One index at a time. Threads read ``_held`` without a lock: it is replaced as a whole."""

    def __init__(self) -> None:
        self._held = _Held(Path(), None, None)
        self._opening = threading.Lock()

    def index(self, path: Path) -> Index | None:
        held, stamp = self._held, stamp_of(path)
        if held.path == path and (stamp is None or stamp == held.stamp):
            return held.found
        # One thread opens the new file. The others go on with the old one, if there is one.
        has_old = held.path == path and held.found is not None
        if not self._opening.acquire(blocking=not has_old):
            return held.found
        try:
            return self._open(path)
        finally:
            self._opening.release()

    def forget(self) -> None:
        self._held = _Held(Path(), None, None)

    def _open(self, path: Path) -> Index | None:
        # Its stamp first: should it be replaced meanwhile, the next call looks again.
        stamp, held = stamp_of(path), self._held
        last_good = held.found if held.path == path else None
        if stamp is None or (held.path == path and held.stamp == stamp):
            return last_good
        index = last_good
        try:
            index = Index(columns.read(path))
        except OSError as error:  # it vanished, or cannot be opened now: look again next time
            log.warning("%s cannot be opened: %s", path, error)
            return last_good
        except Exception as error:  # whatever a damaged file makes of itself: no page may break
            log.warning("%s is damaged, compile it again: %s", path, error)
        self._held = _Held(path, stamp, index)
        return index


def current() -> Index | None:
    """The newest whole index of this host; None until there is one. Costs one look at the file's
    date. Never raises: a missing or damaged file leaves the last good one in use."""
    return _mapping.index(Path(settings.RINGUP_INDEX_FILE))


def forget() -> None:
    """Let go of what is mapped. The next call opens the file anew."""
    _mapping.forget()


def stamp_of(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_ino, found.st_mtime_ns, found.st_size)


_mapping = _Mapping()
