"""The shelf of own numbers: the list, one number, and taking numbers off sale."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice.own_stock.forms import SECTIONS, NumberForm
from ringup.backoffice.own_stock.listing import Filters, Row, chips, rows_of
from ringup.backoffice.paging import paged
from ringup.backoffice.recording import record_export
from ringup.backoffice.sections import sections_of
from ringup.backoffice.spreadsheet import csv_stream
from ringup.carriers.models import CarrierAccount
from ringup.catalog.number_prices import gaps
from ringup.core.models import Activity
from ringup.core.phones import shown
from ringup.core.sentences import Refusal, counted
from ringup.flows.importing_numbers.columns import COLUMNS
from ringup.flows.importing_numbers.exporting import shelf_rows
from ringup.flows.importing_numbers.writing import BadLine, mark_of, save_one
from ringup.numbers import own_stock
from ringup.numbers.models import OwnStock

HISTORY = 10
NOTHING_CHOSEN = "Tick the numbers first. Nothing was changed."


@require_safe
@allowed(Can.SEE_NUMBERS)
def shelf(request: HttpRequest) -> HttpResponse:
    """The numbers that the reseller owns, and what became of them."""
    filters, currency = Filters.of(request), default_brand().currency
    page = paged(request, filters.rows())
    accounts = CarrierAccount.objects.filter(own_stock__isnull=False).distinct()
    countries = OwnStock.objects.order_by("country").values_list("country", flat=True)
    kept = {account.pk for account in accounts}
    context = {
        "nav": "own-stock",
        "filters": filters,
        "chips": chips(filters),
        "paged": page,
        "rows": rows_of(page.page, currency),
        "providers": accounts.order_by("name"),
        "countries": list(countries.distinct()),
        "gaps": [gap for gap in gaps(currency) if gap.account.pk in kept],
        "currency": currency,
    }
    return render(request, "office/own_stock/shelf.html", context)


@require_safe
@allowed(Can.SEE_NUMBERS)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """What the filters leave, in the columns that the import takes."""
    filters = Filters.of(request)
    record_export(request, "exported own stock", query=filters.query)
    return csv_stream("own-stock", COLUMNS, shelf_rows(filters.rows()))


@require_POST
@allowed(Can.WORK_NUMBERS)
def change(request: HttpRequest) -> HttpResponse:
    """Withdraw or put back what was ticked, or all that the filters leave."""
    filters = Filters.of(request)
    if "all" in request.POST:
        uids = list(filters.rows().values_list("uid", flat=True))
    else:
        uids = [uid for text in request.POST.getlist("uid") if (uid := _uid(text)) is not None]
    if not uids:
        messages.warning(request, NOTHING_CHOSEN)
    elif request.POST.get("do") == "put-back":
        count = own_stock.put_back(uids, actor=actor_of(request))
        messages.success(
            request, f"{counted(count, 'number')} put back. What nobody has is for sale."
        )
    else:
        count = own_stock.withdraw(uids, actor=actor_of(request))
        messages.success(
            request, f"{counted(count, 'number')} withdrawn. What clients have stays theirs."
        )
    if request.POST.get("back") == "number" and len(uids) == 1:
        return redirect("office:own-stock-number", uids[0])
    return redirect(f"{reverse('office:own-stock')}?{filters.query}")


def _uid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


# -- one number -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_NUMBERS)
def new(request: HttpRequest) -> HttpResponse:
    """Put one number on the shelf."""
    form = NumberForm(request.POST if request.method == "POST" else None)
    refusal = ""
    if form.is_valid():
        try:
            row = save_one(form.cells(), seen="", actor=actor_of(request))
        except BadLine as bad:
            _show(form, bad)
        except Refusal as said:
            refusal = str(said)
        else:
            messages.success(request, f"{shown(row.name)} is on the shelf.")
            return redirect("office:own-stock")
    context = _context(form, refusal) | {
        "title": "Add a number",
        "save_words": "Put it on the shelf",
    }
    return render(request, "office/own_stock/number.html", context, status=_status(form, refusal))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_NUMBERS)
def number(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Change what is known about one number."""
    (row,) = _row(uid)
    stock, refusal = row.stock, ""
    form = NumberForm(request.POST if request.method == "POST" else None, stock=stock)
    if form.is_valid():
        try:
            save_one(form.cells(), seen=request.POST.get("seen", "-"), actor=actor_of(request))
        except BadLine as bad:
            _show(form, bad)
        except Refusal as said:
            refusal = str(said)
        else:
            messages.success(request, f"{shown(stock.e164)} is saved.")
            return redirect("office:own-stock")
    history = Activity.objects.filter(subject=own_stock.subject_of(stock)).order_by("-pk")
    context = _context(form, refusal) | {
        "title": shown(stock.e164),
        "row": row,
        "seen": request.POST.get("seen") or mark_of(stock),
        "history": history[:HISTORY],
    }
    return render(request, "office/own_stock/number.html", context, status=_status(form, refusal))


def _row(uid: uuid.UUID) -> list[Row]:
    found = get_object_or_404(Filters().rows(), uid=uid)
    return rows_of([found], default_brand().currency)


def _show(form: NumberForm, bad: BadLine) -> None:
    """The faults of the line at the fields of the form."""
    for column, sentence in bad.faults:
        form.add_error(column if column in form.fields else None, sentence)


def _context(form: NumberForm, refusal: str) -> dict[str, Any]:
    return {
        "nav": "own-stock",
        "back": reverse("office:own-stock"),
        "back_words": "Own stock",
        "form": form,
        "sections": sections_of(form, SECTIONS),
        "refusal": refusal,
    }


def _status(form: NumberForm, refusal: str) -> int:
    return 422 if form.errors or refusal else 200
