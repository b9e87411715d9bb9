"""Own stock by CSV: choose a file, read what it would do, confirm exactly that.

Between preview and confirmation the file waits in the page itself, packed, with how it is meant. What
is confirmed is the preview's mark, which the verb works out once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.own_stock.forms import ImportForm
from ringup.backoffice.packed import packed, unpacked
from ringup.backoffice.spreadsheet import csv_file
from ringup.core.sentences import Refusal
from ringup.flows.importing_numbers.columns import COLUMNS
from ringup.flows.importing_numbers.planning import MOST_BYTES, Options, plan_import
from ringup.flows.importing_numbers.row import ImportPlan
from ringup.flows.importing_numbers.writing import Outcome, PreviewAgain, import_file

# Rows beyond these are counted, and stand in the preview's CSV.
SHOWN = 500
NAMED = 20
PREVIEW_COLUMNS = ("line", "action", "number", "column", "old", "new", "said")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_NUMBERS)
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file, read what it would do, then have it done."""
    if request.method != "POST":
        return _form(request, ImportForm())
    if "packed" in request.POST:
        return _confirmed(request)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, form)
    # One byte more than is allowed tells that it is too large; the rest is not read.
    data = form.cleaned_data["file"].read(MOST_BYTES + 1)
    try:
        options = form.options()
        return _preview(request, plan_import(data, options), data, options)
    except Refusal as refusal:
        form.add_error("file", str(refusal))
        return _form(request, form)


def _confirmed(request: HttpRequest) -> HttpResponse:
    """The preview came back: have it done, or hand it out as CSV."""
    form = ImportForm(request.POST)
    form.fields["file"].required = False
    form.is_valid()
    options = form.options()
    try:
        data = unpacked(request.POST["packed"], most_bytes=MOST_BYTES)
        if "download" in request.POST:
            return _csv(plan_import(data, options))
        seen = request.POST.get("seen", "")
        outcome = import_file(data, options, seen=seen, actor=actor_of(request))
    except PreviewAgain as again:
        return _preview(request, again.plan, data, options, refusal=str(again))
    except Refusal as refusal:
        return _form(request, ImportForm(), refusal=str(refusal))
    _tell(request, outcome)
    return redirect("office:own-stock")


def _tell(request: HttpRequest, outcome: Outcome) -> None:
    words = {
        "add": "added",
        "change": "changed",
        "withdraw": "withdrawn",
        "put back": "put back",
    }
    done = [
        f"{outcome.done[action]:,} {word}"
        for action, word in words.items()
        if action in outcome.done
    ]
    messages.success(request, f"Imported: {', '.join(done) or 'nothing'}.")
    if left := outcome.left:
        more = f" and {len(left) - NAMED:,} more" if len(left) > NAMED else ""
        messages.warning(
            request,
            f"{len(left):,} left as they are, because somebody changed them meanwhile: "
            f"{', '.join(left[:NAMED])}{more}.",
        )


def _form(request: HttpRequest, form: ImportForm, *, refusal: str = "") -> HttpResponse:
    context = {"nav": "own-stock", "form": form, "columns": COLUMNS, "refusal": refusal}
    status = 422 if form.errors or refusal else 200
    return render(request, "office/own_stock/import.html", context, status=status)


def _preview(
    request: HttpRequest, plan: ImportPlan, data: bytes, options: Options, *, refusal: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "nav": "own-stock",
        "plan": plan,
        "mark": plan.mark,
        "counts": plan.counts,
        "refused": _some(plan.refused),
        "writing": _some(plan.writing),
        "options": options,
        "packed": packed(data),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "office/own_stock/preview.html", context, status=status)


def _some(rows: list[Any]) -> dict[str, Any]:
    """The first rows for the page, and how many there are."""
    return {"rows": rows[:SHOWN], "count": len(rows), "more": max(len(rows) - SHOWN, 0)}


def _csv(plan: ImportPlan) -> HttpResponse:
    return csv_file("own-stock-preview", PREVIEW_COLUMNS, _cells(plan))


def _cells(plan: ImportPlan) -> Iterator[list[str]]:
    """The whole preview: a line for each change, fault and remark."""
    for row in plan.rows:
        first = [str(row.line or ""), row.action, row.name]
        for column, sentence in row.faults:
            yield [*first, column, "", "", sentence]
        for column, old, new in row.changes:
            yield [*first, column, old, new, ""]
        for remark in row.remarks:
            yield [*first, "", "", "", remark]
        if not (row.faults or row.changes or row.remarks):
            yield [*first, "", "", "", ""]
