"""The wizard's step in which numbers are chosen: the search page in the shape of a step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ringup.catalog import selling
from ringup.orders.models import Draft
from ringup.shop.asked import Asked
from ringup.shop.baskets import Basket
from ringup.shop.finding import search
from ringup.shop.sellers import Seller
from ringup.shop.steps.number import NumberStep


def address_of(draft: Draft) -> str:
    return reverse("shop:step", kwargs={"uid": draft.uid, "slug": NumberStep.slug})


def context_of(request: HttpRequest, draft: Draft, basket: Basket) -> dict[str, Any]:
    """The numbers of the draft's own provider, as the page shows them."""
    asked = _asked(request)
    if not basket.takes_several:
        asked = replace(asked, in_a_row=1)
    account = selling.account_of(selling.mapping_of(draft.sold))
    # The whole list is for one thing, so that no row has to say for which.
    seller = Seller(draft.sold.slug, draft.sold.name, account, takes_several=True)
    found = search(
        request, asked, [seller], draft.currency, holders=[draft.uid], chosen=basket.held
    )
    return {
        "search": found,
        "action": address_of(draft),
        "select_action": address_of(draft),
        "baskets": [basket] if basket.picked else [],
        "takes_blocks": basket.takes_several,
        "swaps": basket.takes_several,
        "beside": True,
    }


def back(request: HttpRequest, draft: Draft) -> HttpResponse:
    """To the list as it was."""
    return redirect(_asked(request).under(address_of(draft)))


def _asked(request: HttpRequest) -> Asked:
    return replace(Asked.of(request), sold="")  # the draft says what is sold
