from __future__ import annotations

import pytest
from django.test import RequestFactory, override_settings

from ringup.core.limiting import Limit, address_of, count, forget, within

pytestmark = pytest.mark.once
LIMIT = Limit("test", times=2, seconds=90)


def test_each_key_counts_for_itself_until_its_limit() -> None:
    assert [count(LIMIT, "a") for _ in range(3)] == [True, True, False]
    assert count(LIMIT, "b")
    assert not within(LIMIT, "a")
    assert within(LIMIT, "b")
    assert not count(LIMIT, "a", "b")


def test_success_begins_again_at_zero() -> None:
    count(LIMIT, "a")
    count(LIMIT, "a")

    forget(LIMIT, "a")

    assert within(LIMIT, "a")


def test_an_empty_key_is_nobody() -> None:
    assert all(count(LIMIT, "") for _ in range(5))


def test_the_window_is_told_in_whole_minutes() -> None:
    assert LIMIT.minutes == 2


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"REMOTE_ADDR": "203.0.113.7"}, "203.0.113.7"),
        ({"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"),
        ({"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}, "203.0.113.7"),
        ({"REMOTE_ADDR": "nonsense"}, "nonsense"),
    ],
)
def test_the_address_is_the_connections(given: dict[str, str], address: str) -> None:
    assert address_of(RequestFactory().get("/", **given)) == address


def test_behind_our_proxy_only_what_the_proxy_wrote_counts() -> None:
    forwarded = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.7"}

    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        assert address_of(RequestFactory().get("/", **forwarded)) == "203.0.113.7"
