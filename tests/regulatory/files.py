"""Files as people upload them, and as nobody should: built here, byte by byte where no library would."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageDraw
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

MARK = "SecretOfTheCamera"


def jpeg(width: int = 640, height: int = 480, *, turned: int = 0) -> bytes:
    """A photograph with a comment, EXIF with a place, and a dark left half. ``turned`` is EXIF's."""
    picture = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, width // 2, height), fill="black")
    exif = Image.Exif()
    exif[0x010E] = MARK
    if turned:
        exif[0x0112] = turned
    exif.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=exif, comment=MARK.encode())
    return file.getvalue()


def png(width: int = 640, height: int = 480, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


def picture_bomb(side: int = 30_000) -> bytes:
    """A PNG of a few hundred kilobytes that unpacks to gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    packer, rows = zlib.compressobj(9), b"\x00" * (side * 3 + 1)
    data = b"".join(packer.compress(rows) for _ in range(200)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def pdf(pages: int = 1) -> bytes:
    """A plain PDF."""
    return written(with_pages(pages))


def locked_pdf(*, user: str = "secret") -> bytes:
    """One that asks for a password; with an empty one, it opens but allows nothing."""
    writer = with_pages(1)
    writer.encrypt(user, "owner", algorithm="RC4-128")
    return written(writer)


def pdf_that(act: str) -> bytes:
    """One that does something beside being read."""
    writer = with_pages(1)
    page = writer.pages[0]
    if act == "runs script when opened":
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(_script())
    elif act == "has named script":
        names = ArrayObject([TextStringObject("go"), writer._add_object(_script())])
        tree = DictionaryObject({NameObject("/Names"): names})
        scripts = DictionaryObject({NameObject("/JavaScript"): tree})
        writer.root_object[NameObject("/Names")] = writer._add_object(scripts)
    elif act == "starts a program":
        _annotate(writer, {"/S": NameObject("/Launch"), "/F": TextStringObject("cmd.exe")})
    elif act == "sends a form":
        _annotate(
            writer, {"/S": NameObject("/SubmitForm"), "/F": TextStringObject("http://x.example")}
        )
    elif act == "runs script behind a page":
        page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): _script()})
    elif act == "has an XFA form":
        form = DictionaryObject({NameObject("/XFA"): TextStringObject("<xdp/>")})
        writer.root_object[NameObject("/AcroForm")] = writer._add_object(form)
    elif act == "hides script in an unused object":
        writer._add_object(_script())
    elif act == "plays a film":
        _annotate(writer, {"/S": NameObject("/Rendition")})
    elif act == "has a file attached":
        writer.add_attachment("data.xml", b"<invoice/>")
    else:
        raise AssertionError(act)
    return written(writer)


def pdf_with_link() -> bytes:
    """What every bill has: a link, and where to begin reading."""
    writer = with_pages(2)
    _annotate(writer, {"/S": NameObject("/URI"), "/URI": TextStringObject("https://bank.example/")})
    start = ArrayObject([writer.pages[0].indirect_reference, NameObject("/Fit")])
    writer.root_object[NameObject("/OpenAction")] = start
    return written(writer)


def pdf_with_filled_form() -> bytes:
    """A form that somebody filled in on the screen."""
    writer = with_pages(1)
    field = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/T"): TextStringObject("name"),
            NameObject("/V"): TextStringObject("Thandi Mokoena"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (50, 700, 300, 720)]),
        }
    )
    reference = writer._add_object(field)
    writer.pages[0][NameObject("/Annots")] = ArrayObject([reference])
    form = DictionaryObject({NameObject("/Fields"): ArrayObject([reference])})
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(form)
    return written(writer)


def packed_pdf(act: str) -> bytes:
    """The same with its objects in a compressed stream, where no search for words finds them."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>",
        b"<</S/JavaScript/JS(app.alert\\(1\\))>>" if act else b"<</S/GoTo/D[3 0 R/Fit]>>",
    ]
    index, body = b"", b""
    for number, thing in enumerate(objects, 1):
        index += b"%d %d " % (number, len(body))
        body += thing + b" "
    packed = zlib.compress(index + body)
    head = b"%PDF-1.5\n"
    stream = (
        b"5 0 obj\n<</Type/ObjStm/N 4/First %d/Filter/FlateDecode/Length %d>>stream\n"
        % (len(index), len(packed))
        + packed
        + b"\nendstream\nendobj\n"
    )
    table = len(head) + len(stream)
    entries = b"\x00\x00\x00\x00\xff" + b"".join(
        b"\x02" + (5).to_bytes(3, "big") + bytes([place]) for place in range(4)
    )
    entries += b"\x01" + len(head).to_bytes(3, "big") + b"\x00"
    entries += b"\x01" + table.to_bytes(3, "big") + b"\x00"
    xref = (
        b"6 0 obj\n<</Type/XRef/Size 7/W[1 3 1]/Root 1 0 R/Length %d>>stream\n" % len(entries)
        + entries
        + b"\nendstream\nendobj\n"
    )
    return head + stream + xref + b"startxref\n%d\n%%%%EOF\n" % table


def heavy_pdf(strokes: int = 4_000_000) -> bytes:
    """A page that takes minutes to draw."""
    writer = with_pages(1)
    content = zlib.compress(b"0 0 m 600 800 l 3 w S 1 0 0 1 0 0 cm /x gs " * strokes, 9)
    stream = writer._add_object(_stream(content))
    writer.pages[0][NameObject("/Contents")] = stream
    return written(writer)


def with_pages(pages: int) -> PdfWriter:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    return writer


def written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _script() -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        }
    )


def _annotate(writer: PdfWriter, action: dict[str, object]) -> None:
    deed = DictionaryObject({NameObject(key): value for key, value in action.items()})
    link = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (0, 0, 600, 800)]),
            NameObject("/A"): deed,
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])


def _stream(packed: bytes) -> StreamObject:
    stream = StreamObject()
    stream._data = packed
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    return stream
