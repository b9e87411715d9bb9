"""PDF: whole, open, without anything that acts. Its bytes stay as they are; a statement may be signed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pypdfium2
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from ringup.regulatory.looking_inside.answering import answer_with
from ringup.regulatory.looking_inside.pictures import PREVIEW_SIDE, preview_of
from ringup.regulatory.looking_inside.problems import Looked, Problem, Unsound

MEDIA_TYPE = "application/pdf"
MOST_PAGES = 50
MOST_OBJECTS = 200_000
# How deep arrays and dictionaries may lie in one another.
MOST_LEVELS = 60
# Actions that run, send, fetch or play (ISO 32000-2, 12.6.4). A link, a jump and a field's reset do not.
ACTS = frozenset(
    {
        "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition",
        "/RichMediaExecute", "/Movie", "/Sound", "/GoTo3DView",
    }
)  # fmt: skip
# Keys that hold such things wherever they stand.
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/XFA", "/RichMediaContent", "/RichMediaSettings"})
ATTACHED_KEYS = frozenset({"/EmbeddedFiles", "/EF"})
ACTIVE_KINDS = frozenset({"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
# The end of a whole file: where its table begins, and nothing behind but blanks.
ENDING = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\Z")
TAIL = 1_024


def look(content: bytes) -> Looked:
    """The PDF, with its pages counted and the first one drawn. Raises ``Unsound``."""
    if not content.startswith(b"%PDF-") or not ENDING.search(content[-TAIL:].rstrip(b"\x00")):
        raise Unsound(Problem.BROKEN)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise Unsound(Problem.LOCKED)
        pages, first = _drawn(content)
        _require_still(reader)
        counted = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unsound(Problem.BROKEN) from error
    except RecursionError as error:
        raise Unsound(Problem.HEAVY) from error
    if counted != pages:
        # Two readers see two documents: nobody can say which one was checked.
        raise Unsound(Problem.BROKEN)
    return Looked(MEDIA_TYPE, pages, content, first)


# -- what it shows -----------------------------------------------------------------------------------


def _drawn(content: bytes) -> tuple[int, bytes]:
    """How many pages there are, and the first one as PNG. Every page is opened."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise Unsound(Problem.BROKEN) from error
    pages = len(document)
    if pages == 0:
        raise Unsound(Problem.EMPTY)
    if pages > MOST_PAGES:
        raise Unsound(Problem.TOO_MANY_PAGES)
    try:
        document.init_forms()
        for number in range(pages):
            document[number].close()
        return pages, _first_page(document)
    except pypdfium2.PdfiumError as error:
        raise Unsound(Problem.BROKEN) from error


def _first_page(document: pypdfium2.PdfDocument) -> bytes:
    page = document[0]
    longest = max(page.get_size())
    if longest <= 0:
        raise Unsound(Problem.BROKEN)
    scale = min(PREVIEW_SIDE / longest, 4)
    return preview_of(page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB"))


# -- what it does ------------------------------------------------------------------------------------


def _require_still(reader: PdfReader) -> None:
    """Nothing in it acts, and nothing is attached. Every object is looked at, also what no page uses:
    some reader may find a use for it."""
    numbers = list(_numbers(reader))
    if len(numbers) > MOST_OBJECTS:
        raise Unsound(Problem.HEAVY)
    _look_through(reader.trailer)
    for number, generation in numbers:
        _look_through(reader.get_object(IndirectObject(number, generation, reader)))


def _numbers(reader: PdfReader) -> Iterator[tuple[int, int]]:
    for generation, offsets in reader.xref.items():
        for number in offsets:
            # Free entries have no object.
            if not reader.xref_free_entry.get(generation, {}).get(number, False):
                yield number, generation
    for number in reader.xref_objStm:
        yield number, 0


def _look_through(thing: object, level: int = 0) -> None:
    """One object, as deep as it goes without following references: those have their own turn."""
    if level > MOST_LEVELS:
        raise Unsound(Problem.HEAVY)
    if isinstance(thing, DictionaryObject):
        _require_harmless(thing)
        for key in thing:
            _look_through(thing.raw_get(key), level + 1)
    elif isinstance(thing, ArrayObject):
        for number in range(len(thing)):
            _look_through(list.__getitem__(thing, number), level + 1)


def _require_harmless(thing: DictionaryObject) -> None:
    keys = thing.keys()
    names = {_name(thing, key) for key in ("/S", "/Subtype", "/Type")}
    if keys & ATTACHED_KEYS or names & {"/EmbeddedFile", "/FileAttachment"}:
        raise Unsound(Problem.ATTACHED)
    if keys & ACTIVE_KEYS or names & (ACTS | ACTIVE_KINDS):
        raise Unsound(Problem.ACTIVE)


def _name(thing: DictionaryObject, key: str) -> str:
    """A name behind a key, also behind a reference; empty for anything else."""
    value = thing.get(key)
    if isinstance(value, IndirectObject):
        value = value.get_object()
    return str(value) if isinstance(value, NameObject) else ""


if __name__ == "__main__":
    answer_with(look)
