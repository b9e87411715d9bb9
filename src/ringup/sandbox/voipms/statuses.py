"""The refusal of a call: anything but ``success`` in the envelope's ``status``."""

from __future__ import annotations


class StatusError(Exception):
    """A call ends with this status. ``message`` is the sentence that some refusals carry."""

    def __init__(self, status: str, message: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.message = message
