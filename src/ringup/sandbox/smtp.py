"""A mail server that keeps what it gets and shows it over HTTP; it relays nothing.

It can refuse mail (451 for now, 550 for good) and lose its reply before or after taking a mail,
so that a sender's promise of "one mail per event" can be tested.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from ringup.sandbox.announcing import announce, stop_requests
from ringup.sandbox.listening import LOOPBACK, Reply, Request, json_reply, listening
from ringup.sandbox.mailbox import Mailbox, page

# 451 and 550 refuse at RCPT TO, or at the end of DATA when ``at`` says so; the two others keep
# nothing, or the mail, and cut the connection instead of answering the end of DATA.
KINDS = ("451", "550", "reply_lost_before", "reply_lost_after")
REFUSALS = {
    "451": "451 4.3.0 Try again later",
    "550": "550 5.7.1 Refused",
}
PLACES = ("rcpt", "data")
MAILS_PATH = "/mails"
CONTROL_PATH = "/control"


class BadFault(ValueError):
    """The fault that was asked for does not exist; the message says what is expected."""


@dataclass(slots=True)
class Fault:
    """Strikes ``times`` mails or recipients; below zero for ever."""

    kind: str
    at: str = "rcpt"
    times: int = 1


class Faults:
    """The faults that wait, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, kind: str, *, at: str = "rcpt", times: int = 1) -> Fault:
        if kind not in KINDS or at not in PLACES or times == 0:
            raise BadFault(f"kind is one of {', '.join(KINDS)}; at is rcpt or data; times is not 0")
        fault = Fault(kind, at if kind in REFUSALS else "data", times)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def take(self, at: str) -> str:
        """The kind of the oldest fault for this place, counted down; empty when there is none."""
        with self._lock:
            for fault in self._waiting:
                if fault.at == at:
                    fault.times -= 1
                    if fault.times == 0:
                        self._waiting.remove(fault)
                    return fault.kind
        return ""

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()


def _cut(connection: SMTP) -> None:
    """End a connection without another byte."""
    if isinstance(connection.transport, asyncio.Transport):
        connection.transport.abort()


class Postman:
    """What aiosmtpd asks at each stage of a mail; it finds the methods by their names."""

    def __init__(self, mailbox: Mailbox, faults: Faults) -> None:
        self.mailbox = mailbox
        self.faults = faults

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if kind := self.faults.take("rcpt"):
            return REFUSALS[kind]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        kind = self.faults.take("data")
        if kind in REFUSALS:
            return REFUSALS[kind]
        if kind != "reply_lost_before":
            content = envelope.content or b""
            raw = content.encode() if isinstance(content, str) else content
            self.mailbox.keep(envelope.mail_from or "", envelope.rcpt_tos, raw)
        if kind:
            _cut(server)
            # The end of the connection cancels us here, before a reply is tried.
            await asyncio.Event().wait()
        return "250 OK"


class _Server:
    """aiosmtpd on an event loop of its own, in a thread of its own."""

    def __init__(self, postman: Postman, port: int) -> None:
        self._postman = postman
        self._wanted_port = port
        self._ready: Future[int] = Future()
        self._connections: list[SMTP] = []
        self._thread = threading.Thread(target=self._run, name="sandbox-smtp")

    def start(self) -> int:
        """The port; whatever keeps it from listening is raised here."""
        self._thread.start()
        return self._ready.result()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    def _connection(self) -> SMTP:
        # A name given here spares a look-up of our own in the DNS for each connection.
        smtp = SMTP(self._postman, hostname="sandbox.example", enable_SMTPUTF8=True)
        self._connections.append(smtp)
        return smtp

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await self._loop.create_server(self._connection, LOOPBACK, self._wanted_port)
        except OSError as error:
            self._ready.set_exception(error)
            return
        self._ready.set_result(int(server.sockets[0].getsockname()[1]))
        await self._stopping.wait()
        server.close()
        for connection in self._connections:
            _cut(connection)


class Office:
    """``GET`` mails and mails/N, ``POST`` control/faults and control/reset."""

    def __init__(self, mailbox: Mailbox, faults: Faults) -> None:
        self.mailbox = mailbox
        self.faults = faults

    def answer(self, request: Request) -> Reply:
        if request.verb == "POST":
            return self._control(request)
        if request.path == MAILS_PATH:
            return self._list(request)
        number = request.path.removeprefix(f"{MAILS_PATH}/")
        mail = self.mailbox.get(int(number)) if number.isdigit() else None
        if mail is None:
            return json_reply({"problem": "no such mail"}, status=404)
        return Reply(mail.raw, content_type="text/plain; charset=utf-8")

    def _list(self, request: Request) -> Reply:
        mails = self.mailbox.all()
        if "text/html" in request.headers.get("accept", ""):
            return Reply(page(mails, MAILS_PATH).encode(), content_type="text/html; charset=utf-8")
        return json_reply([mail.shown() for mail in mails])

    def _control(self, request: Request) -> Reply:
        if request.path == f"{CONTROL_PATH}/reset":
            self.faults.clear()
            self.mailbox.clear()
            return json_reply({})
        if request.path != f"{CONTROL_PATH}/faults":
            return json_reply({"problem": "no such thing here"}, status=404)
        try:
            wish = json.loads(request.body or b"{}")
            at, times = str(wish.get("at", "rcpt")), int(wish.get("times", 1))
            return json_reply(asdict(self.faults.add(str(wish.get("kind")), at=at, times=times)))
        except (ValueError, TypeError, AttributeError) as error:
            return json_reply({"problem": str(error)}, status=400)


@dataclass(frozen=True, slots=True)
class SmtpSandbox:
    """A running mail server. ``mailbox`` and ``faults`` are the live ones, for tests."""

    host: str
    port: int
    url: str
    control: str
    mailbox: Mailbox = field(repr=False)
    faults: Faults = field(repr=False)


@contextmanager
def running_smtp(*, port: int = 0, http_port: int = 0) -> Iterator[SmtpSandbox]:
    """A fresh mail server on loopback, in threads; port 0 takes a free one."""
    mailbox, faults = Mailbox(), Faults()
    office = Office(mailbox, faults)
    server = _Server(Postman(mailbox, faults), port)
    smtp_port = server.start()
    try:
        with listening(office.answer, port=http_port) as base:
            yield SmtpSandbox(
                host=LOOPBACK,
                port=smtp_port,
                url=f"{base}{MAILS_PATH}",
                control=f"{base}{CONTROL_PATH}",
                mailbox=mailbox,
                faults=faults,
            )
    finally:
        server.stop()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="for SMTP; 0 takes a free one")
    parser.add_argument("--http-port", type=int, default=0, help="for the list of mails")


def run(args: argparse.Namespace) -> int:
    """Serve in the foreground until SIGTERM or SIGINT."""
    with stop_requests() as stop, running_smtp(port=args.port, http_port=args.http_port) as it:
        announce({"host": it.host, "port": it.port, "url": it.url, "control": it.control})
        stop.wait()
    return 0
