"""The command line of the FusionPBX sandbox."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ringup.sandbox.announcing import announce, stop_requests
from ringup.sandbox.fusionpbx.dialects import RELEASES
from ringup.sandbox.fusionpbx.server import HOSTNAME, TEMPLATE_DOMAIN, Options, running_fusionpbx
from ringup.sandbox.fusionpbx.switch import ANY, NEVER, Registrar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen at the start."""
    parser.add_argument("--version", choices=sorted(RELEASES), default="5.5")
    parser.add_argument("--dialplan-mode", choices=["single", "multiple"], default="")
    parser.add_argument("--cache-method", choices=["file", "memcache"], default="file")
    parser.add_argument("--template-domain", default=TEMPLATE_DOMAIN, metavar="NAME")
    parser.add_argument("--hostname", default=HOSTNAME, metavar="NAME")
    parser.add_argument("--port-event-socket", type=int, default=0, metavar="PORT")
    parser.add_argument("--control-port", type=int, default=0, metavar="PORT")
    parser.add_argument(
        "--registrar",
        type=_registrar,
        default=ANY,
        metavar="any|never|FILE",
        help="which gateways register: FILE is JSON, user names with their passwords",
    )


def run(args: argparse.Namespace) -> int:
    """Announce the sandbox on one line, and serve until SIGTERM or Ctrl-C."""
    options = Options(
        version=args.version,
        dialplan_mode=args.dialplan_mode,
        template_domain=args.template_domain,
        cache_method=args.cache_method,
        hostname=args.hostname,
        event_socket_port=args.port_event_socket,
        control_port=args.control_port,
        registrar=args.registrar,
    )
    with stop_requests() as stop, running_fusionpbx(options) as sandbox:
        announce(sandbox.facts())
        stop.wait()
    return 0


def _registrar(text: str) -> Registrar:
    if text in ("any", "never"):
        return ANY if text == "any" else NEVER
    try:
        accounts = json.loads(Path(text).read_text())
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from error
    if not isinstance(accounts, dict):
        raise argparse.ArgumentTypeError(f"{text}: no JSON object")
    return Registrar(accounts={str(name): str(word) for name, word in accounts.items()})
