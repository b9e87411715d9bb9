"""Every changing call times every fault: which failure it is, that nothing is done twice by trying
again, and that it is done then."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from ringup.carriers.didww.adapter import Didww
from ringup.carriers.port import ToTelephone, ToTrunk
from ringup.core.failures import NothingHappened, OutcomeUnknown, PortFailure
from tests.carriers.didww.didww_world import PEER, DidwwWorld, didww_world

pytestmark = pytest.mark.once

NUMBER, TRUNK, ENTRY = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
PHONE = ToTelephone("+15145550123", ENTRY)
POOL = "POST orders, then a pool"

Act = Callable[[Didww, DidwwWorld, str], object]


def nothing(carrier: Didww, world: DidwwWorld, e164: str) -> None:
    pass


def buy(carrier: Didww, world: DidwwWorld, e164: str) -> object:
    return carrier.buy(e164, reference=NUMBER)


def buy_with_pool(carrier: Didww, world: DidwwWorld, e164: str) -> object:
    pool = world.rows("capacity_pools")[0].id
    return carrier.buy(e164, reference=NUMBER, capacity=f"pool-{pool}")


def buy_of(carrier: Didww, world: DidwwWorld, e164: str) -> object:
    return carrier.buy_of(world.place_for_sale(), reference=NUMBER)


def trunk(carrier: Didww, world: DidwwWorld, e164: str) -> object:
    return carrier.create_trunk(TRUNK, password="", label="Acme", peer=PEER)


def bought_with_trunk(carrier: Didww, world: DidwwWorld, e164: str) -> None:
    buy(carrier, world, e164)
    trunk(carrier, world, e164)


def routed(carrier: Didww, world: DidwwWorld, e164: str) -> None:
    bought_with_trunk(carrier, world, e164)
    to_trunk(carrier, world, e164)


def to_trunk(carrier: Didww, world: DidwwWorld, e164: str) -> object:
    return carrier.route(e164, ToTrunk(TRUNK), reference=NUMBER)


def from_trunk(carrier: Didww, world: DidwwWorld, e164: str) -> object:
    return carrier.unroute(e164, ToTrunk(TRUNK), reference=NUMBER)


def to_phone(carrier: Didww, world: DidwwWorld, e164: str) -> object:
    return carrier.route(e164, PHONE, reference=NUMBER)


def forwarded(carrier: Didww, world: DidwwWorld, e164: str) -> None:
    buy(carrier, world, e164)
    to_phone(carrier, world, e164)


def from_phone(carrier: Didww, world: DidwwWorld, e164: str) -> object:
    return carrier.unroute(e164, PHONE, reference=NUMBER)


def held(carrier: Didww, world: DidwwWorld, e164: str) -> None:
    world.own_without_us(e164, "front desk")


def adopt(carrier: Didww, world: DidwwWorld, e164: str) -> object:
    return carrier.adopt(e164, reference=NUMBER)


def is_pooled(world: DidwwWorld, e164: str) -> bool:
    return world.did(e164).one("capacity_pool") is world.rows("capacity_pools")[0]


def allowed(world: DidwwWorld) -> int:
    return sum(len(row.many("dids")) for row in world.rows("voice_out_trunks"))


def leads_to_trunk(world: DidwwWorld, e164: str) -> bool:
    (row,) = world.rows("voice_in_trunks")
    return world.did(e164).one("voice_in_trunk") is row and allowed(world) == 1


def impatient_at(call: str, carrier: Didww) -> None:
    """It waits only a moment for the reply to that call, which does not come; as ever for all others,
    else a machine with much to do would fail the check."""

    def shorten(request: httpx.Request) -> None:
        kind = request.url.path.removeprefix("/v3/").partition("/")[0]
        if f"{request.method} {kind}" == call:
            request.extensions["timeout"]["read"] = 0.2

    carrier._client._http.event_hooks = {"request": [shorten]}


@dataclass(frozen=True)
class Verb:
    """One verb that needs the changing ``call``; ``truth`` asks the sandbox whether it is done, once."""

    name: str
    call: str
    prepare: Act
    act: Act
    truth: Callable[[DidwwWorld, str], bool]


VERBS = [
    Verb("buy", "POST orders", nothing, buy, lambda w, e: w.numbers_charged() == [e]),
    Verb(
        "buy for a pool",
        "PATCH dids",
        nothing,
        buy_with_pool,
        lambda w, e: w.numbers_charged() == [e] and is_pooled(w, e),
    ),
    Verb("buy of a place", "POST orders", nothing, buy_of, lambda w, e: len(w.orders()) == 1),
    Verb(
        "adopt",
        "PATCH dids",
        held,
        adopt,
        lambda w, e: w.inventory() == {e: f"{NUMBER} front desk"},
    ),
    Verb(
        "disown",
        "PATCH orders",
        buy,
        lambda c, w, e: c.disown(e, reference=NUMBER),
        lambda w, e: w.inventory() == {e: ""},
    ),
    Verb(
        "release",
        "PATCH dids",
        buy,
        lambda c, w, e: c.release(e, reference=NUMBER),
        lambda w, e: w.inventory() == {},
    ),
    Verb(
        "inbound trunk",
        "POST voice_in_trunks",
        nothing,
        trunk,
        lambda w, e: len(w.rows("voice_in_trunks")) == len(w.trunk_passwords()) == 1,
    ),
    Verb(
        "outbound trunk",
        "POST voice_out_trunks",
        nothing,
        trunk,
        lambda w, e: len(w.rows("voice_in_trunks")) == len(w.trunk_passwords()) == 1,
    ),
    Verb(
        "delete outbound trunk",
        "DELETE voice_out_trunks",
        trunk,
        lambda c, w, e: c.delete_trunk(TRUNK),
        lambda w, e: not w.rows("voice_in_trunks") and not w.rows("voice_out_trunks"),
    ),
    Verb(
        "delete inbound trunk",
        "DELETE voice_in_trunks",
        trunk,
        lambda c, w, e: c.delete_trunk(TRUNK),
        lambda w, e: not w.rows("voice_in_trunks") and not w.rows("voice_out_trunks"),
    ),
    Verb("route", "PATCH dids", bought_with_trunk, to_trunk, leads_to_trunk),
    Verb("allow as caller", "PATCH voice_out_trunks", bought_with_trunk, to_trunk, leads_to_trunk),
    Verb("unroute", "PATCH dids", routed, from_trunk, lambda w, e: allowed(w) == 0),
    Verb(
        "forbid as caller",
        "PATCH voice_out_trunks",
        routed,
        from_trunk,
        lambda w, e: allowed(w) == 0,
    ),
    Verb("forward", "POST voice_in_trunks", buy, to_phone, lambda w, e: w.entries() == 1),
    Verb("forget", "DELETE voice_in_trunks", forwarded, from_phone, lambda w, e: w.entries() == 0),
]

# The fault, whether the call was carried out, and whether anybody can know that it was not.
FAULTS: list[tuple[str, dict[str, object], bool]] = [
    ("429", {}, True),
    ("reply_lost_before", {}, False),
    ("reply_lost_after", {}, False),
    ("500", {"acts": True}, False),
    ("500", {}, False),
    ("html", {"acts": True}, False),
    ("cut", {}, False),
    ("slow", {"seconds": 30}, False),
]


@pytest.mark.parametrize(
    ("kind", "more", "is_certain"), FAULTS, ids=lambda value: str(value).replace(" ", "")
)
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_fault_is_told_and_trying_again_makes_it_whole(
    verb: Verb, kind: str, more: dict[str, object], *, is_certain: bool
) -> None:
    with didww_world() as world, world.adapter(read_timeout_seconds=10.0) as carrier:
        if kind == "slow":
            impatient_at(verb.call, carrier)
        e164 = world.number_for_sale()
        with world.adapter() as earlier:
            verb.prepare(earlier, world, e164)
        world.sandbox.faults.add(kind, method=verb.call, **more)  # type: ignore[arg-type]
        if kind == "cut" and verb.call.startswith("DELETE"):
            verb.act(carrier, world, e164)  # an answer without content cannot be cut
        else:
            first = carrier._client.changes
            with pytest.raises(PortFailure) as caught:
                verb.act(carrier, world, e164)
            nothing_before = carrier._client.changes == first
            certain = is_certain and nothing_before
            expected = NothingHappened if certain else OutcomeUnknown
            assert type(caught.value) is expected, caught.value
        with world.adapter() as again:
            if kind == "429":
                again._client._bucket.rest(0)
            verb.act(again, world, e164)
            verb.act(again, world, e164)
        assert verb.truth(world, e164)


READINGS: dict[str, tuple[str, Act]] = {
    "search": ("GET available_dids", lambda c, w, e: c.offer(e)),
    "place": ("GET did_groups", lambda c, w, e: c.place(w.place_for_sale())),
    "inventory": ("GET dids", lambda c, w, e: c.inventory()),
    "find": ("GET dids", lambda c, w, e: c.find_number(e)),
    "reference": ("GET orders", lambda c, w, e: c.find_reference(NUMBER)),
    "trunk": ("GET voice_in_trunks", lambda c, w, e: c.trunk(TRUNK)),
    "balance": ("GET balance", lambda c, w, e: c.balance()),
    "areas": ("GET countries", lambda c, w, e: c.areas()),
}


@pytest.mark.parametrize("kind", ["429", "500", "html", "cut", "reply_lost_before", "slow"])
@pytest.mark.parametrize("name", READINGS)
def test_a_reading_that_fails_says_nothing_about_the_world(name: str, kind: str) -> None:
    call, act = READINGS[name]
    with didww_world() as world, world.adapter(read_timeout_seconds=10.0) as carrier:
        if kind == "slow":
            impatient_at(call, carrier)
        e164 = world.number_for_sale()
        seconds = 30.0 if kind == "slow" else 0.0
        world.sandbox.faults.add(kind, method=call, seconds=seconds)
        with pytest.raises(NothingHappened) as caught:
            act(carrier, world, e164)
        assert "DIDWW" in str(caught.value)
