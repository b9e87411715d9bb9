"""One service: what a phone needs to know, whether it is connected, and a question to support."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ringup.accounts.access import actor_of, clients_only, may, user_of
from ringup.accounts.member_roles import May
from ringup.core.limiting import Limit, count
from ringup.core.sentences import Refusal
from ringup.flows.asking_support import MOST_LETTERS, ask_support
from ringup.flows.connection import can_be_asked, connection_of
from ringup.portal.access import service_for, zone_of
from ringup.portal.owning import belonging_of

QUESTIONS = Limit("support-questions", times=10, seconds=3600)
TOO_MANY_QUESTIONS = (
    "You sent many questions in the last hour. This one was not sent. Try again in an hour, or call "
    "us."
)


class QuestionForm(forms.Form):
    """What somebody wants to know of support."""

    question = forms.CharField(
        label="Your question",
        max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Type your question first."},
    )


@require_safe
@clients_only(May.SEE_SERVICES)
def service(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A PBX or a number."""
    return _page(request, uid, QuestionForm())


@require_safe
@clients_only(May.SEE_SERVICES)
def connection(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Whether it is connected, as a fragment: asking outside takes its time."""
    found = connection_of(service_for(request, uid))
    return render(request, "portal/_connection.html", {"connection": found})


@require_POST
@clients_only(May.SEE_SERVICES)
def ask(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Send a question to support."""
    user = user_of(request)
    if user is None:  # clients_only lets nobody else in
        raise PermissionDenied
    owned, form = service_for(request, uid), QuestionForm(request.POST)
    if not form.is_valid():
        return _page(request, uid, form, status=422)
    try:
        if not count(QUESTIONS, str(user.pk)):
            raise Refusal(TOO_MANY_QUESTIONS)
        question = form.cleaned_data["question"]
        ask_support(owned, question, asker=user, actor=actor_of(request))
    except Refusal as refusal:
        form.add_error("question", str(refusal))
        return _page(request, uid, form, status=422)
    messages.success(request, f"Sent. The answer comes by mail to {user.email}.")
    return redirect("portal:service", uid)


def _page(
    request: HttpRequest, uid: uuid.UUID, form: QuestionForm, status: int = 200
) -> HttpResponse:
    owned = service_for(request, uid)
    context: dict[str, Any] = {
        "nav": "services",
        "time_zone": zone_of(request),
        "row": belonging_of(owned),
        "order": getattr(owned, "line", None) and owned.line.order,
        "can_be_asked": can_be_asked(owned),
        "shows_secrets": may(request, May.SEE_SECRETS),
        "form": form,
    }
    return render(request, "portal/service.html", context, status=status)
