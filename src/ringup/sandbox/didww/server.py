"""The carrier's HTTP face: ``/v3/<resources>``, the token service, and the faults around them."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from ringup.sandbox.didww import papers, trunks
from ringup.sandbox.didww.control import Control
from ringup.sandbox.didww.filtering import FILTERS, chosen, page_of
from ringup.sandbox.didww.inputs import form_of, read
from ringup.sandbox.didww.problems import (
    OUT_OF_SCOPE,
    TOO_MANY,
    ApiError,
    not_enabled,
    not_found,
    unauthorized,
)
from ringup.sandbox.didww.rendering import included, object_of, tree_of
from ringup.sandbox.didww.resources import Resource
from ringup.sandbox.didww.state import State
from ringup.sandbox.didww.tokens import AUDIENCE, TokenService
from ringup.sandbox.didww.versions import KEYS, TOKENS, check_question
from ringup.sandbox.didww.writing import WRITINGS
from ringup.sandbox.faults import Fault, Faults
from ringup.sandbox.listening import Reply, Request

BASE = "/v3"
CONTROL_PATH = "/control"
TOKEN_PATH = "/token"  # noqa: S105 - an address
MEDIA = "application/vnd.api+json"
HANG_UP = Reply(hang_up=True)
PAGE = b"<!DOCTYPE html><html><head><title>503</title></head><body>503</body></html>"


class Carrier:
    """Answers requests. ``stopping`` cuts slow answers short when the server goes down."""

    def __init__(self, state: State, faults: Faults) -> None:
        self.state = state
        self.faults = faults
        self.stopping = threading.Event()
        self._control = Control(state, faults)
        self._tokens = TokenService(state, faults)

    def answer(self, request: Request) -> Reply:
        if request.path.startswith(f"{CONTROL_PATH}/"):
            return self._control.answer(request, request.path.removeprefix(f"{CONTROL_PATH}/"))
        if request.path == TOKEN_PATH:
            return self._tokens.answer(request)
        if request.path.startswith(f"{BASE}/"):
            return self._api(request)
        return Reply(PAGE, status=404, content_type="text/html")

    # -- faults -----------------------------------------------------------------------------------

    def _api(self, request: Request) -> Reply:
        kind = request.path.removeprefix(f"{BASE}/").partition("/")[0]
        name = f"{request.verb} {kind}"
        with self.state.lock:
            self.state.requests[name] += 1
        fault = self.faults.take(name)
        return self._act(request) if fault is None else self._misbehave(fault, request)

    def _misbehave(self, fault: Fault, request: Request) -> Reply:
        if fault.status:
            error = ApiError(int(fault.status), {"detail": "Asked for by a check"})
            return self._refused(error, KEYS)
        if fault.kind == "429":
            return self._refused(TOO_MANY, KEYS)
        if fault.kind == "reply_lost_before":
            return HANG_UP
        if fault.kind in ("500", "html"):
            if fault.acts:
                self._act(request)
            status = 500 if fault.kind == "500" else 503
            return Reply(PAGE, status=status, content_type="text/html")
        if fault.kind == "slow_before":
            self.stopping.wait(fault.seconds)
        reply = self._act(request)
        if fault.kind == "slow":
            self.stopping.wait(fault.seconds)
        if fault.kind == "reply_lost_after":
            return HANG_UP
        if fault.kind == "cut":
            return replace(reply, body=reply.body[: len(reply.body) // 2])
        return replace(reply, seconds=fault.seconds) if fault.kind == "trickle" else reply

    # -- who asks ---------------------------------------------------------------------------------

    def _admit(self, request: Request, kind: str) -> str:
        """The version that is spoken. Raises for who may not."""
        self._count()
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer:
            token = self.state.tokens.get(bearer)
            if token is None or token.until < time.monotonic() or AUDIENCE not in token.audience:
                raise unauthorized()
            if token.scope != "full" and request.verb != "GET":
                raise OUT_OF_SCOPE
            return TOKENS
        wanted = request.headers.get("x-didww-api-version", KEYS)
        if wanted == TOKENS:
            raise unauthorized()
        if kind != "public_keys" and request.headers.get("api-key") != self.state.setup.key:
            raise unauthorized()
        return KEYS

    def _count(self) -> None:
        most, calls = self.state.setup.calls_per_second, self.state.recent_calls
        if most is None:
            return
        moment = time.monotonic()
        while calls and calls[0] < moment - 1:
            calls.popleft()
        if len(calls) >= most:
            raise TOO_MANY
        calls.append(moment)

    # -- answering --------------------------------------------------------------------------------

    def _act(self, request: Request) -> Reply:
        kind, _, rest = request.path.removeprefix(f"{BASE}/").strip("/").partition("/")
        version = KEYS
        with self.state.lock:
            try:
                version = self.state.version = self._admit(request, kind)
                check_question(kind, request.query, version)
                self.state.sweep()
                status, found, query = self._do(request, kind, rest)
                return self._document(found, query, status, version, kind)
            except ApiError as error:
                return self._refused(error, version)

    def _do(self, request: Request, kind: str, uid: str) -> tuple[int, Any, dict[str, str]]:
        if request.verb == "GET":
            return 200, self._read(kind, uid, request.query), request.query
        writing = WRITINGS.get(kind)
        if request.verb == "POST" and kind == "encrypted_files":
            fields = form_of(request.headers.get("content-type", ""), request.body)
            return 201, papers.new_file(self.state, fields), {}
        if writing is None:
            raise not_found()
        if request.verb == "POST" and writing.make is not None:
            sent = read(
                self.state.store,
                request.body,
                attributes=writing.make_attributes,
                relations=writing.make_relations,
                kind=kind,
            )
            return 201, writing.make(self.state, sent), request.query
        row = self._one(kind, uid)
        if request.verb == "PATCH" and writing.change is not None:
            sent = read(
                self.state.store,
                request.body,
                attributes=writing.change_attributes,
                relations=writing.change_relations,
                kind=kind,
            )
            writing.change(self.state, row, sent)
            return 200, row, request.query
        if request.verb == "DELETE" and writing.delete is not None:
            writing.delete(self.state, row)
            return 204, None, {}
        raise not_found()

    def _read(self, kind: str, uid: str, query: dict[str, str]) -> Any:
        if kind == "balance":
            return trunks.balance(self.state)
        if kind == "public_keys":
            return [Resource("public_keys", {"key": pem}) for pem in self.state.keys.pems()]
        self._require_feature(kind)
        if uid:
            return self._one(kind, uid)
        if kind not in FILTERS:
            raise not_found()
        rows = self.state.store.all(kind)
        if kind == "available_dids":
            kept = [row.one("available_did") for row in self.state.store.all("did_reservations")]
            rows = [row for row in rows if row not in kept]
        return chosen(rows, kind, query)

    def _require_feature(self, kind: str) -> None:
        setup = self.state.setup
        needed = {
            "voice_out_trunks": setup.has_outbound,
            "available_dids": setup.has_selection,
            "did_reservations": setup.has_selection,
        }
        if not needed.get(kind, True):
            raise not_enabled()

    def _one(self, kind: str, uid: str) -> Resource:
        row = self.state.store.find(kind, uid)
        if row is None:
            raise not_found()
        return row

    def _document(
        self, found: Any, query: dict[str, str], status: int, version: str, kind: str
    ) -> Reply:
        if found is None:
            return Reply(status=status, content_type=MEDIA)
        tree, meta = tree_of(query.get("include", "")), {"api_version": version}
        if isinstance(found, Resource):
            document = {
                "data": object_of(found, tree, base=BASE, version=version),
                "included": included([found], tree, base=BASE, version=version),
                "meta": meta,
            }
        else:
            rows, number, pages = page_of(found, query)
            document = {
                "data": [object_of(row, tree, base=BASE, version=version) for row in rows],
                "included": included(rows, tree, base=BASE, version=version),
                "meta": meta | {"total_records": len(found)},
                "links": _links(kind, query, number, pages),
            }
        if not tree:
            del document["included"]
        reply = _json(document, status=status)
        # The one answer that is not said to be JSON:API, though it is.
        is_file = kind == "encrypted_files" and status == 201
        return replace(reply, content_type="application/json") if is_file else reply

    def _refused(self, error: ApiError, version: str) -> Reply:
        meta = {"api_version": version}
        reply = _json({"errors": error.errors, "meta": meta}, status=error.status)
        if error is OUT_OF_SCOPE:
            return replace(reply, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'})
        return reply


def _links(kind: str, query: dict[str, str], number: int, pages: int) -> dict[str, str]:
    def link(page: int) -> str:
        return f"{BASE}/{kind}?{urlencode(query | {'page[number]': str(page)})}"

    links = {"first": link(1), "last": link(pages)}
    if number > 1:
        links["prev"] = link(number - 1)
    if number < pages:
        links["next"] = link(number + 1)
    return links


def _json(content: object, *, status: int = 200) -> Reply:
    return Reply(json.dumps(content).encode(), status=status, content_type=MEDIA)
