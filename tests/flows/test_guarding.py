"""Who may submit, how often, and what staff is told to look at."""

from __future__ import annotations

from functools import partial

import pytest

from ringup.accounts import blocking
from ringup.accounts.brands import default_brand
from ringup.accounts.models import Brand, Client
from ringup.core.actors import GUEST, RINGUP, Actor
from ringup.core.limiting import count
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out, drafting, guarding
from ringup.orders.models import Draft, Order
from ringup.services.models import Service
from tests.racing import at_once, kinds
from tests.world import COMPANY, SAM, World, make_client, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def block(kind: str, value: str, reason: str = "") -> None:
    blocking.block(kind=kind, value=value, reason=reason, actor=RINGUP)


def number_draft(world: World, index: int = 0, client: Client | None = None) -> Draft:
    """A complete draft of a plain number, another one for each index."""
    draft = drafting.start(world.number, client=client)
    drafting.save_company(draft, COMPANY)
    drafting.choose_number(draft, world.offer(20 + index).e164)
    drafting.save_answers(draft, "destination", {"goal": "sip-account", "value": ""})
    return draft


@pytest.mark.parametrize(
    ("kind", "value"),
    [("email", "Thandi+shop@Karoo.Example"), ("domain", "karoo.example"), ("domain", "example"),
     ("phone", "+1 416 555 0142"), ("network", "203.0.113.0/24")],
)  # fmt: skip
def test_a_blocked_buyer_learns_nothing_and_nothing_is_ordered(
    world: World, kind: str, value: str
) -> None:
    draft = world.number_draft(goal="sip-account")
    block(kind, value, reason="unpaid")
    with pytest.raises(Refusal) as refusal:
        checking_out.submit(draft, network="203.0.113.9")
    support = default_brand().support_email
    assert str(refusal.value) == guarding.NOT_ONLINE.format(support=support)
    assert refusal.value.field == ""
    assert not Order.objects.exists()
    assert not Client.objects.exists()


def test_a_blocked_login_does_not_order_under_another_address(world: World) -> None:
    acme = make_client("Acme")
    eve, anna = make_user("eve", acme), make_user("anna", acme)
    draft = number_draft(world, client=acme)
    block("email", "eve@example.com")
    with pytest.raises(Refusal, match="We cannot take this order here"):
        checking_out.submit(draft, actor=eve.as_actor())
    assert checking_out.submit(draft, actor=anna.as_actor()).client == acme


def test_staff_reads_the_rule_and_removes_it(world: World) -> None:
    draft = world.number_draft(goal="sip-account")
    block("domain", "karoo.example", reason="unpaid")
    for actor in (SAM, Actor(SAM.name, SAM.label, on_behalf_of="client:1")):
        with pytest.raises(Refusal, match=r"mail domain karoo\.example \(unpaid\)"):
            checking_out.submit(draft, actor=actor)
    rule = blocking.rule_for(emails=["x@karoo.example"], phones=[])
    assert rule is not None
    blocking.unblock(rule, actor=SAM)
    assert checking_out.submit(draft, actor=SAM).pk


def test_a_network_places_so_many_orders_a_day_and_staff_more(world: World) -> None:
    draft = world.number_draft(goal="sip-account")
    for _ in range(guarding.BY_NETWORK.times):
        count(guarding.BY_NETWORK, "203.0.113.9")
    with pytest.raises(Refusal, match="from your network today"):
        checking_out.submit(draft, network="203.0.113.9")
    order = checking_out.submit(draft, actor=SAM, network="203.0.113.9")
    assert order.doubts == []


def few(most: int) -> Client:
    """A client of whom so many orders may wait."""
    Brand.objects.update(most_waiting=most)
    return make_client("Acme")


def test_a_new_client_has_so_many_orders_waiting_and_no_more(world: World) -> None:
    client = few(1)
    first = checking_out.submit(number_draft(world, 0, client))
    another = number_draft(world, 1, client)
    with pytest.raises(Refusal, match="1 of your orders wait"):
        checking_out.submit(another)
    assert Order.objects.count() == 1
    # One that was looked at makes room; and who has a running service needs none.
    first.move_to(Order.State.REJECTED, actor=SAM, text="No.")
    second = checking_out.submit(another)
    Service.objects.filter(line__order=second).update(state=Service.State.ACTIVE)
    assert checking_out.submit(number_draft(world, 2, client)).client == client


def test_what_is_placed_together_counts_as_one_order(world: World) -> None:
    client = few(2)
    checking_out.submit_all([number_draft(world, place, client) for place in (0, 1, 2)])
    checking_out.submit(number_draft(world, 3, client))
    with pytest.raises(Refusal, match="2 of your orders wait"):
        checking_out.submit(number_draft(world, 4, client))


def test_two_windows_at_once_pass_no_limit(world: World) -> None:
    client = few(1)
    drafts = [number_draft(world, place, client) for place in range(3)]
    outcomes = at_once(*[partial(checking_out.submit, draft) for draft in drafts])
    assert kinds(outcomes) == ["Refusal", "Refusal", "ok"]
    assert Order.objects.count() == 1


def test_doubts_stand_on_every_order_of_a_submit(world: World) -> None:
    old = make_client("Old")
    Client.objects.filter(pk=old.pk).update(phone="+14165550142")
    block("email", old.email)
    orders = checking_out.submit_all(
        [number_draft(world, place) for place in (0, 1)], actor=GUEST, network="203.0.113.9"
    )
    for order in orders:
        order.refresh_from_db()
        assert ["is blocked" in doubt for doubt in order.doubts] == [True]


def test_relatives_share_a_mailbox_or_a_telephone(world: World) -> None:
    client, phone = make_client("Acme"), "+14165550100"
    others = {name: make_client(name) for name in ("Tagged", "Same phone", "Neither", "No phone")}
    Client.objects.filter(pk=others["Tagged"].pk).update(email="OFFICE+2@acme.example", phone="")
    Client.objects.filter(pk=others["Neither"].pk).update(phone="+14165550199")
    Client.objects.filter(pk=others["No phone"].pk).update(phone="")
    assert client.phone == phone
    found = {row.name for row in guarding.relatives_of(client)}
    assert found == {"Tagged", "Same phone"}
    client.phone = ""
    assert {row.name for row in guarding.relatives_of(client)} == {"Tagged"}
