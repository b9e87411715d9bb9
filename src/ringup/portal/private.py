"""Pages behind a link that holds a token."""

from __future__ import annotations

from django.http import HttpResponse


def keep_private(response: HttpResponse) -> HttpResponse:
    """The token must travel in no referrer. "no-referrer" would make browsers send the form with
    "Origin: null", which the CSRF check refuses; an origin alone tells nothing."""
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
