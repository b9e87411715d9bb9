"""Pictures of the pages on the way, for who wants to look at them."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

# Set it to a directory, and every page of the way is kept there as a picture.
PICTURES = os.environ.get("RINGUP_TEST_PICTURES", "")


def picture(page: Page, name: str) -> None:
    if not PICTURES:
        return
    for width in (1440, 390):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 1000})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            path = Path(PICTURES) / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page=True)
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.emulate_media(color_scheme="light")
