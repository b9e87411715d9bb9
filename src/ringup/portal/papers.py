"""The page of an order's papers: documents are added and looked at, what was asked is corrected."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ringup.accounts.access import acted_as, actor_of, client_of, clients_only, counted_as, may
from ringup.accounts.member_roles import May
from ringup.carriers.papers import Area
from ringup.core.limiting import Limit, count
from ringup.core.sentences import Refusal
from ringup.flows.papers import asking_rules
from ringup.flows.papers.of_orders import papers_of
from ringup.orders.contents import contents_of
from ringup.orders.models import Order
from ringup.portal.access import buyers_only, order_for, zone_of
from ringup.portal.correction_form import CITY, CorrectionForm
from ringup.portal.papers_page import told_lines, turn_of
from ringup.regulatory import correcting, viewing
from ringup.regulatory.asked_facts import needs_area
from ringup.regulatory.common_rejections import CHECKLIST
from ringup.regulatory.documents import documents_of
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.showing import shown
from ringup.regulatory.upload_form import UploadForm, receive, uploaded
from ringup.regulatory.upload_rows import UploadRow, upload_rows

BY_ORDER = Limit("documents-of-order", times=40, seconds=3600)
BY_ADDRESS = Limit("uploads", times=60, seconds=3600)
TOO_OFTEN = (
    f"That were many documents in a short time. Nothing was uploaded. Wait {BY_ORDER.minutes} minutes, "
    "or write to us from the order’s page."
)


@never_cache
@require_safe
@buyers_only(May.WORK_ORDERS)
def papers(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What is needed, what is there, what must be corrected."""
    order = order_for(request, uid)
    return _page(request, order, _file_of(order))


@never_cache
@require_POST
@buyers_only(May.WORK_ORDERS)
def upload(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Add one document, or put it in the place of another."""
    order = order_for(request, uid)
    file, form = _file_of(order), uploaded(request)
    try:
        if not count(BY_ORDER, str(order.uid)) or not count(BY_ADDRESS, counted_as(request)):
            raise Refusal(TOO_OFTEN)
        document = receive(form, file, actor=actor_of(request))
    except Refusal as refusal:
        return _page(request, order, _file_of(order), uploading=form, refusal=str(refusal))
    messages.success(request, f"{document.type_name} is uploaded, and kept encrypted.")
    return _back(order, "documents")


@never_cache
@require_POST
@buyers_only(May.WORK_ORDERS)
def correct(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Correct the facts that were asked for."""
    order = order_for(request, uid)
    file = _file_of(order)
    areas, silent = _areas(file)
    form = CorrectionForm(file, areas, request.POST)
    if silent:  # nobody can say whether the city will do
        return _page(request, order, file, correction=form, refusal=silent)
    if not form.is_valid():
        return _page(request, order, file, correction=form)
    try:
        correcting.correct(file, form.facts(), actor=actor_of(request))
    except Refusal as refusal:
        return _page(request, order, _file_of(order), refusal=str(refusal))
    messages.success(request, "Corrected. Send it for review once everything is.")
    return _back(order, "turn")


@never_cache
@require_POST
@buyers_only(May.WORK_ORDERS)
def send(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """All is corrected: back to be looked at."""
    order = order_for(request, uid)
    file = _file_of(order)
    try:
        correcting.answered(file, actor=actor_of(request))
    except Refusal as refusal:
        return _page(request, order, _file_of(order), refusal=str(refusal))
    messages.success(request, "Sent. We look at your papers again.")
    return _back(order, "turn")


@never_cache
@require_safe
@clients_only(May.SEE_PAPERS)
def document(request: HttpRequest, uid: uuid.UUID, document: uuid.UUID) -> HttpResponse:
    """A document of one's own, to keep. Each look is written down."""
    row = _document_for(request, uid, document)
    return shown(
        lambda: viewing.open_document(row, actor=actor_of(request)),
        media_type=row.media_type,
        disposition=content_disposition_header(True, row.name) or "attachment",
    )


@never_cache
@require_safe
@clients_only(May.SEE_PAPERS)
def preview(request: HttpRequest, uid: uuid.UUID, document: uuid.UUID) -> HttpResponse:
    """A picture of the first page. Each look is written down."""
    row = _document_for(request, uid, document)
    return shown(
        lambda: viewing.open_preview(row, actor=actor_of(request)),
        media_type="image/png",
        disposition="inline",
    )


# -- loading -----------------------------------------------------------------------------------------


def _file_of(order: Order) -> RegulatoryFile:
    file = papers_of(order)
    if file is None:
        raise Http404
    return file


def _document_for(request: HttpRequest, uid: uuid.UUID, document: uuid.UUID) -> Document:
    """One of the documents on the page. Those of others are not found, neither in the browser in which
    a guest ordered and somebody else has signed in."""
    order = order_for(request, uid)
    for row in documents_of(_file_of(order)) if _is_own(request, order) else ():
        if row.uid == document:
            return row
    raise Http404


def _is_own(request: HttpRequest, order: Order) -> bool:
    client = client_of(request)
    return client is not None and order.client_id == client.pk


def _areas(file: RegulatoryFile) -> tuple[list[Area], str]:
    """The areas in which a corrected city may lie, and why nobody knows them."""
    is_asked = any(row["what"] == CITY for row in file.asked)
    if not is_asked or not needs_area(file.rules):
        return [], ""
    try:
        return asking_rules.areas_for(file.account, file.rules), ""
    except Refusal as silent:
        return [], str(silent)


# -- showing -----------------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    order: Order,
    file: RegulatoryFile,
    *,
    uploading: UploadForm | None = None,
    correction: CorrectionForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The page; after a refusal with the sentence where it belongs, and what was typed."""
    turn, silent = turn_of(file), ""
    rows = upload_rows(
        file,
        by_staff=False,
        refused_slot=uploading.slot_typed if uploading else "",
        refusal=refusal,
        chosen=uploading.chosen if uploading else "",
        dated=uploading.dated_typed if uploading else None,
    )
    # Staff that acts as the client reads what papers say in the back office, where that is written down.
    may_read = acted_as(request) is None
    if correction is None and turn.asked_facts:
        areas, silent = _areas(file)
        correction = CorrectionForm(file, areas, shows_known=may_read)
    # Not a guest's browser, in which somebody else may sit later; nor staff that acts as the client.
    may_look = _is_own(request, order) and may(request, May.SEE_PAPERS)
    context = {
        "nav": "orders",
        "time_zone": zone_of(request) or order.client.time_zone,
        "order": order,
        "contents": contents_of(order),
        "file": file,
        "turn": turn,
        "rows": rows,
        "told": told_lines(file) if may_read else [],
        "correction": correction,
        "checklist": CHECKLIST,
        "retention_days": settings.RINGUP_PAPERS_RETENTION_DAYS,
        "refusal": silent if not refusal else "" if _is_at_row(rows) else refusal,
        "upload_url": reverse("portal:order-papers-upload", args=[order.uid]),
        "open_name": "portal:order-document" if may_look else "",
        "preview_name": "portal:order-document-preview" if may_look else "",
        "owner": order.uid,
    }
    is_refused = bool(refusal) or (correction is not None and correction.is_bound)
    return render(request, "portal/papers.html", context, status=422 if is_refused else 200)


def _is_at_row(rows: list[UploadRow]) -> bool:
    return any(row.is_refused for row in rows)


def _back(order: Order, place: str) -> HttpResponse:
    return redirect(reverse("portal:order-papers", args=[order.uid]) + f"#{place}")
