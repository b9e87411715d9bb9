"""How the fields of a call travel: as a posted form, or in the address as all public clients do.

A form keeps the password out of addresses and so out of every log between here and VoIP.ms. That
VoIP.ms reads forms for every method is likely and not verified; where it does not, it answers that
method or credentials are missing, and the address is used from then on.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

import httpx

FORM, QUERY, AUTO = "form", "query", "auto"
WAYS = (AUTO, FORM, QUERY)

# A million numbers in one list would be 300 MB, and no state has so many.
MOST_BYTES = 500_000_000

log = logging.getLogger(__name__)

_needs_query: set[str] = set()
_lock = threading.Lock()


class Endless(Exception):
    """The answer has begun, and takes longer or is larger than any list may be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status_code: int
    content: bytes


def request(
    http: httpx.Client, way: str, url: str, fields: dict[str, str], *, within: float
) -> Answer:
    """Send and read to the end. httpx's own timeout starts anew with every piece of an answer, so one
    that trickles would hold a worker for ever: after ``within`` seconds it is cut off."""
    if way == QUERY:
        message = http.build_request("GET", url, params=fields)
    else:
        message = http.build_request("POST", url, data=fields)
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
    return Answer(response.status_code, b"".join(pieces))


def way_for(url: str, wanted: str) -> str:
    """``form`` or ``query``: what is wanted, or what is known to work at this address."""
    if wanted != AUTO:
        return wanted
    with _lock:
        return QUERY if url in _needs_query else FORM


def forms_are_not_read(url: str) -> None:
    """Remember for the life of this process that this address takes no forms."""
    with _lock:
        if url in _needs_query:
            return
        _needs_query.add(url)
    log.warning("VoIP.ms did not read a posted form; calls go in the address from now on")
