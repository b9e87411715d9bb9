"""``ringup sandbox postgres``: a throw-away PostgreSQL for benchmarks and for trying things out."""

from __future__ import annotations

import argparse

from ringup.sandbox.announcing import announce, stop_requests
from ringup.sandbox.postgres import start_postgres


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--durable", action="store_true", help="keep PostgreSQL's promises about power cuts"
    )


def run(args: argparse.Namespace) -> int:
    """Serve in the foreground until SIGTERM or SIGINT; then its files are removed."""
    with stop_requests() as stop, start_postgres(durable=args.durable) as server:
        announce({"dsn": server.dsn()})
        stop.wait()
    return 0
