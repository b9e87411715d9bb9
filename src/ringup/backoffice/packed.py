"""A file that waits in the page itself between a preview and its confirmation: nothing is kept for
people who go away."""

from __future__ import annotations

import base64
import binascii
import zlib

from ringup.core.sentences import Refusal

GONE = "The file did not come back whole. Nothing was imported. Choose it again."
# Django takes no more than 2.5 MB of fields at once.
MOST_PACKED = 2_300_000


def packed(data: bytes) -> str:
    """The file as text for a hidden field. Refuses what no field can carry."""
    text = base64.b64encode(zlib.compress(data)).decode()
    if len(text) > MOST_PACKED:
        raise Refusal(
            "The file has too much in it to be kept in the page. Nothing was changed. Split it, each "
            "part with the header.",
            field="file",
        )
    return text


def unpacked(text: str, *, most_bytes: int) -> bytes:
    """What ``packed`` made; never more than a file may have, whatever was sent."""
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(text, validate=True), most_bytes + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise Refusal(GONE) from error
    if not unpacking.eof and len(data) <= most_bytes:
        raise Refusal(GONE)
    return data
