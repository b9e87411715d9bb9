"""Which hosts are served: those of the settings, and each brand's own domain, without a restart.

Django's own lists are read once. ``KnownHosts`` stands before everything else, because the settings
let Django itself take any host.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware

from ringup.accounts.brands import domains, url_at


def is_known(host: str) -> bool:
    """Whether a ``Host`` header names one of us. A database that does not answer knows no brands."""
    name, _ = split_domain_port(host)
    if not name:
        return False
    if validate_host(name, settings.RINGUP_HOSTS):
        return True
    try:
        return name in domains()
    except DatabaseError:
        return False


class KnownHosts:
    """Answers 400 to a host that is none of ours, before anything believes it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Without a Host header Django answers with the name of the machine: that is nobody's.
        if not is_known(request.get_host()):
            raise DisallowedHost("The Host header is none of RINGUP_HOSTS and no brand's domain.")
        return self.get_response(request)


class BrandCsrf(CsrfViewMiddleware):
    """Django's own, which besides ``RINGUP_URL`` trusts forms from the brands' domains: only needed
    where a proxy changes what we see of the address."""

    @property
    def allowed_origins_exact(self) -> set[str]:
        return {*settings.CSRF_TRUSTED_ORIGINS, *map(url_at, domains())}
