"""A person with a browser and no script: reads pages, follows links, fills in forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx


class Lost(Exception):
    """The page does not hold what the person looked for. The message quotes what it says."""


@dataclass
class Form:
    """A form as it stands on the page, with the values that it would send. Of its buttons that say
    something, the person presses the first."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    # What ticking would add.
    unticked: dict[str, str] = field(default_factory=dict)
    # What each list offers.
    choices: dict[str, list[str]] = field(default_factory=dict)
    has_button: bool = False


@dataclass
class Page:
    """One page: where it is, its words, its forms and links."""

    url: str
    status: int
    text: str = ""
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    # The lines of a timeline: list items that carry a state.
    moments: list[str] = field(default_factory=list)

    def form(self, *, has: str = "", action: str = "", **values: str) -> Form:
        """The first form with a field ``has``, with these values, whose address contains ``action``."""
        for form in self.forms:
            fits = (not has or has in form.fields) and action in form.action
            if fits and values.items() <= form.fields.items():
                return form
        wanted = has or action or values
        raise Lost(f"{self.url} has no form with {wanted!r}. It says: {self.text[:600]}")

    def link(self, part: str) -> str:
        """The first link whose address contains ``part``."""
        for link in self.links:
            if part in link:
                return link
        raise Lost(f"{self.url} has no link with {part!r}. It says: {self.text[:600]}")


class Browser:
    """One person's browser, with cookies of its own."""

    def __init__(self, base: str) -> None:
        self._http = httpx.Client(base_url=base, follow_redirects=True, timeout=30)
        self.page = Page(base, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def open(self, url: str) -> Page:
        """Go to a page."""
        return self._read(self._http.get(url))

    def send(self, form: Form, **typed: str) -> Page:
        """Fill in and send a form of the page that is open."""
        return self._send(form, typed, None)

    def upload(self, form: Form, name: str, content: bytes, **typed: str) -> Page:
        """The same for a form that takes a file, in its input ``file``."""
        return self._send(form, typed, {"file": (name, content)})

    def _send(
        self, form: Form, typed: dict[str, str], files: dict[str, tuple[str, bytes]] | None
    ) -> Page:
        url = urljoin(self.page.url, form.action or self.page.url)
        values = {**form.fields, **typed}
        headers = {"Referer": self.page.url}
        if form.method == "get":
            return self._read(self._http.get(url, params=values, headers=headers))
        return self._read(self._http.post(url, data=values, files=files, headers=headers))

    def _read(self, response: httpx.Response) -> Page:
        reader = _Reader(str(response.url), response.status_code)
        reader.feed(response.text)
        self.page = reader.page
        self.page.text = " ".join(" ".join(reader.words).split())
        if response.status_code >= 500:
            raise Lost(f"{response.url} answered {response.status_code}: {self.page.text[:600]}")
        return self.page


class _Reader(HTMLParser):
    """Collects words, links and forms."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__()
        self.page = Page(url, status)
        self.words: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._area = ""
        self._silent = 0
        self._moment: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "svg"):
            self._silent += 1
        elif tag == "a" and "href" in known:
            self.page.links.append(known["href"])
        elif tag == "li" and "data-state" in known:
            self._moment = []
        elif tag == "form":
            self._form = Form(known.get("action", ""), known.get("method", "get").lower())
            self.page.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, known, self._form)

    def _field(self, tag: str, known: dict[str, str], form: Form) -> None:
        name = known.get("name", "")
        if tag == "input" and name:
            box = known.get("type") in ("checkbox", "radio")
            is_sent = not box or "checked" in known
            fields = form.fields if is_sent else form.unticked
            fields[name] = known.get("value", "on" if box else "")
        elif tag == "button" and known.get("type", "submit") == "submit" and not form.has_button:
            # As pressing Enter does: the first one, whether it says something or not.
            form.has_button = True
            form.fields |= {name: known.get("value", "")} if name else {}
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select:
            value = known.get("value", "")
            form.choices.setdefault(self._select, []).append(value)
            if "selected" in known or self._select not in form.fields:
                form.fields[self._select] = value
        elif tag == "textarea" and name:
            self._area = name
            form.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "svg"):
            self._silent -= 1
        elif tag == "li" and self._moment is not None:
            self.page.moments.append(" ".join(" ".join(self._moment).split()))
            self._moment = None
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area] += data
        elif not self._silent:
            self.words.append(data)
            if self._moment is not None:
                self._moment.append(data)
