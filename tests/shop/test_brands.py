"""The shop of each brand: its drafts, its currency, its terms."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from ringup.accounts import branding
from ringup.accounts.models import Brand
from ringup.core.actors import RINGUP
from ringup.orders.models import Order
from tests.accounts.test_brands import KAROO, make_brand
from tests.shop.buying import Buyer, Shop, text_of


@pytest.fixture
def karoo(shop: Shop) -> Brand:
    return make_brand()


def change(brand: Brand, **wanted: str) -> None:
    for name, value in wanted.items():
        setattr(brand, name, value)
    branding.save_brand(brand, changes=dict(wanted), actor=RINGUP)


def test_a_guest_orders_of_the_brand_whose_shop_he_is_in(shop: Shop, karoo: Brand) -> None:
    buyer = Buyer(shop, Browser(headers={"Host": KAROO}))
    draft = buyer.number_up_to_destination()
    order = buyer.order_of(buyer.send(draft, "destination", {"goal": "sip-account"}))
    assert draft.brand == order.brand == order.client.brand == karoo
    assert Order.objects.get().brand == karoo
    page = buyer.get(f"/my/orders/{order.uid}/").content.decode()
    assert "help@karoo.test" in page
    assert "ringup.example" not in page


def test_the_shop_asks_for_the_brand_s_currency(shop: Shop, karoo: Brand) -> None:
    change(karoo, currency="EUR")
    there, here = Browser(headers={"Host": KAROO}), Browser()
    assert "Nothing is on sale yet" in text_of(there.get("/"))
    assert "Nothing is on sale yet" not in text_of(here.get("/"))


@pytest.mark.django_db
def test_terms_are_read_at_their_own_brand_s_shop_in_every_version() -> None:
    karoo = make_brand()
    there, here = Browser(headers={"Host": KAROO}), Browser()
    assert there.get("/terms/").status_code == 404
    change(karoo, terms="Pay in time.")
    change(karoo, terms="Pay <b>late</b>.\n\nBe kind.")
    now, before = there.get("/terms/"), there.get("/terms/1/")
    assert "Version 2" in text_of(now)
    assert "<p>Pay &lt;b&gt;late&lt;/b&gt;.</p>" in now.content.decode()
    assert "Pay in time." in text_of(before)
    assert "no longer in force" in text_of(before)
    assert 'href="/terms/"' in there.get("/account/sign-in/").content.decode()
    for path in ("/terms/", "/terms/1/", "/terms/2/"):
        assert here.get(path).status_code == 404
    for path in ("/terms/3/", "/terms/99999999999999999999/", "/terms/x/"):
        assert there.get(path).status_code == 404
