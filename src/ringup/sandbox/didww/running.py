"""Starting the sandbox carrier: inside a test, or in the foreground."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from ringup.sandbox.announcing import announce, stop_requests
from ringup.sandbox.didww.callbacks import Sender
from ringup.sandbox.didww.server import BASE, CONTROL_PATH, TOKEN_PATH, Carrier
from ringup.sandbox.didww.state import DEFAULT_BALANCE, Setup, State
from ringup.sandbox.faults import Faults
from ringup.sandbox.listening import listening


@dataclass(frozen=True, slots=True)
class DidwwSandbox:
    """A running sandbox carrier. ``state`` and ``faults`` are the live ones, for tests."""

    url: str
    token_url: str
    control: str
    key: str = field(repr=False)
    callback_secret: str = field(repr=False)
    state: State
    faults: Faults


@contextmanager
def running_didww(*, port: int = 0, setup: Setup | None = None) -> Iterator[DidwwSandbox]:
    """A fresh carrier on loopback, in threads; port 0 takes a free one."""
    setup = setup or Setup()
    state, faults = State(setup), Faults()
    carrier, sender = Carrier(state, faults), Sender(state)
    state.send = sender.put
    with listening(carrier.answer, port=port) as base:
        try:
            yield DidwwSandbox(
                url=f"{base}{BASE}",
                token_url=f"{base}{TOKEN_PATH}",
                control=f"{base}{CONTROL_PATH}",
                key=setup.key,
                callback_secret=setup.callback_secret,
                state=state,
                faults=faults,
            )
        finally:
            carrier.stopping.set()
            sender.stop()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--balance", type=Decimal, default=DEFAULT_BALANCE, help="US dollars")
    parser.add_argument(
        "--decide-seconds",
        type=float,
        help="after which a verification is approved by itself (else: by the switch, or control)",
    )
    parser.add_argument(
        "--reservation-seconds", type=float, default=600.0, help="how long a number is kept (600)"
    )


def run(args: argparse.Namespace) -> int:
    """Serve in the foreground until SIGTERM or SIGINT."""
    setup = Setup(
        balance=args.balance,
        decide_seconds=args.decide_seconds,
        reservation_seconds=args.reservation_seconds,
    )
    with stop_requests() as stop, running_didww(port=args.port, setup=setup) as it:
        announce(
            {
                "url": it.url,
                "key": it.key,
                "token_url": it.token_url,
                "callback_secret": it.callback_secret,
                "control": it.control,
            }
        )
        stop.wait()
    return 0
