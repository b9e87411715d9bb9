"""The four ways in which an outside system can fail us, the same at every port. No Django here."""

from __future__ import annotations


class PortFailure(Exception):
    """An outside system did not do what was asked.

    ``detail`` (``str(exc)``) is for staff and may quote the outside system whole, but never a
    secret. ``user_message`` is a plain sentence that any client may read.
    """

    user_message = (
        "Something went wrong on our side. Nothing was lost, and our staff has been told."
    )

    def __init__(self, detail: str, *, user_message: str | None = None) -> None:
        super().__init__(detail)
        if user_message is not None:
            self.user_message = user_message


class Refused(PortFailure):
    """The outside understood and said no. The same request would be refused again: tell the user."""


class NumberGone(Refused):
    """The number is not for sale (any more): choose another one."""

    user_message = (
        "That number was just sold to somebody else. Nothing was charged. Choose another."
    )


class NotOurs(Refused):
    """Something stands where ours should be, and it does not carry our reference: stop and ask."""


class NothingHappened(PortFailure):
    """The request did not take effect. It is safe to try again later: in ``retry_seconds``, where the
    outside, or our own share of its calls, names a time. Then it is not away, only full."""

    user_message = (
        "We cannot reach our supplier right now. Nothing was charged; we try again by ourselves."
    )

    def __init__(
        self, detail: str, *, user_message: str | None = None, retry_seconds: float | None = None
    ) -> None:
        super().__init__(detail, user_message=user_message)
        self.retry_seconds = retry_seconds


class OutcomeUnknown(PortFailure):
    """The request may or may not have taken effect: look first, never repeat blindly."""

    user_message = "We are checking with our supplier whether your order went through."


class OurFault(PortFailure):
    """Wrong credentials or configuration, or a bug of ours: stop and tell staff what to fix."""
