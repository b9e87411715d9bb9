"""Who we are from 2026-11-19 on: the key buys a token at the token service, and the token admits for
some minutes. Source: the carrier's documentation; not tried.

Tokens are kept for the whole process, since clients are made often, and never stored.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

from ringup.carriers.didww.auth import ApiKeyAuth, Authentication, Wire
from ringup.carriers.didww.failing import CHECK_KEY, REST_SECONDS, AccountProblem, NotAdmitted
from ringup.carriers.didww.versions import WITH_KEY, WITH_TOKEN
from ringup.carriers.port import CarrierConnection, SettingField
from ringup.carriers.receiving import Answer
from ringup.core.failures import NothingHappened, OurFault, PortFailure

AUDIENCE, SCOPE = "api.didww.com", "full"
SERVICES = {
    "api.didww.com": "https://auth.didww.com/token",
    "sandbox-api.didww.com": "https://auth-sandbox.didww.com/token",
}
DOMAIN = ".didww.com"
# How long a token shall live, and between what the service's own word is believed.
WANTED_SECONDS, LEAST_SECONDS, MOST_SECONDS = 900, 60, 3600
# One that ends this soon might end on its way.
MARGIN_SECONDS = 30.0
WHAT = "POST token"

VERSION_FIELD = SettingField(
    "api_version",
    "API version",
    "Which version of its API DIDWW speaks with this account. New accounts have the newer one.",
    required=False,
    choices=(
        (WITH_KEY, f"{WITH_KEY}, with the API key"),
        (WITH_TOKEN, f"{WITH_TOKEN}, with tokens"),
    ),
    section="Calls of the API",
)
SERVICE_FIELD = SettingField(
    "token_url",
    "Address of the token service",
    "Only with tokens. Left empty, the one that belongs to the address of the API. The API key is "
    "sent there, so no other company's host is taken.",
    required=False,
    section="Calls of the API",
)
FIELDS = (VERSION_FIELD, SERVICE_FIELD)


def authentication_for(connection: CarrierConnection) -> Authentication:
    """The strategy that an account's settings name; the API key itself where they name none."""
    key = connection.secrets.get("api_key", "")
    version = connection.options.get("api_version") or WITH_KEY
    if version == WITH_KEY:
        return ApiKeyAuth(key)
    if version == WITH_TOKEN:
        return BearerTokenAuth(key, service_for(connection))
    raise OurFault(
        f"The setting «API version» of this DIDWW account must be {WITH_KEY} or {WITH_TOKEN}."
    )


def service_for(connection: CarrierConnection) -> str:
    """Where tokens are bought. ``OurFault`` for an address to which the key must not go."""
    api = urlsplit(connection.url)
    given = connection.options.get("token_url", "").strip()
    if not given:
        known = SERVICES.get(api.hostname or "")
        # Ringup's own sandbox, and whoever imitates the service, has it at the same host.
        return known or f"{api.scheme}://{api.netloc}/token"
    if not _is_trusted(urlsplit(given), api):
        raise OurFault(
            "The setting «Address of the token service» must be a https address of DIDWW: the API "
            "key is sent there. Leave it empty for the usual one."
        )
    return given


def _is_trusted(service: SplitResult, api: SplitResult) -> bool:
    if service.scheme == api.scheme and service.netloc == api.netloc:
        return True
    hosts = (f".{service.hostname}", f".{api.hostname}")
    return service.scheme == "https" and all(host.endswith(DOMAIN) for host in hosts)


@dataclass(frozen=True, slots=True)
class Token:
    """``until`` is a moment of this process's own clock."""

    text: str = field(repr=False)
    until: float


class Purse:
    """The tokens of this process, by account."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._lock = threading.Lock()

    def take(self, account: str) -> Token | None:
        with self._lock:
            token = self._tokens.get(account)
        if token is None or token.until - MARGIN_SECONDS < time.monotonic():
            return None
        return token

    def put(self, account: str, token: Token) -> None:
        with self._lock:
            self._tokens[account] = token

    def drop(self, account: str, token: Token) -> None:
        """Only this one: another thread may have put a newer one there."""
        with self._lock:
            if self._tokens.get(account) == token:
                del self._tokens[account]


PURSE = Purse()


class BearerTokenAuth:
    """A bearer token with every call. API version 2026-11-19."""

    version = WITH_TOKEN

    def __init__(self, key: str, service: str, *, purse: Purse = PURSE) -> None:
        self._key = key
        self._service = service
        self._purse = purse
        self._account = hashlib.sha256(f"{service}\n{key}".encode()).hexdigest()
        self._used: Token | None = None
        self._is_fresh = False

    def headers(self, client: Wire) -> dict[str, str]:
        token = self._purse.take(self._account)
        self._is_fresh = token is None
        if token is None:
            token = self._bought(client)
            self._purse.put(self._account, token)
        self._used = token
        return {"Authorization": f"Bearer {token.text}"}

    def forget(self) -> bool:
        """Another token is worth a try, unless the refused one was just bought."""
        if self._used is not None:
            self._purse.drop(self._account, self._used)
            self._used = None
        return not self._is_fresh

    def secrets(self) -> tuple[str, ...]:
        return (self._key, *([self._used.text] if self._used is not None else []))

    def _bought(self, client: Wire) -> Token:
        wish = {
            "aud": AUDIENCE,
            "scope": SCOPE,
            "api_version": WITH_TOKEN,
            "expires_in": WANTED_SECONDS,
        }
        headers = {
            "Api-Key": self._key,
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        asked = time.monotonic()
        # Reading, as far as failures go: a token that was bought and lost is nothing.
        answer = client.exchange(
            "POST",
            self._service,
            what=WHAT,
            writing=False,
            headers=headers,
            content=json.dumps(wish).encode(),
        )
        content = _json(answer.content)
        text = content.get("access_token")
        if not httpx.codes.is_success(answer.status_code) or not isinstance(text, str) or not text:
            raise self._failure(answer, content)
        return Token(text, asked + _lifetime(content.get("expires_in")))

    def _failure(self, answer: Answer, content: dict[str, Any]) -> PortFailure:
        """OAuth's errors in the port's words. A token that was not had means that nothing was done."""
        status, error = answer.status_code, str(content.get("error") or "")
        told = " ".join(filter(None, (error, str(content.get("error_description") or ""))))
        told = told.replace(self._key, "…") if self._key else told
        detail = f"DIDWW's token service answered HTTP {status}" + (f" ({told})." if told else ".")
        if status == httpx.codes.TOO_MANY_REQUESTS:
            after = answer.retry_after
            seconds = float(after) if after.isdecimal() else REST_SECONDS
            return NothingHappened(detail, retry_seconds=seconds)
        if status == httpx.codes.UNAUTHORIZED or error == "invalid_client":
            return NotAdmitted(
                f"DIDWW's token service does not accept the API key. ({detail})", CHECK_KEY
            )
        if error:
            return AccountProblem(
                f"DIDWW's token service gives no token for this account. ({detail})",
                "Check at DIDWW that the API key may use the whole API, in the version of the "
                "account's settings.",
            )
        if status >= 500 or httpx.codes.is_success(status):
            return NothingHappened(detail)
        return OurFault(f"{detail} Check the address of the token service.")


def _lifetime(told: object) -> float:
    """Seconds. What is no number counts as the least that the service gives."""
    seconds = (
        told if isinstance(told, int | float) and not isinstance(told, bool) else LEAST_SECONDS
    )
    return float(min(MOST_SECONDS, max(LEAST_SECONDS, seconds)))


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
