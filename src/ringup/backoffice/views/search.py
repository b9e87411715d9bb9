"""One search: below the box while somebody types, and as a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from ringup.accounts.access import allowed, user_of
from ringup.accounts.roles import Can
from ringup.backoffice.paging import asked
from ringup.backoffice.search import FEW, MANY, SHORTEST
from ringup.backoffice.search import search as found_by
from ringup.core.fragments import wants_fragment


@require_safe
@allowed(Can.SEE_CLIENTS)
def search(request: HttpRequest) -> HttpResponse:
    """What the words find. The page leads on at once where there is one thing only."""
    reader, words = user_of(request), asked(request, "q")
    assert reader is not None  # the guard has seen to it
    is_fragment = wants_fragment(request)
    groups = found_by(words, reader, most=FEW if is_fragment else MANY)
    context = {"nav": "", "words": words, "groups": groups, "is_short": len(words) < SHORTEST}
    if is_fragment:
        response = render(request, "office/search/_found.html", context)
    elif sum(len(group.hits) for group in groups) == 1:
        response = redirect(groups[0].hits[0].url)
    else:
        response = render(request, "office/search/search.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
