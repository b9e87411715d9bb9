"""The whole circle at VoIP.ms's sandbox, over a socket: somebody changes something in its portal, a
comparison finds it, one click mends it. Then with a carrier that misbehaves."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from ringup.carriers.opening import carrier_for
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out
from ringup.flows.reconciling import passing
from ringup.flows.reconciling.correcting import look_again, write_reference
from ringup.flows.reconciling.missing import buy_again, offered_again
from ringup.flows.reconciling.orphans import give_back, put_on_shelf
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.numbers.models import Discrepancy, OwnedNumber, OwnStock, Sync
from ringup.provisioning.models import Run
from ringup.sandbox.voipms.ordering import cancel_did, own
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.stock import ForSale
from tests.world import SAM, World, approve, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)
STRAYS = ("2125559001", "2125559002")


def compare(world: World) -> Sync:
    """One pass, without the tries that would follow a failure."""
    enqueue(passing.JOB, key=passing.key_of(world.account), account=str(world.account.uid))
    run_jobs()
    Job.objects.filter(name=passing.JOB).delete()
    return Sync.objects.filter(kind=Sync.Kind.INVENTORY).latest("pk")


def found() -> list[tuple[str, str]]:
    return sorted(Discrepancy.objects.filter(solved=None).values_list("kind", "e164"))


def difference(e164: str) -> Discrepancy:
    rows = Discrepancy.objects.select_related("account", "number")
    return rows.get(e164=e164, solved=None)


@pytest.fixture
def number(world: World, settings: Settings) -> OwnedNumber:
    """A client's number that forwards to a telephone, bought and built by a run."""
    settings.RINGUP_SETTLE_SECONDS = 0
    draft = world.number_draft(goal="telephone", value="+15145550123")
    order = checking_out.submit(draft)
    approve(order)
    assert run_to_the_end(order).state == Run.State.DONE
    assert compare(world).problem == ""
    assert found() == []
    return OwnedNumber.objects.get()


def test_what_somebody_does_in_the_portal_is_found_and_mended(
    world: World, number: OwnedNumber
) -> None:
    state = world.peers.voipms.state
    did, e164 = number.e164.removeprefix("+1"), number.e164

    # Somebody cancels the client's number; later the carrier has it on sale again.
    cancel_did(state, Parameters({"did": did}))
    compare(world)
    assert found() == [("missing", e164)]
    with pytest.raises(Refusal, match="does not offer"):
        offered_again(difference(e164))
    state.stock.put(ForSale(did, number.country, number.region, "", number.rate_centre))
    told = buy_again(difference(e164), seen=offered_again(difference(e164)), actor=SAM)
    assert told.is_whole, told.words
    assert state.dids[did]["note"] == str(number.uid)
    with carrier_for(world.account) as carrier:
        found_again = carrier.find_number(e164)
    assert found_again is not None
    assert found_again.target.startswith("fwd:"), "and its calls go where they went"
    compare(world)
    assert found() == []

    # Somebody writes words over our reference.
    state.dids[did]["note"] = "reception"
    compare(world)
    assert found() == [("foreign", e164)]
    write_reference(difference(e164), actor=SAM)
    assert str(number.uid) in state.dids[did]["note"]
    compare(world)
    assert found() == []

    # Somebody buys two numbers: one is sold from the shelf, the other costs nothing any more.
    for stray in STRAYS:
        own(state, stray, note="from the portal")
    compare(world)
    assert found() == [("orphan", f"+1{stray}") for stray in STRAYS]
    shelved, back = (difference(f"+1{stray}") for stray in STRAYS)
    put_on_shelf(shelved, cost=number.cost_monthly, actor=SAM)
    give_back(back, seen="from the portal", is_sure=True, actor=SAM)
    assert set(state.dids) == {did, STRAYS[0]}
    assert [row["did"] for row in state.cancelled] == [did, STRAYS[1]]
    assert OwnStock.objects.get().cost_monthly == number.cost_monthly
    compare(world)
    assert found() == []


def test_a_carrier_that_misbehaves_changes_nothing(world: World, number: OwnedNumber) -> None:
    voipms = world.peers.voipms
    world.account.read_timeout_seconds = 0.3
    world.account.save()
    own(voipms.state, STRAYS[0])
    compare(world)
    expected = [("orphan", f"+1{STRAYS[0]}")]
    assert found() == expected
    own(voipms.state, STRAYS[1])
    before = list(Discrepancy.objects.values())
    for kind in ("500", "html", "429", "reply_lost_before", "reply_lost_after", "slow",
                 "status:api_not_enabled", "status:something_new"):  # fmt: skip
        voipms.faults.add(kind, method="getDIDsInfo", times=-1, seconds=1.0)
        assert compare(world).problem, kind
        with pytest.raises(Refusal):
            look_again(difference(f"+1{STRAYS[0]}"), actor=SAM)
        voipms.faults.clear()
        assert list(Discrepancy.objects.values()) == before, kind
    assert compare(world).problem == ""
    assert len(found()) == 2


def test_a_garbled_list_changes_nothing(world: World, number: OwnedNumber) -> None:
    state = world.peers.voipms.state
    state.dids["2125559003"] = {"did": "", "note": ""}
    assert "cannot be read" in compare(world).problem
    assert found() == []
