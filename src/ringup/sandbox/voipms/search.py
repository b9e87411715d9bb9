"""Search methods: numbers for sale by place, by digits, toll-free, and abroad."""

from __future__ import annotations

import re

from ringup.sandbox.voipms import abroad, places
from ringup.sandbox.voipms.abroad import Location
from ringup.sandbox.voipms.catalogue import Answer, Method, rows
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.state import Row, State
from ringup.sandbox.voipms.statuses import StatusError
from ringup.sandbox.voipms.stock import TOLL_FREE, ForSale, digits_of

SEARCH_TYPES = ("starts", "contains", "ends")


def get_dids_usa(state: State, params: Parameters) -> Answer:
    region = params.one_of("state", "state", places.STATE_NAMES)
    found = state.stock.find("US", region=region, rate_centre=params.text("ratecenter"))
    more = {"has_port_out_pin": "0"}
    return {"dids": _dids([_row_usa(number) | more | {"sms": number.sms} for number in found])}


def get_dids_can(state: State, params: Parameters) -> Answer:
    region = params.one_of("province", "province", places.PROVINCE_NAMES)
    found = state.stock.find("CA", region=region, rate_centre=params.text("ratecenter"))
    return {"dids": _dids([_row_canada(number) | {"sms": number.sms} for number in found])}


def search_dids_usa(state: State, params: Parameters) -> Answer:
    region = params.optional_one_of("state", "state", places.STATE_NAMES, "")
    found = state.stock.find("US", region=region, wanted=_wanted(params))
    return {"dids": _dids([_row_usa(number) for number in found])}


def search_dids_can(state: State, params: Parameters) -> Answer:
    region = params.optional_one_of("province", "province", places.PROVINCE_NAMES, "")
    found = state.stock.find("CA", region=region, wanted=_wanted(params))
    return {"dids": _dids([_row_canada(number) for number in found])}


def search_toll_free_can_us(state: State, params: Parameters) -> Answer:
    asked = params.text("type") or params.text("query")
    found = state.stock.find(TOLL_FREE, wanted=_wanted(params) if asked else "")
    return {
        "dids": _dids(
            [
                {
                    "did": number.did,
                    "monthly": number.perminute_monthly,
                    "minute": number.perminute_minute,
                    "setup": number.perminute_setup,
                }
                for number in found
            ]
        )
    }


def _wanted(params: Parameters) -> str:
    kind = params.one_of("type", "type", SEARCH_TYPES)
    query = params.required("query", "query")
    if not re.fullmatch(r"[0-9A-Za-z]{1,10}", query):
        raise StatusError("invalid_query")
    return f"{kind}:{digits_of(query)}"


def _dids(found: list[Row]) -> list[Row]:
    if not found:
        raise StatusError("no_did")
    return found


def _row_usa(number: ForSale) -> Row:
    return _row(number, {"state": number.region, "state_description": number.region_name})


def _row_canada(number: ForSale) -> Row:
    return _row(number, {"province": number.region, "province_description": number.region_name})


def _row(number: ForSale, place: Row) -> Row:
    return {
        "did": number.did,
        "ratecenter": number.rate_centre,
        **place,
        "perminute_monthly": number.perminute_monthly,
        "perminute_minute": number.perminute_minute,
        "perminute_setup": number.perminute_setup,
        "flat_monthly": number.flat_monthly,
        "flat_minute": number.flat_minute,
        "flat_setup": number.flat_setup,
    }


def get_international_types(state: State, params: Parameters) -> Answer:
    kind = params.optional_one_of("type", "type", abroad.TYPES, "")
    return {"types": rows({kind: abroad.TYPES[kind]} if kind else abroad.TYPES)}


def get_did_countries(state: State, params: Parameters) -> Answer:
    countries = state.abroad.countries(params.one_of("type", "type", abroad.TYPES))
    code = params.text("country_id")
    if code and code not in countries:
        raise StatusError("invalid_countryid")
    return {"countries": rows({code: countries[code]} if code else countries)}


def _locations(kind: str) -> Method:
    def method(state: State, params: Parameters) -> Answer:
        country = params.one_of("country_id", "countryid", abroad.COUNTRIES)
        found = state.abroad.of(kind, country)
        return {"locations": _dids([_location_row(place) for place in found])}

    return method


def _location_row(place: Location) -> Row:
    row = {
        "location_id": place.location_id,
        "location_name": place.name,
        "country": place.country,
        "area_code": place.area_code,
        "stock": str(place.stock),
        "monthly": place.monthly,
        "setup": place.setup,
        "minute": place.minute,
    }
    # Each kind has its own tail: toll-free ones are sold one way only.
    if place.kind != abroad.TOLL_FREE:
        row["monthly_per_minute"] = place.monthly_per_minute
        row["setup_per_minute"] = place.setup_per_minute
    if place.kind == abroad.GEOGRAPHIC:
        row["channels"] = place.channels
    return row


METHODS: dict[str, Method] = {
    "getDIDsUSA": get_dids_usa,
    "getDIDsCAN": get_dids_can,
    "searchDIDsUSA": search_dids_usa,
    "searchDIDsCAN": search_dids_can,
    "searchTollFreeCanUS": search_toll_free_can_us,
    "getInternationalTypes": get_international_types,
    "getDIDCountries": get_did_countries,
    "getDIDsInternationalGeographic": _locations(abroad.GEOGRAPHIC),
    "getDIDsInternationalNational": _locations(abroad.NATIONAL),
    "getDIDsInternationalTollFree": _locations(abroad.TOLL_FREE),
}
