"""The carrier's HTTP face: ``/api/v1/rest.php`` with its envelope, and the faults around it."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

from ringup.sandbox.faults import Fault, Faults
from ringup.sandbox.listening import Reply, Request
from ringup.sandbox.voipms.control import Control
from ringup.sandbox.voipms.drift import Drift
from ringup.sandbox.voipms.gate import admit
from ringup.sandbox.voipms.methods import EMPTY_BODY, GET_IP, METHODS
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.state import State
from ringup.sandbox.voipms.statuses import StatusError

API_PATH = "/api/v1/rest.php"
CONTROL_PATH = "/control"
HANG_UP = Reply(hang_up=True)


def _page(status: int, title: str) -> Reply:
    body = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>"
    return Reply(body.encode(), status=status, content_type="text/html; charset=UTF-8")


TOO_MANY = _page(429, "Too Many Requests")
SERVER_ERROR = _page(500, "Internal Server Error")
UNAVAILABLE = _page(503, "Service Temporarily Unavailable")
NOT_FOUND = _page(404, "Not Found")


def _spoiled(reply: Reply, fault: Fault) -> Reply:
    """The reply as it arrives, where the fault lies behind the deed."""
    if fault.kind == "cut" and not reply.body:
        return HANG_UP
    if fault.kind == "cut":
        return replace(reply, body=reply.body[: len(reply.body) // 2])
    if fault.kind == "garbled" and reply.body:
        content = json.loads(reply.body)
        lists = {name: "Array" for name, value in content.items() if isinstance(value, list | dict)}
        return replace(reply, body=json.dumps(content | lists).encode())
    if fault.kind == "trickle":
        return replace(reply, seconds=fault.seconds)
    return reply


class Carrier:
    """Answers requests. ``stopping`` cuts slow answers short when the server goes down."""

    def __init__(self, state: State, faults: Faults, drift: Drift) -> None:
        self.state = state
        self.faults = faults
        self.drift = drift
        self.stopping = threading.Event()
        self._control = Control(state, faults)

    def answer(self, request: Request) -> Reply:
        if request.path == API_PATH:
            return self._api(request)
        if request.path.startswith(f"{CONTROL_PATH}/"):
            return self._control.answer(request, request.path.removeprefix(f"{CONTROL_PATH}/"))
        return NOT_FOUND

    def _api(self, request: Request) -> Reply:
        params = Parameters(request.query | (request.form if self.state.reads_forms else {}))
        method = params.text("method")
        with self.state.lock:
            self.state.requests[method or "(none)"] += 1
        fault = self.faults.take(method)
        if fault is None:
            return self._act(params, request.client)
        return self._misbehave(fault, params, request.client)

    def _act(self, params: Parameters, client: str) -> Reply:
        """Carry the call out and give the reply of a day without faults."""
        with self.state.lock:
            try:
                method = admit(self.state, params, client)
                found = {"ip": client} if method == GET_IP else METHODS[method](self.state, params)
            except StatusError as refusal:
                return self._envelope(refusal.status, refusal.message)
            if method in EMPTY_BODY and self.drift.enabled:
                return Reply()
            return Reply(self.drift.render({"status": "success"} | found))

    def _envelope(self, status: str, message: str = "") -> Reply:
        return Reply(
            self.drift.render({"status": status} | ({"message": message} if message else {}))
        )

    def _misbehave(self, fault: Fault, params: Parameters, client: str) -> Reply:
        if fault.status:
            return self._envelope(fault.status)
        if fault.kind == "429":
            return TOO_MANY
        if fault.kind == "reply_lost_before":
            return HANG_UP
        if fault.kind in ("500", "html"):
            if fault.acts:
                self._act(params, client)
            return SERVER_ERROR if fault.kind == "500" else UNAVAILABLE
        if fault.kind == "slow_before":
            self.stopping.wait(fault.seconds)
        if fault.kind == "sold_meanwhile":
            self._sell_to_somebody_else(params)
        reply = self._act(params, client)
        if fault.kind == "slow":
            self.stopping.wait(fault.seconds)
        return HANG_UP if fault.kind == "reply_lost_after" else _spoiled(reply, fault)

    def _sell_to_somebody_else(self, params: Parameters) -> None:
        with self.state.lock:
            self.state.stock.sell(params.text("did"))
