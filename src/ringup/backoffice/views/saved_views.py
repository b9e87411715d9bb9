"""Saving the filters of the queue under a name, and deleting such a view."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from ringup.accounts.access import allowed, user_of
from ringup.accounts.roles import Can
from ringup.backoffice.saved_views import delete_view, save_view
from ringup.core.sentences import Refusal

PAGE = "queue"


@require_POST
@allowed(Can.SEE_ORDERS)
def save(request: HttpRequest) -> HttpResponse:
    """Keep what the queue is filtered by."""
    user, query = user_of(request), request.POST.get("query", "")
    assert user is not None
    try:
        view = save_view(user, page=PAGE, name=request.POST.get("name", ""), query=query)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect("office:queue")
    messages.success(request, f"{view.name} is saved. Only you see it.")
    return redirect(f"{reverse('office:queue')}?{view.query}")


@require_POST
@allowed(Can.SEE_ORDERS)
def delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Delete one's own view. Another's is not found, and nothing is said about it."""
    user = user_of(request)
    assert user is not None
    view = delete_view(user, uid)
    if view is not None:
        messages.success(request, f"{view.name} is deleted.")
    return redirect("office:queue")
