"""A TCP proxy before PostgreSQL that breaks a connection exactly around a statement."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import psycopg

Moment = Literal["before", "after"]


@dataclass
class CuttingProxy:
    """``cut(b"COMMIT", "after")``: the server gets the statement and answers; the client never hears.

    ``before``: the server never gets it. ``hold``: from then on nothing passes, and nobody hangs
    up. ``then`` is called in that moment. ``moments`` are set once it happened.
    """

    port: int = 0
    server: tuple[str, int] = ("", 0)
    happened: threading.Event = field(default_factory=threading.Event)
    _mark: bytes = b""
    _moment: Moment = "after"
    _hold: bool = False
    _then: Callable[[], None] = field(default=lambda: None)

    def cut(
        self,
        mark: bytes,
        moment: Moment,
        *,
        hold: bool = False,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        self.happened.clear()
        self._mark, self._moment, self._hold, self._then = mark, moment, hold, then

    def dsn(self, dsn: str) -> str:
        return psycopg.conninfo.make_conninfo(dsn, host="127.0.0.1", port=self.port)

    def serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self.server) as server:
            muted = threading.Event()
            back = threading.Thread(target=self._back, args=(server, client, muted))
            back.start()
            try:
                self._forth(client, server, muted)
            finally:
                _hang_up(server)
                _hang_up(client)
                back.join()

    def _forth(self, client: socket.socket, server: socket.socket, muted: threading.Event) -> None:
        while data := _received(client):
            if not (self._mark and self._mark in data):
                server.sendall(data)
                continue
            self._mark = b""
            if self._moment == "after":
                # The answer is swallowed, and proves that the server is done.
                muted.set()
                server.sendall(data)
                self.happened.wait(10)
            self._then()
            self.happened.set()
            if not self._hold:
                return
            while _received(client):
                continue

    def _back(self, server: socket.socket, client: socket.socket, muted: threading.Event) -> None:
        while data := _received(server):
            if muted.is_set():
                self.happened.set()
                continue
            try:
                client.sendall(data)
            except OSError:
                return


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""


def _hang_up(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


@contextmanager
def cutting_proxy(dsn: str) -> Iterator[CuttingProxy]:
    """In front of the server of ``dsn``; all its threads have ended at the end."""
    facts = psycopg.conninfo.conninfo_to_dict(dsn) if "://" in dsn else {}
    parts = urlsplit(dsn)
    address = (str(facts.get("host") or parts.hostname), int(facts.get("port") or parts.port or 0))
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = CuttingProxy(listener.getsockname()[1], address)
    threads: list[threading.Thread] = []
    clients: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            clients.append(client)
            thread = threading.Thread(target=proxy.serve, args=(client,))
            threads.append(thread)
            thread.start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield proxy
    finally:
        _hang_up(listener)
        listener.close()
        for client in clients:
            _hang_up(client)
        acceptor.join()
        for thread in threads:
            thread.join()
