"""``ringup demo [--check]``: run everything here, or prove that everything works."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from ringup.cli.demo.checking import check
from ringup.cli.demo.processes import Demo, DemoProblem, running_demo


def main(argv: Sequence[str]) -> int:
    """Returns the exit code: 0 when all held."""
    parser = argparse.ArgumentParser(
        prog="ringup demo",
        description="Everything on this machine, with sandbox carriers, PBX and mail.",
    )
    parser.add_argument("--check", action="store_true", help="place real orders, exit 0 or 1")
    parser.add_argument("--port", type=int, default=8000, help="of the shop, when it is free")
    args = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with running_demo(port=args.port) as demo:
            if args.check:
                return check(demo)
            _introduce(demo)
            signal.pause()
    except KeyboardInterrupt:
        print("\nStopped. Everything that the demo kept is gone.")
        return 0
    except DemoProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _introduce(demo: Demo) -> None:
    print(
        f"""
Ringup is running on this machine, with sandbox carriers, PBX and mail. Nothing here costs money.

  Shop           {demo.url}/
  Back office    {demo.url}/office/    {demo.staff_email}  {demo.staff_password}
  Mails          {demo.smtp["url"]}
  Carriers       {demo.voipms["control"]}/state
                 {demo.didww["control"]}/state
  PBX            {demo.fusionpbx["control"]}/state
  Logs           {demo.logs}

Ctrl-C stops everything and forgets it.
""",
        flush=True,
    )
