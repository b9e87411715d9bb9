"""Sub-accounts and their registrations at the VoIP.ms sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.voipms_wire import SUB_ACCOUNT, Wire, wired

pytestmark = pytest.mark.once
REPLACED = {name: v for name, v in SUB_ACCOUNT.items() if name not in ("username", "protocol")}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with wired() as wire:
        yield wire


def test_a_sub_account_is_named_after_the_main_account(wire: Wire) -> None:
    made = wire.call("createSubAccount", description="ours", **SUB_ACCOUNT)
    assert made == {"status": "success", "id": made["id"], "account": "100001_trunk1"}
    assert made["id"].isdigit()
    (row,) = wire.call("getSubAccounts", account="100001_trunk1")["accounts"]
    assert (row["username"], row["description"], row["device_type"]) == ("trunk1", "ours", "1")


def test_the_list_shows_the_password_and_the_control_endpoint_does_not(wire: Wire) -> None:
    wire.call("createSubAccount", **SUB_ACCOUNT)
    (row,) = wire.call("getSubAccounts")["accounts"]
    assert row["password"] == "Secret1234"
    assert "Secret1234" not in wire.http.get(f"{wire.sandbox.control}/state").text


def test_all_servers_are_listed_where_nothing_is_restricted(wire: Wire) -> None:
    code = wire.call("createSubAccount", **SUB_ACCOUNT)["id"]
    (row,) = wire.call("getSubAccounts")["accounts"]
    assert (row["enable_pop_restriction"], row["pop_restriction"][:6]) == ("0", "1,2,3,")
    restricted = {"enable_pop_restriction": "1", "pop_restriction": "5"}
    wire.call("setSubAccount", id=code, **REPLACED, **restricted)
    (row,) = wire.call("getSubAccounts")["accounts"]
    assert row["pop_restriction"] == "5"


def test_no_sub_accounts_and_no_such_sub_account_are_different_statuses(wire: Wire) -> None:
    assert wire.status("getSubAccounts") == "no_account"
    code = wire.call("createSubAccount", **SUB_ACCOUNT)["id"]
    assert wire.status("getSubAccounts", account="100001_other") == "no_subaccount"
    # The numeric id is no way to ask for one.
    assert wire.status("getSubAccounts", account=code) == "no_subaccount"


def test_a_change_replaces_everything_but_the_name(wire: Wire) -> None:
    code = wire.call("createSubAccount", description="ours", **SUB_ACCOUNT)["id"]
    assert wire.status("setSubAccount", id=code, password="Another123") == "missing_authtype"
    assert wire.status("setSubAccount", id=code, **(REPLACED | {"nat": "no"})) == "success"
    (row,) = wire.call("getSubAccounts")["accounts"]
    assert (row["nat"], row["description"], row["account"]) == ("no", "", "100001_trunk1")
    assert wire.status("setSubAccount", **REPLACED) == "missing_id"
    assert wire.status("setSubAccount", id="1", **REPLACED) == "invalid_id"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"username": ""}, "missing_username"),
        ({"username": "with space"}, "invalid_username"),
        ({"username": "longerthantwelve"}, "invalid_username"),
        ({"protocol": ""}, "missing_protocol"),
        ({"protocol": "9"}, "invalid_protocol"),
        ({"auth_type": ""}, "missing_authtype"),
        ({"auth_type": "9"}, "invalid_authtype"),
        ({"auth_type": "2"}, "invalid_password_auth"),
        ({"auth_type": "2", "password": ""}, "missing_ip"),
        ({"auth_type": "2", "password": "", "ip": "here"}, "invalid_ip"),
        ({"ip": "192.0.2.1"}, "invalid_ip_auth"),
        ({"device_type": ""}, "missing_devicetype"),
        ({"device_type": "9"}, "invalid_devicetype"),
        ({"lock_international": ""}, "missing_lockinternational"),
        ({"lock_international": "9"}, "invalid_lockinternational"),
        ({"international_route": ""}, "missing_internationalroute"),
        ({"international_route": "9"}, "invalid_internationalroute"),
        ({"canada_routing": "3"}, "invalid_canada_routing"),
        ({"callerid_number": "Acme"}, "invalid_callerid"),
        ({"music_on_hold": ""}, "missing_musiconhold"),
        ({"music_on_hold": "none"}, "invalid_musiconhold"),
        ({"allowed_codecs": ""}, "missing_allowedcodecs"),
        ({"allowed_codecs": "ulaw;opus"}, "invalid_allowedcodecs"),
        ({"dtmf_mode": ""}, "missing_dtmfmode"),
        ({"dtmf_mode": "loud"}, "invalid_dtmfmode"),
        ({"nat": ""}, "missing_nat"),
        ({"nat": "maybe"}, "invalid_nat"),
        ({"max_expiry": "5"}, "invalid_max_expiry"),
        ({"password": ""}, "missing_password"),
        ({"password": "Short1"}, "invalid_password_lessthan_8characters_long"),
        ({"password": "secret1234"}, "invalid_password_missing_uppercase"),
        ({"password": "SECRET1234"}, "invalid_password_missing_lowercase"),
        ({"password": "SecretSecret"}, "invalid_password_missing_number"),
        ({"password": "Secret 1234"}, "invalid_password_ilegal_characters"),
        ({"password": "Passw0rd"}, "weak_password"),
    ],
)
def test_a_sub_account_is_checked_parameter_by_parameter(
    wire: Wire, change: dict[str, str], status: str
) -> None:
    assert wire.status("createSubAccount", **(SUB_ACCOUNT | change)) == status
    assert wire.state()["sub_accounts"] == []


def test_names_are_unique(wire: Wire) -> None:
    wire.call("createSubAccount", **SUB_ACCOUNT)
    again = SUB_ACCOUNT | {"password": "Different123"}
    assert wire.status("createSubAccount", **again) == "used_username"


def test_a_password_is_not_used_twice_but_may_stay(wire: Wire) -> None:
    code = wire.call("createSubAccount", **SUB_ACCOUNT)["id"]
    assert wire.status("createSubAccount", **(SUB_ACCOUNT | {"username": "b"})) == "used_password"
    assert wire.status("setSubAccount", id=code, **REPLACED) == "success"
    changed = REPLACED | {"password": "Another1234"}
    assert wire.status("setSubAccount", id=code, **changed) == "success"
    assert wire.status("setSubAccount", id=code, **REPLACED) == "used_password"


@pytest.mark.parametrize("password", ["Aa1!#$%&/()", "Bb2=?*[]_:.", "Cc3,{}+-xxx"])
def test_every_allowed_character_arrives_as_it_was_sent(wire: Wire, password: str) -> None:
    wire.call("createSubAccount", **(SUB_ACCOUNT | {"password": password}))
    wire.post("createSubAccount", **(SUB_ACCOUNT | {"username": "b", "password": f"{password}9"}))
    rows = wire.call("getSubAccounts")["accounts"]
    assert [row["password"] for row in rows] == [password, f"{password}9"]


def test_a_sub_account_with_numbers_stays(wire: Wire) -> None:
    made = wire.call("createSubAccount", **SUB_ACCOUNT)
    did = wire.number()
    wire.control("own", did=did)
    wire.call("setDIDRouting", did=did, routing=f"account:{made['account']}")
    assert wire.call("getDIDsInfo", client=made["account"])["dids"][0]["did"] == did
    assert wire.status("getDIDsInfo", client="100001_other") == "no_did"
    assert wire.status("delSubAccount", id=made["id"]) == "account_with_dids"
    wire.call("setDIDRouting", did=did, routing="none:")
    assert wire.status("delSubAccount", id=made["id"]) == "success"
    assert wire.status("delSubAccount", id=made["id"]) == "invalid_id"
    assert wire.status("delSubAccount") == "missing_id"


def test_a_registration_shows_where_the_device_is(wire: Wire) -> None:
    account = wire.call("createSubAccount", **SUB_ACCOUNT)["account"]
    assert wire.call("getRegistrationStatus", account=account)["registered"] == "no"
    wire.control("register", account=account, pop="7", transport="TLS")
    answer = wire.call("getRegistrationStatus", account=account)
    assert (answer["registered"], answer["from_server_pop"]) == ("yes", "7")
    (row,) = answer["registrations"]
    assert (row["server_pop"], row["register_transport"]) == ("7", "TLS")
    assert wire.status("getRegistrationStatus") == "missing_account"
    assert wire.status("getRegistrationStatus", account="100001_x") == "invalid_account"
