"""How the fields of a call travel: as a posted form, or in the address as all public clients do.

A form keeps the password out of addresses and so out of every log between here and VoIP.ms. That
VoIP.ms reads forms for every method is likely and not verified; where it does not, it answers that
method or credentials are missing, and the address is used from then on.
"""

from __future__ import annotations

import logging
import threading

import httpx

from ringup.carriers.receiving import Answer, receive

FORM, QUERY, AUTO = "form", "query", "auto"
WAYS = (AUTO, FORM, QUERY)

log = logging.getLogger(__name__)

_needs_query: set[str] = set()
_lock = threading.Lock()


def request(
    http: httpx.Client, way: str, url: str, fields: dict[str, str], *, within: float
) -> Answer:
    """Send the fields and read the answer to its end, within so many seconds."""
    if way == QUERY:
        message = http.build_request("GET", url, params=fields)
    else:
        message = http.build_request("POST", url, data=fields)
    return receive(http, message, within=within)


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
