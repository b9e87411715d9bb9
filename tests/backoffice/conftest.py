"""A back office with people, and clients of the browser sort for each of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from tests.factories import Shop, make_shop
from tests.world import People, make_people


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop()


@pytest.fixture
def people(db: None, settings: Any) -> People:
    # Pages are tested here, not passwords: four slow hashes a test would be most of its time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_people()


@pytest.fixture
def staff(people: People) -> Browser:
    """Sam's browser."""
    browser = Browser()
    browser.force_login(people.sam)
    return browser
