"""Every changing call times every fault: which failure it is, and that looking tells the truth."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from ringup.carriers.pacing import bucket_for
from ringup.carriers.port import StockArea, ToSipUri, ToTelephone, ToTrunk
from ringup.carriers.voipms import client
from ringup.carriers.voipms.adapter import VoipMs
from ringup.core.failures import NothingHappened, NumberGone, OutcomeUnknown, PortFailure
from ringup.sandbox.voipms.stock import ForSale
from tests.carriers.voipms.voipms_world import VoipmsWorld, voipms_world

pytestmark = pytest.mark.once

NUMBER, TRUNK, ENTRY = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
PHONE = ToTelephone("+15145550123", ENTRY)
OTHER_PHONE = ToTelephone("+15145550124", ENTRY)
SIP = ToSipUri("reception@pbx.example.com", ENTRY)
PASSWORD, NEW_PASSWORD = "Trunk4Secret9Word", "Another8Secret7Word"


@dataclass(frozen=True)
class Verb:
    """One verb of the port that needs the changing call ``method``; ``looks`` asks the carrier
    through the port whether it is done, ``truth`` asks the sandbox itself."""

    name: str
    method: str
    prepare: Callable[[VoipMs, str], object]
    act: Callable[[VoipMs, str], object]
    looks: Callable[[VoipMs, str], bool]
    truth: Callable[[VoipmsWorld, str], bool]
    # What is so at the carrier before anything else.
    given: Callable[[VoipmsWorld, str], object] = lambda world, e164: None


def _buy(carrier: VoipMs, e164: str) -> object:
    return carrier.buy(e164, reference=NUMBER)


def _trunk(carrier: VoipMs, e164: str) -> object:
    return carrier.create_trunk(TRUNK, password=PASSWORD, label="Acme")


def _all(*steps: Callable[[VoipMs, str], object]) -> Callable[[VoipMs, str], object]:
    def every(carrier: VoipMs, e164: str) -> None:
        for step in steps:
            step(carrier, e164)

    return every


def _to(target: ToTrunk | ToTelephone | ToSipUri) -> Callable[[VoipMs, str], object]:
    return lambda carrier, e164: carrier.route(e164, target, reference=NUMBER)


def _from(target: ToTrunk | ToTelephone | ToSipUri) -> Callable[[VoipMs, str], object]:
    return lambda carrier, e164: carrier.unroute(e164, target, reference=NUMBER)


def _routing(world: VoipmsWorld, e164: str) -> str:
    row = world.sandbox.state.dids.get(e164.removeprefix("+1"))
    return row["routing"] if row else ""


def _phones(world: VoipmsWorld) -> list[str]:
    return [row["phone_number"] for row in world.sandbox.state.forwardings.values()]


def _held_by_hand(world: VoipmsWorld, e164: str) -> None:
    world.own_without_us(e164, "front desk")
    world.sandbox.state.dids[e164.removeprefix("+1")]["voicemail"] = "101"


def _is_adopted(world: VoipmsWorld, e164: str) -> bool:
    row = world.sandbox.state.dids[e164.removeprefix("+1")]
    return (row["note"], row["voicemail"]) == (f"{NUMBER} front desk", "101")


def _is_disowned(world: VoipmsWorld, e164: str) -> bool:
    row = world.sandbox.state.dids[e164.removeprefix("+1")]
    return (row["note"], row["voicemail"]) == ("front desk", "101")


def _carries_our_reference(carrier: VoipMs, e164: str) -> bool:
    number = carrier.find_number(e164)
    return number is not None and number.reference == str(NUMBER)


VERBS = [
    Verb(
        "buy",
        "orderDID",
        prepare=lambda carrier, e164: None,
        act=_buy,
        looks=lambda carrier, e164: carrier.find_number(e164) is not None,
        truth=lambda world, e164: world.inventory() == {e164: str(NUMBER)},
    ),
    Verb(
        "adopt",
        "setDIDInfo",
        prepare=lambda carrier, e164: None,
        act=lambda carrier, e164: carrier.adopt(e164, reference=NUMBER),
        looks=_carries_our_reference,
        truth=_is_adopted,
        given=_held_by_hand,
    ),
    Verb(
        "disown",
        "setDIDInfo",
        prepare=lambda carrier, e164: carrier.adopt(e164, reference=NUMBER),
        act=lambda carrier, e164: carrier.disown(e164, reference=NUMBER),
        looks=lambda carrier, e164: not _carries_our_reference(carrier, e164),
        truth=_is_disowned,
        given=_held_by_hand,
    ),
    Verb(
        "release",
        "cancelDID",
        prepare=_buy,
        act=lambda carrier, e164: carrier.release(e164, reference=NUMBER),
        looks=lambda carrier, e164: carrier.find_number(e164) is None,
        truth=lambda world, e164: world.inventory() == {},
    ),
    Verb(
        "create trunk",
        "createSubAccount",
        prepare=lambda carrier, e164: None,
        act=_trunk,
        looks=lambda carrier, e164: carrier.trunk(TRUNK) is not None,
        truth=lambda world, e164: world.trunk_passwords() == [PASSWORD],
    ),
    Verb(
        "set password",
        "setSubAccount",
        prepare=_trunk,
        act=lambda carrier, e164: carrier.create_trunk(TRUNK, password=NEW_PASSWORD, label="A"),
        # The port shows no passwords: looking here is the sandbox's own.
        looks=lambda carrier, e164: carrier.trunk(TRUNK) is not None,
        truth=lambda world, e164: world.trunk_passwords() == [NEW_PASSWORD],
    ),
    Verb(
        "delete trunk",
        "delSubAccount",
        prepare=_trunk,
        act=lambda carrier, e164: carrier.delete_trunk(TRUNK),
        looks=lambda carrier, e164: carrier.trunk(TRUNK) is None,
        truth=lambda world, e164: world.trunk_passwords() == [],
    ),
    Verb(
        "route to trunk",
        "setDIDRouting",
        prepare=_all(_buy, _trunk),
        act=_to(ToTrunk(TRUNK)),
        looks=lambda carrier, e164: carrier.routed_to(e164, ToTrunk(TRUNK)),
        truth=lambda world, e164: _routing(world, e164).startswith("account:100001_"),
    ),
    Verb(
        "route to telephone, entry",
        "setForwarding",
        prepare=_buy,
        act=_to(PHONE),
        looks=lambda carrier, e164: carrier.routed_to(e164, PHONE),
        truth=lambda world, e164: (
            _phones(world) == ["5145550123"] and _routing(world, e164).startswith("fwd:")
        ),
    ),
    Verb(
        "route to telephone, routing",
        "setDIDRouting",
        prepare=_buy,
        act=_to(PHONE),
        looks=lambda carrier, e164: carrier.routed_to(e164, PHONE),
        truth=lambda world, e164: (
            _phones(world) == ["5145550123"] and _routing(world, e164).startswith("fwd:")
        ),
    ),
    Verb(
        "change telephone",
        "setForwarding",
        prepare=_all(_buy, _to(PHONE)),
        act=_to(OTHER_PHONE),
        looks=lambda carrier, e164: carrier.routed_to(e164, OTHER_PHONE),
        truth=lambda world, e164: _phones(world) == ["5145550124"],
    ),
    Verb(
        "route to SIP, entry",
        "setSIPURI",
        prepare=_buy,
        act=_to(SIP),
        looks=lambda carrier, e164: carrier.routed_to(e164, SIP),
        truth=lambda world, e164: world.entries() == 1 and _routing(world, e164).startswith("sip:"),
    ),
    Verb(
        "unroute telephone, routing",
        "setDIDRouting",
        prepare=_all(_buy, _to(PHONE)),
        act=_from(PHONE),
        looks=lambda carrier, e164: not carrier.routed_to(e164, PHONE),
        truth=lambda world, e164: (_routing(world, e164), world.entries()) == ("none:", 0),
    ),
    Verb(
        "unroute telephone, entry",
        "delForwarding",
        prepare=_all(_buy, _to(PHONE)),
        act=_from(PHONE),
        looks=lambda carrier, e164: not carrier.routed_to(e164, PHONE),
        truth=lambda world, e164: (_routing(world, e164), world.entries()) == ("none:", 0),
    ),
    Verb(
        "unroute SIP, entry",
        "delSIPURI",
        prepare=_all(_buy, _to(SIP)),
        act=_from(SIP),
        looks=lambda carrier, e164: not carrier.routed_to(e164, SIP),
        truth=lambda world, e164: (_routing(world, e164), world.entries()) == ("none:", 0),
    ),
]


@dataclass(frozen=True)
class Blow:
    """A fault, what it must be called, and whether the call was carried out all the same."""

    kind: str
    failure: type[PortFailure]
    acts: bool = False
    seconds: float = 0.0


BLOWS = [
    Blow("reply_lost_before", OutcomeUnknown),
    Blow("reply_lost_after", OutcomeUnknown, acts=True),
    Blow("429", NothingHappened),
    Blow("500", OutcomeUnknown),
    Blow("500", OutcomeUnknown, acts=True),
    Blow("html", OutcomeUnknown),
    Blow("html", OutcomeUnknown, acts=True),
    Blow("cut", OutcomeUnknown, acts=True),
    Blow("slow", OutcomeUnknown, acts=True, seconds=30),
    Blow("status:api_limit_exceeded", NothingHappened),
    Blow("status:method_maintenance", NothingHappened),
    Blow("status:provider_outofservice", OutcomeUnknown),
]
# Verbs of two changes, struck at the second: what came first stays, so "nothing happened" would lie.
SECOND = {
    "route to telephone, routing",
    "unroute telephone, entry",
    "unroute SIP, entry",
}
# Verbs of two changes, struck at the first: even when it was carried out, the whole is not done.
FIRST = {
    "route to telephone, entry",
    "route to SIP, entry",
    "unroute telephone, routing",
}


@pytest.fixture
def world() -> Iterator[VoipmsWorld]:
    with voipms_world() as world:
        yield world


def _strike(world: VoipmsWorld, verb: Verb, blow: Blow) -> None:
    mentioned = blow.acts and blow.kind in ("500", "html")
    world.sandbox.faults.add(blow.kind, method=verb.method, seconds=blow.seconds, acts=mentioned)


@pytest.mark.parametrize("blow", BLOWS, ids=lambda b: f"{b.kind}{'-acting' if b.acts else ''}")
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name.replace(" ", "-"))
def test_a_fault_is_called_what_it_is_and_a_repetition_makes_it_whole(
    world: VoipmsWorld, verb: Verb, blow: Blow
) -> None:
    e164 = world.number_for_sale()
    verb.given(world, e164)
    with world.adapter() as carrier:
        verb.prepare(carrier, e164)
    changes_before = world.calls(verb.method)
    _strike(world, verb, blow)
    impatient = world.adapter(read_timeout_seconds=0.15 if blow.seconds else 5.0)
    expected = blow.failure
    if expected is NothingHappened and verb.name in SECOND:
        expected = OutcomeUnknown
    with impatient, pytest.raises(PortFailure) as caught:
        verb.act(impatient, e164)
    assert type(caught.value) is expected
    assert world.calls(verb.method) == changes_before + 1, "nothing is repeated inside a verb"

    done = blow.acts and verb.name not in FIRST
    assert verb.truth(world, e164) is done

    # What was seen by one process is looked at by another, with an account of its own limits.
    world.sandbox.faults.clear()
    with _patient(world) as carrier:
        if verb.name not in (*SECOND, *FIRST, "set password"):
            assert verb.looks(carrier, e164) is done
        verb.act(carrier, e164)
        assert verb.looks(carrier, e164)
    assert verb.truth(world, e164)
    assert world.numbers_charged() in ([], [e164])


def _patient(world: VoipmsWorld) -> VoipMs:
    """An adapter that is not resting after api_limit_exceeded: a process of its own would be so."""
    connection = world.connection()
    bucket_for(connection.url, connection.identity["user"], 1000).rest(0)
    return world.adapter()


def test_a_purchase_that_happens_late_is_found_by_looking_later(world: VoipmsWorld) -> None:
    e164 = world.number_for_sale()
    world.sandbox.faults.add("slow_before", method="orderDID", seconds=0.4)
    with world.adapter(read_timeout_seconds=0.1) as carrier:
        with pytest.raises(OutcomeUnknown):
            carrier.buy(e164, reference=NUMBER)
        assert carrier.find_number(e164) is None
    with world.adapter() as carrier:
        deadline = time.monotonic() + 10
        while carrier.find_number(e164) is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert carrier.buy(e164, reference=NUMBER).reference == str(NUMBER)
    assert world.numbers_charged() == [e164]


TOLL_FREE = StockArea("TF/800", "", "US")
SWEDEN = StockArea("INT/GEOGRAPHIC/205", "", "SE")
READS = {
    "getBalance": lambda carrier: carrier.balance(),
    "getDIDsInfo": lambda carrier: carrier.find_number("+12125550100"),
    "searchDIDsUSA": lambda carrier: carrier.offer("+13125550100"),
    "getSubAccounts": lambda carrier: carrier.trunk(TRUNK),
    "getForwardings": lambda carrier: carrier.unroute("+12125550100", PHONE, reference=NUMBER),
    "getDIDsUSA": lambda carrier: carrier.stock(StockArea("US/NY", "", "US")),
    "getDIDsCAN": lambda carrier: carrier.stock(StockArea("CA/ON", "", "CA")),
    "searchTollFreeCanUS": lambda carrier: carrier.stock(TOLL_FREE),
    "getDIDsInternationalGeographic": lambda carrier: carrier.stock(SWEDEN),
    "getStates": lambda carrier: carrier.areas(),
    "getDIDCountries": lambda carrier: carrier.areas(),
}
LOST = ["reply_lost_before", "reply_lost_after", "429", "500", "html", "cut", "garbled"]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("method", READS)
def test_a_fault_while_reading_is_nothing_happened(
    world: VoipmsWorld, carrier: VoipMs, method: str, kind: str
) -> None:
    # Something of everything: where there is nothing, a status says so and no list.
    world.own_without_us("+12125550100", str(NUMBER))
    world.sandbox.state.stock.put(replace(_any_number(world), did="3125550100"))
    carrier.create_trunk(uuid.uuid4(), password=PASSWORD, label="Other")
    carrier.route("+12125550100", OTHER_PHONE, reference=NUMBER)
    before = world.calls(method)
    world.sandbox.faults.add(kind, method=method)
    with pytest.raises(NothingHappened):
        READS[method](carrier)
    assert world.calls(method) == before + 1
    READS[method](carrier)


def _any_number(world: VoipmsWorld) -> ForSale:
    return world.sandbox.state.stock.find("US", region="IL")[0]


def test_a_slow_reading_is_nothing_happened(world: VoipmsWorld) -> None:
    world.sandbox.faults.add("slow", method="getBalance", seconds=30)
    with world.adapter(read_timeout_seconds=0.1) as carrier, pytest.raises(NothingHappened):
        carrier.balance()


def test_a_list_that_does_not_end_is_cut_off(
    world: VoipmsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its pieces comes in time."""
    monkeypatch.setattr(client, "WHOLE_ANSWER", 0.1)
    world.sandbox.faults.add("trickle", method="getDIDsUSA", seconds=4)
    with (
        world.adapter(read_timeout_seconds=5) as carrier,
        pytest.raises(NothingHappened, match=r"does not end within 0\.5 seconds"),
    ):
        carrier.stock(StockArea("US/NY", "", "US"))


