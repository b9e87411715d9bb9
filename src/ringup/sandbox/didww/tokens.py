"""The token service of the newer version: a key buys a token that admits for some minutes."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

from ringup.sandbox.didww.state import State, Token
from ringup.sandbox.didww.versions import TOKENS
from ringup.sandbox.faults import Fault, Faults
from ringup.sandbox.listening import Reply, Request

AUDIENCE = "api.didww.com"
AUDIENCES = frozenset({AUDIENCE, "api-vin.didww.com", "api-vout.didww.com", "api-sms.didww.com"})
USUAL_SECONDS, LEAST_SECONDS, MOST_SECONDS = 900, 60, 3600
NAME = "POST token"


class TokenService:
    """Refuses as OAuth does."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    def answer(self, request: Request) -> Reply:
        with self._state.lock:
            self._state.requests[NAME] += 1
            fault = self._faults.take(NAME)
            return self._given(request) if fault is None else _misbehave(fault)

    def _given(self, request: Request) -> Reply:
        if request.headers.get("api-key") != self._state.setup.key:
            return _refused(401, "invalid_client", "The API key is not known")
        try:
            wish = json.loads(request.body or b"{}")
            seconds = int(wish.get("expires_in") or USUAL_SECONDS)
        except (ValueError, TypeError, AttributeError):
            return _refused(400, "invalid_request", "The body cannot be read")
        wanted = wish.get("aud")
        audience = frozenset(wanted if isinstance(wanted, list) else [wanted])
        if not audience <= AUDIENCES or wish.get("api_version") != TOKENS:
            return _refused(400, "invalid_request", "aud or api_version is not known")
        scope = str(wish.get("scope") or "full")
        if scope != "full" and not scope.startswith("read"):
            return _refused(400, "invalid_scope", "The scope is not known")
        return self._minted(wanted, audience, scope, seconds)

    def _minted(self, wanted: Any, audience: frozenset[str], scope: str, seconds: int) -> Reply:
        lives = min(MOST_SECONDS, max(LEAST_SECONDS, seconds))
        text = secrets.token_urlsafe(32)
        self._state.tokens[text] = Token(time.monotonic() + lives, audience, scope)
        return _json(
            200,
            {
                "access_token": text,
                "token_type": "Bearer",
                "expires_in": lives,
                "aud": wanted,
                "scope": scope,
                "api_version": TOKENS,
            },
        )


def _misbehave(fault: Fault) -> Reply:
    if fault.status:
        return _refused(int(fault.status), "server_error", "Asked for by a check")
    if fault.kind == "429":
        reply = _refused(429, "rate_limit_exceeded", "Too many tokens")
        return Reply(reply.body, 429, headers={"Retry-After": "3"})
    if fault.kind == "html":
        return Reply(b"<html></html>", status=503, content_type="text/html")
    return Reply(hang_up=True) if fault.kind.startswith("reply_lost") else Reply(b"", status=500)


def _refused(status: int, error: str, description: str) -> Reply:
    return _json(status, {"error": error, "error_description": description})


def _json(status: int, content: dict[str, Any]) -> Reply:
    return Reply(json.dumps(content).encode(), status=status)
