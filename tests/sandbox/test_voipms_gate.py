"""Who is let in at the VoIP.ms sandbox, and with which status everybody else is turned away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.voipms_wire import Wire, wired

pytestmark = pytest.mark.once


@pytest.fixture
def wire() -> Iterator[Wire]:
    with wired() as wire:
        yield wire


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"api_username": ""}, "missing_credentials"),
        ({"api_password": ""}, "missing_credentials"),
        ({"api_username": "somebody@example.com"}, "invalid_credentials"),
        ({"api_password": "wrong"}, "invalid_credentials"),
        ({"method": ""}, "missing_method"),
        ({"method": "getEverything"}, "invalid_method"),
    ],
)
def test_wrong_calls_are_turned_away_with_http_200_and_a_status(
    wire: Wire, given: dict[str, str], status: str
) -> None:
    response = wire.http.get(wire.sandbox.url, params=wire.parameters("getBalance", {}) | given)
    assert (response.status_code, response.json()) == (200, {"status": status})


def test_get_and_form_post_do_the_same(wire: Wire) -> None:
    assert wire.get("getBalance").json() == wire.post("getBalance").json()
    assert wire.post("getBalance").json()["status"] == "success"


def test_posted_secrets_need_not_be_in_the_address(wire: Wire) -> None:
    response = wire.post("createSubAccount")
    assert wire.sandbox.password not in str(response.request.url)
    assert response.json() == {"status": "missing_username"}


def test_a_service_that_reads_no_forms_misses_everything(wire: Wire) -> None:
    wire.control("forms", read=False)
    assert wire.post("getBalance").json() == {"status": "missing_method"}
    assert wire.status("getBalance") == "success"


def test_an_address_that_is_not_listed_may_only_ask_for_its_address(wire: Wire) -> None:
    wire.control("ips", allowed=["203.0.113.9"])
    assert wire.status("getBalance") == "ip_not_enabled"
    assert wire.call("getIP") == {"status": "success", "ip": "127.0.0.1"}


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8", "127.0.0.*", "0.0.0.0"])
def test_the_list_of_addresses_takes_networks_wildcards_and_any(wire: Wire, entry: str) -> None:
    wire.control("ips", allowed=["198.51.100.1", entry])
    assert wire.status("getBalance") == "success"


def test_get_ip_still_needs_the_password(wire: Wire) -> None:
    assert wire.status("getIP", api_password="wrong") == "invalid_credentials"


def test_an_api_that_is_switched_off_says_so(wire: Wire) -> None:
    wire.control("api", enabled=False)
    assert wire.status("getBalance") == "api_not_enabled"


def test_a_method_under_maintenance_says_so_and_others_work(wire: Wire) -> None:
    wire.control("maintenance", methods=["orderDID"])
    assert wire.status("orderDID") == "method_maintenance"
    assert wire.status("getBalance") == "success"


def test_more_calls_than_the_limit_allows_are_refused(wire: Wire) -> None:
    wire.control("limit", per_minute=2)
    assert [wire.status("getBalance") for _ in range(3)] == [
        "success",
        "success",
        "api_limit_exceeded",
    ]
    wire.control("limit", per_minute=None)
    assert wire.status("getBalance") == "success"


def test_there_is_no_limit_unless_asked_for(wire: Wire) -> None:
    assert {wire.status("getBalance") for _ in range(100)} == {"success"}


def test_other_addresses_answer_with_a_page_that_is_not_json(wire: Wire) -> None:
    response = wire.http.get(wire.sandbox.url.replace("rest.php", "server.php"))
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


def test_the_password_has_letters_and_digits_only(wire: Wire) -> None:
    assert wire.sandbox.password.isalnum()
    assert wire.sandbox.password.isascii()
    assert wire.sandbox.password not in repr(wire.sandbox)