def test_a_list_that_takes_its_time_is_read(world: VoipmsWorld) -> None:
    world.sandbox.faults.add("trickle", method="getDIDsUSA", seconds=0.4)
    with world.adapter(read_timeout_seconds=5) as carrier:
        assert carrier.stock(StockArea("US/NY", "", "US")).numbers


@pytest.mark.parametrize("blow", BLOWS[:4], ids=lambda blow: blow.kind)
def test_a_look_that_fails_after_the_note_never_says_that_nothing_happened(
    world: VoipmsWorld, carrier: VoipMs, blow: Blow
) -> None:
    e164 = world.number_for_sale()
    _held_by_hand(world, e164)
    world.sandbox.faults.add(blow.kind, method="getDIDsInfo", skip=1)
    with pytest.raises(OutcomeUnknown, match="confirmed a first change"):
        carrier.adopt(e164, reference=NUMBER)
    assert _is_adopted(world, e164)


@pytest.mark.parametrize("blow", BLOWS[:4], ids=lambda blow: blow.kind)
def test_a_look_that_fails_after_the_order_never_says_that_nothing_happened(
    world: VoipmsWorld, carrier: VoipMs, blow: Blow
) -> None:
    """The order's answer is a bare status, so the number is looked at; the order stands whatever
    comes of that."""
    e164 = world.number_for_sale()
    # The first look of a purchase passes, the second one is struck.
    world.sandbox.faults.add(blow.kind, method="getDIDsInfo", skip=1)
    with pytest.raises(OutcomeUnknown, match="confirmed a first change"):
        carrier.buy(e164, reference=NUMBER)
    assert world.inventory() == {e164: str(NUMBER)}


def test_a_number_sold_in_the_last_moment_is_gone_and_costs_nothing(
    world: VoipmsWorld, carrier: VoipMs
) -> None:
    e164 = world.number_for_sale()
    world.sandbox.faults.add("sold_meanwhile", method="orderDID")
    with pytest.raises(NumberGone):
        carrier.buy(e164, reference=NUMBER)
    assert world.numbers_charged() == []
