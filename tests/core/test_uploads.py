"""What is uploaded stays in memory up to a bound, and never touches a disk."""

from __future__ import annotations

import http.client
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory
from waitress.server import create_server

from ringup.cli.management.commands.serve import body_options
from ringup.core.uploads import MOST_BODY, MOST_KEPT

pytestmark = pytest.mark.once


def posted(content: bytes) -> HttpRequest:
    return RequestFactory().post("/", {"file": SimpleUploadedFile("a.pdf", content)})


def test_a_file_within_the_bound_is_whole() -> None:
    content = bytes(range(256)) * 40_000
    file = posted(content).FILES["file"]
    assert (file.read(), file.size, file.name) == (content, len(content), "a.pdf")


def test_a_larger_one_is_counted_and_dropped() -> None:
    file = posted(b"x" * (MOST_KEPT + 500_000)).FILES["file"]
    assert file.size == MOST_KEPT + 500_000
    assert len(file.read()) == MOST_KEPT


@pytest.fixture
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise AssertionError("a temporary file was made")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)


@pytest.fixture
def port(no_disk: None) -> Iterator[int]:
    def size(environ: dict[str, Any], answer: Callable[..., object]) -> list[bytes]:
        answer("200 OK", [])
        return [str(len(environ["wsgi.input"].read())).encode()]

    server = create_server(size, host="127.0.0.1", port=0, threads=1, **body_options())

    def serve() -> None:
        with suppress(OSError):  # its sockets are closed below
            server.run()

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.effective_port
    server.trigger.pull_trigger(server.close)  # in its own loop, which would sleep for a second
    thread.join(timeout=5)
    assert not thread.is_alive()


@pytest.mark.parametrize("chunked", [False, True])
def test_the_server_reads_it_without_a_temporary_file(port: int, chunked: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = b"x" * 12_000_000
    sent: Any = iter([body]) if chunked else body
    connection.request("POST", "/", body=sent, encode_chunked=chunked,
                       headers={"Transfer-Encoding": "chunked"} if chunked else {})  # fmt: skip
    assert connection.getresponse().read() == b"12000000"
    connection.close()


def test_the_server_refuses_what_nobody_may_send(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(MOST_BODY + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_the_proxies_allow_as_much() -> None:
    deploy = Path(__file__).parents[2] / "deploy"
    nginx = (deploy / "nginx.conf").read_text()
    assert "client_max_body_size 24m;" in nginx
    assert "proxy_request_buffering off;" in nginx
    assert "max_size 24MB" in (deploy / "Caddyfile").read_text()
    assert MOST_BODY == 24 * 1024 * 1024
