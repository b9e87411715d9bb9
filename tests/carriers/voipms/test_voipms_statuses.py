"""Which of the four failures each status of VoIP.ms is, told over the wire."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from ringup.carriers.port import ToTelephone, ToTrunk
from ringup.carriers.voipms.adapter import VoipMs
from ringup.core.failures import (
    NothingHappened,
    NumberGone,
    OurFault,
    OutcomeUnknown,
    PortFailure,
    Refused,
)
from tests.carriers.voipms.voipms_world import VoipmsWorld

pytestmark = pytest.mark.once
NUMBER = uuid.uuid4()


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("did_in_use", NumberGone),
        ("invalid_did", NumberGone),
        ("unsifficient_stock", NumberGone),
        ("order_failed", Refused),
        ("Unable_to_purchase", Refused),
        ("non_sufficient_funds", OurFault),
        ("did_limit_reached", OurFault),
        ("invalid_credentials", OurFault),
        ("ip_not_enabled", OurFault),
        ("api_not_enabled", OurFault),
        ("invalid_serverpop", OurFault),
        ("invalid_note", OurFault),
        ("missing_routing", OurFault),
        ("no_did", OurFault),
        ("api_limit_exceeded", NothingHappened),
        ("method_maintenance", NothingHappened),
        ("provider_outofservice", OutcomeUnknown),
        ("tls_error", OutcomeUnknown),
        ("order_pending_on_mars", OurFault),
        ("Success", OurFault),
    ],
)
def test_a_status_of_an_order(
    world: VoipmsWorld, carrier: VoipMs, status: str, failure: type[PortFailure]
) -> None:
    world.sandbox.faults.add(f"status:{status}", method="orderDID")
    with pytest.raises(PortFailure) as caught:
        carrier.buy(world.number_for_sale(), reference=NUMBER)
    assert isinstance(caught.value, failure)
    assert type(caught.value) is failure or failure is OurFault
    assert status in str(caught.value), "staff reads the carrier's own word"
    assert status not in caught.value.user_message, "a client does not"
    assert world.calls("orderDID") == 1


@pytest.mark.parametrize("status", ["no_did", "invalid_did"])
def test_a_number_that_is_not_in_the_inventory_is_none(
    world: VoipmsWorld, carrier: VoipMs, status: str
) -> None:
    world.sandbox.faults.add(f"status:{status}", method="getDIDsInfo")
    assert carrier.find_number("+12125550100") is None


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("no_base64file", OurFault),  # begins like an empty list and is none
        ("no_change_billingtype", OurFault),
        ("unheard_of", OurFault),
        ("ip_not_enabled", OurFault),
        ("tls_error", NothingHappened),
        ("method_maintenance", NothingHappened),
    ],
)
def test_a_status_of_a_reading(
    world: VoipmsWorld, carrier: VoipMs, status: str, failure: type[PortFailure]
) -> None:
    world.sandbox.faults.add(f"status:{status}", method="getDIDsInfo")
    with pytest.raises(failure, match=status):
        carrier.find_number("+12125550100")


def _to_telephone(carrier: VoipMs, e164: str) -> None:
    carrier.route(e164, ToTelephone("+15145550123", uuid.uuid4()), reference=NUMBER)


def _to_trunk(carrier: VoipMs, e164: str) -> None:
    trunk = uuid.uuid4()
    carrier.create_trunk(trunk, password="Trunk4Secret9Word", label="Acme")
    carrier.route(e164, ToTrunk(trunk), reference=NUMBER)


@pytest.mark.parametrize(
    ("method", "status", "verb", "failure"),
    [
        ("setForwarding", "invalid_phonenumber", _to_telephone, Refused),
        ("setForwarding", "forwards_exceeded", _to_telephone, OurFault),
        ("createSubAccount", "used_username", _to_trunk, NothingHappened),
        ("createSubAccount", "weak_password", _to_trunk, OurFault),
        ("createSubAccount", "used_password", _to_trunk, OurFault),
        # The first of two changes was made, so "refused" would hide that there is one to undo.
        ("setDIDRouting", "invalid_phonenumber", _to_telephone, OurFault),
        ("setDIDRouting", "api_limit_exceeded", _to_telephone, OutcomeUnknown),
    ],
)
def test_statuses_of_other_changes(
    world: VoipmsWorld,
    carrier: VoipMs,
    method: str,
    status: str,
    verb: Callable[[VoipMs, str], None],
    failure: type[PortFailure],
) -> None:
    e164 = world.number_for_sale()
    carrier.buy(e164, reference=NUMBER)
    world.sandbox.faults.add(f"status:{status}", method=method)
    with pytest.raises(PortFailure, match=status) as caught:
        verb(carrier, e164)
    assert isinstance(caught.value, failure)


def test_things_that_went_meanwhile_are_as_wanted(world: VoipmsWorld, carrier: VoipMs) -> None:
    """Between our look and our call somebody else removed it in the portal."""
    e164, trunk = world.number_for_sale(), uuid.uuid4()
    target = ToTelephone("+15145550123", uuid.uuid4())
    carrier.buy(e164, reference=NUMBER)
    carrier.create_trunk(trunk, password="Trunk4Secret9Word", label="Acme")
    carrier.route(e164, target, reference=NUMBER)
    world.sandbox.faults.add("status:invalid_forwarding", method="delForwarding")
    carrier.unroute(e164, target, reference=NUMBER)
    world.sandbox.faults.add("status:invalid_id", method="delSubAccount")
    carrier.delete_trunk(trunk)
    world.sandbox.faults.add("status:invalid_did", method="cancelDID")
    carrier.release(e164, reference=NUMBER)
