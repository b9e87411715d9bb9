"""The activity log: page and export."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ringup.accounts.access import allowed, user_of
from ringup.accounts.brands import default_brand
from ringup.accounts.models import User
from ringup.accounts.roles import Can
from ringup.backoffice.activity import (
    CLIENTS,
    COLUMNS,
    KINDS,
    LogFilters,
    cells,
    entries,
    page_of,
)
from ringup.backoffice.recording import record_export
from ringup.backoffice.spreadsheet import csv_stream
from ringup.core.actors import GUEST, RINGUP

LARGEST_KEY = 2**63 - 1


@require_safe
@allowed(Can.SEE_ACTIVITY)
def activity(request: HttpRequest) -> HttpResponse:
    """What was done, newest first."""
    reader = user_of(request)
    assert reader is not None
    filters = LogFilters(request.GET, zone=default_brand().time_zone)
    page = page_of(filters.found(), before=_key(request, "before"), after=_key(request, "after"))
    query = urlencode(filters.in_use)
    context = {
        "nav": "activity",
        "filters": filters,
        "given": {name: request.GET.get(name, "")[:80] for name in filters.fields},
        "kinds": sorted((word, kind.word) for word, kind in KINDS.items()),
        "people": _people(),
        "entries": entries(page.rows, reader),
        "page": page,
        "query": query,
        "and_query": f"&{query}" if query else "",
    }
    return render(request, "office/activity/activity.html", context)


def _key(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return (
        min(int(text), LARGEST_KEY) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    )


def _people() -> list[tuple[str, str]]:
    """Whom the list offers: staff by name, the rest in three heaps."""
    staff = User.objects.filter(is_staff=True).order_by("first_name", "pk")
    named = [(user.as_actor().name, user.as_actor().label) for user in staff]
    return [*named, (RINGUP.name, "Ringup itself"), (CLIENTS, "Clients"), (GUEST.name, "Guests")]


@require_safe
@allowed(Can.SEE_ACTIVITY)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Every row that the filters leave, as CSV, line by line."""
    filters = LogFilters(request.GET, zone=default_brand().time_zone)
    mark = record_export(request, "exported the activity log", **filters.in_use)
    rows = filters.found().filter(pk__lt=mark.pk)
    return csv_stream("activity", COLUMNS, cells(rows))
