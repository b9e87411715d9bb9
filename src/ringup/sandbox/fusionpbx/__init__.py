"""A FusionPBX for tests and demonstrations: its tables on a real PostgreSQL, and an event socket.

``python -m ringup.sandbox fusionpbx`` prints one line of JSON when it listens. Tests use
``running_fusionpbx``. What is imitated is what a provisioner meets: the tables of 5.5 (or 5.4)
with a template tenant of our own making, the cache that never forgets, gateways that are loaded
by a rescan, and the answer to «who rings when I dial this number». There are no web pages, no
SIP and no sound.
"""

from ringup.sandbox.fusionpbx.calls import Bridge, Call
from ringup.sandbox.fusionpbx.command import add_arguments, run
from ringup.sandbox.fusionpbx.event_socket import SentCommand
from ringup.sandbox.fusionpbx.faults import Fault
from ringup.sandbox.fusionpbx.server import Options, SandboxFusionpbx, running_fusionpbx
from ringup.sandbox.fusionpbx.switch import ANY, NEVER, Registrar

__all__ = [
    "ANY",
    "NEVER",
    "Bridge",
    "Call",
    "Fault",
    "Options",
    "Registrar",
    "SandboxFusionpbx",
    "SentCommand",
    "add_arguments",
    "run",
    "running_fusionpbx",
]
