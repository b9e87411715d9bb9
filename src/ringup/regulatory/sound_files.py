"""What somebody uploads, made into a file that may be kept, shown and passed on.

What it is, its bytes say: never its name, nor what a browser calls it. Whatever opens it runs apart
(``looking_inside/``), with limits of memory and time: a file that kills its reader kills nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ringup.core.sentences import Refusal
from ringup.core.turns import out_of_turn
from ringup.regulatory.looking_inside.problems import Problem

MOST_BYTES = 10 * 1024 * 1024
# What a file input offers; what counts is looked at here.
ACCEPT = ".pdf,.jpg,.jpeg,.png"
# By the clock; the child's own limit is processor time.
SECONDS = 30
# Children that one process runs at once, and how long an upload waits for its turn.
AT_ONCE, PLACE_SECONDS = 2, 20
_places = threading.BoundedSemaphore(AT_ONCE)

# To the name of what reads it.
BEGINNINGS = {b"%PDF-": "pdfs", b"\xff\xd8\xff": "pictures", b"\x89PNG\r\n\x1a\n": "pictures"}
# What people take for a scan or a photograph, told by name so that they know what to change.
KNOWN_OTHERS = (
    (0, b"II*\x00", "a TIFF picture"),
    (0, b"MM\x00*", "a TIFF picture"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"BM", "a BMP picture"),
    (8, b"WEBP", "a WebP picture"),
    (4, b"ftyp", "a HEIC picture or a video"),
    (0, b"PK\x03\x04", "a Word, Excel or ZIP file"),
    (0, b"\xd0\xcf\x11\xe0", "an old Word or Excel file"),
    (0, b"<svg", "a drawing (SVG)"),
    (0, b"<?xml", "a drawing or a web page"),
    (0, b"<", "a web page"),
)
NOTHING = "Nothing was uploaded."
NO_FILE = f"Choose a file first. {NOTHING}"
NO_BYTES = (
    f"This file is empty. {NOTHING} Look whether it opens on your device, then choose it again."
)
TOO_LARGE = (
    "This file has {size} MB, and 10 are the most. "
    + NOTHING
    + " Scan it in grey or at 200 dots per "
    "inch, or take a photograph of it, and choose that."
)
WRONG_KIND = "This is {what}. " + NOTHING + " Save it as PDF, JPG or PNG, and choose it again."
BUSY = (
    f"Many files are being looked at just now. {NOTHING} Wait a minute, then choose this one again."
)
PRINT_IT = "Open it, print it to a new PDF (“Save as PDF”), and choose that one."
SENTENCES = {
    Problem.BROKEN: (
        f"This file is damaged or not complete. {NOTHING} Look whether it opens on your device; scan "
        "the document again if it does not, and choose the new file."
    ),
    Problem.TOO_MANY_PIXELS: (
        f"This picture is too large to be opened safely: 64 million pixels are the most. {NOTHING} "
        "Scan it at 300 dots per inch, or take a photograph of it, and choose that."
    ),
    Problem.TOO_SMALL: (
        f"This picture is too small to be read: 200 by 200 pixels are the least. {NOTHING} Scan the "
        "document at 200 dots per inch or more, and choose the new file."
    ),
    Problem.LOCKED: f"This PDF is locked with a password or against changes. {NOTHING} {PRINT_IT}",
    Problem.ACTIVE: (
        f"This PDF holds script, sound, or a form that acts. We take plain pages only. {NOTHING} "
        f"{PRINT_IT}"
    ),
    Problem.ATTACHED: (
        f"This PDF has other files attached to it. We take plain pages only. {NOTHING} {PRINT_IT}"
    ),
    Problem.TOO_MANY_PAGES: (
        f"This PDF has more than 50 pages. {NOTHING} Print the pages that show what is asked for to a "
        "new PDF, and choose that one."
    ),
    Problem.EMPTY: f"This PDF has no page. {NOTHING} Scan the document again, and choose the new file.",
    Problem.HEAVY: (
        f"This file takes too much time or memory to be opened safely. {NOTHING} Scan the document "
        "again or take a photograph of it, and choose the new file."
    ),
}


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A file that may be kept. ``preview`` is a PNG of its first page."""

    media_type: str
    pages: int
    content: bytes = field(repr=False)
    preview: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Head:
    """The child's first line. ``clean`` is the length of the clean file."""

    problem: str
    media_type: str = ""
    pages: int = 0
    clean: int = 0


def sound_file(content: bytes) -> SoundFile:
    """The clean file, or a ``Refusal`` that says what to do. Takes a second; call it outside of
    transactions."""
    reader = _reader_of(content)
    with out_of_turn(), _place():
        head, rest = _looked_at(reader, content)
    if head.problem:
        raise Refusal(SENTENCES[Problem(head.problem)], field="file")
    clean, preview = rest[: head.clean], rest[head.clean :]
    require_size(len(clean))
    return SoundFile(head.media_type, head.pages, clean, preview)


def require_size(size: int) -> None:
    """What can be refused before the file is read."""
    if size > MOST_BYTES:
        raise _too_large(size)
    if size == 0:
        raise Refusal(NO_BYTES, field="file")


def _reader_of(content: bytes) -> str:
    require_size(len(content))
    for beginning, reader in BEGINNINGS.items():
        if content.startswith(beginning):
            return reader
    what = "no PDF, JPG or PNG"
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    for place, mark, name in KNOWN_OTHERS:
        if (start if place == 0 else content)[place:].startswith(mark):
            what = name
            break
    raise Refusal(WRONG_KIND.format(what=what), field="file")


def _too_large(size: int) -> Refusal:
    return Refusal(TOO_LARGE.format(size=-(-size // (1024 * 1024))), field="file")


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=PLACE_SECONDS):
        raise Refusal(BUSY, field="file")
    try:
        yield
    finally:
        _places.release()


def _looked_at(reader: str, content: bytes) -> tuple[_Head, bytes]:
    """What the child says of it, and the bytes behind. Its error output may quote the file: it goes
    nowhere."""
    command = [sys.executable, "-I", "-m", f"ringup.regulatory.looking_inside.{reader}"]
    try:
        child = subprocess.run(  # noqa: S603 - our own program
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _Head(Problem.HEAVY), b""
    line, _, rest = child.stdout.partition(b"\n")
    if child.returncode != 0 or not line:
        # Killed by its limits, or by what is in the file.
        return _Head(Problem.HEAVY), b""
    return _Head(**json.loads(line)), rest
