"""The tenant's directories for recordings and voicemail, where they can be reached from here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ringup.core.failures import OurFault
from ringup.pbx.fusionpbx.markers import Refresh
from ringup.pbx.port import PbxConnection

_MODE = 0o770


def make(server: PbxConnection, refresh: Refresh) -> None:
    """Make what is missing, mode 0770, owned as the directory that holds it."""
    for root, path in _paths(server, refresh):
        if not root.is_dir():
            raise OurFault(
                f"{root} is not a directory on this host: correct the PBX server's paths"
            )
        refused = False
        try:
            _make_below(root, path)
        except PermissionError:
            refused = True
        if refused:
            raise OurFault(f"no right to make {path}: run where FusionPBX's own user may")


def remove_empty(server: PbxConnection, refresh: Refresh) -> list[Path]:
    """Remove the directories that are empty, innermost first. Returns those that are not."""
    kept = []
    for root, path in reversed(list(_paths(server, refresh))):
        if not root.is_dir() or not path.is_dir():
            continue
        try:
            path.rmdir()
        except OSError:
            kept.append(path)
    return kept


def _paths(server: PbxConnection, refresh: Refresh) -> Iterator[tuple[Path, Path]]:
    if not refresh.domain:
        return
    if server.recordings_dir:
        root = Path(server.recordings_dir)
        yield root, root / refresh.domain
    if server.voicemail_dir:
        root = Path(server.voicemail_dir)
        boxes = root / "default" / refresh.domain
        yield root, boxes
        for extension in refresh.extensions:
            yield root, boxes / extension


def _make_below(root: Path, path: Path) -> None:
    for part in reversed([path, *path.parents]):
        if part == root or root not in part.parents or part.is_dir():
            continue
        part.mkdir()
        part.chmod(_MODE)
        owner = part.parent.stat()
        if os.geteuid() == 0:
            os.chown(part, owner.st_uid, owner.st_gid)
