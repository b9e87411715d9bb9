"""What a buyer accepts: the terms of the brand whose shop it is, now and as they were."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ringup.accounts.models import TermsVersion
from ringup.accounts.storefronts import brand_of


@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """As they are now. A brand without terms has no page."""
    version = brand_of(request).terms_version
    if not version:
        raise Http404
    return _page(request, version)


@require_safe
def older(request: HttpRequest, version: int) -> HttpResponse:
    """As they were when somebody accepted them."""
    return _page(request, version)


def _page(request: HttpRequest, version: int) -> HttpResponse:
    brand = brand_of(request)
    found = get_object_or_404(TermsVersion, brand=brand, version=version)
    context = {
        "terms": found,
        "is_current": version == brand.terms_version,
        "others": TermsVersion.objects.filter(brand=brand).exclude(pk=found.pk).defer("text"),
    }
    return render(request, "shop/terms.html", context)
