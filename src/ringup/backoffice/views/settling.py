"""Settling one difference: every button of its page calls one verb."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.inventory.forms import (
    GiveBackForm,
    NoteForm,
    ShelfForm,
    as_seen,
    seen_money,
)
from ringup.backoffice.inventory.wording import Shown
from ringup.backoffice.views.differences import back, difference_page, row_of
from ringup.core.sentences import Refusal
from ringup.flows.reconciling import accepting, correcting, missing, orphans
from ringup.numbers.models import Discrepancy

Kind = Discrepancy.Kind


def _settle(request: HttpRequest, pk: int, verb: Callable[[Discrepancy], str]) -> HttpResponse:
    """Call one verb. Done: back to the list, with a word about it. Refused: the difference, with the
    sentence on top."""
    row = row_of(pk)
    try:
        told = verb(row)
    except Refusal as refusal:
        return difference_page(request, row_of(pk), refusal=str(refusal), status=422)
    messages.success(request, told)
    return back(request)


@require_POST
@allowed(Can.WORK_NUMBERS)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the carrier about this number now. Leads back to where it is still shown."""
    row = row_of(pk)
    try:
        told = correcting.look_again(row, actor=actor_of(request))
    except Refusal as refusal:
        return difference_page(request, row_of(pk), refusal=str(refusal), status=422)
    messages.success(request, told)
    return redirect("office:difference", pk) if row_of(pk).solved is None else back(request)


@require_POST
@allowed(Can.WORK_NUMBERS)
def shelve(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an orphan on the own shelf."""
    form = ShelfForm(request.POST)
    row = row_of(pk)
    if not form.is_valid():
        return difference_page(request, row, status=422, shelf_form=form)
    cost = form.cost_in(row.account.currency)
    return _settle(
        request, pk, lambda row: orphans.put_on_shelf(row, cost=cost, actor=actor_of(request))
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_NUMBERS)
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then give an orphan back to the carrier."""
    form = GiveBackForm(request.POST if request.method == "POST" else None)
    row = get_object_or_404(
        Discrepancy.objects.select_related("account", "number__client"), pk=pk, kind=Kind.ORPHAN
    )
    refusal = ""
    if form.is_valid():
        try:
            told = orphans.give_back(
                row,
                seen=form.cleaned_data["seen"],
                is_sure=form.cleaned_data["sure"],
                actor=actor_of(request),
            )
        except Refusal as refused:
            refusal = str(refused)
        else:
            messages.success(request, told)
            return back(request)
    context = {
        "nav": "differences",
        "shown": Shown(row_of(pk)),
        "row": row,
        "form": GiveBackForm(),
        "refusal": refusal,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "office/inventory/give_back.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_NUMBERS)
def buy(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the carrier what a missing number costs now, then buy it again."""
    row = get_object_or_404(
        Discrepancy.objects.select_related("account", "number__client"),
        pk=pk,
        kind=Kind.MISSING,
        number__isnull=False,
    )
    try:
        if request.method == "POST":
            return _bought(request, row)
        offer = missing.offered_again(row)
    except Refusal as refusal:
        return difference_page(request, row_of(pk), refusal=str(refusal), status=422)
    context = {
        "nav": "differences",
        "shown": Shown(row),
        "row": row,
        "offer": offer,
        "seen": {"setup": as_seen(offer.setup), "monthly": as_seen(offer.monthly)},
    }
    return render(request, "office/inventory/buy.html", context)


def _bought(request: HttpRequest, row: Discrepancy) -> HttpResponse:
    seen = missing.Again(
        setup=seen_money(request.POST.get("setup", "")),
        monthly=seen_money(request.POST.get("monthly", "")),
    )
    told = missing.buy_again(row, seen=seen, actor=actor_of(request))
    tell = messages.success if told.is_whole else messages.warning
    tell(request, told.words)
    assert row.number is not None  # the view has looked for it
    return redirect("office:owned-number", row.number.uid)


@require_POST
@allowed(Can.WORK_NUMBERS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a shelf number that is gone off sale."""
    return _settle(request, pk, lambda row: missing.withdraw(row, actor=actor_of(request)))


@require_POST
@allowed(Can.WORK_NUMBERS)
def write_reference(request: HttpRequest, pk: int) -> HttpResponse:
    """Write our reference on a number at the carrier."""
    return _settle(
        request, pk, lambda row: correcting.write_reference(row, actor=actor_of(request))
    )


@require_POST
@allowed(Can.WORK_NUMBERS)
def take_cost(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a number with what the carrier takes now."""

    def verb(row: Discrepancy) -> str:
        seen = seen_money(request.POST.get("seen", ""))
        return correcting.take_cost(row, seen=seen, actor=actor_of(request))

    return _settle(request, pk, verb)


@require_POST
@allowed(Can.WORK_NUMBERS)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """It is meant to be so."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return difference_page(request, row_of(pk), status=422, note_form=form)

    def verb(row: Discrepancy) -> str:
        accepting.accept([row], note=form.cleaned_data["note"], actor=actor_of(request))
        return "Meant to be so: it is out of the way until it changes."

    return _settle(request, pk, verb)


@require_POST
@allowed(Can.WORK_NUMBERS)
def unaccept(request: HttpRequest, pk: int) -> HttpResponse:
    """It is not meant to be so after all."""

    def verb(row: Discrepancy) -> str:
        accepting.take_back(row, actor=actor_of(request))
        return "It waits for somebody again."

    return _settle(request, pk, verb)
