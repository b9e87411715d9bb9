"""Finding the client who is on the telephone: by name, contact, e-mail or number."""

from __future__ import annotations

import re

from django.db.models import Q

from ringup.accounts.models import Client
from ringup.numbers.models import OwnedNumber

MOST = 12
# Fewer digits are in too many numbers to tell anybody.
FEWEST_DIGITS = 4


def clients_like(words: str) -> list[Client]:
    """Clients in which every word occurs, or one of whose telephones or numbers has the digits; the
    newest first. Closed ones are left out. One more than ``MOST`` says that there are more."""
    rows = Client.objects.exclude(email="")
    for word in words.split():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(contact_name__icontains=word)
            | Q(email__icontains=word)
            | Q(pk__in=Client.objects.filter(users__email__icontains=word).values("pk"))
            | _numbered(words)
        )
    return list(rows.order_by("-pk")[: MOST + 1])


def _numbered(words: str) -> Q:
    """``(416) 555-0142`` is one number, however it is written."""
    digits = re.sub(r"\D", "", words) if re.fullmatch(r"[\d\s()+./-]+", words) else ""
    if len(digits) < FEWEST_DIGITS:
        return Q(pk__in=[])
    own = OwnedNumber.objects.filter(e164__contains=digits)
    own = own.exclude(state=OwnedNumber.State.RELEASED).exclude(client=None)
    return Q(phone__contains=digits) | Q(pk__in=own.values("client"))
