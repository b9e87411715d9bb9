"""Reports as PDF, made by Typst in this process: no network, no fonts but those it brings along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

REPORTS = Path(__file__).parent / "reports"


def pdf_of(report: str, data: dict[str, Any]) -> bytes:
    """``reports/<report>.typ`` with ``data``, which it reads as JSON: text stays text there."""
    pdf: bytes = typst.compile(
        REPORTS / f"{report}.typ",
        root=REPORTS,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
    )
    return pdf
