"""The adapter on the wire: forms and addresses, secrets, loose types, the pace of calls."""

from __future__ import annotations

import logging
import uuid

import pytest

from ringup.carriers.port import ToTelephone
from ringup.carriers.voipms.adapter import VoipMs
from ringup.core.failures import NothingHappened, OurFault, OutcomeUnknown, PortFailure
from ringup.sandbox.listening import Reply
from tests.carriers.voipms.answering import answering
from tests.carriers.voipms.voipms_world import VoipmsWorld, voipms_world

pytestmark = pytest.mark.once
PASSWORD = "Trunk4Secret9Word"


def test_calls_are_forms_and_no_secret_is_in_an_address(world: VoipmsWorld) -> None:
    with answering(Reply(b'{"status":"success","balance":{"current_balance":"1"}}')) as (url, seen):
        with world.adapter(url=url) as carrier:
            carrier.balance()
        (request,) = seen
        assert (request.verb, request.query) == ("POST", {})
        assert request.form["api_password"] == world.sandbox.password
        assert request.form["api_username"] == world.sandbox.user
        assert request.headers["user-agent"].startswith("Ringup")


def test_where_forms_are_not_read_the_address_is_used_from_then_on(world: VoipmsWorld) -> None:
    world.sandbox.state.reads_forms = False
    e164, reference = world.number_for_sale(), uuid.uuid4()
    with world.adapter() as carrier:
        assert carrier.buy(e164, reference=reference).e164 == e164
    assert world.sandbox.state.requests["(none)"] == 1, "one form was tried, and none after it"
    with world.adapter() as carrier:
        carrier.balance()
    assert world.sandbox.state.requests["(none)"] == 1
    assert world.numbers_charged() == [e164]


def test_forms_only_says_that_they_are_not_read(world: VoipmsWorld) -> None:
    world.sandbox.state.reads_forms = False
    with (
        world.adapter(options={"sending": "form"}) as carrier,
        pytest.raises(OurFault, match="missing_method"),
    ):
        carrier.balance()


def test_the_address_may_be_wanted(world: VoipmsWorld) -> None:
    world.sandbox.state.reads_forms = False
    with world.adapter(options={"sending": "query"}) as carrier:
        carrier.balance()
    assert "(none)" not in world.sandbox.state.requests


@pytest.mark.parametrize("way", ["form", "query"])
@pytest.mark.parametrize("kind", ["", "500", "reply_lost_after", "status:order_failed"])
def test_no_secret_is_in_a_log_or_an_exception(
    world: VoipmsWorld, caplog: pytest.LogCaptureFixture, way: str, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.DEBUG)
    logging.getLogger("httpcore").setLevel(logging.DEBUG)
    told = ""
    with world.adapter(options={"sending": way}) as carrier:
        if kind:
            world.sandbox.faults.add(kind, method="createSubAccount")
        for _ in range(2):
            try:
                carrier.create_trunk(uuid.UUID(int=7), password=PASSWORD, label="Acme")
            except PortFailure as failure:
                told += f"{failure!r} {failure.user_message} {failure.__context__!r}"
        told += repr(carrier.trunk(uuid.UUID(int=7)))
    assert world.trunk_passwords() == [PASSWORD]
    logged = caplog.text + " ".join(str(record.args) for record in caplog.records)
    assert "createSubAccount" in logged
    for secret in (PASSWORD, world.sandbox.password):
        assert secret not in logged + told


