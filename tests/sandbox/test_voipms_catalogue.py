"""Places, servers and options as the VoIP.ms sandbox lists them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.voipms_wire import Wire, wired

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with wired() as wire:
        yield wire


@pytest.mark.parametrize(
    ("method", "key", "code_filter", "code"),
    [
        ("getCountries", "countries", "country", "CA"),
        ("getProtocols", "protocols", "protocol", "3"),
        ("getAuthTypes", "auth_types", "type", "2"),
        ("getDeviceTypes", "device_types", "device_type", "1"),
        ("getLockInternational", "lock_international", "lock_international", "1"),
        ("getRoutes", "routes", "route", "2"),
        ("getMusicOnHold", "music_on_hold", "music_on_hold", "jazz"),
        ("getLanguages", "languages", "language", "en"),
        ("getAllowedCodecs", "allowed_codecs", "codec", "ulaw"),
        ("getDTMFModes", "dtmf_modes", "dtmf_mode", "inband"),
        ("getNAT", "nat", "nat", "route"),
        ("getTimezones", "timezones", "timezone", "America/New_York"),
    ],
)
def test_an_option_catalogue_lists_all_codes_or_the_one_asked_for(
    wire: Wire, method: str, key: str, code_filter: str, code: str
) -> None:
    everything = wire.call(method)
    assert everything["status"] == "success"
    assert len(everything[key]) > 1
    assert {"value", "description"} <= set(everything[key][0])
    (one,) = wire.call(method, **{code_filter: code})[key]
    assert one["value"] == code
    assert wire.status(method, **{code_filter: "nonsense"}).startswith("invalid_")


def test_servers_have_a_host_name_that_no_real_carrier_answers(wire: Wire) -> None:
    servers = wire.call("getServersInfo")["servers"]
    assert len(servers) > 5
    assert all(row["server_hostname"].endswith(".voipms.example") for row in servers)
    assert set(servers[0]) == {
        "server_name",
        "server_shortname",
        "server_hostname",
        "server_ip",
        "server_country",
        "server_pop",
        "server_recommended",
    }
    assert [
        row["server_pop"] for row in wire.call("getServersInfo", server_pop="5")["servers"]
    ] == ["5"]
    assert wire.status("getServersInfo", server_pop="999") == "invalid_serverpop"


def test_states_and_provinces_are_all_there(wire: Wire) -> None:
    states = wire.call("getStates")["states"]
    assert {"state": "NY", "description": "NEW YORK"} in states
    assert len(states) == 51
    provinces = wire.call("getProvinces")["provinces"]
    assert {"province": "ON", "description": "ONTARIO"} in provinces
    assert len(provinces) == 13


def test_rate_centres_say_whether_they_have_numbers(wire: Wire) -> None:
    florida = wire.call("getRateCentersUSA", state="FL")["ratecenters"]
    assert {"ratecenter": "MIAMI", "available": "yes"} in florida
    assert {"ratecenter": "ALFORD", "available": "no"} in florida
    ontario = wire.call("getRateCentersCAN", province="ON")["ratecenters"]
    assert {"ratecenter": "Toronto", "available": "yes"} in ontario


def test_a_state_without_rate_centres_has_an_empty_list(wire: Wire) -> None:
    assert wire.call("getRateCentersUSA", state="WY") == {"status": "success", "ratecenters": []}


@pytest.mark.parametrize(
    ("method", "given", "status"),
    [
        ("getRateCentersUSA", {}, "missing_state"),
        ("getRateCentersUSA", {"state": "XX"}, "invalid_state"),
        ("getRateCentersCAN", {}, "missing_province"),
        ("getRateCentersCAN", {"province": "NY"}, "invalid_province"),
    ],
)
def test_rate_centres_need_a_state_or_province(
    wire: Wire, method: str, given: dict[str, str], status: str
) -> None:
    assert wire.status(method, **given) == status
