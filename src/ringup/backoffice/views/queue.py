"""The provisioning queue: page, live fragment and export."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from ringup.accounts.access import allowed, user_of
from ringup.accounts.roles import Can
from ringup.backoffice.orders.queue import Filters, Row, all_rows, listing, providers
from ringup.backoffice.recording import record_export
from ringup.backoffice.spreadsheet import csv_file
from ringup.core.fragments import wants_fragment
from ringup.flows.first_steps import is_selling

COLUMNS = (
    "Order", "Submitted", "Client", "Contact", "E-mail", "Phone", "Product", "Domain",
    "Provider", "Number", "Status", "Last error",
)  # fmt: skip


@require_safe
@allowed(Can.SEE_ORDERS)
def home(request: HttpRequest) -> HttpResponse:
    """The day begins in the queue; a new installation begins with its first steps."""
    user = user_of(request)
    if user is not None and user.can(Can.EDIT_SETTINGS) and not is_selling():
        return redirect("office:first-steps")
    return redirect("office:queue")


@require_safe
@allowed(Can.SEE_ORDERS)
def queue(request: HttpRequest) -> HttpResponse:
    """The queue, or its fragment; 204 when nothing on the page has changed since ``seen``."""
    found = listing(Filters.of(request.GET))
    is_fragment = wants_fragment(request)
    if is_fragment and request.GET.get("seen") == found.mark:
        return HttpResponse(status=204)
    context = {"nav": "queue", "listing": found, "is_fragment": is_fragment}
    if is_fragment:
        response = render(request, "office/_queue.html", context)
    else:
        response = render(request, "office/queue.html", context | {"providers": providers()})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@allowed(Can.EXPORT_ORDERS)
def export(request: HttpRequest) -> HttpResponse:
    """Every row that the filters leave, as CSV."""
    filters = Filters.of(request.GET)
    record_export(request, "exported the queue", filters=filters.query)
    rows = (_cells(row) for row in all_rows(filters))
    return csv_file("queue", COLUMNS, rows)


def _cells(row: Row) -> list[str]:
    order, client = row.order, row.order.client
    return [
        order.label, order.submitted.isoformat(timespec="seconds"), client.name,
        client.contact_name, client.email, client.phone, row.product, row.domain, row.provider,
        row.e164, row.badge.word, row.problem,
    ]  # fmt: skip
