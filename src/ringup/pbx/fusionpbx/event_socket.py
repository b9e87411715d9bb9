"""A thin client of FreeSWITCH's event socket: one connection, a few commands, a time limit on each."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from types import TracebackType

from ringup.core.failures import NothingHappened, OurFault, PortFailure
from ringup.pbx.port import PbxConnection

_LARGEST_REPLY = 4 * 1024 * 1024


class EventSocket:
    """Connects and authenticates on entering. ``commands`` counts what was sent, without ``auth``.

    Every command that we send may be sent again, so a lost reply is ``NothingHappened``.
    """

    def __init__(self, connection: PbxConnection) -> None:
        self._address = (connection.event_host, connection.event_port)
        self._password = connection.event_password
        self._timeout = connection.connect_timeout_seconds
        self._socket: socket.socket | None = None
        self._unread = b""
        self.commands = 0

    def __enter__(self) -> EventSocket:
        try:
            self._connect()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def api(self, command: str) -> str:
        """Run an API command and return its answer, without the surrounding white space."""
        self.commands += 1
        _, body = self._exchange(f"api {command}")
        return body.strip()

    def custom_event(self, subclass: str, headers: Mapping[str, str]) -> None:
        """Send a CUSTOM event, as FusionPBX's pages do to tell other nodes."""
        self.commands += 1
        lines = ["sendevent CUSTOM", "Event-Name: CUSTOM", f"Event-Subclass: {subclass}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        reply, _ = self._exchange("\n".join(lines))
        text = reply.get("reply-text", "")
        if not text.startswith("+OK"):
            raise NothingHappened(f"the event socket refused an event: {text}")

    # -- inside -------------------------------------------------------------------------------

    def _connect(self) -> None:
        failure: PortFailure | None = None
        try:
            self._socket = socket.create_connection(self._address, timeout=self._timeout)
        except (OSError, UnicodeError) as error:
            failure = NothingHappened(
                f"the PBX's event socket at {self._address[0]}:{self._address[1]} cannot be "
                f"reached: {_why(error)}"
            )
        if failure is not None:
            raise failure
        greeting, _ = self._receive()
        if greeting.get("content-type") != "auth/request":
            raise OurFault(
                "the PBX's event socket turned us away: its access list (apply-inbound-acl in "
                "event_socket.conf.xml) does not know us"
            )
        reply, _ = self._exchange(f"auth {self._password}")
        if not reply.get("reply-text", "").startswith("+OK"):
            raise OurFault(
                "the PBX's event socket refused the password: it is the one in event_socket.conf.xml"
            )

    def _exchange(self, command: str) -> tuple[dict[str, str], str]:
        assert self._socket is not None
        lost = False
        try:
            self._socket.sendall(command.encode() + b"\n\n")
        except OSError:
            lost = True
        if lost:
            raise NothingHappened("the PBX's event socket hung up")
        while True:
            headers, body = self._receive()
            # Events and log lines that a shared connection might carry are not our answer.
            if headers.get("content-type") in ("command/reply", "api/response"):
                return headers, body
            if headers.get("content-type") == "text/disconnect-notice":
                raise NothingHappened("the PBX's event socket hung up")

    def _receive(self) -> tuple[dict[str, str], str]:
        head = self._until(b"\n\n")
        headers = {}
        for line in head.decode(errors="replace").splitlines():
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _LARGEST_REPLY:
            raise NothingHappened("the PBX's event socket answered something unreadable")
        return headers, self._exactly(int(length)).decode(errors="replace")

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._unread:
            self._read_more()
            if len(self._unread) > _LARGEST_REPLY:
                raise NothingHappened("the PBX's event socket answered something unreadable")
        found, _, self._unread = self._unread.partition(mark)
        return found

    def _exactly(self, length: int) -> bytes:
        while len(self._unread) < length:
            self._read_more()
        found, self._unread = self._unread[:length], self._unread[length:]
        return found

    def _read_more(self) -> None:
        assert self._socket is not None
        chunk = b""
        silent = False
        try:
            chunk = self._socket.recv(65536)
        except TimeoutError:
            silent = True
        except OSError:
            chunk = b""
        if silent:
            raise NothingHappened("the PBX's event socket did not answer in time")
        if not chunk:
            raise NothingHappened("the PBX's event socket hung up")
        self._unread += chunk


def _why(error: Exception) -> str:
    match error:
        case ConnectionRefusedError():
            return (
                "nothing listens there. Check host and port, and that FreeSWITCH runs with "
                "mod_event_socket"
            )
        case TimeoutError():
            return "no answer in time. A firewall may drop the packets"
        case socket.gaierror() | UnicodeError():
            return "no machine has this host name"
        case _:
            return type(error).__name__
