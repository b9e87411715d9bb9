"""Drafts that nobody came back to: a reminder to clients two days before, then their end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.addressees import addressees
from ringup.accounts.brands import url_of
from ringup.accounts.letters import compose
from ringup.accounts.member_roles import Topic
from ringup.core.actors import RINGUP
from ringup.core.models import Activity
from ringup.flows.checkout import chosen_numbers, needing_papers
from ringup.flows.checkout.keeping_passwords import NO_SECRETS
from ringup.jobs.tickets import Ticket
from ringup.mail.models import Outbox
from ringup.mail.sending import Letter, post
from ringup.numbers import holding
from ringup.orders.models import Draft

# So long before its end a client is reminded.
REMIND_DAYS = 2
# Drafts that one transaction ends at most.
PORTION = 200


def expire(ticket: Ticket) -> None:
    """Job of a schedule: end the open drafts that were not changed for ``RINGUP_DRAFT_DAYS``, and
    remind clients of those that will. Running it twice changes nothing more."""
    ended = PORTION
    while ended == PORTION:
        ticket.check()
        with ticket.fenced():
            ended = _end_some()
    _remind(ticket)


def _end_some() -> int:
    """End up to ``PORTION`` drafts. Whoever places one at this moment has it locked, and is passed by;
    who has just begun to has changed it."""
    before = timezone.now() - timedelta(days=settings.RINGUP_DRAFT_DAYS)
    old = _open().filter(changed__lte=before)
    portion = list(old.select_for_update(skip_locked=True).order_by("pk")[:PORTION])
    for draft in portion:
        still = old.filter(pk=draft.pk)
        if still.update(state=Draft.State.EXPIRED, **NO_SECRETS) == 1:
            holding.end(draft.uid)
            needing_papers.erase(draft)
            Activity.record(
                RINGUP, f"draft:{draft.uid}", "closed an order that was left unfinished"
            )
    return len(portion)


def _open() -> QuerySet[Draft]:
    return Draft.objects.filter(state=Draft.State.OPEN)


def _remind(ticket: Ticket) -> None:
    """One mail for each time that a draft is left. Guests get none: nobody has proved their
    addresses."""
    for draft in _left_alone():
        letters = _letters(draft)
        with ticket.fenced():
            # Behind the look: who came back meanwhile needs no reminder.
            if _open().filter(pk=draft.pk, changed=draft.changed).exists():
                for letter in letters:
                    post(letter)


def _left_alone() -> list[Draft]:
    days = settings.RINGUP_DRAFT_DAYS
    if days <= REMIND_DAYS:
        return []
    since = timezone.now() - timedelta(days=days)
    # What staff writes for a client is not the client's to go on with.
    rows = _open().filter(client__isnull=False, placed_by=None, changed__gt=since)
    rows = rows.filter(changed__lte=since + timedelta(days=REMIND_DAYS))
    found = list(rows.select_related("client", "brand", "bundle", "product").order_by("pk"))
    subjects = [f"draft:{draft.uid}" for draft in found]
    keys = Outbox.objects.filter(subject_of__in=subjects, template="draft-expires")
    known = {key.rpartition("/reader")[0] for key in keys.values_list("key", flat=True)}
    return [draft for draft in found if _key(draft) not in known]


def _key(draft: Draft) -> str:
    """Another one for each time that the draft is left."""
    return f"draft/{draft.uid}/expires/{int(draft.changed.timestamp())}"


def _letters(draft: Draft) -> list[Letter]:
    assert draft.client is not None  # guests are left out
    return [
        compose(
            "draft-expires",
            key=f"{_key(draft)}/reader{reader.suffix}",
            to=reader.email,
            brand=draft.brand,
            client_id=draft.client_id,
            subject_of=f"draft:{draft.uid}",
            context=_context(draft) | {"contact": reader.contact},
        )
        for reader in addressees(draft.client, Topic.ORDERS)
    ]


def _context(draft: Draft) -> dict[str, Any]:
    numbers = [chosen_numbers.words_of(chosen) for chosen in chosen_numbers.numbers_of(draft)]
    ends = draft.changed + timedelta(days=settings.RINGUP_DRAFT_DAYS)
    return {
        "product": draft.sold.name,
        "numbers": ", ".join(numbers),
        "ends": _day(ends, draft),
        "continue_url": url_of(draft.brand) + reverse("shop:resume", args=[draft.uid]),
    }


def _day(moment: datetime, draft: Draft) -> str:
    """``Friday, 4 December``, where the client is."""
    assert draft.client is not None
    local = moment.astimezone(ZoneInfo(draft.client.time_zone))
    return f"{local:%A}, {local.day} {local:%B}"
