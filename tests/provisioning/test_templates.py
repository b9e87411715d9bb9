"""Templates that an account chooses: frozen at submit, shown in the plan, written on the PBX."""

from __future__ import annotations

from dataclasses import asdict

import psycopg
import pytest

from ringup.catalog.models import CarrierDefaults
from ringup.core.actors import Actor
from ringup.flows.checkout import checking_out
from ringup.flows.orders import approving
from ringup.orders.models import Order
from ringup.pbx import templating
from ringup.pbx.models import PbxTemplate
from ringup.pbx.templating import Written
from ringup.provisioning.models import Change, Run
from ringup.provisioning.site import Site
from ringup.provisioning.steps.carrier_access import CarrierAccess
from ringup.provisioning.steps.tenant_destination import TenantDestination
from ringup.services.models import Service
from ringup.services.wanted import Goal, WantedNumber, WantedTemplate, WantedTenant
from tests.factories import make_number, make_number_order, make_pbx_order, make_shop
from tests.world import World, approve, make_client, run_jobs, run_to_the_end

SAM = Actor("staff:1", "Sam")
VALUES = {
    "gateway": {"gateway": "{domain}-trunk", "realm": "{host}", "ping": 30},
    "inbound": {"caller_id_name_prefix": "Sales", "hold_music": "local_stream://{domain}"},
    "outbound": {"open": ["nanp"], "calls": 3, "national_prefix": "1", "account_code": "{domain}"},
    "access": {"networks": ["203.0.113.0/24"]},
}


def choose_templates(world: World) -> dict[str, PbxTemplate]:
    made = {
        kind: templating.create(kind, Written(f"My {kind}", "", values), actor=SAM)
        for kind, values in VALUES.items()
    }
    chosen = {f"{kind}_template": template for kind, template in made.items()}
    CarrierDefaults.objects.update_or_create(account=world.account, defaults=chosen)
    return made


def on_the_pbx(world: World, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(world.peers.fusionpbx.dsn) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]


def planned(order: Order) -> list[tuple[str, str]]:
    plan = approving.latest_plan(order)
    assert plan is not None
    return [(one.key, one.wanted_digest) for one in plan.changes.order_by("position")]


@pytest.mark.django_db(transaction=True)
def test_an_order_is_built_as_its_frozen_templates_say(world: World) -> None:
    made = choose_templates(world)
    order = world.pbx_order()
    tenant = Service.objects.get(kind="tenant")
    wanted = WantedTenant.from_data(tenant.wanted)
    assert [(one.kind, one.name) for one in wanted.templates] == [
        (kind, f"My {kind}") for kind in VALUES
    ]
    assert (wanted.open_patterns, wanted.max_outbound_calls) == (("nanp",), 3)
    run_jobs()
    seen = planned(order)
    texts = " ".join(" ".join(one.parts) for one in Change.objects.all())
    assert "gateway My gateway, inbound My inbound, outbound My outbound" in texts
    assert "203.0.113.0/24, of the access-list template My access" in texts

    # Somebody changes the templates after the order was placed: its plan does not notice.
    later = {
        "access": {"networks": ["198.51.100.0/24"]},
        "inbound": {"caller_id_name_prefix": "Later"},
    }
    for kind, template in made.items():
        version = templating.version_of(template)
        written = Written(template.name, "", later.get(kind, {}))
        assert templating.edit(template, written, actor=SAM, seen=version)
    approving.replan(order, actor=SAM)
    run_jobs()
    assert planned(order) == seen
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem

    domain = "karoofreight.pbx.ringup.example"
    gateway = "SELECT gateway, realm = split_part(proxy, ':', 1), ping FROM v_gateways"
    assert on_the_pbx(world, gateway) == [(f"{domain}-trunk", True, "30")]
    nodes = on_the_pbx(world, "SELECT node_cidr, node_description FROM v_access_control_nodes")
    assert ("203.0.113.0/24", f"{world.account.name}: My access") in nodes
    assert "198.51.100.0/24" not in dict(nodes)
    limited = (
        "SELECT count(*) FROM v_dialplans WHERE dialplan_xml LIKE '%limit_max=3%'"
        f" AND dialplan_xml LIKE '%sip_h_accountcode={domain}%/1$1%'"
    )
    assert on_the_pbx(world, limited) == [(1,)]

    # A number that comes later brings what the template says then.
    draft = world.number_draft(
        goal="extension", value="1003", client=tenant.client, tenant=str(tenant.uid)
    )
    added = checking_out.submit(draft)
    approve(added)
    run = run_to_the_end(added)
    assert run.state == Run.State.DONE, run.problem
    music = (
        "SELECT destination_cid_name_prefix, destination_hold_music FROM v_destinations ORDER BY 1"
    )
    assert on_the_pbx(world, music) == [
        ("Later", None),
        ("Sales", f"local_stream://{domain}"),
    ]


# -- without an outside ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_was_wanted_before_there_were_templates_means_the_same() -> None:
    shop, client = make_shop(), make_client("Acme")
    tenant = Service.objects.get(line__order=make_pbx_order(shop, client))
    old = {name: value for name, value in tenant.wanted.items() if name != "templates"}
    wanted = WantedTenant.from_data(old)
    assert wanted.templates == ()
    assert wanted.template("gateway") is None
    frozen = WantedTemplate("gateway", "u", "Mine", {"ping": 30})
    with_one = WantedTenant.from_data({**old, "templates": [asdict(frozen)]})
    again = WantedTenant.from_data(with_one.as_data())
    assert again.template("gateway") == frozen
    assert WantedNumber.from_data({"goal": "extension", "value": "1001"}).as_data() == {
        "goal": "extension", "value": "1001",
    }  # fmt: skip
    number = WantedNumber(Goal.EXTENSION, "1001", (frozen,))
    assert WantedNumber.from_data(number.as_data()) == number


@pytest.mark.django_db
def test_a_digest_covers_the_templates_and_is_what_it_was_without() -> None:
    shop, client = make_shop(), make_client("Acme")
    tenant = Service.objects.get(line__order=make_pbx_order(shop, client))
    order: Order = make_number_order(shop, client, goal=Goal.EXTENSION, value="1001")
    service = Service.objects.get(line__order=order)
    service.server, service.tenant = shop.server, tenant
    number = make_number(shop, client)
    list_of = WantedTemplate("access", "u", "Mine", {"networks": ["203.0.113.0/24"]})
    inbound = WantedTemplate("inbound", "u", "Mine", {"order": 120})
    with Site(service) as site:
        plain = CarrierAccess(site).change()
        assert "access-list" not in plain.parts[0]
        service.wanted = {**service.wanted, "templates": [asdict(list_of)]}
        added = CarrierAccess(site).change()
        assert added.digest != plain.digest
        assert "203.0.113.0/24" in added.parts[0]
        goal = WantedNumber(Goal.EXTENSION, "1001")
        before = TenantDestination(tenant, number, goal, site)
        after = TenantDestination(
            tenant, number, WantedNumber(Goal.EXTENSION, "1001", (inbound,)), site
        )
        assert before.digest != after.digest
        assert before.change().parts == ()
        assert after.change().parts == ("As the inbound template Mine says",)
