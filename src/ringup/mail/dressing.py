"""Simple HTML, as it stands in the editor, becomes HTML that mail programs show: styles on each tag,
buttons as tables, and nothing that is not on the list."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

from ringup.mail.language import TAG, Fault

_WHITE, _INK = "#ffffff", "#12191d"
# The contrast that WCAG 2 asks of text.
READABLE = 4.5
_SOFT, _QUIET, _LINE = "#45525a", "#5c6970", "#e1e6e8"
# tag, or tag.class -> its style. ``{accent}`` and ``{on}`` are the brand's colour and what is read on
# it, ``{link}`` the one of links.
STYLES = {
    "h1": "margin:0 0 12px 0;font-size:24px;line-height:30px;letter-spacing:-0.4px;",
    "h2": "margin:24px 0 8px 0;font-size:17px;line-height:24px;",
    "p": f"margin:0 0 24px 0;font-size:15px;line-height:23px;color:{_SOFT};",
    "p.small": f"margin:0 0 24px 0;font-size:13px;line-height:19px;color:{_QUIET};",
    "p.number": (
        "margin:0 0 24px 0;padding:16px 20px;border:1px solid #a5ccd9;border-radius:8px;"
        "background-color:#e4f1f5;font-size:22px;line-height:30px;font-weight:bold;"
    ),
    "small": (
        f"display:block;font-size:13px;line-height:18px;font-weight:normal;color:{_SOFT};"
    ),
    "a": "color:{link};",
    "table": (
        "margin:0 0 24px 0;font-size:14px;line-height:20px;border-collapse:collapse;width:100%;"
    ),
    "tr": "",
    "th": (
        f"padding:9px 12px 9px 0;border-top:1px solid {_LINE};font-weight:normal;color:{_QUIET};"
        "width:38%;text-align:left;vertical-align:top;"
    ),
    "td": f"padding:9px 0;border-top:1px solid {_LINE};word-break:break-word;vertical-align:top;",
    "ul": f"margin:0 0 24px 0;padding-left:20px;font-size:15px;line-height:23px;color:{_SOFT};",
    "ol": f"margin:0 0 24px 0;padding-left:20px;font-size:15px;line-height:23px;color:{_SOFT};",
    "li": "margin:0 0 6px 0;",
    "blockquote": (
        f"margin:0 0 24px 0;padding:12px 16px;border-left:3px solid {_LINE};font-size:15px;"
        f"line-height:23px;color:{_SOFT};"
    ),
    "b": "", "strong": "", "i": "", "em": "", "br": "", "hr": f"border:0;border-top:1px solid {_LINE};",
}  # fmt: skip
ALONE = {"br", "hr"}
CLASSES = {"p": {"small", "number", "preview"}, "a": {"button"}}
SCHEMES = ("https://", "http://", "mailto:", "tel:")
_PREVIEW = "display:none;max-height:0;overflow:hidden;"
_BUTTON = (
    '<table role="presentation" cellpadding="0" cellspacing="0" border="0" class="button"'
    ' style="margin:0 0 12px 0;"><tr><td bgcolor="{accent}"'
    ' style="background-color:{accent};border-radius:7px;"><a class="button" href="{url}"'
    ' style="display:inline-block;padding:13px 22px;font-size:15px;font-weight:bold;'
    'color:{on};text-decoration:none;">'
)
_FIELD = "￼"


def faults_of(source: str) -> list[Fault]:
    """What a template's HTML must not hold, with lines. Its template tags may stand anywhere."""
    checker = _Checker()
    checker.feed(TAG.sub(lambda found: _FIELD + "\n" * found.group().count("\n"), source))
    checker.close()
    return checker.faults + [Fault(line, f"<{tag}> is never closed.") for tag, line in checker.open]


def dress(html: str, *, accent: str) -> str:
    """Rendered HTML with styles. Tags and attributes that are not on the list are left out."""
    dresser = _Dresser(accent, on_colour(accent))
    dresser.feed(html)
    dresser.close()
    return "".join(dresser.parts)


