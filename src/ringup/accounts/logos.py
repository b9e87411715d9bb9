"""A brand's logo. It comes from somebody's disk: what it is, its bytes say, and not its name."""

from __future__ import annotations

import hashlib
import struct
from typing import NamedTuple

from ringup.core.sentences import Refusal

MOST_BYTES = 200 * 1024
# What fits a bar of 40 pixels, on any screen. Decoding more costs a visitor's browser its memory.
MOST_PIXELS = 4000
WRONG_KIND = (
    "This is no PNG, JPEG or WebP picture. Save the logo as one of them, then choose it again. "
    "Nothing was changed."
)
TOO_LARGE = (
    "The picture has {size} KB, and 200 are the most. Save it smaller, for example 400 pixels wide. "
    "Nothing was changed."
)
TOO_WIDE = (
    "The picture has {width} by {height} pixels, and 4,000 either way are the most. Save it "
    "smaller. Nothing was changed."
)


class Picture(NamedTuple):
    """A logo that may be shown. ``digest`` is of its bytes."""

    data: bytes
    content_type: str
    digest: str


def checked_logo(data: bytes) -> Picture:
    """The picture with the type that its first bytes say. SVG can carry script: it is none of these."""
    if len(data) > MOST_BYTES:
        raise Refusal(TOO_LARGE.format(size=-(-len(data) // 1024)), field="logo")
    try:
        content_type, width, height = _looked_at(data)
    except (struct.error, IndexError, ValueError) as error:
        raise Refusal(WRONG_KIND, field="logo") from error
    if not (1 <= width <= MOST_PIXELS and 1 <= height <= MOST_PIXELS):
        raise Refusal(TOO_WIDE.format(width=width, height=height), field="logo")
    return Picture(data, content_type, hashlib.sha256(data).hexdigest()[:32])


def _looked_at(data: bytes) -> tuple[str, int, int]:
    """Type, width and height in pixels. Raises what ``checked_logo`` takes for "none of these"."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return "image/png", *struct.unpack(">II", data[16:24])
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", *_jpeg_size(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", *_webp_size(data)
    raise ValueError("no known picture")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """From the first frame header (ITU T.81, B.2.2): segments are walked until it comes."""
    place = 2
    while data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:  # a fill byte
            place += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        length = struct.unpack(">H", data[place + 2 : place + 4])[0]
        place += 2 + max(length, 2)
    raise ValueError("no frame header")


def _webp_size(data: bytes) -> tuple[int, int]:
    """RFC 9649, section 2: simple lossy, simple lossless, and extended files."""
    kind, body = data[12:16], data[20:30]
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = struct.unpack("<I", body[1:5])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        width = int.from_bytes(body[4:7], "little") + 1
        return width, int.from_bytes(body[7:10], "little") + 1
    raise ValueError("no known WebP")