def test_a_refusal_that_quotes_the_password_does_not_reach_us_with_it(world: VoipmsWorld) -> None:
    message = f"you sent {PASSWORD} and {world.sandbox.password}"
    body = f'{{"status":"invalid_password","message":"{message}"}}'.encode()
    servers = b'{"status":"success","servers":[{"server_pop":5,"server_hostname":"a.example"}]}'
    replies = (Reply(servers), Reply(b'{"status":"no_account"}'), Reply(body))
    with answering(*replies) as (url, _), world.adapter(url=url) as carrier:
        with pytest.raises(OurFault) as caught:
            carrier.create_trunk(uuid.uuid4(), password=PASSWORD, label="Acme")
        assert "you sent … and …" in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"success"',
        b"{}",
        b'{"state":1}',
        b"<html>",
        b'{"status":',
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_read_is_no_answer(world: VoipmsWorld, body: bytes) -> None:
    with (
        answering(Reply(body)) as (url, _),
        world.adapter(url=url) as carrier,
        pytest.raises(NothingHappened),
    ):
        carrier.find_number("+12125550100")
    number = b'{"status":"no_did"}'
    servers = b'{"status":"success","servers":{"server_pop":5,"server_hostname":"a.example"}}'
    replies = (Reply(number), Reply(servers), Reply(body))
    with answering(*replies) as (url, seen), world.adapter(url=url) as carrier:
        with pytest.raises(OutcomeUnknown):
            carrier.buy("+12125550100", reference=uuid.uuid4())
        assert [request.form["method"] for request in seen].count("orderDID") == 1


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (301, OurFault),
        (403, OurFault),
        (404, OurFault),
        (408, OutcomeUnknown),
        (502, OutcomeUnknown),
    ],
)
def test_http_statuses_of_a_changing_call(
    world: VoipmsWorld, code: int, failure: type[PortFailure]
) -> None:
    absent = Reply(b'{"status":"no_account"}')
    servers = Reply(b'{"status":"success","servers":[{"server_pop":5}]}')
    replies = (servers, absent, Reply(b"<html>", status=code))
    with answering(*replies) as (url, _), world.adapter(url=url) as carrier:
        with pytest.raises(PortFailure) as caught:
            carrier.create_trunk(uuid.uuid4(), password=PASSWORD, label="Acme")
        assert type(caught.value) is failure


def test_an_address_that_is_none_is_our_fault(world: VoipmsWorld) -> None:
    for url in ("voip.ms/api", "ftp://voip.example/", "http://"):
        with world.adapter(url=url) as carrier:
            with pytest.raises(OurFault):
                carrier.balance()
            assert not carrier.test_connection().works


def test_types_may_drift_as_they_like() -> None:
    """The same answers under many seeds: bare rows, numbers, truth values, null."""
    for seed in range(12):
        with voipms_world(seed=seed) as world, world.adapter() as carrier:
            e164, reference = world.number_for_sale(), uuid.uuid4()
            assert carrier.buy(e164, reference=reference).reference == str(reference)
            target = ToTelephone("+15145550123", uuid.uuid4())
            carrier.route(e164, target, reference=reference)
            assert carrier.routed_to(e164, target)
            assert carrier.create_trunk(reference, password=PASSWORD, label="A").host == (
                "newyork7.voipms.example"
            )
            carrier.unroute(e164, target, reference=reference)
            carrier.delete_trunk(reference)
            carrier.release(e164, reference=reference)
            assert (world.inventory(), world.entries(), world.trunk_passwords()) == ({}, 0, [])


def test_catalogues_are_asked_for_once_a_day_and_offers_every_time(world: VoipmsWorld) -> None:
    for _ in range(2):
        with world.adapter() as carrier:
            assert len(carrier.regions("US")) == 51
            assert "Toronto" in carrier.rate_centres("CA", "ON")
            carrier.signalling_addresses()
            assert carrier.offer(world.number_for_sale()) is not None
    assert world.calls("getStates") == 1
    assert world.calls("getRateCentersCAN") == 1
    assert world.calls("getServersInfo") == 1
    assert world.calls("searchDIDsUSA") == 2


def test_a_failed_catalogue_is_not_remembered(world: VoipmsWorld, carrier: VoipMs) -> None:
    world.sandbox.faults.add("500", method="getStates")
    with pytest.raises(NothingHappened):
        carrier.regions("US")
    assert carrier.regions("US")


def test_after_too_many_calls_none_leaves_for_a_while(world: VoipmsWorld) -> None:
    world.sandbox.state.calls_per_minute = 0
    with world.adapter() as carrier:
        with pytest.raises(NothingHappened, match="api_limit_exceeded"):
            carrier.balance()
        world.sandbox.state.calls_per_minute = None
        with pytest.raises(NothingHappened, match="was not sent"):
            carrier.balance()
    with world.adapter() as another, pytest.raises(NothingHappened, match="was not sent"):
        another.balance()
    assert world.calls("getBalance") == 1
