"""The name in front of a tenant's domain: proposed from the company's, and asked for at the PBX itself.

Nothing here is a promise: the first order that claims a domain has it (``services.domains``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from ringup.core.failures import PortFailure
from ringup.core.sentences import Refusal
from ringup.orders.models import Draft
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import pbx_for
from ringup.services.domains import LONGEST_LABEL, check_label, propose_label

# A buyer waits for the page meanwhile. A PBX that was silent is left alone for a while.
PAGE_SECONDS = 2.0
SILENT_SECONDS = 60
# So long a name that somebody else was proposed is proposed to nobody else.
POLITE_HOURS = 24
# Of one company's name; behind the last, the buyer chooses himself.
MOST_PROPOSALS = 5
NO_LETTERS = (
    "Type the company name with at least one Latin letter or digit: it becomes part of your PBX "
    "address."
)


def propose(draft: Draft, company: str, *, own: Collection[UUID] = (), server: PbxServer) -> str:
    """A free label for a company's name; with a number behind it where another buyer is being
    offered the plain one, or where the PBX has such a tenant. Refuses, at the company, what makes no
    label, is reserved, or is another company's already. ``own`` are the uids of the same guest's other
    drafts."""
    label = propose_label(company)
    if not label:
        raise Refusal(NO_LETTERS, field="company")
    check_label(label, server, field="company")
    others = _offered_elsewhere(draft, label, own)
    free = (one for one in _variations(label) if one not in others and _is_free(one, server))
    return next(free, label)


def check(label: str, server: PbxServer, *, field: str) -> str:
    """The domain for a label that the buyer typed; refuses also what only the PBX has. One that does
    not answer stops nobody: staff's plan looks again."""
    domain = check_label(label, server, field=field)
    if is_on_pbx(domain, server):
        raise Refusal(
            f"{domain} is taken by another company. Add a word, for example your city: "
            f"{label.strip().lower()}-city.",
            field=field,
        )
    return domain


def is_on_pbx(domain: str, server: PbxServer) -> bool:
    """Whether the PBX says that it has such a tenant. Not inside a transaction."""
    place = f"pbx-silent/{server.pk}"
    if cache.get(place):
        return False
    try:
        with pbx_for(server, seconds=PAGE_SECONDS) as pbx:
            return pbx.domain_owner(domain) is not None
    except PortFailure:
        cache.set(place, True, timeout=SILENT_SECONDS)
        return False


def _variations(label: str) -> Iterator[str]:
    yield label
    for number in range(2, MOST_PROPOSALS + 1):
        yield f"{label[: LONGEST_LABEL - 2]}-{number}"


def _is_free(label: str, server: PbxServer) -> bool:
    try:
        return not is_on_pbx(check_label(label, server, field="company"), server)
    except Refusal:
        return False


def _offered_elsewhere(draft: Draft, label: str, own: Collection[UUID]) -> set[str]:
    """The labels like this one that other drafts have: first come. The same buyer may have it again,
    until he has settled on it for another PBX. What somebody typed says nothing of whose draft it is,
    or else everybody could ask who is ordering here."""
    recent = timezone.now() - timedelta(hours=POLITE_HOURS)
    others = Draft.objects.filter(
        state=Draft.State.OPEN, changed__gt=recent, answers__tenant__label__in=[*_variations(label)]
    ).exclude(pk=draft.pk)
    found = set()
    for other in others.only("uid", "client", "answers"):
        is_own = other.uid in own if other.client_id is None else other.client_id == draft.client_id
        if not is_own or "is_own_choice" in other.answers["tenant"]:
            found.add(other.answers["tenant"]["label"])
    return found
