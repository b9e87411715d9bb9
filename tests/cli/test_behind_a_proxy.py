"""What a TLS proxy says of the visitor arrives, and what a visitor says of himself does not."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.http import HttpRequest
from pytest_django import Settings
from waitress.server import create_server

from ringup.cli.management.commands.serve import proxy_options
from ringup.core.limiting import address_of

pytestmark = pytest.mark.once

Ask = Callable[[dict[str, str]], str]
# A server notices within this time that it is closed.
QUICK: dict[str, Any] = {"asyncore_loop_timeout": 0.02}


def told(environ: dict[str, object], answer: Callable[..., object]) -> list[bytes]:
    """A page that says over which scheme, and from where, it was asked."""
    request = HttpRequest()
    request.META = dict(environ)
    answer("200 OK", [])
    return [f"{request.scheme} {address_of(request)}".encode()]


@pytest.fixture
def ask(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Ask]:
    settings.RINGUP_PROXY_ADDRESS = request.param
    settings.SECURE_PROXY_SSL_HEADER = (
        ("HTTP_X_FORWARDED_PROTO", "https") if request.param else None
    )
    server = create_server(told, host="127.0.0.1", port=0, threads=1, **QUICK, **proxy_options())

    def serve() -> None:
        with suppress(OSError):  # its sockets are closed below
            server.run()

    thread = threading.Thread(target=serve)
    thread.start()

    def get(headers: dict[str, str]) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=5)
        connection.request("GET", "/", headers=headers)
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    yield get
    server.close()
    thread.join(timeout=5)


CLAIMED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


@pytest.mark.parametrize(
    ("ask", "headers", "says"),
    [
        ("127.0.0.1", CLAIMED, "https 203.0.113.9"),
        ("127.0.0.1", {}, "http 127.0.0.1"),
        ("192.0.2.1", CLAIMED, "http 127.0.0.1"),
        ("", CLAIMED, "http 127.0.0.1"),
    ],
    indirect=["ask"],
)
def test_only_our_own_proxy_is_believed(ask: Ask, headers: dict[str, str], says: str) -> None:
    assert ask(headers) == says
