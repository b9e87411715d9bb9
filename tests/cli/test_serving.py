"""Each process that answers pages has a share of the connections."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest
from django.core.management.base import CommandError

from ringup.cli.management.commands.serve import _bound

pytestmark = pytest.mark.once

HOST = "127.0.0.1"


def test_connections_are_dealt_out_to_all_processes() -> None:
    with ExitStack() as opened:
        sockets = [opened.enter_context(own) for (own,) in _bound(HOST, 0, 2)]
        port = sockets[0].getsockname()[1]
        assert sockets[1].getsockname()[1] == port
        for _ in range(64):
            opened.enter_context(socket.create_connection((HOST, port)))
        shares = [_accepted(own, opened) for own in sockets]
    assert sum(shares) == 64
    # By chance: one of them has less than a tenth once in ten million times.
    assert min(shares) > 6, shares


def _accepted(listening: socket.socket, opened: ExitStack) -> int:
    listening.setblocking(False)
    count = 0
    while True:
        try:
            connection, _ = listening.accept()
        except BlockingIOError:
            return count
        opened.enter_context(connection)
        count += 1


def test_a_second_server_does_not_take_part() -> None:
    with ExitStack() as opened:
        own, _ = (opened.enter_context(own) for (own,) in _bound(HOST, 0, 2))
        port = own.getsockname()[1]
        with pytest.raises(CommandError, match=f"Cannot serve on {HOST}:{port}"):
            _bound(HOST, port, 2)
