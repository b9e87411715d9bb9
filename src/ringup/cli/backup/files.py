"""Files that appear whole or not at all, for their owner alone."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ringup.core.sentences import Refusal

CHUNK = 1024 * 1024


@contextmanager
def appearing(target: Path) -> Iterator[BinaryIO]:
    """A file of mode 0600 that takes its name at the end of the block. Refuses a name that is taken,
    also when it was taken meanwhile; whatever fails leaves nothing behind."""
    refuse_taken(target)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    try:
        handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _take_name(partial, target)
            sync_directory(target.parent)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise Refusal(f"{target} could not be written: {error.strerror or error}.") from error


def refuse_taken(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise Refusal(f"{target} exists already. Nothing was overwritten. Give another name.")


def _take_name(partial: Path, target: Path) -> None:
    """A link fails where a rename would overwrite."""
    try:
        os.link(partial, target)
    except FileExistsError:
        refuse_taken(target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        refuse_taken(target)  # a file system without links: a rename, looked at before
        os.rename(partial, target)


def sync_directory(directory: Path) -> None:
    """Have the names of ``directory`` on the disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
