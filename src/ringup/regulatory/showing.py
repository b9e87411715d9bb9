"""A document, or a picture of its first page, as a response that can do nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse

from ringup.core.sentences import Refusal

# It runs nothing and is of no origin, whatever is in it.
ALONE = "default-src 'none'; sandbox"
# The same where a browser's own reader shows it, which brings its style.
READ_IN_PLACE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def shown(
    content: Callable[[], bytes], *, media_type: str, disposition: str, policy: str = ALONE
) -> HttpResponse:
    """What ``content`` opens; where that refuses, since it was deleted, its sentence."""
    try:
        response = HttpResponse(content(), content_type=media_type)
        response["Content-Disposition"] = disposition
    except Refusal as gone:
        response = HttpResponse(str(gone), content_type="text/plain; charset=utf-8", status=410)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = policy
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
