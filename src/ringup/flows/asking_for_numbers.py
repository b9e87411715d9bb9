"""A buyer asks for numbers of a place where the carrier chooses the digits and its adapter cannot order
such a number by itself: people answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction

from ringup.accounts.letters import compose
from ringup.accounts.models import Brand, Client
from ringup.carriers.models import CarrierAccount
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.flows.finding import FoundPlace
from ringup.mail.models import Outbox
from ringup.mail.sending import Letter, post

MOST = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants how many numbers of a place. ``uid`` is the page's: sent twice, it is one wish.
    ``place`` is its name, as the buyer read it."""

    uid: uuid.UUID
    place: str
    name: str
    email: str
    count: int
    remark: str = ""


def ask(
    wish: Wish, found: FoundPlace, *, brand: Brand, client: Client | None, actor: Actor
) -> None:
    """Write to the brand's own address. Nothing is ordered, held or charged by it."""
    letter = _letter(wish, found, brand, client)
    with transaction.atomic():
        if Outbox.objects.filter(key=letter.key).exists():
            return
        post(letter)
        Activity.record(
            actor,
            letter.subject_of,
            f"asked for {wish.count} in {wish.place}",
            price=str(found.price.monthly),
        )


def _letter(wish: Wish, found: FoundPlace, brand: Brand, client: Client | None) -> Letter:
    account = CarrierAccount.objects.get(pk=found.account)
    return compose(
        "numbers-wanted",
        key=f"wish/{wish.uid}",
        to=brand.support_email,
        brand=brand,
        client_id=None,
        subject_of=f"wish:{wish.uid}",
        context={
            "place": wish.place,
            "count": wish.count,
            "name": wish.name,
            "email": wish.email,
            "client": client.name if client else "",
            "remark": wish.remark,
            "monthly": found.price.monthly,
            "setup": found.price.setup or "",
            "needs_papers": found.kind.needs_papers,
            "provider": account.name,
            "carrier_key": found.key,
        },
    )
