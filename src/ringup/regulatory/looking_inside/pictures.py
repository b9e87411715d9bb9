"""Pictures: measured before they are decoded, turned as the camera said, and written anew."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from ringup.regulatory.looking_inside.answering import answer_with
from ringup.regulatory.looking_inside.problems import Looked, Problem, Unsound

# A telephone with 50 megapixels passes; decoded it takes 200 MB.
MOST_PIXELS = 64_000_000
# Below this nobody can read a document on it.
LEAST_SIDE = 200
# A4 at 400 dots per inch. What is larger is made smaller: it is to be read, not printed on a wall.
LONGEST_SIDE = 4_700
PREVIEW_SIDE = 1_200
# A picture that is still larger when written anew is written with less quality.
MOST_BYTES = 10 * 1024 * 1024
JPEG, PNG = "image/jpeg", "image/png"


def look(content: bytes) -> Looked:
    """The picture without anything but its pixels. Raises ``Unsound``."""
    # The bound is ours, and checked before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
            picture = _decoded(opened)
            is_png = opened.format == "PNG"
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unsound(Problem.BROKEN) from error
    media_type, clean = _written(picture, is_png=is_png)
    return Looked(media_type, 1, clean, preview_of(picture))


def preview_of(picture: Image.Image) -> bytes:
    """A PNG that fits a screen."""
    small = picture.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return _saved(small, "PNG", optimize=False)


def _decoded(opened: Image.Image) -> Image.Image:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise Unsound(Problem.TOO_MANY_PIXELS)
    if min(width, height) < LEAST_SIDE:
        raise Unsound(Problem.TOO_SMALL)
    # A large photograph is decoded at half or a quarter of its size: less time, less memory.
    opened.draft(opened.mode, (LONGEST_SIDE, LONGEST_SIDE))
    # Raises where the file ends too early.
    opened.load()
    if opened.mode in ("RGB", "RGBA", "L"):
        opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    flat = _flat(ImageOps.exif_transpose(opened))
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return flat


def _flat(picture: Image.Image) -> Image.Image:
    """Grey or RGB on white paper, and nothing beside the pixels: profiles, comments and text stay
    behind."""
    if picture.mode in ("L", "1") and "transparency" not in picture.info:
        return _bare(picture.convert("L"))
    if picture.mode.startswith("I"):  # 16 bits of grey
        return _bare(picture.convert("I").point(lambda value: value / 256).convert("L"))
    if picture.has_transparency_data:
        layers = picture.convert("RGBA")
        paper = Image.new("RGB", layers.size, "white")
        paper.paste(layers, mask=layers.getchannel("A"))
        return paper
    return _bare(picture.convert("RGB"))


def _bare(picture: Image.Image) -> Image.Image:
    picture.info = {}
    return picture


def _written(picture: Image.Image, *, is_png: bool) -> tuple[str, bytes]:
    if is_png:
        clean = _saved(picture, "PNG", optimize=False)
        if len(clean) <= MOST_BYTES:
            return PNG, clean
    for quality in (90, 75, 50):
        clean = _saved(picture, "JPEG", quality=quality)
        if len(clean) <= MOST_BYTES:
            break
    return JPEG, clean


def _saved(picture: Image.Image, form: str, **how: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **how)
    return file.getvalue()


if __name__ == "__main__":
    answer_with(look)
