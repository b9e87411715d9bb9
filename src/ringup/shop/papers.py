"""Beside the step of the papers: its documents come in, and the cities are found while one is typed."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from ringup.accounts.access import counted_as
from ringup.core.limiting import Limit, count
from ringup.core.sentences import Refusal
from ringup.flows.checkout import drafted_papers
from ringup.orders.models import Draft
from ringup.regulatory.matching_areas import suggested
from ringup.regulatory.models import RegulatoryFile
from ringup.regulatory.upload_form import UploadForm, receive, uploaded
from ringup.regulatory.upload_rows import upload_rows
from ringup.shop import checkout, wizard
from ringup.shop.drafts import actor_for, draft_for
from ringup.shop.steps.papers import PapersStep

UPLOADS = Limit("uploads", times=60, seconds=3600)
TOO_MANY = (
    "Many documents came from your network in the last hour. Nothing was added. Go on with your order: "
    "the documents can be added later, by the link in the mail."
)
SUGGESTED = 12


@never_cache
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Add one document to the papers of a draft, and show their list again. Reading this address, as a
    browser does that comes back to it, leads to the list."""
    draft = draft_for(request, uid)
    file = drafted_papers.file_of(draft) if draft.state == Draft.State.OPEN else None
    if file is None:
        return redirect("shop:resume", uid=uid)
    if request.method == "GET":
        return redirect("shop:step", uid=uid, slug=PapersStep.slug)
    form = uploaded(request)
    try:
        if not count(UPLOADS, counted_as(request)):
            raise Refusal(TOO_MANY)
        receive(form, file, actor=actor_for(request, draft))
    except Refusal as refusal:
        return _refused(request, draft, file, form, refusal)
    place = reverse("shop:step", args=[uid, PapersStep.slug])
    return redirect(f"{place}#documents")


def _refused(
    request: HttpRequest, draft: Draft, file: RegulatoryFile, form: UploadForm, refusal: Refusal
) -> HttpResponse:
    """The page again, with the sentence at the document that it is about."""
    rows = upload_rows(
        file,
        by_staff=draft.placed_by_id is not None,
        refused_slot=form.slot_typed,
        refusal=str(refusal),
        chosen=form.chosen,
        dated=form.dated_typed,
    )
    step = wizard.step_of(draft, PapersStep.slug)
    assert step is not None  # its papers are those of the draft's number
    return checkout.show(request, draft, step, status=422, more={"uploads": rows})


@never_cache
@require_GET
def cities(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Names for the list below the city's input, as options."""
    draft = draft_for(request, uid)
    step = PapersStep()
    if draft.state != Draft.State.OPEN or not step.applies(draft):
        raise Http404
    try:
        areas = drafted_papers.areas_of(draft, drafted_papers.rules_of(draft))
    except Refusal:
        areas = []  # the step itself says so
    names = suggested(request.GET.get("city", "")[:100], areas, most=SUGGESTED)
    return HttpResponse(format_html_join("", '<option value="{}">', ((name,) for name in names)))
