"""The address of the checkout's first step while it is written: what the order costs from there."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from ringup.flows.checkout import quoting
from ringup.flows.checkout.paying_from import ADDRESS
from ringup.orders.models import Draft
from ringup.shop.baskets import basket_of
from ringup.shop.drafts import draft_for
from ringup.shop.steps.company import CompanyForm, CompanyStep
from ringup.shop.summary import summary_of


@never_cache
@require_GET
def preview(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The address again, with the regions of its country and what is wrong with it, and the summaries
    with its taxes. Nothing is saved."""
    draft = draft_for(request, uid)
    if draft.state != Draft.State.OPEN:
        raise Http404
    form = CompanyStep().form(draft, request.GET)
    assert isinstance(form, CompanyForm)
    form.is_valid()
    for name in ("company", "contact", "email", "phone", "region"):
        # Who is still writing is not told what is missing.
        form.errors.pop(name, None)
    known = {name: form.cleaned_data.get(name, "") for name in ADDRESS}
    draft.answers = {**draft.answers, "company": known | {"country": form.place}}
    quote, basket = quoting.quote_draft(draft), basket_of(draft)
    context = {
        "draft": draft,
        "form": form,
        "quote": quote,
        "basket": basket,
        "summary": summary_of(quote, basket),
        "oob": True,
    }
    return render(request, "checkout/_taxed.html", context)
