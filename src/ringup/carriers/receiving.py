"""Sending a request and taking in its whole answer: for adapters that speak over httpx. No Django."""

from __future__ import annotations

import functools
import logging
import ssl
import time
from dataclasses import dataclass

import httpx

# Raised before a byte of the request left us.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
BAD_ADDRESS = (httpx.InvalidURL, httpx.UnsupportedProtocol)
# A list of a whole state is long: it may take so many times as long as its first byte may.
WHOLE_ANSWER = 4.0
# A million numbers in one list would be 300 MB, and no state has so many.
MOST_BYTES = 500_000_000


class Endless(Exception):
    """The answer has begun, and takes longer or is larger than any list may be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. ``retry_after`` is the header of that name, else empty."""

    status_code: int
    content: bytes
    retry_after: str = ""


def receive(http: httpx.Client, message: httpx.Request, *, within: float) -> Answer:
    """Send and read to the end. httpx's own timeout starts anew with every piece of an answer, so one
    that trickles would hold a worker for ever: after ``within`` seconds it is cut off."""
    until = time.monotonic() + within
    response, pieces, size = http.send(message, stream=True), [], 0
    try:
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if time.monotonic() > until:
                raise Endless
            if size > MOST_BYTES:
                raise Endless
    finally:
        response.close()
    return Answer(response.status_code, b"".join(pieces), response.headers.get("Retry-After", ""))


@functools.cache
def trusted() -> ssl.SSLContext:
    """Loading the certificates takes longer than a call, and clients are made often."""
    return httpx.create_ssl_context()


def _without_query(record: logging.LogRecord) -> bool:
    """httpx logs whole addresses, in which a password or somebody's name may stand."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            part.copy_with(query=None) if isinstance(part, httpx.URL) else part
            for part in record.args
        )
    return True


logging.getLogger("httpx").addFilter(_without_query)
