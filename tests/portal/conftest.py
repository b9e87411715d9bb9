"""A portal with people, and their browsers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from ringup.accounts.models import User
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


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def alice(people: People) -> Browser:
    return browser_of(people.alice)


@pytest.fixture
def charlie(people: People) -> Browser:
    return browser_of(people.charlie)
