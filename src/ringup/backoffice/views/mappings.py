"""Product mappings: the page, its three saves, undoing the last one, and what is not on sale."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.mappings.cards import bundle_card, group_card
from ringup.backoffice.mappings.filters import Filters
from ringup.backoffice.mappings.form import INCOMPLETE, Typed
from ringup.backoffice.mappings.not_on_sale import not_on_sale as listing_of
from ringup.backoffice.mappings.selects import Offers
from ringup.backoffice.mappings.table import Table
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import adapter_class
from ringup.catalog import mapping
from ringup.catalog.choosing import Change, MappingRefusal, Method
from ringup.catalog.mapped import Catalogue
from ringup.catalog.models import MappingSave
from ringup.core.failures import OurFault
from ringup.core.sentences import Refusal, counted

# A group may have thousands of products: all are counted, so many are shown.
SHOWN_CHANGES = 200
SHOWN_OF_OTHERS = 50
NOTHING = "Nothing to save: every row is as it was."
SAVE_WORDS = {
    Method.SINGLE: "Save Product Mappings",
    Method.GROUP: "Save Group Mappings",
    Method.BUNDLE: "Save Bundle Mappings",
}
ACTIONS = {
    Method.SINGLE: "office:map-products",
    Method.GROUP: "office:map-groups",
    Method.BUNDLE: "office:map-bundles",
}


@require_safe
@allowed(Can.SEE_MAPPINGS)
def mappings(request: HttpRequest) -> HttpResponse:
    """The three methods on one page."""
    return _page(request)


def _page(
    request: HttpRequest,
    typed: Typed | None = None,
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page; with somebody's choices still in their drop-downs where nothing was saved yet."""
    # The number is read first: what is saved from here on is not on this page.
    last = mapping.last_save()
    filters = Filters.of(request)
    offers = Offers(Catalogue.read(), typed or Typed(), errors or {})
    named = [(code, offers.catalogue.name_of(code), text) for code, text in offers.errors.items()]
    context = {
        "nav": "mappings",
        "filters": filters,
        "version": last.number if last else 0,
        "last": last,
        "table": Table(filters, offers),
        "bundles": bundle_card(filters, offers),
        "groups": group_card(filters, offers),
        "errors": named,
        "has_choices": bool(offers.typed.rows),
        "providers": [(row, _maturity(row)) for row in offers.catalogue.accounts.values()],
    }
    return render(request, "office/mappings/page.html", context, status=status)


def _maturity(account: CarrierAccount) -> str:
    try:
        return adapter_class(account.kind).maturity
    except OurFault:
        return "Not installed"


@require_POST
@allowed(Can.EDIT_MAPPINGS)
def save(request: HttpRequest, method: Method) -> HttpResponse:
    """Save what was chosen by one of the methods. A bulk save, and one on top of somebody else's,
    is shown first; what was shown is what is saved."""
    typed, version = Typed.of(request.POST), mapping.number_now()
    if typed.version is None or typed.version > version:
        return _page(request, typed, {"": INCOMPLETE}, status=422)
    if typed.wants_form:
        return _page(request, typed)
    try:
        preview = mapping.preview(method, typed.choices())
        if typed.version < version:
            return _look(request, typed, preview, version=version, status=409)
        must_look = method is not Method.SINGLE or typed.seen
        if preview.changes and must_look and typed.seen != preview.digest:
            return _look(request, typed, preview, version=version)
        if preview.changes:
            return _saved(request, preview, version=version)
    except MappingRefusal as refusal:
        return _page(request, typed, refusal.rows, status=422)
    except mapping.Overtaken:
        return _overtaken(request, method, typed)
    messages.info(request, NOTHING)
    return _back(request)


def _saved(request: HttpRequest, preview: mapping.Preview, *, version: int) -> HttpResponse:
    mapping.save(preview, version=version, actor=actor_of(request))
    count = len(preview.changes)
    messages.success(request, f"{counted(count, 'mapping')} saved.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page, with the filters that it had."""
    return redirect(f"{reverse('office:mappings')}?{Filters.of(request).query}".rstrip("?"))


def _overtaken(request: HttpRequest, method: Method, typed: Typed) -> HttpResponse:
    """Another save came between the look and the write: look anew."""
    version = mapping.number_now()
    try:
        preview = mapping.preview(method, typed.choices())
    except MappingRefusal as refusal:
        return _page(request, typed, refusal.rows, status=409)
    return _look(request, typed, preview, version=version, status=409)


def _look(
    request: HttpRequest,
    typed: Typed,
    preview: mapping.Preview,
    *,
    version: int,
    status: int = 200,
) -> HttpResponse:
    """What saving would change, and what others saved in between. Nothing is saved yet."""
    changed = {change.code for change in preview.changes}
    context = {
        "nav": "mappings",
        "filters": Filters.of(request),
        "action": reverse(ACTIONS[preview.method]),
        "save_words": SAVE_WORDS[preview.method],
        "version": version,
        "typed": typed,
        "preview": preview,
        "changes": preview.changes[:SHOWN_CHANGES],
        "more": max(0, len(preview.changes) - SHOWN_CHANGES),
        "others": [_other(row, changed) for row in mapping.saves_since(typed.version or 0)],
        "is_overtaken": status == 409,
    }
    return render(request, "office/mappings/look.html", context, status=status)


def _other(row: MappingSave, mine: set[str]) -> dict[str, object]:
    """Somebody else's save: the rows that are the reader's, too, come first."""
    changes = [Change.from_data(data) for data in row.changes]
    changes.sort(key=lambda change: change.code not in mine)
    return {
        "save": row,
        "changes": [(change, change.code in mine) for change in changes[:SHOWN_OF_OTHERS]],
        "more": max(0, len(changes) - SHOWN_OF_OTHERS),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.EDIT_MAPPINGS)
def undo(request: HttpRequest) -> HttpResponse:
    """Show what the last save changed, and put it back."""
    refusal, status = "", 200
    if request.method == "POST":
        number = Typed.of(request.POST).version
        try:
            saved = mapping.undo_last(
                number=-1 if number is None else number, actor=actor_of(request)
            )
        except Refusal as said:
            refusal, status = str(said), 409 if isinstance(said, mapping.Overtaken) else 422
        else:
            messages.success(request, f"{saved.text}.")
            return redirect("office:mappings")
    last = mapping.last_save()
    changes = mapping.reverted(last) if last else []
    context = {
        "nav": "mappings",
        "last": last,
        "changes": changes[:SHOWN_CHANGES],
        "count": len(changes),
        "more": max(0, len(changes) - SHOWN_CHANGES),
        "refusal": refusal,
    }
    return render(request, "office/mappings/undo.html", context, status=status)


@require_safe
@allowed(Can.SEE_MAPPINGS)
def not_on_sale(request: HttpRequest) -> HttpResponse:
    """Everything that the shop does not show, with each reason and where it is mended."""
    context = {"nav": "mappings", "listing": listing_of(request)}
    return render(request, "office/mappings/not_on_sale.html", context)
