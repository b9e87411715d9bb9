"""A member of staff begins to act as a client, and ends it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ringup.accounts import acting
from ringup.accounts.access import allowed, user_of
from ringup.accounts.models import Client, User
from ringup.accounts.roles import Can
from ringup.core.sentences import Refusal


@require_POST
@allowed(Can.ACT_AS_CLIENT)
def act_as(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Into the client's portal. ``next`` says where ending it leads back to."""
    client = get_object_or_404(Client.objects.select_related("brand"), uid=uid)
    back = _back(request)
    try:
        acting.begin(request, _staff(request), client, back=back)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    return redirect("portal:home")


@require_POST
@allowed(Can.ACT_AS_CLIENT)
def stop_acting(request: HttpRequest) -> HttpResponse:
    """Back to where it began. Ending what has ended already is no error."""
    back = acting.end(request, _staff(request))
    messages.success(request, "You act as yourself again.")
    return redirect(back or "office:queue")


def _staff(request: HttpRequest) -> User:
    user = user_of(request)
    assert user is not None  # allowed
    return user


def _back(request: HttpRequest) -> str:
    """The page of the back office on which the button was."""
    office, wanted = reverse("office:home"), request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and wanted.startswith(office) else reverse("office:queue")
