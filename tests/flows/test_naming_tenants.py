"""Names of tenants: which are proposed, which are refused, and what the PBX itself knows."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.core.outside import InsideTransaction
from ringup.core.sentences import Refusal
from ringup.flows.checkout import drafting, naming_tenants
from ringup.orders.models import Draft
from tests.world import COMPANY, World, make_client

pytestmark = pytest.mark.django_db(transaction=True)


def drafted(world: World, *own: Draft, client: Client | None = None, **company: str) -> Draft:
    draft = drafting.start(world.bundle, client=client)
    drafting.save_company(draft, COMPANY | company, own=[one.uid for one in own])
    return draft


def proposed(world: World, *own: Draft, **company: str) -> str:
    return str(drafted(world, *own, **company).answers["tenant"]["label"])


def build_on_pbx(world: World, domain: str) -> None:
    """Somebody makes a tenant by hand, in FusionPBX."""
    with psycopg.connect(world.peers.fusionpbx.dsn) as link:
        insert = "INSERT INTO v_domains (domain_uuid, domain_name) VALUES (%s, %s)"
        link.execute(insert, [uuid.uuid4(), domain])


def test_a_name_that_another_buyer_is_offered_goes_to_him_who_came_first(world: World) -> None:
    assert proposed(world) == "karoofreight"
    assert proposed(world, email="other@karoo.example") == "karoofreight-2"
    assert proposed(world, email="third@karoo.example") == "karoofreight-3"


def test_whose_draft_it_is_does_not_follow_from_what_was_typed(world: World) -> None:
    first = drafted(world)
    assert proposed(world) == "karoofreight-2"
    # The first one again, in the same browser; until he has settled on the name.
    assert proposed(world, first) == "karoofreight"
    drafting.save_tenant(first, label="karoofreight")
    assert proposed(world, first) == "karoofreight-3"


def test_one_client_s_second_pbx_has_another_name(world: World) -> None:
    acme = make_client("Acme")
    first = drafted(world, client=acme)
    assert drafted(world, client=acme).answers["tenant"]["label"] == "karoofreight"
    drafting.save_tenant(first, label="karoofreight")
    assert drafted(world, client=acme).answers["tenant"]["label"] == "karoofreight-2"


def test_nobody_keeps_a_name_by_leaving_a_draft_open(world: World) -> None:
    proposed(world)
    long_ago = timezone.now() - timedelta(hours=naming_tenants.POLITE_HOURS + 1)
    Draft.objects.update(changed=long_ago)
    assert proposed(world, email="other@karoo.example") == "karoofreight"


def test_two_drafts_of_one_client_are_one_buyer(world: World) -> None:
    acme = make_client("Acme")
    labels = []
    for email in ("one@acme.example", "two@acme.example"):
        draft = drafting.start(world.bundle, client=acme)
        drafting.save_company(draft, COMPANY | {"email": email})
        labels.append(draft.answers["tenant"]["label"])
    assert labels == ["karoofreight", "karoofreight"]


def test_the_name_of_a_tenant_that_only_the_pbx_has_is_not_proposed_and_not_taken(
    world: World,
) -> None:
    build_on_pbx(world, "KarooFreight.pbx.ringup.example")
    draft = world.pbx_draft()
    with pytest.raises(Refusal, match="is taken by another company") as refusal:
        drafting.save_tenant(draft, label="karoofreight")
    assert refusal.value.field == "label"
    assert draft.answers["tenant"]["label"] == "karoofreight-2"


def test_a_pbx_that_is_silent_stops_nobody_and_is_asked_once_a_minute(world: World) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    world.server.set_secrets(dsn=away, event_password="x")
    world.server.save()
    assert proposed(world) == "karoofreight"
    with transaction.atomic():  # where it could not be asked
        assert not naming_tenants.is_on_pbx("karoofreight.pbx.ringup.example", world.server)


def test_a_pbx_that_takes_its_time_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming_tenants, "PAGE_SECONDS", 0.2)
    with psycopg.connect(world.peers.fusionpbx.dsn) as other:
        other.execute("LOCK TABLE v_domains IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        assert not naming_tenants.is_on_pbx("slow.pbx.ringup.example", world.server)
        assert time.monotonic() - began < 3


def test_the_pbx_is_never_asked_inside_a_transaction(world: World) -> None:
    with pytest.raises(InsideTransaction), transaction.atomic():
        naming_tenants.is_on_pbx("karoofreight.pbx.ringup.example", world.server)
