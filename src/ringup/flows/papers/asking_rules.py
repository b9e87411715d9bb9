"""What papers the numbers of a place need, and to which areas an address may belong: asked of the
carrier while somebody waits for a page, and remembered for a day."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import papers_for
from ringup.carriers.papers import Area, Requirement, TakesPapers
from ringup.core.failures import NothingHappened, OutcomeUnknown, PortFailure
from ringup.core.sentences import Refusal

DAY_SECONDS = 24 * 3600
PAGE_SECONDS = 10.0
SILENT = (
    "Our number supplier does not answer right now, so we cannot say which papers this number needs. "
    "Nothing was charged and your answers are kept. Try again in a minute."
)
NO_RULES = (
    "This number needs papers, and our supplier does not say which. Nothing was ordered or charged. "
    "Choose another number, or write to us."
)
NO_AREAS = (
    "Our number supplier does not say which cities it knows. Nothing was charged. Try again in a few "
    "minutes, or write to us."
)
Answer = TypeVar("Answer")


def rules_for(account: CarrierAccount, place: str, *, field: str = "number") -> Requirement:
    """What the numbers of a place of this account need, for a number of which the carrier says that it
    needs papers. Refuses in plain words, with ``field``, while the carrier is silent."""
    key = _key(account, "rules", place)
    known = cache.get(key)
    if known is None:
        found = _ask(account, lambda carrier: carrier.requirement(place), field)
        if found is None or not found.identities:
            raise Refusal(NO_RULES, field=field)
        known = found.as_data()
        cache.set(key, known, DAY_SECONDS)
    return Requirement.from_data(known)


def areas_for(
    account: CarrierAccount, requirement: Requirement, *, field: str = "city"
) -> list[Area]:
    """The areas or cities to which an address must belong, by name. Refuses while the carrier is silent,
    and where it names none."""
    key = _key(account, "areas", requirement.key)
    known = cache.get(key)
    if known is None:
        found = _ask(account, lambda carrier: carrier.address_areas(requirement), field)
        if not found:
            raise Refusal(NO_AREAS, field=field)
        known = [(area.key, area.name) for area in found]
        cache.set(key, known, DAY_SECONDS)
    return [Area(key, name) for key, name in known]


def _key(account: CarrierAccount, what: str, name: str) -> str:
    """Another one when the account moves to another host of the carrier."""
    place = hashlib.sha256(f"{account.url} {name}".encode()).hexdigest()[:32]
    return f"papers-{what}/{account.pk}/{place}"


def _ask(account: CarrierAccount, question: Callable[[TakesPapers], Answer], field: str) -> Answer:
    account.read_timeout_seconds = min(account.read_timeout_seconds, PAGE_SECONDS)
    try:
        with papers_for(account) as carrier:
            return question(carrier)
    except (NothingHappened, OutcomeUnknown) as failure:
        raise Refusal(SILENT, field=field) from failure
    except PortFailure as failure:
        raise Refusal(failure.user_message, field=field) from failure
