"""The event socket client against peers that behave badly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ringup.core.failures import NothingHappened, OurFault
from ringup.pbx.fusionpbx.event_socket import EventSocket
from ringup.pbx.fusionpbx.gateway_status import gateway_report
from ringup.pbx.port import GatewayState, PbxConnection

pytestmark = pytest.mark.once

GREETING = b"Content-Type: auth/request\n\n"
ACCEPTED = b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
PASSWORD = "Event7Secret"


@contextmanager
def peer(*answers: bytes, hold: bool = False) -> Iterator[PbxConnection]:
    """Greets with the first of ``answers``, gives one for each message, and then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            client.sendall(answers[0])
            for answer in answers[1:]:
                if not client.recv(65536):
                    return
                client.sendall(answer)
            if hold:
                done.wait(10)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield PbxConnection(
            dsn="",
            event_host="127.0.0.1",
            event_port=listener.getsockname()[1],
            event_password=PASSWORD,
            connect_timeout_seconds=0.5,
        )
    finally:
        done.set()
        listener.close()
        thread.join()


def api(connection: PbxConnection) -> str:
    with EventSocket(connection) as events:
        return events.api("status")


def reply(body: bytes, kind: bytes = b"api/response") -> bytes:
    return b"Content-Type: %s\nContent-Length: %d\n\n%s" % (kind, len(body), body)


def test_an_answer_is_read_whole_and_other_messages_are_passed_over() -> None:
    event = reply(b"Event-Name: HEARTBEAT\n\n", b"text/event-plain")
    with peer(GREETING, ACCEPTED, event + reply(b"UP 0 years\n+OK\n\n")) as connection:
        assert api(connection) == "UP 0 years\n+OK"


def test_an_answer_in_pieces_is_put_together() -> None:
    whole = reply(b"x" * 200_000)
    with peer(GREETING, ACCEPTED, whole) as connection:
        assert api(connection) == "x" * 200_000


@pytest.mark.parametrize(
    ("answers", "failure", "words"),
    [
        ([b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"],
         OurFault, "turned us away"),
        ([GREETING, b"Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"],
         OurFault, "refused the password"),
        ([GREETING], NothingHappened, "hung up"),
        ([GREETING, ACCEPTED], NothingHappened, "hung up"),
        ([GREETING, ACCEPTED, reply(b"bye", b"text/disconnect-notice")], NothingHappened, "hung up"),
        ([GREETING, ACCEPTED, b"Content-Type: api/response\nContent-Length: 99999999\n\n"],
         NothingHappened, "unreadable"),
        ([GREETING, ACCEPTED, b"Content-Type: api/response\nContent-Length: -1\n\n"],
         NothingHappened, "unreadable"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n\n\n"], OurFault, "turned us away"),
    ],
)  # fmt: skip
def test_bad_manners_are_a_failure_without_a_secret(
    answers: list[bytes], failure: type[Exception], words: str
) -> None:
    with peer(*answers) as connection, pytest.raises(failure, match=words) as caught:
        api(connection)
    assert PASSWORD not in str(caught.value)


def test_silence_ends_in_time() -> None:
    with (
        peer(GREETING, ACCEPTED, b"", hold=True) as connection,
        pytest.raises(NothingHappened, match="in time"),
    ):
        api(connection)


@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [
        ("REGED", "UP", GatewayState.UP),
        ("NOREG", "UP", GatewayState.UP),
        ("NOREG", "DOWN", GatewayState.DOWN),
        ("TRYING", "DOWN", GatewayState.TRYING),
        ("REGISTER", "DOWN", GatewayState.TRYING),
        ("UNREGED", "DOWN", GatewayState.TRYING),
        ("FAIL_WAIT", "DOWN", GatewayState.DOWN),
        ("FAILED", "DOWN", GatewayState.DOWN),
        ("EXPIRED", "DOWN", GatewayState.DOWN),
        ("TIMEOUT", "DOWN", GatewayState.DOWN),
    ],
)
def test_the_switchs_words_become_ours(state: str, status: str, expected: GatewayState) -> None:
    answer = f"<gateway><name>g</name><state>{state}</state><status>{status}</status></gateway>"
    report = gateway_report(answer)
    assert (report.state, report.detail) == (expected, state)


def test_a_gateway_that_is_not_loaded_is_unknown() -> None:
    assert gateway_report("Invalid Gateway!").state is GatewayState.UNKNOWN


@pytest.mark.parametrize(
    "answer", ["<gateway>", '<!DOCTYPE x [<!ENTITY a "b">]><gateway><state>&a;</state></gateway>']
)
def test_an_answer_that_is_no_plain_xml_is_not_believed(answer: str) -> None:
    with pytest.raises(NothingHappened):
        gateway_report(answer)
