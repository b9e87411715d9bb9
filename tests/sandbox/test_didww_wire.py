"""The wire of the DIDWW sandbox: who is admitted, how lists are asked for, what is refused and how."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.sandbox.didww_wire import FORM, TOKENS, Wire, behind, document, errors, titles, wired

pytestmark = pytest.mark.once


@pytest.fixture
def wire() -> Iterator[Wire]:
    with wired() as wire:
        yield wire


# -- who is admitted ------------------------------------------------------------------------------


def test_the_key_admits_and_the_version_is_told(wire: Wire) -> None:
    assert wire.call("GET", "balance").json()["meta"] == {"api_version": "2026-04-16"}
    wire.version = "2019-13-45"  # what is no version is passed over in silence
    assert wire.call("GET", "balance").json()["meta"] == {"api_version": "2026-04-16"}


def test_without_the_key_only_the_public_keys_are_told(wire: Wire) -> None:
    for path, status in (("balance", 401), ("public_keys", 200)):
        answer = wire.http.get(f"{wire.sandbox.url}/{path}")
        assert answer.status_code == status
    answer = wire.http.get(f"{wire.sandbox.url}/balance", headers={"Api-Key": "wrong"})
    assert errors(answer)[0]["code"] == "401"


def test_the_newer_version_refuses_the_key(wire: Wire) -> None:
    wire.version = TOKENS
    answer = wire.call("GET", "balance")
    assert (answer.status_code, titles(answer)) == (401, ["Unauthorized"])


def test_a_token_admits_to_the_newer_version(wire: Wire) -> None:
    told = wire.mint().json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 900, "full")
    wire.token, wire.version = told["access_token"], TOKENS
    assert wire.fine(wire.call("GET", "balance"))
    wire.control("tokens")
    assert wire.call("GET", "balance").status_code == 401


@pytest.mark.parametrize(("wanted", "given"), [(1, 60), (60, 60), (700, 700), (90_000, 3600)])
def test_a_token_lives_within_bounds(wire: Wire, wanted: int, given: int) -> None:
    assert wire.mint(expires_in=wanted).json()["expires_in"] == given


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"key": "wrong"}, 401, "invalid_client"),
        ({"aud": "elsewhere.example"}, 400, "invalid_request"),
        ({"api_version": "2026-04-16"}, 400, "invalid_request"),
        ({"expires_in": "soon"}, 400, "invalid_request"),
        ({"scope": "everything"}, 400, "invalid_scope"),
    ],
)
def test_the_token_service_refuses_as_oauth_does(
    wire: Wire, change: dict[str, object], status: int, error: str
) -> None:
    answer = wire.mint(**change)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


def test_the_token_service_asks_to_slow_down(wire: Wire) -> None:
    wire.control("faults", kind="429", method="POST token")
    answer = wire.mint()
    assert answer.json()["error"] == "rate_limit_exceeded"
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert wire.mint().status_code == 200


def test_a_token_is_good_for_what_it_was_asked_for(wire: Wire) -> None:
    wire.version = TOKENS
    wire.token = wire.mint(scope="read").json()["access_token"]
    assert wire.call("GET", "balance").status_code == 200
    answer = wire.post("voice_in_trunks", {"name": "a"})
    assert answer.status_code == 403
    assert "insufficient_scope" in answer.headers["www-authenticate"]
    wire.token = wire.mint(aud=["api-sms.didww.com"]).json()["access_token"]
    assert wire.call("GET", "balance").status_code == 401


def test_the_newer_version_has_another_word_for_the_type_of_a_number(wire: Wire) -> None:
    old = wire.group("DE", "National")
    assert "did_group_type" in old["relationships"]
    assert {"number_type", "is_demo"}.isdisjoint(old["attributes"])
    wire.token, wire.version = wire.mint().json()["access_token"], TOKENS
    new = wire.group("DE", "national")
    assert (new["id"], new["attributes"]["number_type"]) == (old["id"], "national")
    assert new["attributes"]["is_demo"] is True
    assert "did_group_type" not in new["relationships"]
    for question in ({"filter[did_group_type.id]": "any"}, {"include": "did_group_type"}):
        assert wire.call("GET", "did_groups", **question).status_code == 400
    assert wire.call("GET", "did_group_types").status_code == 404
    wanted = wire.one(f"address_requirements/{_requirement(wire, 'ZA')}")
    assert "tax_id" in wanted["attributes"]["business_mandatory_fields"]


def _requirement(wire: Wire, country: str) -> str:
    kind = "local" if wire.version == TOKENS else "Local"
    return str(behind(wire.group(country, kind), "address_requirement")["id"])


# -- asking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name"),
    [("countries", "bogus"), ("dids", "status"), ("encrypted_files", "description")],
)
def test_a_filter_that_is_not_allowed_is_refused(wire: Wire, kind: str, name: str) -> None:
    answer = wire.call("GET", kind, **{f"filter[{name}]": "x"})
    (error,) = errors(answer)
    assert (answer.status_code, error["code"]) == (400, "102")
    assert error["detail"] == f"{name} is not allowed."


def test_filters_go_together_and_take_lists(wire: Wire) -> None:
    all_of_two = wire.rows("countries", **{"filter[iso]": "DE,ZA"})
    assert {row["attributes"]["iso"] for row in all_of_two} == {"DE", "ZA"}
    assert wire.rows("countries", **{"filter[iso]": "DE", "filter[prefix]": "27"}) == []


def test_pages_lead_to_each_other(wire: Wire) -> None:
    group = wire.group("US", "Local")
    query = {"filter[did_group.id]": group["id"], "page[size]": "15"}
    seen: list[str] = []
    for number in (1, 2, 3):
        page = wire.fine(
            wire.call("GET", "available_dids", **query, **{"page[number]": str(number)})
        )
        seen += [row["id"] for row in page["data"]]
        assert page["meta"]["total_records"] == 40
        assert ("prev" in page["links"], "next" in page["links"]) == (number > 1, number < 3)
    assert len(seen) == len(set(seen)) == 40
    assert len(wire.rows("available_dids")) == 50, "the usual page"
    assert wire.call("GET", "countries", **{"page[size]": "0"}).status_code == 400


def test_what_is_behind_is_told_only_where_it_is_included(wire: Wire) -> None:
    bare = wire.rows("did_groups")[0]
    assert all("data" not in linked for linked in bare["relationships"].values())
    found = wire.fine(wire.call("GET", "did_groups", include="country,city"))
    assert {row["type"] for row in found["included"]} == {"countries", "cities"}
    answer = wire.call("GET", "did_groups", include="moon")
    assert (answer.status_code, errors(answer)[0]["code"]) == (400, "112")


def test_what_is_not_there_is_404(wire: Wire) -> None:
    for path in ("dids/none", "identities/none", "moons"):
        answer = wire.call("GET", path)
        assert (answer.status_code, titles(answer)) == (404, ["Record not found"])


def test_too_many_calls_are_refused_without_title_and_code(wire: Wire) -> None:
    wire.control("faults", kind="429", method="GET balance")
    answer = wire.call("GET", "balance")
    assert answer.status_code == 429
    assert errors(answer) == [{"status": "429", "detail": "Too Many Requests"}]


def test_more_calls_a_second_than_the_limit_are_refused() -> None:
    with wired(calls_per_second=2) as wire:
        answers = [wire.call("GET", "balance").status_code for _ in range(4)]
    assert answers[:2] == [200, 200]
    assert 429 in answers


# -- writing --------------------------------------------------------------------------------------


def test_what_may_not_be_written_is_refused_by_name(wire: Wire) -> None:
    answer = wire.post("identities", {"first_name": "Ann", "verified": True})
    (error,) = errors(answer)
    assert (answer.status_code, error["title"]) == (400, "Param not allowed")
    assert error["meta"] == {"param": "verified"}
    assert wire.call("POST", "identities", body={"no": "data"}).status_code == 400
    assert wire.call("POST", "identities", body=document("addresses")).status_code == 400


def test_all_that_is_wrong_is_said_at_once(wire: Wire) -> None:
    answer = wire.post("identities", {"identity_type": "business", "phone_number": "1"})
    assert answer.status_code == 422
    assert [row["source"]["pointer"] for row in errors(answer)] == [
        "/data/attributes/first_name",
        "/data/attributes/last_name",
    ]
    assert {row["code"] for row in errors(answer)} == {"100"}


def test_a_telephone_has_digits_only(wire: Wire) -> None:
    answer = wire.post(
        "identities",
        {
            "identity_type": "personal",
            "first_name": "Ann",
            "last_name": "Bell",
            "phone_number": "+27105550100",
        },
    )
    assert errors(answer)[0]["source"]["pointer"] == "/data/attributes/phone_number"


# -- reservations and orders ----------------------------------------------------------------------


def test_ten_numbers_are_kept_and_no_more(wire: Wire) -> None:
    numbers = wire.available(wire.group("US", "Local"))
    for number in numbers[:10]:
        wire.made("did_reservations", {"description": "ours"}, {"available_did": number})
    answer = wire.post("did_reservations", None, {"available_did": numbers[10]})
    assert (answer.status_code, titles(answer)) == (422, ["You may reserve at most 10 numbers"])
    kept = wire.rows("did_reservations", **{"filter[description]": "ours"})
    assert wire.delete(kept[0]).status_code == 204
    wire.made("did_reservations", None, {"available_did": numbers[10]})


def test_a_kept_number_is_not_kept_again(wire: Wire) -> None:
    number = wire.available(wire.group("US", "Local"))[0]
    wire.made("did_reservations", None, {"available_did": number})
    answer = wire.post("did_reservations", None, {"available_did": number})
    assert errors(answer)[0]["detail"] == "available_did - is invalid"


def test_a_reservation_ends_by_itself() -> None:
    with wired(reservation_seconds=0.0) as wire:
        group = wire.group("US", "Local")
        number = wire.available(group)[0]
        kept = wire.made("did_reservations", None, {"available_did": number})
        assert wire.rows("did_reservations") == []
        answer = wire.order(group, qty=0, did_reservation_id=kept["id"])
        pointer = errors(answer)[0]["source"]["pointer"]
        assert pointer == "/data/attributes/items/0/did_reservation_id"
        wire.made("did_reservations", None, {"available_did": number})


def test_an_order_above_the_balance_is_400_and_says_how_much(wire: Wire) -> None:
    wire.control("balance", balance="1.00")
    answer = wire.order(wire.group("ZA", "Local"))
    (error,) = errors(answer)
    assert (answer.status_code, error["code"], error["title"]) == (
        400,
        "400",
        "Insufficient balance",
    )
    assert error["meta"] == {"available_balance": "1.00", "total_cost": "6.00"}
    assert wire.rows("orders") == []


def test_an_order_wants_one_way_of_choosing(wire: Wire) -> None:
    group = wire.group("US", "Local")
    number = wire.available(group)[0]
    for changes in ({"qty": 0}, {"qty": 1, "available_did_id": number["id"]}, {"sku_id": "none"}):
        assert wire.order(group, **changes).status_code == 422
    assert wire.order(group, qty=0, available_did_id=number["id"]).status_code == 201
    assert wire.order(group, qty=0, available_did_id=number["id"]).status_code == 422


def test_an_order_that_waits_is_completed_or_cancelled(wire: Wire) -> None:
    wire.control("orders", wait=True)
    group = wire.group("US", "Local")
    before = wire.sandbox.state.balance
    orders = [wire.fine(wire.order(group))["data"] for _ in range(3)]
    assert {order["attributes"]["status"] for order in orders} == {"pending"}
    assert wire.rows("dids") == []
    wire.control("complete", id=orders[0]["id"])
    wire.control("cancel", id=orders[1]["id"])
    assert wire.delete(orders[2]).status_code == 204
    found = [wire.one(f"orders/{order['id']}") for order in orders]
    assert [row["attributes"]["status"] for row in found] == ["completed", "canceled", "canceled"]
    assert len(wire.rows("dids")) == 1
    paid = orders[0]["attributes"]["amount"]
    assert str(before - wire.sandbox.state.balance) == paid
    answer = wire.delete(orders[0])
    assert (answer.status_code, titles(answer)) == (422, ["Order can't be canceled"])


# -- files ----------------------------------------------------------------------------------------


def test_one_encrypted_file_travels_at_a_time(wire: Wire) -> None:
    good = wire.upload()
    assert (good.status_code, good.headers["content-type"]) == (201, "application/json")
    for answer in (
        wire.upload(files=[(f"{FORM}[file]", ("a", b"x")), (f"{FORM}[file]", ("b", b"y"))]),
        wire.upload(files=[(f"{FORM}[file][]", ("a", b"x"))]),
        wire.upload(fields={f"{FORM}[encryption_fingerprint]": ""}),
        wire.call("POST", FORM, body=document(FORM)),
    ):
        assert (answer.status_code, titles(answer)) == (400, ["invalid params"])


def test_a_file_is_of_a_known_kind_under_the_newest_keys_and_not_too_large(wire: Wire) -> None:
    big = wire.upload(files={f"{FORM}[file]": ("a", bytes(20 * 1024 * 1024 + 1))})
    assert titles(big) == ["is too big"]
    assert wire.upload(b"no paper at all").status_code == 422
    assert wire.upload(files={f"{FORM}[file]": ("a", b"in clear")}).status_code == 422
    old = wire.rows("public_keys")
    wire.control("keys")
    assert wire.rows("public_keys") != old
    fields = {f"{FORM}[encryption_fingerprint]": "of yesterday"}
    assert titles(wire.upload(fields=fields)) == ["outdated fingerprint"]
    assert len(wire.rows(FORM)) == 0


def test_a_file_that_nothing_refers_to_goes_after_a_day(wire: Wire) -> None:
    left, used = wire.file(), wire.file()
    person = wire.person("ZA")
    (kind, *_) = wire.rows("proof_types", **{"filter[entity_type]": "business"})
    wire.made("proofs", None, {"entity": person, "proof_type": kind, "files": [used]})
    assert [row["id"] for row in wire.rows(FORM)] == [left["id"]]
    wire.sandbox.state.store.all(FORM)[0].hidden["ends"] = 0.0
    assert wire.rows(FORM) == []
    late = {"entity": person, "proof_type": kind, "files": [left]}
    assert wire.post("proofs", None, late).status_code == 422
    assert len(wire.rows("proofs")) == 1


# -- faults ---------------------------------------------------------------------------------------


def test_faults_strike_the_call_that_they_are_for(wire: Wire) -> None:
    wire.control("faults", kind="500", method="POST identities", acts=True)
    assert wire.call("GET", "balance").status_code == 200
    answer = wire.post("identities", {"identity_type": "personal"})
    assert answer.status_code == 500
    wire.control("faults", kind="html", method="GET balance")
    answer = wire.call("GET", "balance")
    assert answer.headers["content-type"] == "text/html"


def test_calls_at_once_sell_a_number_once(wire: Wire) -> None:
    group = wire.group("US", "Local")
    number = wire.available(group)[0]
    answers: list[int] = []

    def buy() -> None:
        answers.append(wire.order(group, qty=0, available_did_id=number["id"]).status_code)

    threads = [threading.Thread(target=buy) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 422, 422, 422]
