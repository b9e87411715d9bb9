"""The inventory: every number that we own, one number, and comparing with the carriers."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.inventory import listing
from ringup.backoffice.inventory.filters import SHELF, Filters
from ringup.backoffice.inventory.margins import Margins
from ringup.backoffice.inventory.number import number_page
from ringup.backoffice.inventory.passes import comparisons
from ringup.backoffice.paging import paged
from ringup.backoffice.recording import record_export
from ringup.backoffice.spreadsheet import csv_stream
from ringup.carriers.models import CarrierAccount
from ringup.core.fragments import wants_fragment
from ringup.core.sentences import Refusal
from ringup.flows.reconciling import passing
from ringup.flows.reconciling.rerouting import route_again
from ringup.numbers.models import OwnedNumber, OwnStock


@require_safe
@allowed(Can.SEE_NUMBERS)
def inventory(request: HttpRequest) -> HttpResponse:
    """The numbers of clients, or the own shelf, with what they cost and earn."""
    filters, margins = Filters.of(request), Margins()
    is_shelf = filters.state == SHELF
    page = paged(request, listing.shelf(filters) if is_shelf else listing.numbers(filters))
    context = {
        "nav": "inventory",
        "tab": "numbers",
        "filters": filters,
        "is_shelf": is_shelf,
        "paged": page,
        "rows": list(listing.rows_of(page.page, margins)),
        "totals": [] if is_shelf else listing.totals(filters, margins),
        "chips": listing.chips(filters),
        "waiting": listing.open_differences().count(),
        "providers": CarrierAccount.objects.order_by("name"),
        "countries": countries(),
    }
    return render(request, "office/inventory/inventory.html", context)


def countries() -> list[str]:
    """Where we have numbers."""
    owned = OwnedNumber.objects.order_by().values_list("country", flat=True).distinct()
    shelf = OwnStock.objects.order_by().values_list("country", flat=True).distinct()
    return sorted({*owned, *shelf} - {""})


@require_safe
@allowed(Can.EXPORT_ORDERS)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Every row that the filters leave, as CSV, line by line."""
    filters = Filters.of(request)
    record_export(request, "exported the inventory", filters=filters.query)
    return csv_stream("inventory", listing.COLUMNS, listing.cells(filters))


@require_safe
@allowed(Can.SEE_NUMBERS)
def number(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One number."""
    context = {"nav": "inventory", "shown": number_page(uid)}
    return render(request, "office/inventory/number.html", context)


@require_POST
@allowed(Can.WORK_NUMBERS)
def route(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Look where the carrier sends the number's calls, and mend it."""
    row = get_object_or_404(OwnedNumber, uid=uid)
    try:
        told = route_again(row, actor=actor_of(request))
    except Refusal as refusal:
        context = {"nav": "inventory", "shown": number_page(uid), "refusal": str(refusal)}
        return render(request, "office/inventory/number.html", context, status=422)
    messages.success(request, told)
    return redirect("office:owned-number", uid)


# -- comparing with the carriers --------------------------------------------------------------------


@require_safe
@allowed(Can.SEE_NUMBERS)
def passes(request: HttpRequest) -> HttpResponse:
    """How the comparisons stand. A poll that finds the last of them ended loads the whole page: the
    differences below it are new."""
    shown = comparisons()
    if not wants_fragment(request):
        return redirect("office:differences")
    context = {"comparisons": shown, "is_running": any(one.is_running for one in shown)}
    response = render(request, "office/inventory/_passes.html", context)
    if not context["is_running"]:
        response["HX-Refresh"] = "true"
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@allowed(Can.WORK_NUMBERS)
def compare(request: HttpRequest) -> HttpResponse:
    """Ask every account that is in use for its numbers."""
    accounts = CarrierAccount.objects.filter(is_enabled=True)
    with transaction.atomic():
        for account in accounts:
            passing.begin(account, actor=actor_of(request))
    messages.success(request, "Each provider is asked for its numbers. This page follows it.")
    return redirect("office:differences")


@require_POST
@allowed(Can.WORK_NUMBERS)
def compare_one(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Ask one account for its numbers."""
    account = get_object_or_404(CarrierAccount, uid=uid)
    try:
        with transaction.atomic():
            passing.begin(account, actor=actor_of(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{account.name} is asked for its numbers.")
    return redirect("office:differences")
