"""A tenant at a carrier that makes its own passwords and calls the PBX at its address: DIDWW."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from ringup.catalog.models import Bundle, Product
from ringup.cli.seeding import DidwwAddress, seed_worldwide
from ringup.flows.checkout import checking_out, drafting
from ringup.flows.connection import Connection, connection_of
from ringup.flows.orders import approving
from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber, Stock
from ringup.orders.models import Order
from ringup.provisioning.blueprint import steps_for
from ringup.provisioning.models import Change, Run, Step
from ringup.provisioning.planning import remaining
from ringup.provisioning.site import Site
from ringup.sandbox.fusionpbx import NEVER
from ringup.services.models import Service
from ringup.services.revealing import credentials_of
from tests.carriers.didww.didww_world import DidwwWorld, didww_world
from tests.provisioning.dying import die_at
from tests.world import COMPANY, PASSWORD, SAM, World, approve, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def didww() -> Iterator[DidwwWorld]:
    with didww_world() as didww:
        yield didww


@pytest.fixture
def worldwide(world: World, didww: DidwwWorld) -> World:
    """What the second carrier sells, on the same PBX."""
    sandbox = didww.sandbox
    address = DidwwAddress(sandbox.url, sandbox.key, sandbox.callback_secret)
    account = seed_worldwide(address, world.server)
    account.calls_per_second = 1000.0
    account.save()
    bundle = Bundle.objects.get(slug="hosted-pbx-10-worldwide")
    number = Product.objects.get(slug="number-worldwide")
    return replace(world, account=account, bundle=bundle, number=number)


def ordered(world: World, country: str) -> Order:
    offer = world.offer(country=country, region="")
    assert not offer.needs_papers
    draft = world.pbx_draft(offer=offer)
    return checking_out.submit(draft, administrator_password=PASSWORD)


def gateway_row(world: World) -> tuple[str, ...]:
    with psycopg.connect(world.peers.fusionpbx.dsn) as pbx:
        rows = pbx.execute(
            "SELECT username, password, proxy, register FROM v_gateways g"
            " JOIN v_domains d ON d.domain_uuid = g.domain_uuid WHERE d.domain_name LIKE 'karoo%'"
        ).fetchall()
    (row,) = rows
    return tuple(str(value) for value in row)


def credentials_at(didww: DidwwWorld) -> tuple[str, str]:
    (trunk,) = didww.rows("voice_out_trunks")
    facts = trunk.attributes["authentication_method"]["attributes"]
    return facts["username"], facts["password"]


@pytest.mark.parametrize(("country", "national"), [("NL", False), ("US", True)])
def test_a_number_without_papers_becomes_a_working_tenant(
    worldwide: World, didww: DidwwWorld, country: str, *, national: bool
) -> None:
    world = worldwide
    # Nobody answers registrations: a gateway that needs one would not come up.
    world.peers.fusionpbx.registrar = NEVER
    order = ordered(world, country)
    approve(order)
    assert "nobody registers" in str([row.parts for row in Change.objects.all()])
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    order.refresh_from_db()
    assert order.state == Order.State.COMPLETED
    number = OwnedNumber.objects.get()
    assert didww.inventory() == {number.e164: str(number.uid)}
    assert len(didww.orders()) == 1

    user, password = credentials_at(didww)
    assert gateway_row(world) == (user, password, "fra.eu.out.didww.com", "False")
    service = Service.objects.get(line__order=order)
    assert service.open_secrets()["trunk_password"] == password
    (inbound,) = didww.rows("voice_in_trunks")
    facts = inbound.attributes["configuration"]["attributes"]
    assert (facts["host"], facts["port"]) == ("pbx.ringup.example", 5060)
    did = didww.did(number.e164)
    assert did.one("voice_in_trunk") is inbound
    (outbound,) = didww.rows("voice_out_trunks")
    assert outbound.many("dids") == [did]

    pbx, digits = world.peers.fusionpbx, number.e164.lstrip("+")
    forms = {number.e164, digits} | ({digits[1:]} if national else set())
    answers = {pbx.lookup_inbound(form).answered_by for form in forms}
    assert answers == {"user/1001@karoofreight.pbx.ringup.example"}
    with psycopg.connect(pbx.dsn) as rows:
        shown = rows.execute(
            "SELECT DISTINCT outbound_caller_id_number FROM v_extensions"
        ).fetchall()
        sent = rows.execute(
            "SELECT DISTINCT regexp_replace(dialplan_detail_data, '.*/', '') FROM"
            " v_dialplan_details WHERE dialplan_detail_type = 'bridge'"
            " AND dialplan_detail_data LIKE 'sofia/gateway/%'"
        ).fetchall()
    assert shown == [(digits,)], "with the country code, also in North America"
    assert sent
    assert all(row[0][0] in "123456789" for row in sent), (
        "the country code first, and nothing before"
    )

    (proof,) = Step.objects.filter(run=run, key__startswith="gateway-up/")
    assert "Up without registering (NOREG)" in proof.parts[0]
    assert Outbox.objects.filter(template="welcome-tenant").count() == 1
    with Site(service) as site:
        assert remaining(steps_for(service, site)) == []


def test_the_whole_stock_of_the_carrier_is_fetched(worldwide: World, didww: DidwwWorld) -> None:
    worldwide.stock()
    rows = Stock.objects.filter(account=worldwide.account)
    found = {row.area: (row.numbers, row.places) for row in rows}
    assert found["US/NY"] == (40, 0)
    assert found["US"] == (20, 0), "toll-free numbers belong to no region"
    assert found["US/WY"] == (0, 0)
    assert found["DE"] == (0, 1), "demonstrations are no numbers"
    assert found["GB"] == (0, 1)


def test_an_order_that_the_carrier_leaves_pending_is_waited_for(
    worldwide: World, didww: DidwwWorld
) -> None:
    order = ordered(worldwide, "NL")
    approve(order)
    didww.orders_wait()
    for _ in range(3):
        run_jobs()
        run = approving.latest_run(order)
        assert run is not None
        assert run.state == Run.State.WAITING, run.problem
        Job.objects.filter(name="provisioning.advance").update(due=FromNow(-1))
    assert len(didww.orders()) == 1
    didww.carry_out_orders()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert len(didww.orders()) == 1


@pytest.mark.parametrize("step", ["number-purchase", "trunk", "number-routing"])
def test_killed_and_resumed_everything_exists_once(
    worldwide: World, didww: DidwwWorld, step: str
) -> None:
    order = ordered(worldwide, "NL")
    approve(order)
    assert die_at(step, "apply", "after")
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert len(didww.orders()) == 1
    user, password = credentials_at(didww)
    assert len(didww.rows("voice_in_trunks")) == 1
    assert gateway_row(worldwide)[:2] == (user, password)
    service = Service.objects.get(line__order=order)
    assert service.open_secrets()["trunk_password"] == password, "kept, though its maker died"


def test_taken_back_nothing_is_left(worldwide: World, didww: DidwwWorld) -> None:
    worldwide.server.egress_addresses = []
    worldwide.server.save()
    order = ordered(worldwide, "NL")
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    assert "Enter the addresses from which the PBX calls out" in run.problem
    assert len(didww.inventory()) == 1
    assert didww.rows("voice_in_trunks") == [], "asked before anything is made"
    approving.take_back(run, actor=SAM)
    assert run_to_the_end(order).state == Run.State.UNDONE
    assert didww.inventory() == {}
    assert didww.rows("voice_out_trunks") == []


def test_a_lone_account_gets_the_carrier_s_password(worldwide: World, didww: DidwwWorld) -> None:
    draft = drafting.start(worldwide.number, client=None)
    drafting.save_company(draft, COMPANY)
    offer = worldwide.offer(country="NL", region="")
    drafting.choose_number(draft, offer.e164)
    drafting.save_answers(draft, "destination", {"goal": "sip-account", "value": ""})
    order = checking_out.submit(draft)
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    (trunk,) = didww.rows("voice_in_trunks")
    facts = trunk.attributes["configuration"]["attributes"]
    service = Service.objects.get(line__order=order)
    assert credentials_of(service).account_password == facts["incoming_auth_password"]
    assert connection_of(service) is Connection.NOT_TOLD
    assert didww.rows("voice_out_trunks") == []
    assert facts["incoming_auth_password"] not in str(list(Step.objects.values_list("parts")))
