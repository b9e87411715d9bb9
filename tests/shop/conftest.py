"""The shop on a fresh sandbox carrier. The PBX is only named: the checkout never calls it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client as Browser
from django.test import override_settings

from ringup.sandbox.voipms import VoipmsSandbox, running_voipms
from tests.shop.buying import Buyer, Shop, make_shop


@pytest.fixture(autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Signing in is not what these tests prove, and the real hash takes half a second."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def carrier() -> Iterator[VoipmsSandbox]:
    with running_voipms() as sandbox:
        yield sandbox


@pytest.fixture
def shop(transactional_db: None, carrier: VoipmsSandbox) -> Shop:
    """A seeded catalogue on the sandbox carrier, and its stock of a few places in the index."""
    return make_shop(carrier)


@pytest.fixture
def buyer(shop: Shop) -> Buyer:
    """A guest's browser."""
    return Buyer(shop, Browser())


@pytest.fixture
def stranger(shop: Shop) -> Buyer:
    """Somebody else's browser."""
    return Buyer(shop, Browser())
