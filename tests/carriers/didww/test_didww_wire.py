"""The wire: what is sent with every call, and what is made of answers that are not as they should be."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ringup.carriers.didww import paging
from ringup.carriers.didww.adapter import Didww
from ringup.carriers.didww.auth import ApiKeyAuth
from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.failing import Missing, Rejected
from ringup.carriers.didww.reading import amount, document
from ringup.carriers.port import CarrierConnection
from ringup.core.failures import NothingHappened, OurFault, OutcomeUnknown
from ringup.core.money import Money
from ringup.sandbox.listening import Reply, Request, listening
from tests.carriers.didww.didww_world import DidwwWorld

pytestmark = pytest.mark.once
KEY = "key-of-the-test-0042"
VERSION = {"api_version": "2026-04-16"}

Answering = Callable[[Request], Reply]


@contextmanager
def client_of(answer: Answering, **changes: Any) -> Iterator[DidwwClient]:
    with listening(answer) as base:
        given = {"calls_per_second": 1000.0, "read_timeout_seconds": 5.0} | changes
        connection = CarrierConnection(f"{base}/v3", {}, {}, **given)
        client = DidwwClient(connection, ApiKeyAuth(KEY))
        yield client
        client.close()


def reply(content: object, status: int = 200) -> Reply:
    return Reply(json.dumps(content).encode(), status=status)


def row(uid: str, **attributes: Any) -> dict[str, Any]:
    return {"type": "dids", "id": uid, "attributes": attributes}


def saying(content: object, status: int = 200) -> Answering:
    return lambda request: reply(content, status)


# -- sent ---------------------------------------------------------------------------------------------


def test_every_call_says_who_we_are_and_which_version_we_speak() -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Reply:
        seen.append(request)
        return reply({"data": row("1"), "meta": VERSION}, 201 if request.verb == "POST" else 200)

    with client_of(answer) as client:
        client.get("dids/1")
        client.create("orders", {"items": []})
    for request in seen:
        assert request.headers["api-key"] == KEY
        assert request.headers["x-didww-api-version"] == "2026-04-16"
        assert request.headers["accept"] == "application/vnd.api+json"
    assert seen[1].headers["content-type"] == "application/vnd.api+json"
    assert json.loads(seen[1].body) == {"data": {"type": "orders", "attributes": {"items": []}}}


def test_relationships_are_set_listed_and_cleared() -> None:
    bodies: list[Any] = []

    def answer(request: Request) -> Reply:
        bodies.append(json.loads(request.body))
        return reply({"data": row("1"), "meta": VERSION})

    with client_of(answer) as client:
        client.change("dids", "1", None, {"a": ("t", "2"), "b": [("t", "3")], "c": None})
    assert bodies == [
        {
            "data": {
                "type": "dids",
                "id": "1",
                "relationships": {
                    "a": {"data": {"type": "t", "id": "2"}},
                    "b": {"data": [{"type": "t", "id": "3"}]},
                    "c": {"data": None},
                },
            }
        }
    ]


def test_neither_key_nor_addresses_nor_bodies_are_logged(
    world: DidwwWorld, carrier: Didww, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        carrier.buy(world.number_of("NL"), reference=uuid.uuid4())
        carrier.create_trunk(uuid.uuid4(), password="", label="Acme")
    assert "DIDWW POST orders: HTTP 201" in caplog.text
    for secret in (world.sandbox.key, *world.trunk_passwords(), "filter%5B"):
        assert secret not in caplog.text


# -- the version --------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoken", ["2026-11-19", "2022-05-10", ""])
def test_another_version_than_ours_is_our_fault(spoken: str) -> None:
    meta = {"api_version": spoken} if spoken else {}
    with client_of(saying({"data": [], "meta": meta})) as client, pytest.raises(OurFault) as caught:
        client.get("dids")
    assert (spoken or "no version") in str(caught.value)
    assert "2026-04-16" in str(caught.value)


# -- answers that are none ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>maintenance</html>", b'{"data": [{"type": "dids"', b"[]", b'{"meta": {}}',
     b'{"data": ["x"], "meta": {"api_version": "2026-04-16"}}', b'"text"', b"null"],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_is_nothing_and_after_a_change_unknown(
    content: bytes,
) -> None:
    with client_of(lambda request: Reply(content)) as client:
        with pytest.raises(NothingHappened):
            client.get("dids")
        with pytest.raises(OutcomeUnknown):
            client.create("orders", {})


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (301, OurFault),
        (404, OurFault),
        (405, OurFault),
        (502, NothingHappened),
        (408, NothingHappened),
    ],
)
def test_a_page_instead_of_an_answer(status: int, failure: type[Exception]) -> None:
    with (
        client_of(lambda request: Reply(b"<html></html>", status=status)) as client,
        pytest.raises(failure),
    ):
        client.get("dids")


def test_too_many_calls_are_nothing_and_the_next_one_waits() -> None:
    said = {"errors": [{"status": "429", "detail": "Too Many Requests"}]}
    with client_of(saying(said, 429)) as client:
        with pytest.raises(NothingHappened, match="Too Many Requests") as caught:
            client.create("orders", {})
        assert caught.value.retry_seconds
        with pytest.raises(NothingHappened, match="was not sent"):
            client.get("dids")


def test_all_errors_of_a_refusal_are_kept_and_secrets_are_not() -> None:
    errors = [
        {"title": "is invalid", "detail": f"name {KEY}", "code": "100", "status": "422",
         "source": {"pointer": "/data/attributes/name"}},
        {"title": "can't be blank", "detail": "host - can't be blank", "code": "100"},
        "not an error",
    ]  # fmt: skip
    with client_of(saying({"errors": errors}, 422)) as client, pytest.raises(Rejected) as caught:
        client.create("voice_in_trunks", {})
    refusal = caught.value
    assert refusal.sentences == ["name …", "host - can't be blank"]
    assert "name …; host - can't be blank" in str(refusal)
    assert refusal.speaks_of("name")
    assert not refusal.speaks_of("host")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "401", "does not accept the API key"),
        (403, "", "Ask DIDWW's support to enable it"),
        (400, "102", "bogus is not allowed"),
    ],
)
def test_what_staff_must_mend_is_our_fault(status: int, code: str, words: str) -> None:
    said = {"errors": [{"detail": "bogus is not allowed.", "code": code, "status": str(status)}]}
    with client_of(saying(said, status)) as client, pytest.raises(OurFault, match=words):
        client.create("orders", {})


def test_what_is_not_there_is_none_and_deleting_it_no_error() -> None:
    said = {"errors": [{"title": "Record not found", "code": "404", "status": "404"}]}
    with client_of(saying(said, 404)) as client:
        assert client.find("dids", "1") is None
        assert client.delete("dids", "1") is False
        with pytest.raises(Missing):
            client.change("dids", "1", {})


# -- reading ------------------------------------------------------------------------------------------


def test_unknown_types_and_values_disturb_nothing() -> None:
    found = document(
        {
            "data": {
                "type": "dids",
                "id": "1",
                "attributes": {"blocked": None, "news": {"deep": [1]}},
                "relationships": {
                    "order": {"data": {"type": "orders", "id": "2"}},
                    "sms_in_trunk": {"data": {"type": "sms_in_trunks", "id": "3"}},
                    "gone": {"data": {"type": "orders", "id": "9"}},
                    "untold": {"links": {}},
                    "odd": "text",
                },
            },
            "included": [{"type": "sms_in_trunks", "id": "3"}, {"id": "4"}, None,
                         {"type": "orders", "id": "2", "attributes": {"status": "delighted"}}],
            "meta": VERSION,
        }
    ).resources[0]  # fmt: skip
    order = found.one("order")
    assert order is not None
    assert order.text("status") == "delighted"
    assert found.one("gone") is None
    assert found.keys("gone") == [("orders", "9")]
    assert found.keys("untold") == []
    assert not found.flag("blocked")
    assert (found.text("news"), found.moment("news"), found.money("news", "USD")) != ("", None, 1)


@pytest.mark.parametrize(
    ("written", "micros"),
    [("79.2", 79_200_000), ("0.0000019", 1), (5, 5_000_000), ("-1.5", -1_500_000)],
)
def test_money_is_exact(written: object, micros: int) -> None:
    assert amount(written, "USD") == Money(micros, "USD")


@pytest.mark.parametrize("written", ["", "free", None, True, 0.1, "NaN", "Infinity", [1]])
def test_what_is_no_amount_is_none(written: object) -> None:
    assert amount(written, "USD") is None


# -- paging -------------------------------------------------------------------------------------------


def paged(pages: dict[str, list[str]], totals: list[int]) -> Answering:
    """Pages by their number; ``totals`` as they are counted, one answer after the other."""

    def answer(request: Request) -> Reply:
        number = request.query["page[number]"]
        links = {"next": "…"} if str(int(number) + 1) in pages else {}
        meta = VERSION | {"total_records": totals.pop(0) if len(totals) > 1 else totals[0]}
        rows = [row(uid) for uid in pages[number]]
        return reply({"data": rows, "links": links, "meta": meta})

    return answer


def test_all_pages_are_read() -> None:
    with client_of(paged({"1": ["a", "b"], "2": ["c"]}, [3])) as client:
        assert [one.id for one in paging.every(client, "dids", strict=True)] == ["a", "b", "c"]


@pytest.mark.parametrize("totals", [[3], [2, 3], [3, 2]])
def test_a_list_that_is_not_whole_is_none(totals: list[int]) -> None:
    with (
        client_of(paged({"1": ["a"], "2": ["b"]}, totals)) as client,
        pytest.raises(NothingHappened),
    ):
        paging.every(client, "dids", strict=True)


def test_what_was_sold_meanwhile_is_missed_where_that_does_no_harm() -> None:
    with client_of(paged({"1": ["a"], "2": ["b"]}, [3, 2])) as client:
        assert len(paging.every(client, "available_dids")) == 2


def test_an_empty_page_that_promises_more_is_no_end() -> None:
    with (
        client_of(paged({"1": ["a"], "2": [], "3": ["b"]}, [1])) as client,
        pytest.raises(NothingHappened),
    ):
        paging.every(client, "dids")


def test_a_size_that_is_refused_is_asked_for_no_more() -> None:
    sizes: list[str] = []

    def answer(request: Request) -> Reply:
        sizes.append(request.query["page[size]"])
        if int(sizes[-1]) > 50:
            error = {"detail": "Invalid page size.", "code": "118", "status": "400"}
            return reply({"errors": [error], "meta": VERSION}, 400)
        return reply({"data": [row("a")], "meta": VERSION})

    with client_of(answer) as client:
        for _ in range(2):
            assert len(paging.every(client, "dids")) == 1
    assert sizes == ["1000", "50", "50"]
