"""A client and a carrier's account that nobody answers for."""

from __future__ import annotations

import pytest

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from tests.factories import Shop, make_shop
from tests.world import make_client


@pytest.fixture
def goods(db: None) -> Shop:
    """A catalogue, and the account and the server behind it."""
    return make_shop()


@pytest.fixture
def account(goods: Shop) -> CarrierAccount:
    return goods.account


@pytest.fixture
def client_of_karoo(goods: Shop) -> Client:
    return make_client("Karoo Freight")
