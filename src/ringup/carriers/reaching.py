"""Why an HTTP call reached nobody, in words for staff: for adapters that speak over httpx.

No Django here. Nothing of the request is quoted: its address may hold credentials.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from ringup.core.failures import NothingHappened


class Unreachable(NothingHappened):
    """No byte of the request left us: ``problem`` says why, ``remedy`` what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


def unreachable(who: str, error: httpx.HTTPError, *, connect_seconds: float) -> Unreachable:
    """What ``error``, raised before anything was sent to ``who``, means."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unreachable(
                f"The certificate of {who}'s address is not valid: {cause.verify_message}.",
                "Check the host in the address of the API, and the clock and the trusted "
                "certificates of this server. Nothing was sent.",
            )
        if isinstance(cause, ssl.SSLError):
            return Unreachable(
                f"No TLS connection to {who} could be made ({cause.reason or 'no reason given'}).",
                "Check whether the address should begin with http or https, and its port.",
            )
        if isinstance(cause, socket.gaierror):
            return Unreachable(
                f"The host in {who}'s address cannot be found.",
                "Check its spelling, and the name servers of this machine.",
            )
    if isinstance(error, httpx.ConnectTimeout):
        return Unreachable(
            f"{who} did not take the connection within {connect_seconds:g} seconds.",
            "Check that a firewall lets this server out to it, then try again.",
        )
    refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
    how = "nobody listens at its address" if refused else type(error).__name__
    return Unreachable(
        f"{who} cannot be reached ({how}).",
        "Check host and port in the address of the API, and that this server may reach them.",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and what led to it. httpx and httpcore keep the system's own at the end."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
