"""The control endpoint of a sandbox: what tests and rehearsals set and see, beside its own API.

``GET state`` shows, ``POST <verb>`` does. JSON in, JSON out; a wish that makes no sense is answered with
400 and ``{"problem": …}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any, Protocol

from ringup.sandbox.faults import Faults
from ringup.sandbox.listening import Reply, Request, json_reply

Wish = Mapping[str, Any]
Verb = Callable[[Wish], object]


class BadWish(ValueError):
    """What was asked of the control endpoint makes no sense; the message says why."""


class Controlled(Protocol):
    """What is controlled: changed under its lock."""

    @property
    def lock(self) -> AbstractContextManager[Any]: ...

    def reset(self) -> None: ...

    def shown(self) -> dict[str, Any]: ...


class Controls:
    """``verbs`` come beside faults, calm and reset, which every sandbox has. ``refusals`` are what its
    own code raises for a wish that cannot be."""

    def __init__(
        self,
        state: Controlled,
        faults: Faults,
        verbs: Mapping[str, Verb],
        *,
        refusals: tuple[type[Exception], ...] = (),
    ) -> None:
        self._state = state
        self._faults = faults
        self._refusals: tuple[type[Exception], ...] = (ValueError, *refusals)
        self._verbs: dict[str, Verb] = {
            "faults": lambda wish: asdict(faults.add_from(wish)),
            "calm": lambda _wish: faults.clear(),
            "reset": self._reset,
            **verbs,
        }

    def answer(self, request: Request, name: str) -> Reply:
        if request.verb == "GET" and name == "state":
            with self._state.lock:
                waiting = [asdict(fault) for fault in self._faults.waiting()]
                return json_reply(self._state.shown() | {"faults": waiting})
        verb = self._verbs.get(name)
        if request.verb != "POST" or verb is None:
            return json_reply({"problem": "no such thing here"}, status=404)
        try:
            wish = json.loads(request.body or b"{}")
            if not isinstance(wish, dict):
                raise BadWish("send a JSON object")
            with self._state.lock:
                return json_reply(verb(wish) or {})
        except self._refusals as error:
            return json_reply({"problem": str(error)}, status=400)

    def _reset(self, _wish: Wish) -> None:
        self._faults.clear()
        self._state.reset()
