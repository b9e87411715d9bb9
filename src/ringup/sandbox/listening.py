"""A small threading HTTP/1.1 server on loopback that can hang up and that stops completely."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LOOPBACK = "127.0.0.1"
PIECES = 40  # of a body that takes its time


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. ``query`` and ``form`` keep the last value of a name, as PHP does."""

    verb: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    client: str

    @property
    def form(self) -> dict[str, str]:
        kind = self.headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            return {}
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. ``hang_up`` closes the connection without a byte; ``seconds`` is how long the
    body takes on its way, in small pieces."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    seconds: float = 0.0


def json_reply(content: object, *, status: int = 200) -> Reply:
    return Reply(json.dumps(content).encode(), status=status)


Answer = Callable[[Request], Reply]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without this, a kept-alive connection waits 40 ms for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        reply = self.server.answer(self._request())
        if reply.hang_up:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if not reply.seconds:
            self.wfile.write(reply.body)
            return
        size = len(reply.body) // PIECES + 1
        for start in range(0, len(reply.body), size):
            self.wfile.write(reply.body[start : start + size])
            self.wfile.flush()
            time.sleep(reply.seconds / PIECES)

    def _request(self) -> Request:
        length = int(self.headers.get("Content-Length") or 0)
        url = urlsplit(self.path)
        return Request(
            verb=self.command,
            path=url.path,
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            client=str(self.client_address[0]),
        )

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the one line on standard output is the announcement."""


class Stoppable(TCPServer):
    """One that stops at once, where ``shutdown`` waits for the end of a tick."""

    _is_stopping = False

    def serve(self) -> None:
        """Until ``stop``."""
        while not self._is_stopping:
            self.handle_request()

    def stop(self) -> None:
        """Wakes ``serve``."""
        self._is_stopping = True
        self.socket.shutdown(socket.SHUT_RDWR)


class _Server(Stoppable, ThreadingHTTPServer):
    # Threads are joined on closing, so that nothing outlives the server.
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Answer) -> None:
        self.answer = answer
        self.connections: set[socket.socket] = set()
        super().__init__((LOOPBACK, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        # Here and not in the handler: hang_up must see a connection whose thread just starts.
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that went away is everyday life here; anything else is a bug to see.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed by its own thread in this moment


@contextmanager
def listening(answer: Answer, *, port: int = 0) -> Iterator[str]:
    """Serve ``answer`` on loopback in threads; gives ``http://127.0.0.1:PORT``. 0 takes a free one.

    At the end all connections are cut and all threads have ended.
    """
    server = _Server(port, answer)
    thread = threading.Thread(target=server.serve, name="sandbox-http")
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.stop()
        thread.join()
        server.hang_up()
        server.server_close()