def on_colour(accent: str) -> str:
    """White or near-black: what is read better on ``#rrggbb``."""
    light = _lightness(accent)
    return _WHITE if 1.05 / (light + 0.05) >= (light + 0.05) / 0.06 else _INK


def link_colour(accent: str) -> str:
    """The brand's colour where it can be read on white, else near-black."""
    return accent if 1.05 / (_lightness(accent) + 0.05) >= READABLE else _INK


def _lightness(colour: str) -> float:
    """Relative luminance (WCAG 2) of ``#rrggbb``, from 0 to 1."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.faults: list[Fault] = []
        self.open: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, _ = self.getpos()
        if tag not in STYLES:
            known = ", ".join(sorted(STYLES))
            self.faults.append(Fault(line, f"<{tag}> may not stand in a mail. These may: {known}."))
            return
        self.faults += [Fault(line, reason) for reason in _wrong_attributes(tag, attrs)]
        if tag not in ALONE:
            self.open.append((tag, line))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in ALONE or tag not in STYLES:
            return
        if self.open and self.open[-1][0] == tag:
            self.open.pop()
        else:
            inner = f", while <{self.open[-1][0]}> is open" if self.open else ""
            self.faults.append(Fault(self.getpos()[0], f"</{tag}> closes nothing{inner}."))

    def handle_comment(self, data: str) -> None:
        self.faults.append(Fault(self.getpos()[0], "Comments would be sent along: take it out."))


def _wrong_attributes(tag: str, attrs: list[tuple[str, str | None]]) -> Iterator[str]:
    for name, value in attrs:
        text = (value or "").strip()
        if name == "class" and text in CLASSES.get(tag, set()):
            continue
        if name == "href" and tag == "a":
            if not text.startswith((_FIELD, *SCHEMES)):
                yield "A link begins with https://, mailto:, tel: or a merge field."
            continue
        yield f"<{tag}> may not have {name}={text!r}: the frame gives all mails their looks."
    if tag == "a" and "href" not in {name for name, _ in attrs}:
        yield "A link needs an address: <a href=…>."


class _Dresser(HTMLParser):
    def __init__(self, accent: str, on: str) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.colours = {"accent": accent, "on": on, "link": link_colour(accent)}
        self.links: list[str] = []
        self.skipped = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self.skipped = tag
        if self.skipped or tag not in STYLES:
            return
        given = {name: value or "" for name, value in attrs}
        kind = given.get("class", "")
        kind = kind if kind in CLASSES.get(tag, set()) else ""
        if tag == "a":
            self._link(kind, given.get("href", "").strip())
            return
        style = _PREVIEW if kind == "preview" else STYLES.get(f"{tag}.{kind}", STYLES[tag])
        marks = f' class="{kind}"' if kind else ""
        if style:
            marks += f' style="{style.format(**self.colours)}"'
        if tag == "table":
            marks += ' width="100%" cellpadding="0" cellspacing="0" border="0"'
        if tag == "th":
            marks += ' align="left" scope="row" valign="top"'
        self.parts.append(f"<{tag}{marks}>")

    def _link(self, kind: str, url: str) -> None:
        url = escape(url if url.lower().startswith(SCHEMES) else "#", quote=True)
        if kind == "button":
            self.parts.append(_BUTTON.format(url=url, **self.colours))
            self.links.append("</a></td></tr></table>")
        else:
            style = STYLES["a"].format(**self.colours)
            self.parts.append(f'<a href="{url}" style="{style}">')
            self.links.append("</a>")

    def handle_endtag(self, tag: str) -> None:
        if self.skipped:
            self.skipped = "" if tag == self.skipped else self.skipped
        elif tag == "a":
            self.parts.append(self.links.pop() if self.links else "")
        elif tag in STYLES and tag not in ALONE:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.parts.append(data.replace("<", "&lt;").replace(">", "&gt;"))

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")
