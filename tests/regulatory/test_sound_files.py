"""Every kind of file that must not come in, and what it is told; and those that must."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time

import pytest
from PIL import Image

from ringup.core.sentences import Refusal
from ringup.regulatory import sound_files
from ringup.regulatory.looking_inside import pdfs, pictures
from ringup.regulatory.looking_inside.problems import Looked, Problem, Unsound
from ringup.regulatory.sound_files import SENTENCES, sound_file
from tests.regulatory import files

pytestmark = pytest.mark.once

# What the first bytes tell, before anything opens the file.
WRONG_BEGINNINGS = {
    "zero bytes": (b"", "is empty"),
    "a text": (b"Dear Sir, I am who I am.", "no PDF, JPG or PNG"),
    "a drawing called scan.png": (b"<svg xmlns='x'><script>1</script></svg>", "a drawing (SVG)"),
    "a drawing behind its declaration": (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "a drawing"),
    "a web page called scan.pdf": (b"\n<!DOCTYPE html><script>1</script>", "a web page"),
    "a Word file": (b"PK\x03\x04rest", "a Word, Excel or ZIP file"),
    "a TIFF": (b"II*\x00rest", "a TIFF picture"),
    "what a telephone calls a picture": (b"\x00\x00\x00\x18ftypheic", "a HEIC picture"),
    "a WebP": (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a WebP picture"),
    "a program": (b"\x7fELF" + b"\x00" * 100, "no PDF, JPG or PNG"),
    "a PDF behind a program": (b"MZ" + files.pdf(), "no PDF, JPG or PNG"),
    "11 MB": (b"\xff\xd8\xff" + b"\x00" * 11 * 1024 * 1024, "12 MB, and 10 are the most"),
}
WRONG_INSIDE = {
    "half a photograph": (files.jpeg()[:-900], Problem.BROKEN),
    "half a PNG": (files.png()[:-60], Problem.BROKEN),
    "three bytes of a photograph": (b"\xff\xd8\xff", Problem.BROKEN),
    "a picture bomb": (files.picture_bomb(), Problem.TOO_MANY_PIXELS),
    "a thumbnail": (files.jpeg(160, 120), Problem.TOO_SMALL),
    "half a PDF": (files.pdf(3)[:-300], Problem.BROKEN),
    "a PDF without its end": (files.pdf()[:-7], Problem.BROKEN),
    "a PDF in name": (b"%PDF-1.7\n" + b"\x00\xff" * 500 + b"startxref\n9\n%%EOF", Problem.BROKEN),
    "a PDF with a hole": (files.pdf(5)[:300] + b"\0" * 200 + files.pdf(5)[500:], Problem.BROKEN),
    "a PDF with a ZIP behind it": (files.pdf() + b"PK\x03\x04" + b"z" * 40, Problem.BROKEN),
    "a PDF with a password": (files.locked_pdf(), Problem.LOCKED),
    "a PDF that forbids changes": (files.locked_pdf(user=""), Problem.LOCKED),
    "51 pages": (files.pdf(51), Problem.TOO_MANY_PAGES),
    "3000 pages": (files.pdf(3000), Problem.TOO_MANY_PAGES),
    "no page": (files.pdf(0), Problem.BROKEN),
    "script in packed objects": (files.packed_pdf("script"), Problem.ACTIVE),
    "an attached file": (files.pdf_that("has a file attached"), Problem.ATTACHED),
} | {
    act: (files.pdf_that(act), Problem.ACTIVE)
    for act in (
        *("runs script when opened", "has named script", "starts a program", "sends a form"),
        *("runs script behind a page", "has an XFA form", "plays a film"),
        "hides script in an unused object",
    )
}
RIGHT = {
    "a photograph": (files.jpeg(), "image/jpeg", 1),
    "a PNG": (files.png(), "image/png", 1),
    "a grey PNG": (files.png(mode="L"), "image/png", 1),
    "a black and white PNG": (files.png(mode="1"), "image/png", 1),
    "a PNG with a palette": (files.png(mode="P"), "image/png", 1),
    "a transparent PNG": (files.png(mode="RGBA"), "image/png", 1),
    "a PNG of 16 bits": (files.png(mode="I;16"), "image/png", 1),
    "a PDF": (files.pdf(), "application/pdf", 1),
    "50 pages": (files.pdf(50), "application/pdf", 50),
    "a bill with links": (files.pdf_with_link(), "application/pdf", 2),
    "a form that was filled in": (files.pdf_with_filled_form(), "application/pdf", 1),
    "packed objects": (files.packed_pdf(""), "application/pdf", 1),
}


def looked_at(content: bytes) -> Looked:
    """As the child does it; most files are looked at here, since starting a child takes its time."""
    reader = pdfs if content.startswith(b"%PDF-") else pictures
    return reader.look(content)


@pytest.mark.parametrize("name", WRONG_BEGINNINGS)
def test_what_is_no_document_is_named_and_told_what_to_do(name: str) -> None:
    content, words = WRONG_BEGINNINGS[name]
    with pytest.raises(Refusal) as refused:
        sound_file(content)
    assert words in str(refused.value)
    assert refused.value.field == "file"
    assert says_what_to_do(str(refused.value))


def says_what_to_do(sentence: str) -> bool:
    before, _, after = sentence.partition("Nothing was uploaded.")
    return (
        before != sentence and re.search(r"[Ss]can|[Pp]rint|[Ss]ave|[Cc]hoose", after) is not None
    )


@pytest.mark.parametrize("name", WRONG_INSIDE)
def test_a_wrong_file_is_told_apart(name: str) -> None:
    content, problem = WRONG_INSIDE[name]
    with pytest.raises(Unsound) as refused:
        looked_at(content)
    assert refused.value.problem is problem


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_file_comes_in(name: str) -> None:
    content, media_type, pages = RIGHT[name]
    looked = looked_at(content)
    assert (looked.media_type, looked.pages) == (media_type, pages)
    with Image.open(io.BytesIO(looked.preview)) as preview:
        assert preview.format == "PNG"
        assert max(preview.size) <= 1200


@pytest.mark.parametrize("name", ["a picture bomb", "starts a program"])
def test_the_child_tells_it_and_people_read_a_sentence(name: str) -> None:
    content, problem = WRONG_INSIDE[name]
    with pytest.raises(Refusal) as refused:
        sound_file(content)
    assert (str(refused.value), refused.value.field) == (SENTENCES[problem], "file")


def test_every_problem_has_a_sentence_that_says_what_to_do() -> None:
    assert set(SENTENCES) == set(Problem)
    assert [text for text in SENTENCES.values() if not says_what_to_do(text)] == []


def test_a_photograph_keeps_nothing_but_its_pixels_and_stands_upright() -> None:
    taken = files.jpeg(640, 480, turned=6) + b"PK\x03\x04 and a ZIP behind it"
    assert files.MARK.encode() in taken
    sound = sound_file(taken)
    with Image.open(io.BytesIO(sound.content)) as picture:
        assert picture.size == (480, 640)
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        # The camera's left is the top now.
        assert picture.getpixel((240, 40))[0] < 60  # type: ignore[index]
        assert picture.getpixel((240, 600))[0] > 200  # type: ignore[index]
    assert files.MARK.encode() not in sound.content + sound.preview
    assert b"PK\x03\x04" not in sound.content


def test_a_pdf_stays_as_it_is_since_it_may_be_signed() -> None:
    bill = files.pdf_with_link()
    assert sound_file(bill).content == bill


def test_what_a_form_was_filled_in_with_is_in_the_preview() -> None:
    """An empty page, and one with a field: what is drawn differs."""
    filled, empty = looked_at(files.pdf_with_filled_form()), looked_at(files.pdf())
    assert filled.preview != empty.preview


def test_a_file_that_takes_too_long_ends_its_reader_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_files, "SECONDS", 1)
    heavy = files.heavy_pdf()
    began = time.monotonic()
    with pytest.raises(Refusal, match="too much time or memory"):
        sound_file(heavy)
    assert time.monotonic() - began < 15


def test_a_reader_that_is_killed_by_its_limits_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    died = subprocess.CompletedProcess([], -9, stdout=b"")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: died)
    with pytest.raises(Refusal, match="too much time or memory"):
        sound_file(files.pdf())


def test_the_reader_obeys_its_limits() -> None:
    """It can take no memory beyond its bound, write no file, and has nothing of ours."""
    from_inside = (
        "import resource, sys\n"
        "from ringup.regulatory.looking_inside import answering as child\n"
        "for limit, most in child.LIMITS.items(): resource.setrlimit(limit, (most, most))\n"
        "try: bytes(2 * 1024**3); print('memory')\n"
        "except MemoryError: print('bounded')\n"
        "try: open('/tmp/ringup-papers-leak', 'wb', 0).write(b'x')\n"
        "except OSError: print('no file')\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'django'])\n"
    )
    command = ["-I", "-c", "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"]
    command[-1] += from_inside
    said = subprocess.run([sys.executable, *command], capture_output=True, text=True, env={})
    assert said.stdout.split("\n")[:3] == ["bounded", "no file", "[]"], said.stderr


def test_only_some_are_opened_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_files, "PLACE_SECONDS", 0.01)
    for _ in range(sound_files.AT_ONCE):
        sound_files._places.acquire()
    try:
        with pytest.raises(Refusal, match="Wait a minute"):
            sound_file(files.pdf())
    finally:
        for _ in range(sound_files.AT_ONCE):
            sound_files._places.release()
    assert sound_file(files.pdf()).pages == 1
