"""The tokens of one-time links reach no log, whatever Django says about their requests."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings

from ringup.core.log_lines import WithoutTokens

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/my/secrets/dG9rZW4tdG9rZW4/", "/my/secrets/…/"),
        ("/account/password/MQ/d1-0123456789abcdef/", "/account/password/MQ/…/"),
        ("/my/orders/1/", "/my/orders/1/"),
    ],
)
def test_a_token_in_an_address_is_not_written(path: str, shown: str) -> None:
    record = logging.LogRecord("django.request", 30, "", 1, "%s: %s", ("Gone", path), None)
    assert WithoutTokens().filter(record)
    assert record.getMessage() == f"Gone: {shown}"


def test_the_settings_put_it_before_every_line() -> None:
    handlers = settings.LOGGING["handlers"].values()
    assert all("tokens" in handler["filters"] for handler in handlers)
