"""The provisioning queue: page, live fragment, export, and the filters that staff keeps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from ringup.accounts.access import allowed, user_of
from ringup.accounts.brands import default_brand
from ringup.accounts.models import Client, User
from ringup.accounts.roles import Can
from ringup.backoffice.keyset import Place
from ringup.backoffice.orders.filters import Filters
from ringup.backoffice.orders.queue import Choices, Listing, all_rows, listing
from ringup.backoffice.orders.rows import Row
from ringup.backoffice.recording import record_export
from ringup.backoffice.saved_views import views_of
from ringup.backoffice.spreadsheet import csv_stream
from ringup.core.fragments import wants_fragment
from ringup.core.phones import countries
from ringup.orders.contents import answered

PAGE = "queue"
COLUMNS = (
    "Order", "Submitted", "Client", "Contact", "E-mail", "Phone", "Product", "Domain",
    "Provider", "Number", "Status", "Last error", "Answers",
)  # fmt: skip


@require_safe
@allowed(Can.SEE_ORDERS)
def queue(request: HttpRequest) -> HttpResponse:
    """The queue, or its fragment; 204 when nothing on the page has changed since ``seen``."""
    reader, filters = _reader(request), Filters.of(request.GET)
    place = Place.of(request.GET)
    found = listing(filters, reader=reader, zone=_zone(filters), place=place)
    is_fragment = wants_fragment(request)
    if is_fragment and request.GET.get("seen") == found.mark:
        return HttpResponse(status=204)
    context = {"nav": "queue", "listing": found, "is_fragment": is_fragment}
    if is_fragment:
        response = render(request, "office/_queue.html", context)
    else:
        context |= {
            "client": _client_name(found),
            "choices": Choices.read(),
            "countries": countries(),
            "saved": views_of(reader, page=PAGE, query=filters.query),
        }
        response = render(request, "office/queue.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _client_name(found: Listing) -> str:
    """The client by whom the queue is filtered, who stands in every row; empty: by none."""
    uid = found.filters.client
    if uid and found.rows:
        return found.rows[0].client.name
    names = Client.objects.filter(uid=uid).values_list("name", flat=True) if uid else []
    return next(iter(names), "")


def _reader(request: HttpRequest) -> User:
    reader = user_of(request)
    assert reader is not None  # the guard has seen to it
    return reader


def _zone(filters: Filters) -> str:
    """Whose midnight a date begins at; asked for only where there is one."""
    return default_brand().time_zone if filters.since or filters.until else "UTC"


@require_safe
@allowed(Can.EXPORT_ORDERS)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Every row that the filters leave, as CSV, line by line."""
    filters = Filters.of(request.GET)
    record_export(request, "exported the queue", filters=filters.query)
    rows = all_rows(filters, reader=_reader(request), zone=_zone(filters))
    return csv_stream("queue", COLUMNS, (_cells(row, answers) for row, answers in rows))


def _cells(row: Row, answers: dict[str, Any]) -> list[str]:
    client = row.client
    return [
        row.label, row.submitted.isoformat(timespec="seconds"), client.name,
        client.contact_name, client.email, client.phone, row.product, row.domain, row.provider,
        row.e164, row.badge.word, row.problem, _answers(answers),
    ]  # fmt: skip


def _answers(answers: dict[str, Any]) -> str:
    """What the client answered about options, a line each, as it was asked then."""
    return "\n".join(f"{asked}: {words}" for asked, words in answered(answers))
