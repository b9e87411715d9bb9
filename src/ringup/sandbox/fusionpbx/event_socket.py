"""FreeSWITCH's event socket: its wire protocol on a real socket, one thread per connection.

Written from the protocol's description and FreeSWITCH 1.10's mod_event_socket.
"""

from __future__ import annotations

import hmac
import socket
import socketserver
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from ringup.sandbox.fusionpbx.commands import Commands
from ringup.sandbox.fusionpbx.faults import Faults
from ringup.sandbox.listening import Stoppable

_GOODBYE = b"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class SentCommand:
    """One command as it came. ``headers`` are those of ``sendevent``; passwords are left out."""

    connection: int
    text: str
    headers: dict[str, str]


class Hangup(Exception):
    """The connection ends here, without a further byte."""


class CommandLog:
    """All commands of all connections, in the order they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._commands: list[SentCommand] = []
        self._connections = 0

    def open_connection(self) -> int:
        with self._lock:
            self._connections += 1
            return self._connections

    def add(self, command: SentCommand) -> None:
        with self._lock:
            self._commands.append(command)

    def commands(self) -> list[SentCommand]:
        with self._lock:
            return list(self._commands)

    def clear(self) -> None:
        with self._lock:
            self._commands.clear()


class _Connection(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.number = self.server.log.open_connection()
        self.events: set[str] = set()
        self.sending = threading.Lock()
        try:
            self._send(b"Content-Type: auth/request\n\n")
            if self._authenticated():
                self.server.listeners.add(self)
                while self._answer(*self._read()):
                    pass
            self._send(_framed("text/disconnect-notice", _GOODBYE))
        except (Hangup, ConnectionError):
            return
        finally:
            self.server.listeners.discard(self)

    def fire(self, name: str, headers: dict[str, str], body: str = "") -> None:
        """Send an event to this listener if it asked for it."""
        subclass = headers.get("Event-Subclass", "")
        if not {"ALL", name} & self.events or (
            name == "CUSTOM" and not {"ALL", subclass} & self.events
        ):
            return
        lines = {"Event-Name": name, **headers}
        text = "".join(f"{key}: {quote(value, safe=' /:@')}\n" for key, value in lines.items())
        content = f"{text}Content-Length: {len(body)}\n\n{body}" if body else f"{text}\n"
        framed = f"Content-Length: {len(content)}\nContent-Type: text/event-plain\n\n{content}"
        self._send(framed.encode())

    def _authenticated(self) -> bool:
        """Answer until the password came (True), or until the connection must end (False)."""
        while True:
            command, _ = self._read()
            verb, _, password = command.partition(" ")
            self._remember(verb)
            if verb == "exit":
                self._reply("+OK bye")
                return False
            if verb != "auth":
                self._reply("-ERR command not found")
                continue
            known = hmac.compare_digest(password.encode(), self.server.password.encode())
            accepted = known and self.server.faults.take(verb, ["refuse-auth"]) is None
            self._reply("+OK accepted" if accepted else "-ERR invalid")
            return accepted

    def _read(self) -> tuple[str, dict[str, str]]:
        """The next command: its first line, and its further lines as headers."""
        lines: list[str] = []
        while True:
            raw = self.rfile.readline()
            if not raw:
                raise Hangup
            line = raw.decode(errors="replace").rstrip("\r\n")
            if line:
                lines.append(line)
            elif lines:
                break
        pairs = (line.partition(":") for line in lines[1:])
        headers = {name.strip(): value.strip() for name, _, value in pairs}
        length = headers.get("content-length") or headers.get("Content-Length") or "0"
        self.rfile.read(int(length))
        return lines[0], headers

    def _answer(self, command: str, headers: dict[str, str]) -> bool:
        """Answer one command. False: the connection ends in order."""
        self._remember(command, headers)
        slow = self.server.faults.take(command, ["slow"])
        if slow is not None:
            time.sleep(slow.seconds)
        fault = self.server.faults.take(command, ["drop-before", "drop-after", "error"])
        kind = fault.kind if fault else ""
        if kind == "drop-before":
            raise Hangup
        verb, _, rest = command.partition(" ")
        if verb == "api":
            answer = "-ERR this is a fault\n" if kind == "error" else self._execute(rest)
            if kind != "drop-after":
                self._send(_framed("api/response", answer.encode()))
        else:
            reply = "-ERR this is a fault" if kind == "error" else self._obey(verb, rest, headers)
            if kind != "drop-after":
                self._reply(reply)
        if kind == "drop-after":
            raise Hangup
        return verb != "exit"

    def _obey(self, verb: str, rest: str, headers: dict[str, str]) -> str:
        """Carry out a command that is no ``api``; returns the reply text."""
        match verb:
            case "exit":
                return "+OK bye"
            case "bgapi":
                return self._background(rest, headers)
            case "sendevent":
                self.server.fire(rest.strip() or "CUSTOM", headers)
                return f"+OK {uuid.uuid4()}"
            case "event":
                self.events |= set(rest.split()) - {"plain"}
                return (
                    "+OK event listener enabled plain"
                    if self.events
                    else ("-ERR no keywords supplied")
                )
            case "noevents":
                listening, self.events = bool(self.events), set()
                return (
                    "+OK no longer listening for events"
                    if listening
                    else ("-ERR not listening for events")
                )
            case "filter":
                return f"+OK filter added. [{rest}]"
            case "nolog" | "linger" | "log":
                return "+OK"
        return "-ERR command not found"

    def _background(self, text: str, headers: dict[str, str]) -> str:
        job = headers.get("Job-UUID") or str(uuid.uuid4())
        name, _, arguments = text.partition(" ")

        def work() -> None:
            facts = {"Job-UUID": job, "Job-Command": name, "Job-Command-Arg": arguments}
            self.server.fire("BACKGROUND_JOB", facts, self._execute(text))

        threading.Thread(target=work, name="sandbox-bgapi", daemon=True).start()
        return f"+OK Job-UUID: {job}\nJob-UUID: {job}"

    def _execute(self, text: str) -> str:
        return self.server.commands.execute(text)

    def _remember(self, command: str, headers: dict[str, str] | None = None) -> None:
        self.server.log.add(SentCommand(self.number, command, headers or {}))

    def _reply(self, text: str) -> None:
        self._send(f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode())

    def _send(self, content: bytes) -> None:
        with self.sending:
            self.wfile.write(content)


class _Server(Stoppable, socketserver.ThreadingTCPServer):
    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self, port: int, password: str, commands: Commands, faults: Faults, log: CommandLog
    ) -> None:
        self.password = password
        self.commands = commands
        self.faults = faults
        self.log = log
        self.listeners: set[_Connection] = set()
        self.sockets: set[socket.socket] = set()
        super().__init__((_HOST, port), _Connection)

    def fire(self, name: str, headers: dict[str, str], body: str = "") -> None:
        for listener in list(self.listeners):
            try:
                listener.fire(name, headers, body)
            except (OSError, ValueError):
                continue  # it hung up in this moment

    def process_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        if isinstance(request, socket.socket):
            self.sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            self.sockets.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self.sockets):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed by its own thread in this moment


def _framed(kind: str, body: bytes) -> bytes:
    return f"Content-Type: {kind}\nContent-Length: {len(body)}\n\n".encode() + body


@contextmanager
def event_socket(
    commands: Commands, faults: Faults, log: CommandLog, *, password: str, port: int = 0
) -> Iterator[int]:
    """Serve on loopback; gives the port. At the end all connections are cut."""
    server = _Server(port, password, commands, faults, log)
    thread = threading.Thread(target=server.serve, name="sandbox-events")
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.stop()
        thread.join()
        server.hang_up()
        server.server_close()
