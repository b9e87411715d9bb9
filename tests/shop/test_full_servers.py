"""A buyer whose server fills up on the way: he sees the new address, or a clear word, and no error."""

from __future__ import annotations

from ringup.orders.models import Draft, Order
from ringup.pbx.models import PbxServer
from ringup.services.models import DomainClaim
from ringup.shop.steps.administrator import AdministratorStep
from tests.shop.buying import ADMINISTRATOR, Buyer, Shop, text_of


def test_a_server_that_fills_up_while_the_buyer_writes(buyer: Buyer, shop: Shop) -> None:
    other = PbxServer.objects.create(
        name="pbx-2", sip_host="pbx2.example", domain_suffix="two.ringup.example",
        language="fr-ca", time_zone="America/Winnipeg",
    )  # fmt: skip
    draft = buyer.pbx_up_to_administrator()
    assert "karoofreight.pbx.ringup.example" in text_of(buyer.step(draft, "administrator"))

    PbxServer.objects.filter(pk=shop.server.pk).update(claimed_tenants=200)
    response = buyer.send(draft, "administrator", ADMINISTRATOR)

    assert (response.status_code, response["Location"]) == (302, f"/checkout/{draft.uid}/tenant/")
    page = text_of(buyer.get(response["Location"]))
    assert "its address is now karoofreight.two.ringup.example" in page
    assert "Nothing was ordered or charged" in page
    assert not Order.objects.exists()
    assert not DomainClaim.objects.exists()
    assert buyer.send(draft, "tenant", {"label": "karoofreight"}).status_code == 302
    assert "karoofreight.two.ringup.example" in text_of(buyer.step(draft, "administrator"))
    blank = Draft.objects.get()
    del blank.answers["administrator"]
    proposed = AdministratorStep().form(blank).initial
    assert (proposed["language"], proposed["time_zone"]) == ("fr-ca", "America/Winnipeg")

    PbxServer.objects.update(claimed_tenants=200)
    stopped = buyer.send(draft, "administrator", ADMINISTRATOR)
    assert stopped.status_code == 409
    assert "is not on sale right now. Nothing was ordered" in text_of(stopped)
    assert buyer.step(draft, "tenant").status_code == 409
    assert Draft.objects.get().state == Draft.State.OPEN

    PbxServer.objects.filter(pk=other.pk).update(claimed_tenants=199)
    order = buyer.order_of(buyer.send(draft, "administrator", ADMINISTRATOR))
    assert order.lines.get().service.name == "karoofreight.two.ringup.example"
    other.refresh_from_db()
    assert (other.claimed_tenants, other.claimed_extensions) == (200, 10)
