"""The first page of the day."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ringup.accounts.access import allowed, user_of
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice import home as page
from ringup.flows.first_steps import is_selling
from ringup.orders.models import Order


@require_safe
@allowed(Can.SEE_ORDERS)
def home(request: HttpRequest) -> HttpResponse:
    """What waits. A new installation begins with its first steps."""
    reader = user_of(request)
    assert reader is not None  # the guard has seen to it
    # Who has completed an order needs no guide.
    is_young = reader.can(Can.EDIT_SETTINGS) and not _has_completed()
    if is_young and not Order.objects.exists() and not is_selling():
        return redirect("office:first-steps")
    context = {"nav": "home", "day": page.home(reader, default_brand(), is_young=is_young)}
    return render(request, "office/home/home.html", context)


def _has_completed() -> bool:
    return Order.objects.filter(state=Order.State.COMPLETED).exists()
