"""What a provider has on sale: its areas and passes, and fetching it now."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.paging import paged
from ringup.backoffice.providers import stock as reading
from ringup.carriers.models import CarrierAccount
from ringup.core.fragments import wants_fragment
from ringup.core.sentences import Refusal
from ringup.numbers import syncing
from ringup.numbers.standing import standings


@require_safe
@allowed(Can.SEE_PROVIDERS)
def stock(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The page. As a fragment the pass alone: 204 when nothing moved; the end loads the page anew,
    since everything on it may be new then."""
    account = get_object_or_404(CarrierAccount, uid=uid)
    standing = standings([account])[account.pk]
    context: dict[str, Any] = {
        "account": account,
        "standing": standing,
        "badge": reading.BADGES[standing.state],
        "mark": reading.mark_of(standing),
        "hours": syncing.interval().total_seconds() / 3600,
    }
    if not wants_fragment(request):
        response = _page(request, account, context)
    elif standing.running is None:
        response = HttpResponse(status=204, headers={"HX-Refresh": "true"})
    elif request.GET.get("seen") == context["mark"]:
        response = HttpResponse(status=204)
    else:
        response = render(request, "office/stock/_pass.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _page(request: HttpRequest, account: CarrierAccount, context: dict[str, Any]) -> HttpResponse:
    filters = reading.Filters.of(request)
    page = paged(request, filters.areas(account))
    problems = reading.problems_of(account, context["standing"])
    context |= {
        "nav": "providers",
        "filters": filters,
        "paged": page,
        "areas": reading.areas_of(page.page, problems),
        "unread": len(problems),
        "problems": reading.grouped_problems(problems),
        "totals": reading.totals_of(account),
        "passes": reading.passes_of(account),
        "index": reading.host_index(),
    }
    return render(request, "office/stock/stock.html", context)


@require_POST
@allowed(Can.EDIT_PROVIDERS)
def sync(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Have all areas fetched now, or the one that ``area`` names."""
    account = get_object_or_404(CarrierAccount, uid=uid)
    area = request.POST.get("area", "").replace("\x00", "")[:80]
    try:
        syncing.begin(account, actor=actor_of(request), scope=area)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        what = f"its area {area}" if area else "all that it has on sale"
        messages.success(request, f"{account.name} is asked for {what}. This page follows it.")
    return redirect("office:stock", account.uid)
