"""Catalogue methods: places, servers and the options of accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringup.sandbox.voipms import options, places
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.state import Row, State
from ringup.sandbox.voipms.statuses import StatusError

Answer = dict[str, object]
Method = Callable[[State, Parameters], Answer]


def rows(codes: Mapping[str, str]) -> list[Row]:
    return [{"value": code, "description": text} for code, text in codes.items()]


def _catalogue(key: str, codes: Mapping[str, str], filter_name: str, refusal: str) -> Method:
    """A list of codes under ``key``, or the one code that the filter names."""

    def method(state: State, params: Parameters) -> Answer:
        code = params.text(filter_name)
        if code and code not in codes:
            raise StatusError(refusal)
        return {key: rows({code: codes[code]} if code else codes)}

    return method


def get_music_on_hold(state: State, params: Parameters) -> Answer:
    code = params.text("music_on_hold")
    if code and code not in options.MUSIC:
        raise StatusError("invalid_musiconhold")
    more = {"recordings": "", "total": "0", "volume": "mp3", "sort": "random", "custom": "0"}
    found = {code: options.MUSIC[code]} if code else options.MUSIC
    return {"music_on_hold": [row | more for row in rows(found)]}


def get_servers_info(state: State, params: Parameters) -> Answer:
    pop = params.text("server_pop")
    found = [row for row in options.servers() if pop in ("", row["server_pop"])]
    if not found:
        raise StatusError("invalid_serverpop")
    return {"servers": found}


def get_states(state: State, params: Parameters) -> Answer:
    return {"states": _regions("state", places.STATE_NAMES)}


def get_provinces(state: State, params: Parameters) -> Answer:
    return {"provinces": _regions("province", places.PROVINCE_NAMES)}


def _regions(key: str, names: Mapping[str, str]) -> list[Row]:
    return [{key: code, "description": name} for code, name in names.items()]


def get_rate_centers_usa(state: State, params: Parameters) -> Answer:
    region = params.one_of("state", "state", places.STATE_NAMES)
    return {"ratecenters": _rate_centres(state, "US", region, places.UNITED_STATES)}


def get_rate_centers_can(state: State, params: Parameters) -> Answer:
    region = params.one_of("province", "province", places.PROVINCE_NAMES)
    return {"ratecenters": _rate_centres(state, "CA", region, places.CANADA)}


def _rate_centres(
    state: State,
    country: str,
    region: str,
    regions: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> list[Row]:
    in_stock = {number.rate_centre for number in state.stock.find(country, region=region)}
    known = {*regions.get(region, {}), *places.EMPTY_RATE_CENTRES.get(region, ())}
    return [
        {"ratecenter": name, "available": "yes" if name in in_stock else "no"}
        for name in sorted(known)
    ]


METHODS: dict[str, Method] = {
    "getCountries": _catalogue("countries", options.COUNTRIES, "country", "invalid_country"),
    "getProtocols": _catalogue("protocols", options.PROTOCOLS, "protocol", "invalid_protocol"),
    "getAuthTypes": _catalogue("auth_types", options.AUTH_TYPES, "type", "invalid_authtype"),
    "getDeviceTypes": _catalogue(
        "device_types", options.DEVICE_TYPES, "device_type", "invalid_devicetype"
    ),
    "getLockInternational": _catalogue(
        "lock_international", options.LOCKS, "lock_international", "invalid_lockinternational"
    ),
    "getRoutes": _catalogue("routes", options.ROUTES, "route", "invalid_route"),
    "getLanguages": _catalogue("languages", options.LANGUAGES, "language", "invalid_language"),
    "getAllowedCodecs": _catalogue("allowed_codecs", options.CODECS, "codec", "invalid_codec"),
    "getDTMFModes": _catalogue("dtmf_modes", options.DTMF_MODES, "dtmf_mode", "invalid_dtmfmode"),
    "getNAT": _catalogue("nat", options.NAT, "nat", "invalid_nat"),
    "getTimezones": _catalogue(
        "timezones",
        {zone: zone.replace("_", " ") for zone in options.TIMEZONES},
        "timezone",
        "invalid_timezone",
    ),
    "getMusicOnHold": get_music_on_hold,
    "getServersInfo": get_servers_info,
    "getStates": get_states,
    "getProvinces": get_provinces,
    "getRateCentersUSA": get_rate_centers_usa,
    "getRateCentersCAN": get_rate_centers_can,
}
