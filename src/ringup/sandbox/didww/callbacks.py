"""Callbacks: signed, sent once from a thread of their own, and remembered."""

from __future__ import annotations

import hashlib
import hmac
import queue
import threading
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

from ringup.sandbox.didww.state import Callback, State

HEADER = "X-DIDWW-Signature"
SECONDS = 10.0
PORTS = {"http": 80, "https": 443}


def signature(secret: str, url: str, fields: Mapping[str, str]) -> str:
    """HMAC-SHA1 of the address with its port, and of the sorted fields, as hex."""
    parts = urlsplit(url)
    who = parts.netloc.rpartition("@")[0]
    host = parts.hostname or ""
    place = f"{who}@{host}" if who else host
    netloc = f"{place}:{parts.port or PORTS[parts.scheme]}"
    full = urlunsplit((parts.scheme, netloc, parts.path, parts.query, parts.fragment))
    payload = full + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha1).hexdigest()


class Sender:
    """Sends what is put in, one after the other, until it is stopped."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._waiting: queue.Queue[Callback | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="didww-callbacks", daemon=True)
        self._thread.start()

    def put(self, method: str, url: str, fields: dict[str, str]) -> None:
        self._waiting.put(Callback(method.lower(), url, fields))

    def stop(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (one := self._waiting.get()) is not None:
            answer = _send(one, self._state.setup.callback_secret)
            self._state.callbacks.append(replace(one, answer=answer))


def _send(one: Callback, secret: str) -> int:
    try:
        if one.method == "get":
            parts = urlsplit(one.url)
            fields = dict(parse_qsl(parts.query)) | one.fields
            url = urlunsplit(parts._replace(query=urlencode(fields)))
            # The whole address as it is called, and its query again as the fields: so the carrier's
            # own library checks it.
            sign = signature(secret, url, fields)
            return httpx.get(url, headers={HEADER: sign}, timeout=SECONDS).status_code
        sign = signature(secret, one.url, one.fields)
        headers = {HEADER: sign}
        return httpx.post(one.url, data=one.fields, headers=headers, timeout=SECONDS).status_code
    except httpx.HTTPError:
        return 0
