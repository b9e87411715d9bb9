"""QR codes as pictures for a page."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import groupby

import qrcode

# A camera wants this much white around the code, in modules (ISO/IEC 18004).
QUIET = 4


def picture(text: str) -> str:
    """A ``data:`` address of an SVG. Each run of dark modules is one stroke, so that a page can show
    dozens of codes."""
    code = qrcode.QRCode(border=QUIET)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    strokes = "".join(_strokes(rows))
    size = len(rows)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path stroke="#000" d="{strokes}"/></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _strokes(rows: list[list[bool]]) -> Iterator[str]:
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            width = len(list(run))
            if is_dark:
                yield f"M{x} {y}.5h{width}"
            x += width
