"""Staff's number search in our own index: what is on sale at all providers, and at which price."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from ringup.accounts.access import allowed
from ringup.accounts.roles import Can
from ringup.backoffice.paging import asked
from ringup.carriers.models import CarrierAccount
from ringup.core.fragments import wants_fragment
from ringup.flows.searching_index import search as search_index
from ringup.numbers import patterns
from ringup.numbers.index.query import Cursor, Query, Sort

SIZE = 50
LONGEST_CURSOR = 4_000
SORTS = ((Sort.PLACE, "by place"), (Sort.PRICE, "cheapest first"), (Sort.BEST, "best first"))


@require_safe
@allowed(Can.SEARCH_NUMBERS)
def search(request: HttpRequest) -> HttpResponse:
    """The search of the address, in the index of this host."""
    accounts = list(
        CarrierAccount.objects.filter(is_enabled=True, is_retired=False).order_by("name")
    )
    chosen = asked(request, "account", length=36)
    account = next((row for row in accounts if str(row.uid) == chosen), None)
    query, text = _query(request), asked(request, "digits", length=patterns.LONGEST)
    result = search_index(query, [account] if account else accounts)
    kept = {
        "account": str(account.uid) if account else "",
        "digits": text,
        "country": query.country,
        "region": query.region,
        "sort": query.sort.value,
    }
    context: dict[str, Any] = {
        "nav": "search",
        "tab": "index",
        "accounts": accounts,
        "account": account,
        "text": text,
        "query": query,
        "result": result,
        "sorts": [(sort.value, words, sort is query.sort) for sort, words in SORTS],
        "first": urlencode(kept),
        "later": urlencode(kept | {"after": result.after}) if result.after else "",
    }
    template = "_index" if wants_fragment(request) else "index"
    response = render(request, f"office/number_search/{template}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _query(request: HttpRequest) -> Query:
    sort = asked(request, "sort", length=10)
    country = asked(request, "country", length=2).upper()
    # The region that is still chosen may be one of the country before.
    is_there = bool(country) and asked(request, "was", length=2) in ("", country)
    return Query(
        pattern=patterns.read(asked(request, "digits", length=patterns.LONGEST)),
        country=country,
        region=asked(request, "region", length=10) if is_there else "",
        sort=Sort(sort) if sort in list(Sort) else Sort.PLACE,
        after=Cursor.read(asked(request, "after", length=LONGEST_CURSOR)),
        size=SIZE,
    )
