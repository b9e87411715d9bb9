"""The page for a fault of ours: a reference to quote, nothing of the traceback."""

from __future__ import annotations

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``. Uses no database and no context: either may be what is broken."""
    raw = secrets.token_hex(4).upper()
    reference = f"{raw[:4]}-{raw[4:]}"
    # Django logs the traceback itself (django.request), just before; this line names the page.
    log.error("reference %s: %s %s", reference, request.method, request.path)
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)
