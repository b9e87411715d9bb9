"""The sandbox's own HTTP interface: look at what happened, ask who answers, order misbehaviour."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Protocol

from ringup.sandbox.fusionpbx.calls import Call
from ringup.sandbox.fusionpbx.event_socket import SentCommand
from ringup.sandbox.fusionpbx.faults import KINDS, Fault, Faults
from ringup.sandbox.fusionpbx.switch import Registrar
from ringup.sandbox.listening import Reply, Request, json_reply


class BadRequest(Exception):
    """The request cannot be understood. The text says why."""


class Controlled(Protocol):
    """What can be controlled: a running sandbox."""

    faults: Faults
    registrar: Registrar

    def commands(self) -> list[SentCommand]: ...
    def forget_commands(self) -> None: ...
    def gateways(self) -> list[dict[str, object]]: ...
    def directory(self, extension: str, domain: str) -> dict[str, str] | None: ...
    def lookup_inbound(self, number: str, *, source: str | None = None) -> Call: ...
    def lookup_outbound(
        self, domain: str, number: str, *, extension: str | None = None
    ) -> Call: ...
    def state(self) -> dict[str, dict[str, int]]: ...


def controls(sandbox: Controlled) -> Callable[[Request], Reply]:
    """What to serve: see the table in ``_routes``."""
    routes = _routes(sandbox)

    def answer(request: Request) -> Reply:
        # A page in somebody's browser could otherwise reach us under a name of its own.
        if request.headers.get("host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            return json_reply({"error": "ask 127.0.0.1"}, status=403)
        route = routes.get((request.verb, request.path))
        if route is None:
            known = sorted(f"{verb} {path}" for verb, path in routes)
            return json_reply({"error": "no such address", "known": known}, status=404)
        try:
            return json_reply(route(request))
        except BadRequest as error:
            return json_reply({"error": str(error)}, status=400)

    return answer


def _routes(sandbox: Controlled) -> dict[tuple[str, str], Callable[[Request], object]]:
    return {
        ("GET", "/commands"): lambda _: [asdict(command) for command in sandbox.commands()],
        ("POST", "/commands/forget"): lambda _: sandbox.forget_commands(),
        ("GET", "/directory"): lambda request: sandbox.directory(
            _given(request, "extension"), _given(request, "domain")
        ),
        ("GET", "/faults"): lambda _: [asdict(fault) for fault in sandbox.faults.waiting()],
        ("POST", "/faults"): lambda request: sandbox.faults.add(_fault(request)),
        ("POST", "/faults/clear"): lambda _: sandbox.faults.clear(),
        ("GET", "/gateways"): lambda _: sandbox.gateways(),
        ("GET", "/lookup/inbound"): lambda request: asdict(
            sandbox.lookup_inbound(_given(request, "number"), source=request.query.get("source"))
        ),
        ("GET", "/lookup/outbound"): lambda request: asdict(
            sandbox.lookup_outbound(
                _given(request, "domain"),
                _given(request, "number"),
                extension=request.query.get("extension"),
            )
        ),
        ("POST", "/registrar"): lambda request: setattr(sandbox, "registrar", _registrar(request)),
        ("GET", "/state"): lambda _: sandbox.state(),
    }


def _given(request: Request, name: str) -> str:
    value = request.query.get(name, "")
    if not value:
        raise BadRequest(f"say ?{name}=…")
    return value


def _body(request: Request) -> Mapping[str, object]:
    try:
        content = json.loads(request.body)
    except ValueError as error:
        raise BadRequest(f"the body is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise BadRequest("the body must be a JSON object")
    return content


def _fault(request: Request) -> Fault:
    body = {"match": "", "times": 1, "seconds": 0, **_body(request)}
    if body.get("kind") not in KINDS:
        raise BadRequest(f"kind must be one of {', '.join(KINDS)}")
    try:
        return Fault(
            kind=body["kind"],  # type: ignore[arg-type]  # checked against the same list above
            match=str(body["match"]),
            times=int(str(body["times"])),
            seconds=float(str(body["seconds"])),
        )
    except ValueError as error:
        raise BadRequest(f"times and seconds must be numbers: {error}") from error


def _registrar(request: Request) -> Registrar:
    body = {"answers": True, "accounts": None, "seconds": 0, **_body(request)}
    accounts = body["accounts"]
    if accounts is not None and not isinstance(accounts, dict):
        raise BadRequest("accounts must map user names to passwords, or be null for all")
    try:
        seconds = float(str(body["seconds"]))
    except ValueError as error:
        raise BadRequest(f"seconds must be a number: {error}") from error
    return Registrar(bool(body["answers"]), accounts, seconds)
