"""On which server a tenant goes, and that the last place is given once and given back once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from ringup.carriers.models import CarrierAccount
from ringup.catalog import selling
from ringup.catalog.models import CarrierDefaults, Mapping
from ringup.catalog.placing import choose
from ringup.core.sentences import Refusal
from ringup.flows.checkout import drafting
from ringup.flows.orders import cancelling
from ringup.orders.models import Draft, Order
from ringup.pbx.configuring import Secrets, save_server
from ringup.pbx.models import PbxServer
from ringup.services.domains import ServerFull, claim, release
from ringup.services.models import DomainClaim, Service
from tests.factories import Shop, make_pbx_order, make_shop, service_of
from tests.racing import at_once, kinds
from tests.world import SAM, make_client

COMPANY = {"company": "Acme", "contact": "A", "email": "a@acme.example", "phone": "+14165550142"}


def server(name: str, **more: Any) -> PbxServer:
    return PbxServer.objects.create(
        name=name, sip_host=name, domain_suffix=f"{name}.example", **more
    )


def counts(row: PbxServer) -> tuple[int, int]:
    row.refresh_from_db()
    return row.claimed_tenants, row.claimed_extensions


@pytest.mark.django_db
def test_mapping_then_default_then_most_room() -> None:
    account = CarrierAccount.objects.create(name="a", kind="voipms", url="http://127.0.0.1/")
    mapped, default = server("mapped", max_tenants=1), server("default", max_tenants=2)
    small, big = server("small", max_tenants=3), server("big", max_tenants=9)
    twin = server("twin", max_tenants=9)
    server("live", max_tenants=500, environment="production")
    CarrierDefaults.objects.create(account=account, server=default)

    def chosen(extensions: int = 10, **more: Any) -> str:
        fresh = CarrierAccount.objects.get()
        servers = PbxServer.objects.filter(is_enabled=True).order_by("?")
        found = choose(mapped, fresh, servers=servers, extensions=extensions, **more)
        return found.name if found else ""

    assert chosen() == "mapped"
    assert chosen(pinned=small) == "small", "a draft stays where it was proposed"
    PbxServer.objects.filter(pk=mapped.pk).update(is_enabled=False)
    assert chosen() == "default"
    PbxServer.objects.filter(pk=default.pk).update(claimed_tenants=2)
    assert chosen() == "big", "of two with as much room, the older row"
    assert chosen(pinned=default) == "big", "where there is no room, nobody stays"
    PbxServer.objects.filter(pk=big.pk).update(claimed_extensions=4991)
    assert (chosen(), chosen(extensions=9)) == ("twin", "twin")
    PbxServer.objects.filter(pk=twin.pk).update(test_report={"others_tenants": 7})
    assert chosen(extensions=9) == "big"
    assert chosen() == "small", "nine of the seats fit on big, ten do not"
    PbxServer.objects.filter(pk=small.pk).update(test_report={"others_extensions": 4991})
    PbxServer.objects.filter(pk=twin.pk).update(test_report={"others_tenants": 9})
    assert chosen() == "", "a production server is not for a sandbox provider"
    CarrierAccount.objects.update(environment="production")
    assert chosen() == "live"


@pytest.mark.django_db
def test_what_no_server_can_take_is_not_on_sale() -> None:
    shop = make_shop()
    draft = drafting.start(shop.bundle, client=None)
    seats = selling.seats_of(shop.bundle)
    assert shop.bundle in selling.visible_bundles("USD")
    for full in (
        {"max_tenants": 0},
        {"max_extensions": seats - 1},
        {"is_enabled": False},
        {"environment": "production"},
    ):
        PbxServer.objects.update(**full)
        assert shop.bundle not in selling.visible_bundles("USD"), full
        for act in (selling.mapping_of, lambda sold: drafting.start(sold, client=None)):
            with pytest.raises(Refusal, match="not on sale"):
                act(shop.bundle)
        with pytest.raises(Refusal, match="not on sale"):
            drafting.confirmed_server(draft)
        PbxServer.objects.update(
            max_tenants=1, max_extensions=seats, is_enabled=True, environment="sandbox"
        )
    assert shop.bundle in selling.visible_bundles("USD")


@pytest.mark.django_db(transaction=True)  # the PBX is asked whether the name is free
def test_a_draft_stays_on_its_server_and_moves_only_with_a_word_about_it() -> None:
    shop, other = make_shop(), server("other", max_tenants=900)
    draft = drafting.start(shop.bundle, client=None)
    drafting.save_company(draft, COMPANY)
    assert draft.server == shop.server
    Mapping.objects.update(server=other)
    draft = Draft.objects.get()
    assert drafting.confirmed_server(draft) == shop.server, "its address was shown already"
    PbxServer.objects.filter(pk=shop.server.pk).update(is_enabled=False)
    with pytest.raises(Refusal, match=r"its address is now acme\.other\.example") as refusal:
        drafting.confirmed_server(draft)
    assert refusal.value.field == "label"
    draft = Draft.objects.get()
    assert draft.server == other
    assert drafting.confirmed_server(draft) == other, "said once"
    Mapping.objects.update(server=None)
    other.delete()
    PbxServer.objects.update(is_enabled=True)
    with pytest.raises(Refusal, match=r"acme\.pbx\.ringup\.example"):
        drafting.confirmed_server(Draft.objects.get())


@pytest.mark.django_db
def test_an_order_that_ends_gives_its_place_back_once() -> None:
    shop = make_shop()
    orders = [make_pbx_order(shop, make_client(name)) for name in ("Acme", "Other")]
    assert counts(shop.server) == (2, 20)
    cancelling.cancel(orders[0], actor=SAM)
    assert counts(shop.server) == (1, 10)
    for end in (
        lambda: cancelling.cancel(Order.objects.get(pk=orders[0].pk), actor=SAM),
        lambda: cancelling.reject(orders[0], reason="again", actor=SAM),
    ):
        with pytest.raises(Refusal):
            end()
    release(service_of(orders[0]))
    assert counts(shop.server) == (1, 10)
    cancelling.reject(orders[1], reason="no papers", actor=SAM)
    assert counts(shop.server) == (0, 0)
    assert not DomainClaim.objects.exists()


# -- at once --------------------------------------------------------------------------------------


def outcomes_of(*jobs: Callable[[], object]) -> list[str]:
    """How the jobs ended that ran at once, each in a transaction; sorted."""
    return kinds(at_once(*[partial(_in_transaction, job) for job in jobs]))


def _in_transaction(job: Callable[[], object]) -> None:
    with transaction.atomic():
        job()


@pytest.fixture
def services(transactional_db: None) -> tuple[Shop, list[Service]]:
    """Services of ten seats that have no place yet."""
    shop, client = make_shop(), make_client("Acme")
    services = []
    for _ in range(4):
        service = service_of(make_pbx_order(shop, client))
        release(service)
        services.append(service)
    assert counts(shop.server) == (0, 0)
    return shop, services


def claiming(service: Service) -> Callable[[], object]:
    # Each buyer has looked before: all of them saw the room.
    seen = PbxServer.objects.get()
    return lambda: claim(f"{service.name}.x", server=seen, service=service)


def test_the_last_place_is_claimed_once_however_many_want_it(
    services: tuple[Shop, list[Service]],
) -> None:
    shop, wanting = services
    full = ["ServerFull"] * 3
    for limits in (
        {"max_tenants": 1, "max_extensions": 5000},
        {"max_tenants": 9, "max_extensions": 19},
        {"max_tenants": 3, "max_extensions": 29,
         "test_report": {"others_tenants": 2, "others_extensions": 19}},
    ):  # fmt: skip
        PbxServer.objects.update(**{"test_report": {}} | limits)
        assert outcomes_of(*map(claiming, wanting)) == [*full, "ok"], limits
        assert counts(shop.server) == (1, 10)
        assert DomainClaim.objects.count() == 1
        # Ended twice at once, by client and by staff: given back once.
        give_back = partial(release, DomainClaim.objects.get().service)
        assert outcomes_of(*[give_back] * 3) == ["ok"] * 3
        assert counts(shop.server) == (0, 0)


def test_an_order_that_is_cancelled_and_rejected_at_once_gives_back_one_place(
    transactional_db: None,
) -> None:
    shop, client = make_shop(), make_client("Acme")
    order = make_pbx_order(shop, client)
    make_pbx_order(shop, client)
    copies = [Order.objects.get(pk=order.pk) for _ in range(2)]
    outcomes = outcomes_of(
        lambda: cancelling.cancel(copies[0], actor=SAM),
        lambda: cancelling.reject(copies[1], reason="no papers", actor=SAM),
    )
    assert outcomes == ["Refusal", "ok"]
    assert counts(shop.server) == (1, 10)


def test_a_place_is_not_given_under_a_suffix_that_changes_this_moment(
    services: tuple[Shop, list[Service]],
) -> None:
    shop, (first, *_) = services
    changed = {"domain_suffix": "new.example"}
    place = claiming(first)

    def change() -> None:
        save_server(shop.server, changed, secrets=Secrets(), actor=SAM, changes={})

    assert outcomes_of(place, change) in (["Refusal", "ok"], ["ServerFull", "ok"])
    shop.server.refresh_from_db()
    assert bool(shop.server.claimed_tenants) == (shop.server.domain_suffix != "new.example")
    for away in ({"is_enabled": False}, {"environment": "production"}):
        PbxServer.objects.update(domain_suffix="new.example", claimed_tenants=0)
        DomainClaim.objects.all().delete()
        place = claiming(first)
        PbxServer.objects.update(**away)
        with pytest.raises(ServerFull, match="Nothing was ordered or charged"):
            place()
