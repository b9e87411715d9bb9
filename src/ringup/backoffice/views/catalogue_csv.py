"""Products and prices as CSV: out, and in again by way of a preview.

Between preview and confirmation the file waits in the page itself, packed: nothing is kept for
people who go away. What is confirmed is the preview's mark, which the verb works out once more.
"""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.brands import default_brand
from ringup.accounts.roles import Can
from ringup.backoffice.packed import packed, unpacked
from ringup.backoffice.recording import record_export
from ringup.backoffice.spreadsheet import csv_file
from ringup.catalog.csv.columns import COLUMNS
from ringup.catalog.csv.exporting import catalogue_rows
from ringup.catalog.csv.importing import ImportPlan, plan_import
from ringup.catalog.csv.reading import MOST_BYTES
from ringup.catalog.csv.writing import PreviewAgain, import_file
from ringup.core.sentences import Refusal
from ringup.flows.retiring import is_ordered

MISSING = "Choose a CSV file. Nothing was changed."
# Changes beyond these are counted, and stand in the preview's CSV. Broken lines are all shown.
SHOWN = 500
PREVIEW_COLUMNS = ("line", "action", "id", "name", "column", "old", "new", "fault")


class UploadForm(forms.Form):
    """A file."""

    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={"required": MISSING, "missing": MISSING, "invalid": MISSING},
        help_text="UTF-8, at most 2 MB and 20,000 lines.",
    )


@require_safe
@allowed(Can.SEE_CATALOGUE)
def export(request: HttpRequest) -> HttpResponse:
    """Every product, bundle and price."""
    record_export(request, "exported products and prices")
    return csv_file("products", COLUMNS, catalogue_rows())


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_PRICES)
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file, read what it would change, then change it."""
    if request.method != "POST":
        return _form(request, UploadForm())
    if "packed" in request.POST:
        return _confirmed(request)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, form)
    # One byte more than is allowed tells that it is too large; the rest is not read.
    data = form.cleaned_data["file"].read(MOST_BYTES + 1)
    try:
        return _preview(request, _plan(data), data)
    except Refusal as refusal:
        form.add_error("file", str(refusal))
        return _form(request, form)


def _confirmed(request: HttpRequest) -> HttpResponse:
    """The preview came back: import the file, or hand out the preview as CSV."""
    try:
        data = unpacked(request.POST["packed"], most_bytes=MOST_BYTES)
        if "download" in request.POST:
            return csv_file("import-preview", PREVIEW_COLUMNS, _cells(_plan(data)))
        done = import_file(
            data,
            seen=request.POST.get("seen", ""),
            may_make_groups="make_groups" in request.POST,
            currency=default_brand().currency,
            is_ordered=is_ordered,
            actor=actor_of(request),
        )
    except PreviewAgain as again:
        return _preview(request, again.plan, data, refusal=str(again))
    except Refusal as refusal:
        return _form(request, UploadForm(), refusal=str(refusal))
    counts = done.counts
    messages.success(
        request,
        f"Imported: {counts['create']} lines created, {counts['change']} changed something.",
    )
    return redirect("office:products")


def _plan(data: bytes) -> ImportPlan:
    return plan_import(data, currency=default_brand().currency, is_ordered=is_ordered)


def _form(request: HttpRequest, form: UploadForm, *, refusal: str = "") -> HttpResponse:
    context = {"nav": "products", "form": form, "columns": COLUMNS, "refusal": refusal}
    status = 422 if form.errors or refusal else 200
    return render(request, "office/pricing/import.html", context, status=status)


def _preview(
    request: HttpRequest, plan: ImportPlan, data: bytes, *, refusal: str = ""
) -> HttpResponse:
    changed = plan.changed
    context = {
        "nav": "products",
        "plan": plan,
        "counts": plan.counts,
        "broken": plan.broken,
        "changed": changed[:SHOWN],
        "more": max(len(changed) - SHOWN, 0),
        "total": len(changed),
        "packed": packed(data),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "office/pricing/preview.html", context, status=status)


def _cells(plan: ImportPlan) -> Iterator[list[str]]:
    """The whole preview: a line for each change and each fault."""
    for row in plan.rows:
        first = [str(row.line), row.action, row.code, row.name]
        for column, sentence in row.faults:
            yield [*first, column, "", "", sentence]
        for column, old, new in row.changes:
            yield [*first, column, old, new, ""]
        if not row.faults and not row.changes:
            yield [*first, "", "", "", ""]
