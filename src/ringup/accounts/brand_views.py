"""A brand's colours and its logo, for anybody. Their addresses name the content, so they may be kept."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ringup.accounts.colours import checked_accent, stylesheet
from ringup.accounts.models import Logo
from ringup.core.sentences import Refusal

FOR_EVER = "public, max-age=31536000, immutable"
# Opened by itself the answer is nobody's page: it runs nothing, and is of no origin.
ALONE = "default-src 'none'; sandbox"


@require_safe
def colours(request: HttpRequest, look: int, accent: str) -> HttpResponse:
    """The stylesheet of an accent: all that it says follows from the address."""
    try:
        text = stylesheet(checked_accent(accent))
    except Refusal as refusal:
        raise Http404 from refusal
    return _kept(HttpResponse(text, content_type="text/css; charset=utf-8"))


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """The picture of this digest, whichever brand's."""
    found = get_object_or_404(Logo, digest=digest)
    return _kept(HttpResponse(bytes(found.data), content_type=found.content_type))


def _kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = ALONE
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
