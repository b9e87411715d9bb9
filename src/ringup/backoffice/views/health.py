"""The Health page: what the last checkup found, a new one, and both exports."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

import ringup
from ringup.accounts.access import allowed, user_of
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice.health.printing import pdf_of
from ringup.backoffice.health.report import COLUMNS, Report, as_data, cells, report
from ringup.backoffice.spreadsheet import csv_lines, download
from ringup.core.fragments import wants_fragment
from ringup.flows import checkup


@require_safe
@allowed(Can.SEE_HEALTH)
def page(request: HttpRequest) -> HttpResponse:
    """The last results at once; while a checkup goes on, the fragment asks again."""
    return _shown(request)


@require_POST
@allowed(Can.SEE_HEALTH)
def check(request: HttpRequest) -> HttpResponse:
    """Look at everything now, in the background of this process."""
    user = user_of(request)
    assert user is not None  # ``allowed`` has seen to it
    checkup.begin(by=user.as_actor().label)
    if wants_fragment(request):
        return _shown(request)
    return redirect("office:health")


def _shown(request: HttpRequest) -> HttpResponse:
    template = (
        "office/health/_report.html" if wants_fragment(request) else "office/health/index.html"
    )
    response = render(request, template, {"nav": "health", "report": report()})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@allowed(Can.SEE_HEALTH)
def spreadsheet(request: HttpRequest) -> HttpResponse:
    """The last results as CSV."""
    shown = report()
    content = "".join(csv_lines(COLUMNS, cells(shown)))
    return _file(content, "text/csv; charset=utf-8", shown, "csv")


@require_safe
@allowed(Can.SEE_HEALTH)
def printed(request: HttpRequest) -> HttpResponse:
    """The last results as PDF."""
    shown = report()
    if shown.last is None or shown.last.finished is None:
        return redirect("office:health")
    brand = default_brand()
    local = shown.last.finished.astimezone(ZoneInfo(brand.time_zone))
    data = as_data(
        shown,
        brand=brand.name,
        checked=f"{local:%Y-%m-%d %H:%M %Z}",
        by=shown.last.by_label,
        version=ringup.__version__,
    )
    return _file(pdf_of("health", data), "application/pdf", shown, "pdf")


def _file(content: str | bytes, kind: str, shown: Report, ending: str) -> HttpResponse:
    day = f"-{shown.last.finished:%Y-%m-%d}" if shown.last and shown.last.finished else ""
    name = f"ringup-health{day}.{ending}"
    return download(content, kind, name)
