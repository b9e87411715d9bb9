"""A carrier on the wire of VoIP.ms: ``rest.php`` with its methods, envelopes and loose types.

Written from the public record of the service, not from the service itself: nothing here was
compared with a live account.
"""

from ringup.sandbox.voipms.running import VoipmsSandbox, add_arguments, run, running_voipms
from ringup.sandbox.voipms.state import Setup

__all__ = ["Setup", "VoipmsSandbox", "add_arguments", "run", "running_voipms"]
