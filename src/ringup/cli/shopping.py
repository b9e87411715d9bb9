"""Buying from a running Ringup over HTTP, as a browser behind a proxy does: for benchmarks."""

from __future__ import annotations

import http.client
import re
from http.cookies import SimpleCookie
from itertools import count
from urllib.parse import urlencode, urlsplit

from django.core.management.base import CommandError
from django.urls import reverse

_LONGEST_SECONDS = 60
_ADDRESSES = count(1)
_SEEN = re.compile(r'name="seen" value="([^"]*)"')


class Shopper:
    """One browser: its cookies, and a connection that stays open. Each order comes from a network of its
    own, as the orders of many buyers do: limits are for one."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._host = f"{address.hostname}:{address.port}"
        self._connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=_LONGEST_SECONDS
        )
        self._cookies: dict[str, str] = {}
        self._from = ""
        self.move()

    def move(self) -> None:
        """To another network."""
        place = next(_ADDRESSES)
        self._from = f"10.{place >> 16 & 255}.{place >> 8 & 255}.{place & 255}"

    def get(self, path: str, *, fragment: bool = False) -> str:
        """A page. Raises ``CommandError`` for anything else."""
        status, _, page = self._ask("GET", path, fragment=fragment)
        if status != http.client.OK:
            raise CommandError(f"{path} answered {status}.")
        return page

    def post(self, path: str, **fields: str) -> str:
        """Where a form leads to. Raises ``CommandError`` where it leads nowhere."""
        status, location, page = self._ask("POST", path, urlencode(fields))
        if status != http.client.FOUND:
            raise CommandError(f"{path} answered {status}: {_words(page)}")
        return location

    def sign_in(self, email: str, password: str) -> None:
        self.get(reverse("accounts:sign-in"))
        self.post(reverse("accounts:sign-in"), email=email, password=password)

    def _ask(
        self, method: str, path: str, body: str = "", *, fragment: bool = False
    ) -> tuple[int, str, str]:
        headers = {
            "X-Forwarded-For": self._from,
            "X-Forwarded-Proto": "https",
            "Referer": f"https://{self._host}/",
            "Host": self._host,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
        }
        if fragment:
            headers["HX-Request"] = "true"
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = next(
                (value for name, value in self._cookies.items() if "csrftoken" in name), ""
            )
        self._connection.request(method, path, body or None, headers)
        answer = self._connection.getresponse()
        page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            cookies = SimpleCookie(line)
            self._cookies |= {name: cookie.value for name, cookie in cookies.items()}
        return answer.status, answer.headers.get("Location", ""), page


def seen_in(page: str) -> str:
    """The mark of what the page's buyer consents to."""
    found = _SEEN.search(page)
    if found is None:
        raise CommandError("The last step has no mark of what it showed.")
    return found[1]


def _words(page: str) -> str:
    """What is wrong, as the page says it."""
    alerts = re.findall(r'(?:role="alert".*?</div>|class="err".*?</p>)', page, flags=re.S)
    text = re.sub(r"<[^>]*>?", " ", " ".join(alerts) or page[:2000])
    return " ".join(text.split())[:300]
