"""The number search as the home page and the wizard show it: limits, fragments, what to swap."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from ringup.carriers.models import CarrierAccount
from ringup.core.limiting import Limit, address_of, count
from ringup.shop import patterns
from ringup.shop.searching import Search, Wanted, search

# Guests read a carrier's live API through us: enough for people, too little for a crawler.
BY_SESSION = Limit("search-session", times=60, seconds=60)
BY_ADDRESS = Limit("search-address", times=240, seconds=60)
TOO_OFTEN = "That were many searches in a short time. Wait a minute, then search again."


def limited_search(
    request: HttpRequest, account: CarrierAccount, currency: str, *, holder: uuid.UUID | None
) -> tuple[Search, int]:
    """The search that the address asks for, and the status to answer with (200 or 429)."""
    wanted = Wanted.from_query(request.GET)
    fine = count(BY_ADDRESS, address_of(request))
    fine = count(BY_SESSION, request.session.session_key or "") and fine
    if fine:
        return search(account, wanted, currency, holder=holder), 200
    return Search(wanted, patterns.read(wanted.text), problem=TOO_OFTEN), 429


def render_fragment(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    """The results, and out of band what belongs to them: the keypad echo, and the selects when
    country or region changed."""
    found: Search = context["search"]
    extra = {"swap_places": _places_changed(request, found)}
    return render(request, "shop/_found.html", context | extra, status=status)


def _places_changed(request: HttpRequest, found: Search) -> bool:
    """Whether the page that asks still shows the selects of another place: htmx names its address."""
    try:
        asked = urlsplit(request.headers.get("HX-Current-URL", "")).query
    except ValueError:  # no address at all
        asked = ""
    before = Wanted.from_query(QueryDict(asked))
    now = found.wanted
    return bool(found.countries) and (before.country, before.region) != (now.country, now.region)
