"""Staff lets the owner of a client in who cannot sign in yet, by a mail to his own address.

Staff never sees the link: it goes to the login's mailbox, or to the address that the client gave.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from enum import StrEnum

from django.db import transaction

from ringup.accounts import inviting
from ringup.accounts.belonging import locked
from ringup.accounts.brands import url_of
from ringup.accounts.letters import compose
from ringup.accounts.member_roles import MemberRole
from ringup.accounts.models import Client, Membership, User
from ringup.accounts.passwords import set_password_path
from ringup.core.actors import Actor
from ringup.core.limiting import Limit, count
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.sending import Letter, post

AGAIN = Limit("let-in", times=3, seconds=3600)
NOBODY = (
    "An owner of {name} can sign in already, and helps himself under “Forgot your password?”. Nothing "
    "was sent."
)
TOO_OFTEN = "The link was mailed three times within an hour. Nothing was sent. Wait."


class WayIn(StrEnum):
    """How the owner of a client gets in: he chooses his first password, or his login joins it."""

    PASSWORD = "password"  # noqa: S105 - the word
    INVITATION = "invitation"


def way_in(client: Client, people: Sequence[Membership] | None = None) -> WayIn | None:
    """What can be mailed; None where an owner can sign in, or nobody can be written to. ``people`` are
    all of the client's, where they were read already, the oldest first."""
    if not client.email:
        return None
    people = _people(client) if people is None else people
    if not people:
        return WayIn.INVITATION
    owners = _owners(people)
    can_sign_in = any(owner.has_usable_password() for owner in owners)
    return WayIn.PASSWORD if owners and not can_sign_in else None


def let_in(client: Client, *, actor: Actor) -> str:
    """Mail the link to the owner, and return where to. A link to a password works until one was
    chosen; an earlier invitation of the address ends."""
    way = way_in(client)
    if way is None:
        raise Refusal(NOBODY.format(name=client.name))
    if not count(AGAIN, str(client.uid)):
        raise Refusal(TOO_OFTEN)
    if way is WayIn.INVITATION:
        invitation, letter = inviting.owner_invitation(client)
        inviting.invite_owner_anew(invitation, letter, actor=actor)
        return invitation.email
    owner = _owners(_people(client))[0]
    letter = _letter(client, owner)
    with transaction.atomic():
        locked(client)
        post(letter)
        what = f"mailed {owner.email} the link to choose a first password"
        Activity.record(actor, f"client:{client.uid}", what)
    return owner.email


def _people(client: Client) -> list[Membership]:
    rows = Membership.objects.filter(client=client).select_related("user")
    return list(rows.order_by("pk"))


def _owners(people: Sequence[Membership]) -> list[User]:
    owners = (one.user for one in people if one.role == MemberRole.OWNER)
    return [owner for owner in owners if owner.is_active and owner.email]


def _letter(client: Client, owner: User) -> Letter:
    brand = client.brand
    return compose(
        "first-password",
        key=f"first-password/{owner.pk}/{uuid.uuid4().hex}",
        to=owner.email,
        brand=brand,
        client_id=client.pk,
        subject_of=f"client:{client.uid}",
        context={
            "contact": owner.get_full_name() or client.contact_name,
            "client": client.name,
            "set_password_url": url_of(brand) + set_password_path(owner),
        },
    )
