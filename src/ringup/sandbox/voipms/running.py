"""Starting the sandbox carrier: inside a test, or in the foreground."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from ringup.sandbox.announcing import announce, stop_requests
from ringup.sandbox.faults import Faults
from ringup.sandbox.listening import listening
from ringup.sandbox.voipms.drift import Drift
from ringup.sandbox.voipms.server import API_PATH, CONTROL_PATH, Carrier
from ringup.sandbox.voipms.state import DEFAULT_BALANCE, DEFAULT_NUMBERS, Setup, State


@dataclass(frozen=True, slots=True)
class VoipmsSandbox:
    """A running sandbox carrier. ``state`` and ``faults`` are the live ones, for tests."""

    url: str
    control: str
    user: str
    password: str = field(repr=False)
    account: str
    state: State
    faults: Faults


@contextmanager
def running_voipms(
    *, port: int = 0, drift: bool = True, setup: Setup | None = None
) -> Iterator[VoipmsSandbox]:
    """A fresh carrier on loopback, in threads; port 0 takes a free one."""
    setup = setup or Setup()
    state, faults = State(setup), Faults()
    carrier = Carrier(state, faults, Drift(seed=setup.seed, enabled=drift))
    with listening(carrier.answer, port=port) as base:
        try:
            yield VoipmsSandbox(
                url=f"{base}{API_PATH}",
                control=f"{base}{CONTROL_PATH}",
                user=setup.user,
                password=setup.password,
                account=setup.account,
                state=state,
                faults=faults,
            )
        finally:
            carrier.stopping.set()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=1, help="chooses the stock and the drift")
    parser.add_argument(
        "--numbers", type=int, default=DEFAULT_NUMBERS, help="how many are for sale"
    )
    parser.add_argument("--balance", type=Decimal, default=DEFAULT_BALANCE, help="US dollars")
    parser.add_argument(
        "--calls-per-minute", type=int, help="more are refused with api_limit_exceeded"
    )
    parser.add_argument(
        "--no-drift",
        action="store_true",
        help="answer with text and lists throughout, as the documentation shows",
    )


def run(args: argparse.Namespace) -> int:
    """Serve in the foreground until SIGTERM or SIGINT."""
    setup = Setup(
        seed=args.seed,
        numbers=args.numbers,
        balance=args.balance,
        calls_per_minute=args.calls_per_minute,
    )
    drift = not args.no_drift
    with stop_requests() as stop, running_voipms(port=args.port, drift=drift, setup=setup) as it:
        announce(
            {
                "url": it.url,
                "user": it.user,
                "password": it.password,
                "control": it.control,
                "account": it.account,
            }
        )
        stop.wait()
    return 0
