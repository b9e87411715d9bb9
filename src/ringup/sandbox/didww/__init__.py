"""A carrier on the wire of DIDWW's API 3 (JSON:API, 2026-04-16): numbers, papers, trunks, callbacks.

Written from the public record of the service (its OpenAPI document, its Postman collection, its
documentation), not from the service itself: nothing here was compared with a live account. All
countries' rules in it are made up.
"""

from ringup.sandbox.didww.running import DidwwSandbox, add_arguments, run, running_didww
from ringup.sandbox.didww.state import Setup

__all__ = ["DidwwSandbox", "Setup", "add_arguments", "run", "running_didww"]
