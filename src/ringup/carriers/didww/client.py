"""The wire: JSON:API in one pinned version, and which of the four failures came of a call.

Nothing here repeats a call: reading again is for who asked, and a change is looked for first.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from ringup.carriers.didww.auth import Authentication
from ringup.carriers.didww.failing import (
    ApiProblem,
    Missing,
    NotAdmitted,
    failure_of,
    problems_of,
)
from ringup.carriers.didww.reading import Document, Resource, Unreadable, document
from ringup.carriers.pacing import TooManyCalls, bucket_for
from ringup.carriers.port import CarrierConnection
from ringup.carriers.reaching import unreachable
from ringup.carriers.receiving import (
    BAD_ADDRESS,
    NEVER_SENT,
    WHOLE_ANSWER,
    Answer,
    Endless,
    receive,
    trusted,
)
from ringup.core.failures import NothingHappened, OurFault, OutcomeUnknown, PortFailure

USER_AGENT = "Ringup (DIDWW adapter)"
MEDIA_TYPE = "application/vnd.api+json"
VERSION_HEADER = "X-DIDWW-API-Version"
# DIDWW documents 20 calls a second, and in an older text 10: never more than these ten in a second,
# of which eight come back with it.
MOST_AT_ONCE, MOST_CALLS_PER_SECOND, LIMITED = 10.0, 8.0, "didww.com"
# Relationships of a resource to send: (type, id), a list of them, or None to clear.
Linked = tuple[str, str] | list[tuple[str, str]] | None

log = logging.getLogger(__name__)


class DidwwClient:
    """Calls for one account."""

    def __init__(self, connection: CarrierConnection, authentication: Authentication) -> None:
        self.url = connection.url.rstrip("/")
        self.authentication = authentication
        # Names the account in this process's memory; tells nothing about the key.
        given = "\n".join((self.url, *authentication.secrets()))
        self.account = hashlib.sha256(given.encode()).hexdigest()
        self.changes = 0  # that DIDWW has confirmed to this client
        self._version_seen = False
        rate = connection.calls_per_second
        if (httpx.URL(self.url).host or "").endswith(LIMITED):
            rate = min(rate, MOST_CALLS_PER_SECOND)
        self._bucket = bucket_for(
            self.url, self.account, rate, reserve=max(MOST_AT_ONCE - rate, 2.0)
        )
        self._patience = connection.read_timeout_seconds
        self._connect_seconds = connection.connect_timeout_seconds
        timeout = httpx.Timeout(
            connection.read_timeout_seconds, connect=connection.connect_timeout_seconds
        )
        self._http = httpx.Client(
            timeout=timeout, headers={"User-Agent": USER_AGENT}, verify=trusted()
        )

    def close(self) -> None:
        self._http.close()

    # -- reading ----------------------------------------------------------------------------------

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Document:
        """One answer. ``Missing`` where there is no such thing; other faults on the way are
        ``NothingHappened``. Empty values of the query are left out."""
        found = self._call("GET", path, query=query)
        if found is None:
            raise NothingHappened(f"DIDWW answered GET {path} with nothing.")
        return found

    def find(self, kind: str, uid: str, *, include: str = "") -> Resource | None:
        """The resource of this id; None when there is none (any more)."""
        if not uid:  # would ask for the list of all, and take the first
            return None
        try:
            found = self.get(_path(kind, uid), {"include": include})
        except Missing:
            return None
        return next(iter(found.resources), None)

    # -- changing: a lost reply is OutcomeUnknown -------------------------------------------------

    def create(
        self,
        kind: str,
        attributes: Mapping[str, Any] | None = None,
        relations: Mapping[str, Linked] | None = None,
        *,
        include: str = "",
    ) -> Resource:
        """POST one resource. Look first: DIDWW has no key against doing it twice."""
        sent = _sent(kind, "", attributes, relations)
        return _only(
            self._call("POST", kind, query={"include": include}, body=sent), f"POST {kind}"
        )

    def change(
        self,
        kind: str,
        uid: str,
        attributes: Mapping[str, Any] | None = None,
        relations: Mapping[str, Linked] | None = None,
        *,
        include: str = "",
    ) -> Resource:
        """PATCH one resource: what is not named stays."""
        path, sent = _path(kind, uid), _sent(kind, uid, attributes, relations)
        found = self._call("PATCH", path, query={"include": include}, body=sent)
        return _only(found, f"PATCH {kind}")

    def delete(self, kind: str, uid: str) -> bool:
        """False when it was gone already."""
        if not uid:
            return False
        try:
            self._call("DELETE", _path(kind, uid))
        except Missing:
            return False
        return True

    def check(self, kind: str, relations: Mapping[str, Linked]) -> None:
        """POST that stores nothing: its status is the whole answer, ``Rejected`` says what is wrong."""
        self._call("POST", kind, body=_sent(kind, "", None, relations), stores=False)

    def upload(
        self, kind: str, fields: Mapping[str, str], *, file_field: str, content: bytes
    ) -> Resource:
        """POST one file and its fields as a form: only encrypted files travel so."""
        boundary = secrets.token_hex(16)
        form = _form(boundary, fields, file_field, content)
        media = f"multipart/form-data; boundary={boundary}"
        return _only(self._call("POST", kind, form=form, media=media), f"POST {kind}")

    # -- one call ---------------------------------------------------------------------------------

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        form: bytes = b"",
        media: str = MEDIA_TYPE,
        stores: bool = True,
    ) -> Document | None:
        """The document of an answer; None for one without content."""
        what, writing = f"{method} {path.partition('/')[0]}", method != "GET" and stores
        content = form or (json.dumps(body).encode() if body is not None else b"")
        headers = {"Accept": MEDIA_TYPE, VERSION_HEADER: self.authentication.version}
        if content:
            headers["Content-Type"] = media
        url = _address(f"{self.url}/{path}", query or {})

        def send() -> Document | None:
            admitted = headers | self.authentication.headers(self)
            answer = self.exchange(
                method, url, what=what, writing=writing, headers=admitted, content=content
            )
            return self._understood(answer, what, writing=writing, stores=stores)

        try:
            found = send()
        except NotAdmitted:
            # Nothing was done. A token may have ended early: another one is worth one more try.
            if not self.authentication.forget():
                raise
            found = send()
        self.changes += writing
        return found

    def exchange(
        self,
        method: str,
        url: str,
        *,
        what: str,
        writing: bool,
        headers: Mapping[str, str],
        content: bytes = b"",
    ) -> Answer:
        """Send when it is our turn and take in the whole answer, whatever it says."""
        self._wait_for_turn(what)
        began = time.monotonic()
        answer = self._received(method, url, what, headers, content, writing=writing)
        # Neither addresses nor bodies are ever logged: they carry people's papers and passwords.
        seconds = time.monotonic() - began
        log.info("DIDWW %s: HTTP %d in %.2f s", what, answer.status_code, seconds)
        return answer

    def _wait_for_turn(self, what: str) -> None:
        try:
            # Who asked for short answers, a page, does not wait long for his turn either.
            self._bucket.take(self._patience)
        except TooManyCalls as pause:
            raise NothingHappened(
                f"{what} was not sent: DIDWW counts calls, and the next one may leave in "
                f"{pause.seconds:.0f} seconds.",
                retry_seconds=pause.seconds,
            ) from None

    def _received(
        self,
        method: str,
        url: str,
        what: str,
        headers: Mapping[str, str],
        content: bytes,
        *,
        writing: bool,
    ) -> Answer:
        # Raised outside the handlers: an httpx exception knows the request with all its secrets.
        failure: PortFailure
        lost = OutcomeUnknown if writing else NothingHappened
        within = self._patience * WHOLE_ANSWER
        try:
            message = self._http.build_request(
                method, url, headers=dict(headers), content=content or None
            )
            return receive(self._http, message, within=within)
        except BAD_ADDRESS:
            failure = OurFault("The address of the DIDWW API is no valid URL. Correct it.")
        except NEVER_SENT as error:
            failure = unreachable("DIDWW", error, connect_seconds=self._connect_seconds)
        except httpx.TimeoutException:
            failure = lost(f"No reply of DIDWW to {what} within {self._patience:g} seconds.")
        except Endless:
            failure = lost(f"The answer of DIDWW to {what} does not end within {within:g} seconds.")
        except httpx.HTTPError as error:
            failure = lost(f"No reply of DIDWW to {what} ({type(error).__name__}).")
        log.warning("DIDWW %s: %s", what, failure)
        raise failure

    def _understood(
        self, answer: Answer, what: str, *, writing: bool, stores: bool
    ) -> Document | None:
        content = _json(answer.content)
        if not httpx.codes.is_success(answer.status_code):
            raise self._failure(answer, content, what, writing=writing)
        has_content = answer.status_code != httpx.codes.NO_CONTENT
        if what.startswith("DELETE") or not has_content or not stores:
            return None
        try:
            found = document(content)
        except Unreadable:
            found = None
        if found is None:
            raise (OutcomeUnknown if writing else NothingHappened)(
                f"DIDWW answered {what} with HTTP {answer.status_code} and nothing that can be read."
            )
        self._check_version(found.api_version)
        return found

    def _failure(self, answer: Answer, content: object, what: str, *, writing: bool) -> PortFailure:
        failure = failure_of(
            what,
            answer.status_code,
            [self._without_secrets(problem) for problem in problems_of(content)],
            writing=writing,
            retry_after=answer.retry_after,
        )
        if isinstance(failure, NothingHappened) and failure.retry_seconds:
            self._bucket.rest(failure.retry_seconds)
        return failure

    def _without_secrets(self, problem: ApiProblem) -> ApiProblem:
        detail, title = problem.detail, problem.title
        for secret in filter(None, self.authentication.secrets()):
            detail, title = detail.replace(secret, "…"), title.replace(secret, "…")
        return replace(problem, detail=detail, title=title)

    def _check_version(self, spoken: str) -> None:
        """A wrong version is silently ignored by DIDWW, and every answer would be misread."""
        wanted = self.authentication.version
        if spoken == wanted:
            self._version_seen = True
            return
        if not spoken and self._version_seen:
            return
        told = f"version {spoken}" if spoken else "no version that it names"
        raise OurFault(
            f"DIDWW answers in {told} of its API, and Ringup speaks {wanted} with this account. "
            "Choose the way of authentication that fits in the account's settings, or ask DIDWW "
            "which version the account is set to."
        )


def _path(kind: str, uid: str) -> str:
    """An id from outside stays one part of the address, whatever is in it."""
    return f"{kind}/{quote(uid, safe='')}"


def _address(url: str, query: Mapping[str, str]) -> str:
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{url}?{given}" if given else url


def _sent(
    kind: str,
    uid: str,
    attributes: Mapping[str, Any] | None,
    relations: Mapping[str, Linked] | None,
) -> dict[str, Any]:
    """The body of a POST or PATCH."""
    data: dict[str, Any] = {"type": kind}
    if uid:
        data["id"] = uid
    if attributes:
        data["attributes"] = dict(attributes)
    if relations:
        data["relationships"] = {
            name: {"data": _linkage(linked)} for name, linked in relations.items()
        }
    return {"data": data}


def _linkage(linked: Linked) -> object:
    if isinstance(linked, list):
        return [{"type": kind, "id": uid} for kind, uid in linked]
    return None if linked is None else {"type": linked[0], "id": linked[1]}


def _only(found: Document | None, what: str) -> Resource:
    if found is None or not found.resources:
        raise OutcomeUnknown(f"DIDWW took {what} and does not show what became of it.")
    return found.resources[0]


def _json(content: bytes) -> object:
    """None for what is no JSON. Amounts that come as numbers are kept exactly."""
    try:
        return json.loads(content, parse_float=Decimal)
    except ValueError:
        return None


def _form(boundary: str, fields: Mapping[str, str], file_field: str, content: bytes) -> bytes:
    """Fields and one file, as multipart/form-data. httpx would need the file's name and type guessed."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{{}}"'
    parts = [f"{head.format(name)}\r\n\r\n{value}\r\n".encode() for name, value in fields.items()]
    file = f'{head.format(file_field)}; filename="file.enc"\r\n'
    parts.append(f"{file}Content-Type: application/octet-stream\r\n\r\n".encode())
    return b"".join((*parts, content, f"\r\n--{boundary}--\r\n".encode()))
