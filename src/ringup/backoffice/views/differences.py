"""What differs between the carriers and us: the list, one difference, and settling it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ringup.accounts.access import actor_of, allowed, user_of
from ringup.accounts.roles import Can
from ringup.backoffice.inventory import differences as table
from ringup.backoffice.inventory.filters import ACCEPTED, DifferenceFilters
from ringup.backoffice.inventory.forms import (
    NoteForm,
    ShelfForm,
    as_seen,
    keys_from,
)
from ringup.backoffice.inventory.passes import comparisons
from ringup.backoffice.inventory.wording import Shown
from ringup.backoffice.paging import PAGE_SIZE, paged
from ringup.backoffice.recording import record_export
from ringup.backoffice.spreadsheet import csv_stream
from ringup.carriers.models import CarrierAccount
from ringup.flows.reconciling import accepting, orphans
from ringup.numbers.models import Discrepancy

Kind = Discrepancy.Kind


@require_safe
@allowed(Can.SEE_NUMBERS)
def differences(request: HttpRequest) -> HttpResponse:
    """All that waits for somebody, and how the comparisons went."""
    return _list_page(request)


def _list_page(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    filters, passes = DifferenceFilters.of(request), comparisons()
    page = paged(request, table.listed(filters))
    context = {
        "nav": "differences",
        "filters": filters,
        "paged": page,
        "rows": [Shown(row) for row in page.page],
        "chips": table.chips(filters),
        "losses": table.losses(),
        "comparisons": passes,
        "is_running": any(one.is_running for one in passes),
        "providers": CarrierAccount.objects.order_by("name"),
        "may_tick": may_work(request) and filters.kind != ACCEPTED,
        "refusal": refusal,
    }
    return render(request, "office/inventory/differences.html", context, status=status)


def may_work(request: HttpRequest) -> bool:
    """Whether the reader may settle anything."""
    user = user_of(request)
    return user is not None and user.can(Can.WORK_NUMBERS)


@require_safe
@allowed(Can.EXPORT_ORDERS)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Every row that the filters leave, as CSV."""
    filters = DifferenceFilters.of(request)
    record_export(request, "exported the differences", filters=filters.query)
    rows = table.listed(filters).iterator(chunk_size=500)
    return csv_stream("differences", table.COLUMNS, table.cells(rows))


@require_safe
@allowed(Can.SEE_NUMBERS)
def difference(request: HttpRequest, pk: int) -> HttpResponse:
    """One difference, with all that can be done about it."""
    return difference_page(request, row_of(pk))


def row_of(pk: int) -> Discrepancy:
    """The difference with all that its page shows; 404 for one that is not there."""
    rows = Discrepancy.objects.select_related("account", "number__client")
    return get_object_or_404(rows, pk=pk)


def difference_page(
    request: HttpRequest,
    row: Discrepancy,
    *,
    refusal: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The page of one difference; ``more`` are forms that somebody has filled in."""
    shown = Shown(row)
    context = {
        "nav": "differences",
        "shown": shown,
        "row": row,
        "refusal": refusal,
        "note_form": NoteForm(auto_id="note-%s"),
        "shelf_form": ShelfForm(initial={"cost": _likely(shown)}, auto_id="shelf-%s"),
        "seen_cost": as_seen(shown.reading.monthly) if shown.reading.monthly is not None else "",
        **more,
    }
    return render(request, "office/inventory/difference.html", context, status=status)


def _likely(shown: Shown) -> str:
    cost = shown.reading.likely_cost
    return "" if cost is None else f"{cost.amount.normalize():f}"


def back(request: HttpRequest) -> HttpResponse:
    """To the list, as it was filtered."""
    query = DifferenceFilters.of(request).query
    return redirect(reverse("office:differences") + (f"?{query}" if query else ""))


# -- several at once --------------------------------------------------------------------------------


@require_POST
@allowed(Can.WORK_NUMBERS)
def settle_many(request: HttpRequest) -> HttpResponse:
    """Those that are ticked: asked about on one page, then accepted or put on the shelf."""
    keys = keys_from(request.POST.getlist("difference"), most=PAGE_SIZE)
    rows = Discrepancy.objects.filter(pk__in=keys, solved=None).select_related(
        "account", "number__client"
    )
    is_shelf = request.POST.get("do") == "shelve"
    if is_shelf:
        rows = rows.filter(kind=Kind.ORPHAN)
    found = [Shown(row) for row in rows.order_by("e164")]
    if not found:
        what = "orphan" if is_shelf else "difference"
        return _list_page(request, refusal=f"Tick at least one {what}.", status=422)
    is_asked = "sure" not in request.POST
    form_class = ShelfForm if is_shelf else NoteForm
    form = form_class(None if is_asked else request.POST)
    if not form.is_valid():
        context = {
            "nav": "differences",
            "filters": DifferenceFilters.of(request),
            "rows": found,
            "form": form,
            "is_shelf": is_shelf,
            "untold": any(shown.lost is None for shown in found),
        }
        status = 200 if is_asked else 422
        return render(request, "office/inventory/settle_many.html", context, status=status)
    if isinstance(form, ShelfForm):
        _shelve_all(request, found, form)
    else:
        count = accepting.accept(
            [shown.row for shown in found], note=form.cleaned_data["note"], actor=actor_of(request)
        )
        messages.success(request, f"{count} meant to be so: out of the way until they change.")
    return back(request)


def _shelve_all(request: HttpRequest, found: list[Shown], form: ShelfForm) -> None:
    currencies = {shown.row.account.currency for shown in found}
    # One amount for accounts in several currencies would be a guess.
    cost = form.cost_in(currencies.pop()) if len(currencies) == 1 else None
    shelved = orphans.put_all_on_shelf(
        [shown.row for shown in found], cost=cost, actor=actor_of(request)
    )
    if shelved.count:
        messages.success(request, f"{shelved.count} on your own shelf now, and on sale.")
    for e164, why in list(shelved.refused.items())[:5]:
        messages.warning(request, f"{e164}: {why}")
    if len(shelved.refused) > 5:
        messages.warning(request, f"And {len(shelved.refused) - 5} more stay as they were.")
