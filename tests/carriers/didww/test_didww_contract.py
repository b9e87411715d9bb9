"""The carriers' contract, kept by the DIDWW adapter over a real socket."""

from __future__ import annotations

import pytest

from tests.carriers.contract import CarrierContract
from tests.carriers.contract_by_place import ByPlaceContract
from tests.carriers.contract_keeping import KeepingContract

pytestmark = pytest.mark.once


class TestDidww(CarrierContract, KeepingContract, ByPlaceContract):
    """API version 2026-04-16, with the key."""

    makes_passwords = True
    tells_registrations = False
    tells_our_address = False
    secret = "key"
