"""``python -m ringup.sandbox NAME …``: start one sandbox server in the foreground."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

# A module is imported only when its name is chosen: each stands on packages of its own.
SERVERS = {
    "voipms": ("ringup.sandbox.voipms", "a carrier: the VoIP.ms REST/JSON API"),
    "didww": ("ringup.sandbox.didww", "a carrier: the DIDWW API 3, with its papers"),
    "fusionpbx": ("ringup.sandbox.fusionpbx", "a PBX: FusionPBX's tables and event socket"),
    "postgres": ("ringup.sandbox.database", "a database server: an empty PostgreSQL"),
    "smtp": ("ringup.sandbox.smtp", "a mail server that keeps what it gets"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server that the first argument names; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    args = _parser(arguments[:1]).parse_args(arguments)
    return int(args.run(args))


def _parser(chosen: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringup sandbox",
        description="Starts fresh, prints one line of JSON when it listens, runs until Ctrl-C.",
    )
    servers = parser.add_subparsers(metavar="NAME", required=True)
    for name, (path, text) in SERVERS.items():
        server = servers.add_parser(name, help=text, description=f"Imitates {text}.")
        if name in chosen:
            module = importlib.import_module(path)
            module.add_arguments(server)
            server.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
