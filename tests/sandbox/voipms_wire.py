"""Speaking to the VoIP.ms sandbox as a client would: raw parameters over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from ringup.sandbox.voipms import Setup, VoipmsSandbox, running_voipms

ORDER = {"routing": "none:", "pop": "5", "dialtime": "60", "cnam": "0", "billing_type": "1"}
SUB_ACCOUNT = {
    "username": "trunk1",
    "protocol": "1",
    "auth_type": "1",
    "password": "Secret1234",
    "device_type": "1",
    "lock_international": "1",
    "international_route": "1",
    "music_on_hold": "default",
    "allowed_codecs": "ulaw",
    "dtmf_mode": "auto",
    "nat": "yes",
}


class Wire:
    """One client with its own connections."""

    def __init__(self, sandbox: VoipmsSandbox, http: httpx.Client) -> None:
        self.sandbox = sandbox
        self.http = http

    def parameters(self, method: str, given: dict[str, str]) -> dict[str, str]:
        login = {"api_username": self.sandbox.user, "api_password": self.sandbox.password}
        return login | {"method": method} | given

    def get(self, method: str, **given: str) -> httpx.Response:
        return self.http.get(self.sandbox.url, params=self.parameters(method, given))

    def post(self, method: str, **given: str) -> httpx.Response:
        return self.http.post(self.sandbox.url, data=self.parameters(method, given))

    def call(self, method: str, **given: str) -> dict[str, Any]:
        """The envelope. Refusals come with HTTP 200, as everything does."""
        response = self.get(method, **given)
        assert response.status_code == 200
        content: dict[str, Any] = response.json()
        return content

    def status(self, method: str, **given: str) -> str:
        return str(self.call(method, **given)["status"])

    def control(self, name: str, **wish: object) -> Any:
        response = self.http.post(f"{self.sandbox.control}/{name}", json=wish)
        assert response.status_code == 200, response.text
        return response.json()

    def state(self) -> Any:
        return self.http.get(f"{self.sandbox.control}/state").json()

    def number(self, area: str = "") -> str:
        """Some number for sale."""
        return next(
            did
            for did, number in sorted(self.sandbox.state.stock.numbers.items())
            if did.startswith(area) and not number.is_toll_free
        )


@contextmanager
def wired(*, drift: bool = False, **setup: Any) -> Iterator[Wire]:
    """A small fresh carrier and a client. Without drift, values can be compared as they are."""
    chosen = Setup(**({"numbers": 400} | setup))
    with (
        running_voipms(drift=drift, setup=chosen) as sandbox,
        httpx.Client(timeout=10, verify=False) as http,
    ):
        yield Wire(sandbox, http)
