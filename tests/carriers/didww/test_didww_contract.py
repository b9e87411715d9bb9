"""The carriers' contract, kept by the DIDWW adapter over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ringup.carriers.port import CarrierConnection
from ringup.sandbox.didww import running_didww
from tests.carriers.contract import CarrierContract
from tests.carriers.contract_by_place import ByPlaceContract
from tests.carriers.contract_keeping import KeepingContract
from tests.carriers.didww.didww_world import DidwwWorld

pytestmark = pytest.mark.once


class TestDidww(CarrierContract, KeepingContract, ByPlaceContract):
    """API version 2026-04-16, with the key."""

    makes_passwords = True
    tells_registrations = False
    tells_our_address = False
    secret = "key"


class NewerWorld(DidwwWorld):
    """The same account, spoken with in the newer version."""

    def connection(self, **changes: Any) -> CarrierConnection:
        given = super().connection(**changes)
        return replace(given, options=given.options | {"api_version": "2026-11-19"})


class TestDidwwWithTokens(TestDidww):
    """API version 2026-11-19, with tokens."""

    @pytest.fixture
    def world(self) -> Iterator[DidwwWorld]:
        with running_didww() as sandbox:
            yield NewerWorld(sandbox)
