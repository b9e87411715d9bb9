"""Staff's number search: live at one carrier account, which shows as well whether it works."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from ringup.accounts.access import allowed, user_of
from ringup.accounts.roles import Can
from ringup.backoffice.paging import asked
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import Match, NumberQuery
from ringup.core.fragments import wants_fragment
from ringup.core.limiting import Limit, count
from ringup.flows.searching_numbers import search as search_now

SEARCHES = Limit("staff-number-search", times=30, seconds=60)
TOO_OFTEN = "That were thirty searches in a minute. Nothing was asked. Wait a minute, then search."
MATCHES = (
    (Match.CONTAINS, "contain"),
    (Match.STARTS, "start with"),
    (Match.ENDS, "end with"),
)


@require_safe
@allowed(Can.SEARCH_NUMBERS)
def search(request: HttpRequest) -> HttpResponse:
    """The search of the address, asked now. Without an account in it, nothing is asked."""
    accounts = list(CarrierAccount.objects.filter(is_enabled=True).order_by("is_retired", "name"))
    chosen = asked(request, "account", length=36)
    account = next((row for row in accounts if str(row.uid) == chosen), None)
    query = _query(request)
    context: dict[str, Any] = {
        "nav": "search",
        "accounts": accounts,
        "account": account,
        "query": query,
        "matches": MATCHES,
    }
    status = 200
    if account is not None:
        if count(SEARCHES, _reader(request)):
            result = search_now(account, query)
            context |= {"result": result, "query": result.query}
        else:
            context["refusal"], status = TOO_OFTEN, 429
    template = "_search" if wants_fragment(request) else "page"
    response = render(request, f"office/number_search/{template}.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _query(request: HttpRequest) -> NumberQuery:
    match = asked(request, "match", length=10)
    return NumberQuery(
        country=asked(request, "country", length=2).upper(),
        region=asked(request, "region", length=10),
        rate_centre=asked(request, "centre", length=60),
        digits=asked(request, "digits", length=20),
        match=Match(match) if match in list(Match) else Match.CONTAINS,
    )


def _reader(request: HttpRequest) -> str:
    user = user_of(request)
    return str(user.pk) if user else ""
