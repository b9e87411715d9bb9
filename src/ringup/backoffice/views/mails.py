"""The log of mails: the list, one mail, and sending it again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed, user_of
from ringup.accounts.roles import Can
from ringup.backoffice.mails.framed import framed
from ringup.backoffice.mails.log import (
    BADGES,
    MailFilters,
    choices,
    key_asked,
    page_of,
    rows_of,
)
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.mails.resending import correct_address, send_again
from ringup.mail.faces import face_of
from ringup.mail.framing import with_logo_inside
from ringup.mail.masking import masked_html, masked_text, opens_something
from ringup.mail.models import Outbox


@require_safe
@allowed(Can.SEE_MAILS)
def index(request: HttpRequest) -> HttpResponse:
    """Which mails went out, the newest first."""
    filters = MailFilters(request)
    page = page_of(
        filters.found(), before=key_asked(request, "before"), after=key_asked(request, "after")
    )
    context = {
        "nav": "mails",
        "filters": filters,
        "states": [(state.value, badge.word) for state, badge in BADGES.items()],
        "events": choices(),
        "page": page,
        "and_query": f"&{filters.query}" if filters.query else "",
    }
    return render(request, "office/mails/index.html", context)


@require_safe
@allowed(Can.SEE_MAILS)
def mail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One mail: what became of it, and, for those who may, what it says."""
    return _mail_page(request, _mail(uid))


@require_safe
@framed
@allowed(Can.WORK_MAILS)
def page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The mail's own page, with blanked links, for the frame."""
    row = _mail(uid)
    return HttpResponse(with_logo_inside(masked_html(row), face_of(row.brand_id)))


@require_POST
@allowed(Can.WORK_MAILS)
def again(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Send it once more."""
    row = _mail(uid)
    try:
        sent = send_again(row, actor=actor_of(request))
    except Refusal as refusal:
        return _mail_page(request, row, refusal=refusal)
    messages.success(request, f"The mail to {sent.to} is on its way.")
    return redirect("office:mail", sent.uid)


@require_http_methods(["POST"])
@allowed(Can.WORK_MAILS)
def correct(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Send it to another address."""
    row, to = _mail(uid), request.POST.get("to", "").replace("\x00", "")[:254]
    try:
        sent = correct_address(row, to, actor=actor_of(request))
    except Refusal as refusal:
        return _mail_page(request, row, refusal=refusal, typed=to)
    messages.success(request, f"The mail goes to {sent.to} now.")
    return redirect("office:mail", sent.uid)


def _mail(uid: uuid.UUID) -> Outbox:
    return get_object_or_404(Outbox, uid=uid)


def _mail_page(
    request: HttpRequest, row: Outbox, *, refusal: Refusal | None = None, typed: str = ""
) -> HttpResponse:
    reader = user_of(request)
    may_read = reader is not None and reader.can(Can.WORK_MAILS)
    context = {
        "nav": "mails",
        "row": rows_of([row])[0],
        "mail": row,
        "may_read": may_read,
        "text": masked_text(row) if may_read else "",
        "has_secrets": may_read and opens_something(row),
        "copies": Outbox.objects.filter(repeats=row.uid).order_by("pk"),
        "original": Outbox.objects.filter(uid=row.repeats).first() if row.repeats else None,
        "history": Activity.objects.filter(subject=f"mail:{row.uid}").order_by("-pk")[:20],
        "can_correct": row.state in CORRECTABLE,
        "refusal": refusal,
        "typed": typed,
    }
    status = 422 if refusal else 200
    return render(request, "office/mails/mail.html", context, status=status)


CORRECTABLE = {
    Outbox.State.WAITING, Outbox.State.FAILED, Outbox.State.BOUNCED, Outbox.State.COMPLAINED,
}  # fmt: skip
