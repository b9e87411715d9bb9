"""``ringup serve``: the shop, portal and back office, over HTTP.

The parent binds the address once; its children answer on it. Beside them it follows the stock, so that
the search index of this host stays new.
"""

from __future__ import annotations

import gc
import itertools
import logging
import signal
import socket
import sys
import threading
import time
from argparse import ArgumentParser, ArgumentTypeError
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connections
from waitress.server import create_server

from ringup.accounts import first_owner
from ringup.core.uploads import MOST_BODY
from ringup.jobs.supervising import Place
from ringup.jobs.tether import die_with_parent
from ringup.numbers.following import Follower

_LOOK_SECONDS = 0.1
# Objects until Python looks for circles among the new ones, and how often until among older ones.
COLLECT_AFTER = (20_000, 10, 50)

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Serve shop, portal and back office (behind a TLS proxy in production)."
    # The parent checks once; its children start quickly.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--threads", type=int, default=8, help="of each process (8)")
        parser.add_argument(
            "--processes",
            type=_count,
            default=settings.RINGUP_WEB_PROCESSES,
            help="that answer pages; one for each core is enough (RINGUP_WEB_PROCESSES, 1)",
        )
        parser.add_argument("--sockets", default="", help="internal: one process that answers")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sockets"]:
            _answer([int(number) for number in options["sockets"].split(",")], options["threads"])
            return
        self.check()
        sockets = _bound(options["host"], options["port"], options["processes"])
        self._greet()
        port = sockets[0][0].getsockname()[1]
        self.stdout.write(f"Serving on http://{options['host']}:{port}")
        connections.close_all()
        Supervisor(sockets, options["threads"]).run()

    def _greet(self) -> None:
        """A new installation has no owner: say where to begin."""
        try:
            if first_owner.is_needed():
                where = settings.RINGUP_URL + first_owner.path()
                self.stdout.write(f"There is no owner yet. Make the first one on {where}")
        except DatabaseError:
            self.stdout.write("The database is not ready: run «ringup migrate» first.")


class Supervisor:
    """Keeps the processes that answer alive, and the index new, until SIGTERM or SIGINT."""

    def __init__(self, sockets: list[list[socket.socket]], threads: int) -> None:
        self._sockets = sockets
        self._places = [_place(own, threads) for own in sockets]
        self._follower = Follower()
        self._stopping = False

    def run(self) -> None:
        """Watch until asked to stop; then wait for the pages that are being answered."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        following = threading.Thread(target=self._follower.run, name="follower", daemon=True)
        following.start()
        while not self._stopping:
            for place in self._places:
                place.tend()
            time.sleep(_LOOK_SECONDS)
        self._follower.stop()
        for place in self._places:
            place.drain()
        for bound in itertools.chain(*self._sockets):
            bound.close()
        for place in self._places:
            place.wait()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def _place(sockets: list[socket.socket], threads: int) -> Place:
    """One process that answers on these."""
    files = [bound.fileno() for bound in sockets]
    command = [sys.executable, "-m", "ringup", "serve", "--sockets", ",".join(map(str, files))]
    return Place([*command, "--threads", str(threads)], name="web", files=files)


def proxy_options() -> dict[str, Any]:
    """Whose forwarded headers count: without this, the server throws all of them away."""
    if not settings.RINGUP_PROXY_ADDRESS:
        return {}
    return {
        "trusted_proxy": settings.RINGUP_PROXY_ADDRESS,
        "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-for"},
        "clear_untrusted_proxy_headers": True,
    }


def body_options() -> dict[str, Any]:
    """The largest request that is read; none is ever put on a disk, where it would lie in clear."""
    return {"max_request_body_size": MOST_BODY, "inbuf_overflow": MOST_BODY + 1}


def _answer(files: list[int], threads: int) -> None:
    """In a child: answer on the parent's sockets. SIGTERM ends it once open pages are answered."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    die_with_parent()
    application = get_wsgi_application()
    _collect_seldom()
    server = create_server(
        application,
        sockets=[socket.socket(fileno=number) for number in files],
        threads=threads,
        ident=None,
        **body_options(),
        **proxy_options(),
    )
    server.run()


def _collect_seldom() -> None:
    """A page leaves few circles behind, and what is loaded stays: looking through all of it every few
    pages took a twelfth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _bound(host: str, port: int, processes: int) -> list[list[socket.socket]]:
    """For each process its own listening sockets, on every address that ``host`` stands for. The
    system deals connections out to them: of one socket for all, a proxy's connections, which stay
    open, were nearly all the first process's."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        places = {(family, address[:2]) for family, _, _, _, address in found}
        free = [_listening(family, address, alone=True) for family, address in sorted(places)]
        addresses = [(bound.family, bound.getsockname()[:2]) for bound in free]
        for bound in free:
            bound.close()
        return [[_listening(*place, alone=False) for place in addresses] for _ in range(processes)]
    except OSError as error:
        raise CommandError(
            f"Cannot serve on {host}:{port}: {error.strerror or error}. Nothing was started. Choose "
            "another --port, or end what uses this one."
        ) from error


def _listening(family: socket.AddressFamily, address: Any, *, alone: bool) -> socket.socket:
    """``alone``: refused where any other process listens, ours too."""
    return socket.create_server(address, family=family, backlog=1024, reuse_port=not alone)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError("give a whole number from 1 up")
    return int(text)
