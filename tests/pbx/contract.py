"""What every PBX adapter must do, whatever its wire: the contract of ``ringup.pbx.port``.

An adapter's tests subclass ``PbxContract`` and give a fixture ``world``, which is the PBX's own
side: it places calls, knows who answers, and holds the truth.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ringup.core.failures import NothingHappened, NotOurs, OurFault, Refused
from ringup.pbx.home_plan import home_plan
from ringup.pbx.port import (
    ChangeRecord,
    DialPattern,
    GatewayState,
    Pbx,
    Tenant,
    destination_key,
    gateway_uuid,
    tenant_key,
)
from tests.pbx.pbx_world import (
    CARRIER,
    PbxWorld,
    at_once,
    built,
    every_call,
    shows_a_secret,
)
from tests.pbx.wishes import DOMAIN, E164, destination, wished_tenant

FORMS = ("2085550100", "12085550100", "+12085550100")
# What must not leave a tenant that has only ordinary numbers open, in every way of writing it.
COSTLY = (
    "8095551234", "18095551234", "+18095551234",
    "8765551234", "16585551234", "+14415551234", "7875551234", "16715551234",
    "9005551234", "19005551234", "+19005551234",
    "2089761234", "12089761234", "+12089761234", "2085551212",
    "5005551234", "17005551234",
    "011442079460000", "00442079460000", "+442079460000", "442079460000",
    "0118095551234", "01118095551234", "0018095551234", "011881612345678", "+881612345678",
    "+1", "+8095551234", "118095551234", "11900555123",
)  # fmt: skip


class PbxContract:
    """Subclass it as ``class TestAcme(PbxContract)``."""

    @pytest.fixture
    def pbx(self, world: PbxWorld) -> Iterator[Pbx]:
        pbx = world.open()
        pbx.prepare()
        yield pbx
        pbx.close()

    @pytest.fixture
    def tenant(self) -> Tenant:
        return wished_tenant()

    # -- the server -------------------------------------------------------------------------------

    def test_closing_twice_does_no_harm(self, world: PbxWorld) -> None:
        pbx = world.open()
        pbx.close()
        pbx.close()

    def test_a_fresh_server_asks_to_be_prepared(self, world: PbxWorld) -> None:
        pbx = world.open()
        report = pbx.inspect()
        assert not report.prepared
        assert any("prepare" in problem for problem in report.problems)
        pbx.close()

    def test_preparing_is_repeatable_and_leaves_nothing_to_complain_about(
        self, world: PbxWorld
    ) -> None:
        pbx = world.open()
        first, second = pbx.prepare(), pbx.prepare()
        assert replace(first, made=()) == second == pbx.inspect()
        assert first.made
        assert first.prepared
        assert first.problems == ()
        pbx.close()

    def test_an_unprepared_server_builds_nothing_and_says_what_to_do(
        self, world: PbxWorld, tenant: Tenant
    ) -> None:
        pbx = world.open()
        with pytest.raises(OurFault, match=r"[Pp]repare"):
            pbx.build_tenant(tenant, run="run-1", digest="d1")
        assert world.tenants() == set()
        pbx.close()

    def test_the_counts_grow_with_a_tenant(self, pbx: Pbx, tenant: Tenant) -> None:
        before = pbx.inspect()
        built(pbx, tenant)
        after = pbx.inspect()
        assert after.tenants == before.tenants + 1
        assert after.extensions == before.extensions + len(tenant.extensions)

    # -- building ---------------------------------------------------------------------------------

    def test_a_tenant_is_built_and_rings(self, pbx: Pbx, world: PbxWorld, tenant: Tenant) -> None:
        assert pbx.domain_owner(DOMAIN) is None
        assert pbx.change(tenant_key(tenant.uid)) is None
        record = built(pbx, tenant)
        assert record.key == tenant_key(tenant.uid)
        assert (record.generation, record.run, record.digest) == (1, "run-1", "d1")
        assert record.parts
        assert pbx.domain_owner(DOMAIN.upper()) == pbx.domain_owner(DOMAIN) is not None
        assert [world.call_in(form).where for form in FORMS] == ["1001"] * 3
        assert world.call_out(DOMAIN, "1002", "1003").where == "1003"

    def test_every_seat_calls_out_as_the_main_number(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, tenant)
        for extension in tenant.extensions:
            for dialled in ("3125550123", "13125550123", "+13125550123"):
                call = world.call_out(DOMAIN, extension.extension, dialled)
                assert (call.where, call.caller_id) == ("3125550123", "2085550100")

    def test_a_refresh_forgets_that_the_number_was_unknown(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        for form in FORMS:
            assert world.call_in(form).where == ""
        record = pbx.build_tenant(tenant, run="run-1", digest="d1")
        pbx.refresh(record.key)
        assert [world.call_in(form).where for form in FORMS] == ["1001"] * 3

    def test_building_again_returns_the_same_record(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        first = pbx.build_tenant(tenant, run="run-1", digest="d1")
        count = pbx.inspect().extensions
        again = pbx.build_tenant(tenant, run="run-2", digest="d1")
        assert again == first
        assert pbx.inspect().extensions == count

    def test_other_contents_under_the_same_key_are_refused(self, pbx: Pbx, tenant: Tenant) -> None:
        built(pbx, tenant)
        with pytest.raises(NotOurs):
            pbx.build_tenant(tenant, run="run-2", digest="d2")
        with pytest.raises(NotOurs):
            pbx.build_tenant(replace(tenant, generation=2), run="run-2", digest="d1")

    @pytest.mark.parametrize("domain", [DOMAIN, DOMAIN.upper()])
    def test_a_domain_of_somebody_else_is_never_touched(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant, domain: str
    ) -> None:
        world.somebodys_tenant(domain)
        with pytest.raises(NotOurs, match=DOMAIN):
            pbx.build_tenant(tenant, run="run-1", digest="d1")
        assert pbx.change(tenant_key(tenant.uid)) is None
        assert world.tenants() == {domain}

    def test_a_number_that_somebody_routed_is_never_taken_over(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        world.somebodys_tenant("other.pbx.example")
        for form in FORMS:
            take_away = world.somebodys_number(form)
            with pytest.raises(NotOurs, match="2085550100"):
                pbx.build_tenant(tenant, run="run-1", digest="d1")
            assert world.tenants() == {"other.pbx.example"}
            take_away()
        assert pbx.build_tenant(tenant, run="run-1", digest="d1")

    def test_two_services_cannot_have_one_domain(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, tenant)
        other = wished_tenant(destinations=(destination("+12085550111"),))
        with pytest.raises(NotOurs):
            pbx.build_tenant(other, run="run-2", digest="d2")
        assert pbx.change(tenant_key(other.uid)) is None
        assert world.call_in("+12085550111").where == ""

    def test_a_domain_that_means_something_else_is_refused(self, pbx: Pbx, tenant: Tenant) -> None:
        for domain in ("public", "default", "acme.public", "a b.example", "a/b.example", "x", ""):
            with pytest.raises(Refused):
                pbx.build_tenant(replace(tenant, domain=domain), run="run-1", digest="d1")

    def test_two_builders_of_one_tenant_make_it_once(
        self, world: PbxWorld, pbx: Pbx, tenant: Tenant
    ) -> None:
        outcomes = at_once(world, [tenant, tenant])
        assert outcomes[0] == outcomes[1] == pbx.change(tenant_key(tenant.uid))
        assert pbx.inspect().tenants == 2  # the template and ours

    def test_of_two_services_that_race_for_a_domain_one_wins(
        self, world: PbxWorld, pbx: Pbx, tenant: Tenant
    ) -> None:
        rival = wished_tenant(destinations=(destination("+12085550111"),))
        outcomes = at_once(world, [tenant, rival])
        assert {type(outcome) for outcome in outcomes} == {ChangeRecord, NotOurs}
        assert pbx.inspect().tenants == 2

    def test_a_destination_needs_its_extension(self, pbx: Pbx, tenant: Tenant) -> None:
        wrong = replace(tenant, destinations=(destination(extension="1999"),))
        with pytest.raises(Refused, match="1999"):
            pbx.build_tenant(wrong, run="run-1", digest="d1")

    # -- what may be dialled ----------------------------------------------------------------------

    def test_what_costs_extra_never_reaches_the_carrier(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, tenant)
        reached = {number: world.call_out(DOMAIN, "1001", number).where for number in COSTLY}
        assert {number: where for number, where in reached.items() if where} == {}

    def test_what_the_product_opens_is_open_and_nothing_else(
        self, pbx: Pbx, world: PbxWorld
    ) -> None:
        dialled = {
            DialPattern.ISLANDS: {"+18095551234": "8095551234"},
            DialPattern.PREMIUM: {"19005551234": "9005551234"},
            DialPattern.INTERNATIONAL: {
                "+442079460000": "011442079460000",
                "011442079460000": "011442079460000",
                "00442079460000": "011442079460000",
            },
        }
        for pattern in dialled:
            one = wished_tenant(
                domain=f"{pattern.value}.pbx.example",
                destinations=(),
                open_patterns=frozenset({DialPattern.NANP, pattern}),
            )
            built(pbx, one)
            for other, numbers in dialled.items():
                for number, given in numbers.items():
                    reached = world.call_out(one.domain, "1001", number).where
                    assert reached == (given if other is pattern else "")
            assert world.call_out(one.domain, "1001", "18005551234").where == ""

    def test_a_pbx_elsewhere_calls_its_own_country(self, pbx: Pbx, world: PbxWorld) -> None:
        one = wished_tenant(
            domain="cape.pbx.example",
            destinations=(),
            home=home_plan("ZA"),
            open_patterns=frozenset({DialPattern.HOME}),
        )
        built(pbx, one)
        for number in ("0115550123", "+27115550123", "27115550123"):
            assert world.call_out(one.domain, "1001", number).where == "01127115550123"
        for number in ("0862123456", "+13125550123", "0018095551234", "112", "10111", "911", "988"):
            call = world.call_out(one.domain, "1001", number)
            assert call.where == "", number
            assert call.heard or number == "988", number

    def test_a_closed_number_is_refused_with_a_notice(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, tenant)
        for number in ("18095551234", "19005551234", "011442079460000", "5551234"):
            call = world.call_out(DOMAIN, "1001", number)
            assert call.where == ""
            assert call.heard

    def test_emergency_calls_without_an_address_play_a_notice(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, tenant)
        for number in ("911", "933"):
            call = world.call_out(DOMAIN, "1001", number)
            assert call.where == ""
            assert call.heard

    def test_emergency_calls_with_an_address_go_out_as_its_number(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, replace(tenant, emergency_caller_id="+12085550199"))
        for number in ("911", "933"):
            call = world.call_out(DOMAIN, "1002", number)
            assert (call.where, call.caller_id) == (number, "2085550199")

    def test_the_crisis_line_is_always_reached(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, replace(tenant, open_patterns=frozenset()))
        assert world.call_out(DOMAIN, "1001", "988").where == "18002738255"
        assert world.call_out(DOMAIN, "1001", "3125550123").where == ""

    # -- refreshing -------------------------------------------------------------------------------

    def test_a_change_waits_for_its_refresh(self, pbx: Pbx, tenant: Tenant) -> None:
        record = pbx.build_tenant(tenant, run="run-1", digest="d1")
        assert not record.refreshed
        assert pbx.unrefreshed() == [record.key]
        pbx.refresh(record.key)
        pbx.refresh(record.key)
        again = pbx.change(record.key)
        assert again is not None
        assert again.refreshed
        assert pbx.unrefreshed() == []

    def test_refreshing_what_is_unknown_does_nothing(self, pbx: Pbx) -> None:
        pbx.refresh(tenant_key(uuid.uuid4()))

    def test_the_gateway_is_watched(self, pbx: Pbx, world: PbxWorld, tenant: Tenant) -> None:
        gateway = gateway_uuid(tenant.uid, 1)
        assert pbx.gateway(gateway).state is GatewayState.UNKNOWN
        world.registrations_answered(False)
        built(pbx, tenant)
        assert pbx.gateway(gateway).state in (GatewayState.TRYING, GatewayState.DOWN)
        world.registrations_answered(True)
        report = pbx.gateway(gateway)
        assert report.state is GatewayState.UP
        assert report.detail

    # -- more numbers -----------------------------------------------------------------------------

    def test_a_number_is_added_to_a_living_tenant(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, tenant)
        added = destination("+12085550177", "1002")
        assert world.call_in("+12085550177").where == ""
        record = pbx.add_destination(tenant.uid, 1, added, run="run-2", digest="d2")
        assert record.key == destination_key(tenant.uid, added.owned)
        assert pbx.add_destination(tenant.uid, 1, added, run="run-3", digest="d2") == record
        pbx.refresh(record.key)
        assert world.call_in("+12085550177").where == "1002"
        assert pbx.undo(record.key)
        assert world.call_in("+12085550177").where == ""
        assert world.call_in(E164).where == "1001"

    def test_a_number_needs_a_tenant_of_ours_and_an_extension(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        world.somebodys_tenant("other.pbx.example")
        more = destination("+12085550177", "1002")
        with pytest.raises(NotOurs):
            pbx.add_destination(tenant.uid, 1, more, run="run-1", digest="d1")
        built(pbx, tenant)
        with pytest.raises(NotOurs):
            pbx.add_destination(tenant.uid, 2, more, run="run-1", digest="d1")
        wrong, taken = replace(more, extension="1999"), destination(E164, "1002")
        with pytest.raises(Refused, match="1999"):
            pbx.add_destination(tenant.uid, 1, wrong, run="run-1", digest="d1")
        with pytest.raises(NotOurs, match="2085550100"):
            pbx.add_destination(tenant.uid, 1, taken, run="run-1", digest="d1")

    # -- taking back ------------------------------------------------------------------------------

    def test_undo_leaves_nothing_that_answers(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        record = built(pbx, tenant)
        assert world.directories()
        assert world.loaded_gateways()
        assert world.call_in(E164).where == "1001"
        told = pbx.undo(record.key)
        assert any("extension" in sentence for sentence in told)
        assert pbx.change(record.key) is None
        assert pbx.unrefreshed() == []
        assert pbx.domain_owner(DOMAIN) is None
        assert world.tenants() == set()
        assert world.directories() == set()
        assert world.loaded_gateways() == set()
        assert [world.call_in(form).where for form in FORMS] == ["", "", ""]
        assert pbx.inspect().prepared

    def test_undoing_nothing_says_nothing(self, pbx: Pbx, tenant: Tenant) -> None:
        assert pbx.undo(tenant_key(tenant.uid)) == ()
        built(pbx, tenant)
        assert pbx.undo(tenant_key(tenant.uid))
        assert pbx.undo(tenant_key(tenant.uid)) == ()

    def test_undo_touches_no_other_tenant(self, pbx: Pbx, world: PbxWorld, tenant: Tenant) -> None:
        neighbour = wished_tenant(
            domain="next.pbx.example", destinations=(destination("+12085550111"),)
        )
        built(pbx, neighbour)
        built(pbx, tenant)
        pbx.undo(tenant_key(tenant.uid))
        assert world.tenants() == {"next.pbx.example"}
        assert world.call_in("+12085550111").where == "1001"
        assert pbx.gateway(gateway_uuid(neighbour.uid, 1)).state is GatewayState.UP

    def test_undo_refuses_to_orphan_what_the_client_made(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        record = built(pbx, tenant)
        take_away = world.clients_extension(DOMAIN, "2001")
        with pytest.raises(Refused, match="2001"):
            pbx.undo(record.key)
        assert pbx.change(record.key) is not None
        assert world.call_in(E164).where == "1001"
        take_away()
        assert pbx.undo(record.key)
        assert world.tenants() == set()

    def test_undo_refuses_while_a_number_was_added_later(self, pbx: Pbx, tenant: Tenant) -> None:
        record = built(pbx, tenant)
        added = destination("+12085550177", "1002")
        later = pbx.add_destination(tenant.uid, 1, added, run="run-2", digest="d2")
        with pytest.raises(Refused, match=r"\+12085550177"):
            pbx.undo(record.key)
        pbx.undo(later.key)
        assert pbx.undo(record.key)

    def test_a_removed_tenant_is_built_again_as_the_next_generation(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, tenant)
        pbx.undo(tenant_key(tenant.uid))
        second = built(pbx, replace(tenant, generation=2))
        assert second.generation == 2
        assert world.call_in(E164).where == "1001"
        assert len(world.loaded_gateways()) == 1

    # -- who may call without a password ----------------------------------------------------------

    def test_the_carriers_addresses_are_let_in(
        self, pbx: Pbx, world: PbxWorld, tenant: Tenant
    ) -> None:
        built(pbx, tenant)
        assert world.call_in(E164, source=CARRIER).where == ""
        assert not pbx.addresses_allowed([CARRIER])
        assert pbx.allow_addresses([CARRIER, "198.51.100.0/24"], note="Carrier One") == 2
        assert pbx.addresses_allowed([CARRIER, "198.51.100.9"])
        assert world.call_in(E164, source=CARRIER).where == "1001"
        assert world.call_in(E164, source="198.51.100.200").where == "1001"
        assert pbx.allow_addresses([CARRIER], note="Carrier One") == 0
        pbx.undo(tenant_key(tenant.uid))
        assert pbx.addresses_allowed([CARRIER])

    # -- failing ----------------------------------------------------------------------------------

    def test_a_pbx_that_does_not_answer_is_nothing_happened(
        self, world: PbxWorld, tenant: Tenant
    ) -> None:
        pbx = world.open(reachable=False)
        for failing in every_call(pbx, tenant):
            with pytest.raises(NothingHappened) as caught:
                failing()
            assert not shows_a_secret(caught.value, tenant)
        pbx.close()

    def test_a_wrong_password_is_our_fault(self, world: PbxWorld, tenant: Tenant) -> None:
        pbx = world.open(right_password=False)
        for failing in every_call(pbx, tenant):
            with pytest.raises(OurFault) as caught:
                failing()
            assert not shows_a_secret(caught.value, tenant)
        pbx.close()
