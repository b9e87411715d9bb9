"""Where carriers call back: ``/hooks/carriers/<uid of the account>/``.

A callback is a hint: its signature is checked, and a job looks at the thing that it names. It may come
twice, late, or replayed; nothing that it says is taken for true.
"""

from __future__ import annotations

import logging
import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import adapter_class, papers_for
from ringup.carriers.papers import Hint
from ringup.carriers.port import Capability
from ringup.core.failures import PortFailure, Refused
from ringup.core.limiting import Limit, address_of, count
from ringup.jobs.enqueuing import enqueue

log = logging.getLogger(__name__)
# Far more than any carrier tells at once.
MOST_BYTES = 64_000
FREQUENT = Limit("carrier-hook", times=300, seconds=60)


@csrf_exempt
@require_http_methods(["HEAD", "GET", "POST"])
def heard(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take what a carrier tells. 403 for what it has not signed, 404 for an account that hears of
    nothing."""
    account = CarrierAccount.objects.filter(uid=uid).first()
    if account is None or not _takes_papers(account):
        raise Http404
    if request.method == "HEAD":
        return HttpResponse()
    if not count(FREQUENT, f"{uid}/{address_of(request)}"):
        return HttpResponse(status=429)
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        hints = _hints(account, request)
    except Refused:
        log.warning("a callback to account %d is not signed by its carrier", account.pk)
        return HttpResponse(status=403)
    except PortFailure as failure:
        # Ours to mend; the carrier tries again, and the sweep finds what it told.
        log.warning("a callback to account %d could not be checked: %s", account.pk, failure)
        return HttpResponse(status=403)
    if hints:
        _have_looked_at(account, hints)
    return HttpResponse()


def _takes_papers(account: CarrierAccount) -> bool:
    known = account.kind in settings.RINGUP_CARRIERS
    return known and Capability.PAPERS in adapter_class(account.kind).capabilities


def _hints(account: CarrierAccount, request: HttpRequest) -> list[Hint]:
    query = request.META.get("QUERY_STRING", "")
    with papers_for(account) as carrier:
        return carrier.read_callback(
            url=account.callback_url + (f"?{query}" if query else ""),
            method=request.method or "",
            headers=dict(request.headers),
            body=request.body,
        )


def _have_looked_at(account: CarrierAccount, hints: list[Hint]) -> None:
    """One job for the same hints, however often they come while it waits."""
    names = sorted({(hint.kind[:20], hint.key[:80]) for hint in hints})
    key = f"papers/hinted/{account.pk}/{uuid.uuid5(account.uid, repr(names))}"
    told = [{"kind": kind, "key": key_of} for kind, key_of in names]
    enqueue("papers.hinted", key=key, account=account.pk, hints=told)
