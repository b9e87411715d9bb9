"""What is not mapped any more is not planned and not approved; what was approved goes on."""

from __future__ import annotations

import pytest

from ringup.catalog.models import Mapping
from ringup.core.sentences import Refusal
from ringup.flows.orders import approving
from ringup.provisioning.approving import approve_plan
from ringup.provisioning.mapped import not_mapped
from ringup.provisioning.models import Approval, Run
from tests.factories import (
    make_number_order,
    make_pbx_order,
    make_plan,
    make_run,
    make_shop,
    service_of,
)
from tests.world import SAM, make_client, run_jobs


@pytest.mark.django_db
def test_every_way_of_not_being_mapped_and_none_else() -> None:
    shop = make_shop()
    client = make_client("Acme")
    number, tenant = make_number_order(shop, client), make_pbx_order(shop, client)
    services = [service_of(number), service_of(tenant)]
    assert [not_mapped(service) for service in services] == ["", ""]
    # A part of a tenant has no line of its own.
    assert not_mapped(services[1].parts.get()) == ""
    # The account is frozen: another provider, or one that is switched off, is no reason.
    shop.account.is_enabled = False
    shop.account.save()
    assert [not_mapped(service) for service in services] == ["", ""]
    Mapping.objects.filter(bundle=shop.bundle).delete()
    Mapping.objects.filter(product=shop.number).update(account=None)
    sentences = [not_mapped(service) for service in services]
    assert "Phone number is not mapped" in sentences[0]
    assert "Hosted PBX, 10 seats is not mapped" in sentences[1]
    # The group's row counts for a product bought alone, and never for a bundle.
    Mapping.objects.filter(product=shop.number).delete()
    Mapping.objects.create(group=shop.number.group, account=shop.account)
    assert [bool(not_mapped(service)) for service in services] == [False, True]


@pytest.mark.django_db
def test_a_plan_from_before_is_not_approved_and_an_approved_run_goes_on() -> None:
    shop = make_shop()
    client = make_client("Acme")
    order, running = make_number_order(shop, client), make_number_order(shop, client)
    plan = make_plan(order)
    make_run(running, state="failed")
    Mapping.objects.all().delete()
    with pytest.raises(Refusal, match="not mapped to a provider any more"):
        approve_plan(plan, digest=plan.digest, actor=SAM)
    assert not Approval.objects.filter(plan=plan).exists()
    assert not_mapped(service_of(running)) == ""
    Run.objects.filter(service=service_of(running)).update(state="undone")
    assert "not mapped" in not_mapped(service_of(running))


@pytest.mark.django_db(transaction=True)
def test_an_order_whose_mapping_is_gone_gets_no_plan_but_a_sentence() -> None:
    shop = make_shop()
    order = make_pbx_order(shop, make_client("Acme"))
    Mapping.objects.update(account=None)
    approving.replan(order, actor=SAM)
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    assert not plan.is_possible
    assert "Map it under Product mappings" in plan.problem
    assert not plan.changes.exists()
