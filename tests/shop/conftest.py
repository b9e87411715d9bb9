"""The shop on a fresh sandbox carrier. The PBX is only named: the checkout never calls it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client as Browser
from django.test import override_settings

from ringup.sandbox.voipms import VoipmsSandbox
from tests.shop.buying import Buyer, Shop
from tests.shop.kept_shop import KeptShop


@pytest.fixture(autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Signing in is not what these tests prove, and the real hash takes half a second."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def kept_shops() -> list[KeptShop]:
    """None until the first test wants it, then one."""
    return []


@pytest.fixture
def shop(transactional_db: None, kept_shops: list[KeptShop]) -> Iterator[Shop]:
    """A seeded catalogue on the sandbox carrier, and its stock of a few places in the index."""
    if not kept_shops:
        kept_shops.append(KeptShop())
    with kept_shops[0].again() as shop:
        yield shop


@pytest.fixture
def carrier(shop: Shop) -> VoipmsSandbox:
    return shop.carrier


@pytest.fixture
def buyer(shop: Shop) -> Buyer:
    """A guest's browser."""
    return Buyer(shop, Browser())


@pytest.fixture
def stranger(shop: Shop) -> Buyer:
    """Somebody else's browser."""
    return Buyer(shop, Browser())
