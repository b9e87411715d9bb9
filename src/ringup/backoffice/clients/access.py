"""How staff's views load a client."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from ringup.accounts.models import Client


def client_for_staff(request: HttpRequest, uid: uuid.UUID) -> Client:
    """Staff sees every client."""
    return get_object_or_404(Client.objects.select_related("brand"), uid=uid)
