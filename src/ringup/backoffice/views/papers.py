"""The papers of an order's number: the review, its documents, and what is asked of the client."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.orders.access import document_for_staff, order_for_staff, papers_for_staff
from ringup.backoffice.papers.forms import DocumentForm, asked_in
from ringup.backoffice.papers.review import review
from ringup.backoffice.views.orders import answer
from ringup.core.fragments import wants_fragment
from ringup.core.sentences import Refusal
from ringup.flows.papers import asking, looking
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.regulatory import uploading, viewing
from ringup.regulatory.common_rejections import COMMON_REASONS
from ringup.regulatory.documents import wanted_of
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.showing import READ_IN_PLACE, shown


@require_safe
@allowed(Can.SEE_PAPERS)
@never_cache
def papers(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The review, as a page; in a dialog when htmx asks. Who opens it is written down."""
    order = order_for_staff(request, uid)
    file = papers_for_staff(request, order)
    return _page(request, order, file)


def _page(
    request: HttpRequest,
    order: Order,
    file: RegulatoryFile,
    *,
    ticked: dict[str, str] | None = None,
    refusal: str = "",
) -> HttpResponse:
    looking.look(order, actor=actor_of(request))
    is_dialog = wants_fragment(request)
    context = {
        "nav": "queue",
        "order": order,
        "review": review(order, file, ticked=ticked),
        "reasons": COMMON_REASONS,
        "is_bought": file.number is not None and file.number.state == OwnedNumber.State.OWNED,
        "refusal": refusal,
        # Below the dialog's own heading, or the page's.
        "heading": "h3" if is_dialog else "h2",
        "frame": "office/papers/_dialog.html" if is_dialog else "office/papers/_page.html",
    }
    status = 422 if refusal else 200
    response = render(request, "office/papers/review.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@allowed(Can.WORK_ORDERS)
@never_cache
def ask(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Ask the client to correct what was ticked, for the reasons beside it."""
    order = order_for_staff(request, uid)
    file = papers_for_staff(request, order)
    ticked = asked_in(request.POST, file)
    rows = [{"what": what, "words": words} for what, words in ticked.items()]
    try:
        asking.ask_for_correction(order, rows, actor=actor_of(request))
    except Refusal as refusal:
        return _page(request, order, file, ticked=ticked, refusal=str(refusal))
    contact = order.client.contact_name
    messages.success(request, f"{contact} gets a mail with what to correct, and a link to do it.")
    return redirect("office:order", order.uid)


@require_POST
@allowed(Can.WORK_ORDERS)
def withdraw(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What was asked need not be corrected after all."""
    order = order_for_staff(request, uid)
    return answer(
        request,
        order,
        lambda: asking.withdraw_correction(order, actor=actor_of(request)),
        said="Nothing has to be corrected any more.",
    )


# -- documents ---------------------------------------------------------------------------------------


@require_safe
@allowed(Can.SEE_PAPERS)
@never_cache
def document(request: HttpRequest, uid: uuid.UUID, document: uuid.UUID) -> HttpResponse:
    """The file itself, in a tab of its own. Each look is written down."""
    row = document_for_staff(request, order_for_staff(request, uid), document)
    return _shown(row, row.media_type, lambda: viewing.open_document(row, actor=actor_of(request)))


@require_safe
@allowed(Can.SEE_PAPERS)
@never_cache
def preview(request: HttpRequest, uid: uuid.UUID, document: uuid.UUID) -> HttpResponse:
    """A picture of its first page. Each look is written down."""
    row = document_for_staff(request, order_for_staff(request, uid), document)
    return _shown(row, "image/png", lambda: viewing.open_preview(row, actor=actor_of(request)))


def _shown(row: Document, media_type: str, content: Callable[[], bytes]) -> HttpResponse:
    named = content_disposition_header(False, row.slot) or "inline"
    return shown(content, media_type=media_type, disposition=named, policy=READ_IN_PLACE)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def upload(request: HttpRequest, uid: uuid.UUID, slot: str) -> HttpResponse:
    """Add a document for the client, who sent it by another way."""
    order = order_for_staff(request, uid)
    file = papers_for_staff(request, order)
    wanted = next((one for one in wanted_of(file) if one.slot == slot), None)
    if wanted is None:
        raise Http404
    form = DocumentForm(wanted, request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            uploading.add_document(
                file, slot=slot, actor=actor_of(request), **form.cleaned_document()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{wanted.title} is there now.")
            return redirect("office:papers", order.uid)
    context = {"nav": "queue", "order": order, "form": form, "wanted": wanted}
    status = 422 if form.is_bound else 200
    return render(request, "office/papers/upload.html", context, status=status)
