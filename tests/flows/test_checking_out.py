"""Submitting drafts: once, whole or not at all, whatever happens at once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from ringup.accounts.models import Brand, Client, Membership, User
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import NumberOffer
from ringup.catalog.models import Mapping, NumberPriceRule, Product
from ringup.catalog.pricing import Quote
from ringup.core.money import Money
from ringup.core.outside import InsideTransaction
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out, drafting, holding_numbers, quoting
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold, OwnedNumber
from ringup.orders.models import Draft, Order
from ringup.pbx.models import PbxServer
from ringup.services.models import DomainClaim, Service
from tests.racing import at_once, kinds
from tests.world import COMPANY, PASSWORD, World, make_client

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_submitted_draft_is_a_client_an_order_and_services(world: World) -> None:
    order = world.pbx_order()
    client = Client.objects.get()
    user = User.objects.get()
    assert (user.email, user.has_usable_password()) == ("thandi@karoo.example", False)
    assert Membership.objects.get(user=user).client == client
    tenant = Service.objects.get(kind="tenant")
    number = Service.objects.get(kind="number")
    assert number.tenant == tenant
    assert DomainClaim.objects.get().domain == "karoofreight.pbx.ringup.example"
    assert Hold.objects.get().state == "locked"
    quote = Quote.from_data(order.lines.get().quote)
    assert quote.lines[0].recurring == Money.of("79", "USD")
    assert quote.lines[1].text.startswith("Number +1 ")
    assert order.is_sandbox


def test_a_new_client_s_login_reads_the_brand_s_language(world: World) -> None:
    Brand.objects.update(language="fr")
    checking_out.submit(world.number_draft(goal="sip-account"))
    assert User.objects.get().language == "fr"


@pytest.mark.usefixtures("full_bcrypt")
def test_no_secret_is_readable_in_the_rows(world: World) -> None:
    world.pbx_order()
    tenant = Service.objects.get(kind="tenant")
    opened = tenant.open_secrets()
    secret = opened["extensions"]["1001"]["sip"]
    raw = str(list(Service.objects.values())) + str(list(Draft.objects.values()))
    assert secret not in raw
    assert opened["trunk_password"] not in raw
    assert PASSWORD not in raw
    assert opened["administrator_hash"].startswith("$2b$10$")
    passwords = [row["sip"] for row in opened["extensions"].values()]
    assert len(set(passwords)) == 10


def test_submitting_twice_gives_one_order(world: World) -> None:
    draft = world.pbx_draft()
    first = checking_out.submit(draft, administrator_password=PASSWORD)
    again = checking_out.submit(Draft.objects.get(pk=draft.pk), administrator_password=PASSWORD)
    assert first == again
    assert Order.objects.count() == 1


def test_the_same_draft_submitted_twice_at_once_gives_one_order(world: World) -> None:
    draft = world.pbx_draft()
    copies = [Draft.objects.get(pk=draft.pk) for _ in range(2)]
    at_once(*[partial(checking_out.submit, d, administrator_password=PASSWORD) for d in copies])
    assert Order.objects.count() == 1
    assert Client.objects.count() == 1


def test_two_buyers_of_one_domain_at_once_give_one_tenant(world: World) -> None:
    first = world.pbx_draft()
    second = world.pbx_draft(offer=world.offer(3), email="other@karoo.example")
    drafting.save_tenant(second, label=first.answers["tenant"]["label"])
    outcomes = at_once(
        lambda: checking_out.submit(first, administrator_password=PASSWORD),
        lambda: checking_out.submit(second, administrator_password=PASSWORD),
    )
    assert kinds(outcomes) == ["Refusal", "ok"]
    assert Order.objects.count() == 1
    assert Client.objects.count() == 1
    assert DomainClaim.objects.count() == 1


def test_two_buyers_of_one_number_at_once_give_one_owner(world: World) -> None:
    offer = world.offer()
    first = world.pbx_draft(offer=offer)
    Hold.objects.all().delete()
    second = world.pbx_draft(offer=offer, company="Second", email="second@example.com")
    Hold.objects.all().delete()
    outcomes = at_once(
        lambda: checking_out.submit(first, administrator_password=PASSWORD),
        lambda: checking_out.submit(second, administrator_password=PASSWORD),
    )
    assert kinds(outcomes) == ["Refusal", "ok"]
    assert OwnedNumber.objects.count() == 1


def test_a_number_sold_before_submitting_refuses_and_keeps_the_answers(world: World) -> None:
    draft = world.pbx_draft()
    e164 = draft.answers["number"]["e164"]
    world.peers.voipms.state.stock.sell(e164[2:])
    with pytest.raises(Refusal, match="sold") as refusal:
        checking_out.submit(draft, administrator_password=PASSWORD)
    assert refusal.value.field == "number"
    fresh = Draft.objects.get(pk=draft.pk)
    assert fresh.state == Draft.State.OPEN
    assert fresh.answers["company"]["company"] == "Karoo Freight (Pty) Ltd"
    assert Order.objects.count() == Client.objects.count() == Service.objects.count() == 0


def test_a_dearer_price_than_shown_is_refused(world: World) -> None:
    draft = world.pbx_draft()
    NumberPriceRule.objects.update(percent=900)
    with pytest.raises(Refusal, match=r"price of .* has changed"):
        checking_out.submit(draft, administrator_password=PASSWORD)
    assert Order.objects.count() == 0


def test_a_number_is_bought_where_the_product_is_mapped_now(world: World) -> None:
    draft = world.number_draft(goal="sip-account")
    offer = world.offer(5)
    number = draft.answers["number"] | {"cost_monthly_micros": 1}
    drafting.save_answers(draft, "number", number)
    one = world.account
    other = CarrierAccount(
        kind=one.kind, name="Other", url=one.url, identity=one.identity, calls_per_second=1000
    )
    other.set_secrets(one.open_secrets())
    other.save()
    NumberPriceRule.objects.update(account=other)
    Mapping.objects.update(account=other)
    checking_out.submit(draft)
    bought, held = OwnedNumber.objects.get(), Hold.objects.get()
    assert (bought.account, bought.cost_monthly) == (other, offer.monthly)
    assert (held.account, held.state) == (other, "locked")


def test_a_hold_that_ran_out_still_orders_while_nobody_took_the_number(world: World) -> None:
    draft = world.pbx_draft()
    Hold.objects.update(expires=timezone.now() - timedelta(minutes=1))
    checking_out.submit(draft, administrator_password=PASSWORD)
    assert Hold.objects.get().state == Hold.State.LOCKED


def test_a_known_e_mail_address_orders_as_a_client_of_its_own(world: World) -> None:
    first = world.pbx_order()
    draft = world.pbx_draft(offer=world.offer(3), company="Another Company")
    second = checking_out.submit(draft, administrator_password=PASSWORD)
    assert second.client != first.client
    assert not second.client.memberships.exists()
    assert User.objects.count() == 1
    assert "has an account already: thandi@karoo.example" in " ".join(second.doubts)
    assert not any("already" in doubt for doubt in first.doubts)


def test_an_unmapped_bundle_is_refused_at_start_and_at_submit(world: World) -> None:
    draft = world.pbx_draft()
    Mapping.objects.all().delete()
    with pytest.raises(Refusal, match="not on sale"):
        checking_out.submit(draft, administrator_password=PASSWORD)
    with pytest.raises(Refusal, match="not on sale"):
        drafting.start(world.bundle, client=None)


def test_what_is_retired_while_the_carrier_answers_is_not_ordered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = world.number_draft(goal="telephone", value="+14165550199")
    ask = drafting.live_offer

    def slowly(account: CarrierAccount, e164: str) -> NumberOffer:
        offer = ask(account, e164)
        Product.objects.update(is_retired=True)
        return offer

    monkeypatch.setattr(drafting, "live_offer", slowly)
    with pytest.raises(Refusal, match="not on sale"):
        checking_out.submit(draft)
    assert not Order.objects.exists()
    draft.refresh_from_db()
    assert draft.state == Draft.State.OPEN


def test_a_sandbox_carrier_never_feeds_a_production_pbx(world: World) -> None:
    draft = world.pbx_draft()
    PbxServer.objects.update(environment="production")
    with pytest.raises(Refusal, match="not on sale"):
        checking_out.submit(draft, administrator_password=PASSWORD)


def test_a_sandbox_number_never_rings_on_a_production_pbx(world: World) -> None:
    client = make_client("Acme")
    tenant = Service.objects.create(
        client=client, brand=client.brand, kind=Service.Kind.TENANT, name="acme.pbx.example",
        account=world.account, server=world.server, state=Service.State.ACTIVE, wanted={},
    )  # fmt: skip
    draft = world.number_draft(
        goal="extension", value="1001", client=client, tenant=str(tenant.uid)
    )
    PbxServer.objects.update(environment="production")
    with pytest.raises(Refusal, match="Nothing was ordered") as refusal:
        checking_out.submit(draft)
    assert refusal.value.field == "destination"
    assert not Order.objects.exists()
    PbxServer.objects.update(environment="sandbox")
    assert checking_out.submit(Draft.objects.get(pk=draft.pk)).is_sandbox


def test_a_guest_who_signs_in_pays_in_his_own_currency(world: World) -> None:
    dollars, euros = make_client("Acme"), make_client("Other")
    Client.objects.filter(pk=euros.pk).update(currency="EUR")
    euros.refresh_from_db()
    draft = world.number_draft(goal="sip-account")
    drafting.adopt(draft, euros)
    drafting.adopt(draft, dollars)  # comes too late
    for row in (draft, Draft.objects.get(pk=draft.pk)):
        assert (row.client, row.currency, "number" in row.answers) == (euros, "EUR", False)
    assert not Hold.objects.exists()
    with pytest.raises(Refusal, match="not sold monthly in EUR"):
        quoting.quote_draft(draft)
    other = world.number_draft(goal="sip-account")
    drafting.adopt(other, dollars)
    assert (other.currency, "number" in other.answers) == ("USD", True)


def test_a_carrier_that_is_silent_refuses_in_plain_words(world: World) -> None:
    draft = world.pbx_draft()
    world.peers.voipms.faults.add("html", times=-1)
    with pytest.raises(Refusal, match="Nothing was charged"):
        checking_out.submit(draft, administrator_password=PASSWORD)


def test_a_carrier_that_is_slow_or_talks_nonsense_holds_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "PAGE_SECONDS", 0.3)
    faults, e164 = world.peers.voipms.faults, world.offer().e164
    draft = drafting.start(world.number, client=None)
    before = quoting.mark_of(quoting.quote_draft(draft), draft.sold)
    for kind in (
        *("slow_before", "429", "500", "html", "cut", "garbled"),
        *("reply_lost_before", "reply_lost_after", "status:invalid_credentials"),
    ):
        faults.add(kind, seconds=1, times=-1)
        with pytest.raises(Refusal) as refusal:
            holding_numbers.choose(draft, [e164], buyer=Buyer(draft.uid))
        assert refusal.value.field == "number", kind
        assert "Nothing was" in str(refusal.value), kind
        faults.clear()
        draft.refresh_from_db()
        assert (draft.answers, quoting.mark_of(quoting.quote_draft(draft), draft.sold)) == (
            {},
            before,
        ), kind
        assert not Hold.objects.exists(), kind
    monkeypatch.undo()
    draft = Draft.objects.get(pk=draft.pk)
    holding_numbers.choose(draft, [e164], buyer=Buyer(draft.uid))
    assert Hold.objects.get().e164 == e164


def test_no_port_opens_inside_a_transaction(world: World) -> None:
    with pytest.raises(InsideTransaction), transaction.atomic(), carrier_for(world.account):
        pass


def test_a_tab_that_saves_late_changes_nothing_of_what_was_ordered(world: World) -> None:
    draft = world.pbx_draft()
    tab = Draft.objects.get(pk=draft.pk)
    ordered = draft.answers["number"]["e164"]
    checking_out.submit(draft, administrator_password=PASSWORD)
    with pytest.raises(Refusal, match="already placed"):
        drafting.choose_number(tab, world.offer(7).e164)
    holding_numbers.leave(tab)
    tab.refresh_from_db()
    assert tab.answers["number"]["e164"] == ordered
    assert list(Hold.objects.values_list("e164", "state")) == [(ordered, "locked")]


def test_two_tabs_on_one_draft_lose_no_step(world: World) -> None:
    draft = world.pbx_draft()
    tab = Draft.objects.get(pk=draft.pk)
    drafting.save_answers(draft, "destination", {"goal": "sip-account", "value": ""})
    drafting.save_company(tab, COMPANY | {"contact": "Anna Other"})
    draft.refresh_from_db()
    assert "destination" in draft.answers
    assert draft.answers["company"]["contact"] == "Anna Other"
