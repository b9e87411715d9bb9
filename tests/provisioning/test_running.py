"""Orders carried out to the end, on both sandboxes, by the product's own jobs."""

from __future__ import annotations

import psycopg
import pytest

from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out, drafting
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.blueprint import steps_for
from ringup.provisioning.models import Change, Run
from ringup.provisioning.planning import remaining
from ringup.provisioning.site import Site
from ringup.services.models import Service
from ringup.services.revealing import credentials_of
from ringup.services.seating import Person, Seating
from tests.provisioning.outside import Outside
from tests.world import (
    ADMINISTRATOR,
    COMPANY,
    PASSWORD,
    World,
    approve,
    make_client,
    run_to_the_end,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_pbx_order_becomes_a_working_tenant(world: World) -> None:
    order = world.pbx_order()
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    order.refresh_from_db()
    assert order.state == Order.State.COMPLETED
    outside = Outside(world)
    number = OwnedNumber.objects.get()
    assert outside.numbers() == {number.e164: str(number.uid)}
    assert outside.purchases() == 1
    assert len(outside.sub_accounts()) == 1
    assert outside.who_answers(number.e164) == "user/1001@karoofreight.pbx.ringup.example"
    assert {step.state for step in run.steps.all()} == {"done"}
    welcome = Outbox.objects.get(template="welcome-tenant")
    assert welcome.to == COMPANY["email"]


def test_a_pbx_is_built_as_its_extensions_were_laid_out(world: World) -> None:
    draft = world.pbx_draft()
    people = (Person("Thandi Mokoena", "thandi@karoo.example"), Person(), Person("Sam's Desk"))
    drafting.save_tenant(draft, label="karoo", seating=Seating(200, people, ring=2))
    drafting.save_answers(draft, "administrator", ADMINISTRATOR | {"group": "user"})
    order = checking_out.submit(draft, administrator_password=PASSWORD)
    approve(order)
    plan = str([row.parts for row in Change.objects.all()])
    assert "Names: 200 Thandi Mokoena, 202 Sam's Desk" in plan
    assert "User admin, of one extension" in plan
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    number, domain = OwnedNumber.objects.get(), "karoo.pbx.ringup.example"
    assert Outside(world).who_answers(number.e164) == f"user/202@{domain}"
    with psycopg.connect(world.peers.fusionpbx.dsn) as pbx:
        rows = pbx.execute(
            "SELECT extension, effective_caller_id_name, voicemail_mail_to FROM v_extensions e"
            " JOIN v_voicemails v ON v.voicemail_id = e.extension AND v.domain_uuid = e.domain_uuid"
            " WHERE user_context = %s ORDER BY extension",
            [domain],
        ).fetchall()
    assert rows[:4] == [
        ("200", "Thandi Mokoena", "thandi@karoo.example"), ("201", "Extension 201", None),
        ("202", "Sams Desk", None), ("203", "Extension 203", None),
    ]  # fmt: skip
    assert [row[0] for row in rows] == [str(200 + seat) for seat in range(10)]
    welcome = Outbox.objects.get(template="welcome-tenant")
    assert "rings extension 202" in welcome.text
    assert "200 to 209" in welcome.text
    names = [one.name for one in credentials_of(Service.objects.get(line__order=order)).extensions]
    assert names == ["Thandi Mokoena", "", "Sam's Desk", *[""] * 7]


def test_an_empty_plan_after_the_run_means_nothing_is_left(world: World) -> None:
    order = world.pbx_order()
    approve(order)
    run_to_the_end(order)
    service = Service.objects.get(line__order=order)
    with Site(service) as site:
        assert remaining(steps_for(service, site)) == []


@pytest.mark.parametrize(
    ("goal", "value"),
    [("telephone", "+14165550177"), ("sip-uri", "desk@sip.example.com"), ("sip-account", "")],
)
def test_a_plain_number_reaches_its_goal(world: World, goal: str, value: str) -> None:
    draft = world.number_draft(goal=goal, value=value)
    order = checking_out.submit(draft)
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    outside, number = Outside(world), OwnedNumber.objects.get()
    assert outside.numbers() == {number.e164: str(number.uid)}
    assert (
        outside.routing_kind(number.e164)
        == {
            "telephone": "fwd",
            "sip-uri": "sip",
            "sip-account": "account",
        }[goal]
    )


def test_a_number_joins_a_living_tenant_and_undo_would_take_only_that(world: World) -> None:
    first = world.pbx_order()
    approve(first)
    run_to_the_end(first)
    tenant = Service.objects.get(kind="tenant")
    before = Outside(world).pbx_rows()
    draft = world.number_draft(
        goal="extension", value="1003", client=tenant.client, tenant=str(tenant.uid)
    )
    second = checking_out.submit(draft)
    approve(second)
    run = run_to_the_end(second)
    assert run.state == Run.State.DONE, run.problem
    added = Service.objects.get(line__order=second)
    assert added.number is not None
    assert Outside(world).who_answers(added.number.e164) == f"user/1003@{tenant.name}"
    assert Outside(world).pbx_rows() != before


def test_a_stranger_s_tenant_is_no_goal(world: World) -> None:
    first = world.pbx_order()
    approve(first)
    run_to_the_end(first)
    tenant = Service.objects.get(kind="tenant")
    draft = world.number_draft(
        goal="extension", value="1003", client=make_client("Other"), tenant=str(tenant.uid)
    )
    with pytest.raises(Refusal, match="your own running PBXes"):
        checking_out.submit(draft)
