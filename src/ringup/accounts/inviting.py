"""Owners invite people to their client: a link by mail that works once, and for seven days.

Whether an address has a login already is never told to who invites: the answer is the same.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.belonging import alone, locked, name_of
from ringup.accounts.brands import url_of
from ringup.accounts.letters import compose
from ringup.accounts.mailed_tokens import digest_of, new_token
from ringup.accounts.member_roles import MemberRole
from ringup.accounts.models import Client, Invitation, Membership, User
from ringup.core.actors import RINGUP, Actor
from ringup.core.limiting import Limit, count
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.sending import Letter, post

LIVES = timedelta(days=7)
# Who ordered without signing in finds it in his mails, as others find the link to a password.
OWNER_LIVES = timedelta(days=14)
PURPOSE = "invitation"
MOST_OPEN = 50
# Mails to addresses that people type: of one client, and to one address whoever asks.
BY_CLIENT = Limit("invitations-client", times=20, seconds=3600)
TO_ADDRESS = Limit("invitations-address", times=5, seconds=86_400)

BELONGS = "{email} belongs to {client} already. Change the role in the list. Nothing was sent."
INVITED = "{email} is invited already. Send it again from the list. Nothing was sent."
TOO_OFTEN = "Too many invitations were sent. Wait a while, then try again. Nothing was sent."
OVER = "This invitation was accepted or taken back meanwhile. Nothing was sent."


def open_invitations(client: Client) -> list[Invitation]:
    """Neither accepted nor taken back, the newest first; also those that ran out."""
    rows = Invitation.objects.filter(client=client, accepted=None, revoked=None)
    return list(rows.order_by("-pk"))


def invite(client: Client, *, email: str, role: str, by: User) -> Invitation:
    """Mail a link to ``email`` on which its reader joins the client."""
    email, token, now = email.lower(), new_token(), timezone.now()
    row = Invitation(client=client, email=email, role=role, sent=now, expires=now + LIVES)
    row.token_digest = digest_of(token, purpose=PURPOSE)
    letter = _letter(row, token, invited_by=name_of(by))
    try:
        with alone(client, by) as actor:
            _require_new(client, email)
            _count(client, email)
            row.save()
            post(letter)
            _record(actor, row, "invited somebody", role=role)
    except IntegrityError as error:
        raise Refusal(INVITED.format(email=email), field="email") from error
    return row


def owner_invitation(client: Client) -> tuple[Invitation, Letter]:
    """For a client that belongs to nobody yet, since its address has a login: an invitation of that
    address, to be sent with ``send_first``. Composed before the transaction."""
    token, now = new_token(), timezone.now()
    row = Invitation(client=client, email=client.email.lower(), role=MemberRole.OWNER, sent=now)
    row.expires, row.token_digest = now + OWNER_LIVES, digest_of(token, purpose=PURPOSE)
    return row, _letter(row, token, invited_by=client.contact_name)


def send_first(row: Invitation, letter: Letter) -> None:
    """In the caller's transaction: send what ``owner_invitation`` composed, once for each client."""
    locked(row.client)
    if Invitation.objects.filter(client=row.client).exists():
        return
    row.save()
    post(letter)
    _record(RINGUP, row, "invited the owner", role=row.role)


def invite_owner_anew(row: Invitation, letter: Letter, *, actor: Actor) -> None:
    """Send what ``owner_invitation`` composed once more; an earlier one of the address ends. Refuses
    where somebody belongs to the client meanwhile."""
    with transaction.atomic():
        locked(row.client)
        if Membership.objects.filter(client=row.client).exists():
            raise Refusal(f"Somebody belongs to {row.client.name} by now. Nothing was sent.")
        open_ones = Invitation.objects.filter(client=row.client, accepted=None, revoked=None)
        open_ones.filter(email__iexact=row.email).update(revoked=timezone.now())
        row.save()
        post(letter)
        _record(actor, row, "invited the owner once more", role=row.role)


def _require_new(client: Client, email: str) -> None:
    if Membership.objects.filter(client=client, user__email__iexact=email).exists():
        raise Refusal(BELONGS.format(email=email, client=client.name), field="email")
    rows = Invitation.objects.filter(client=client, accepted=None, revoked=None)
    rows.filter(email__iexact=email, expires__lte=timezone.now()).update(revoked=timezone.now())
    if rows.filter(email__iexact=email).exists():
        raise Refusal(INVITED.format(email=email), field="email")
    if rows.count() >= MOST_OPEN:
        raise Refusal(f"{MOST_OPEN} invitations are open, which is the most. Take some back first.")


def _count(client: Client, email: str) -> None:
    if not (count(BY_CLIENT, str(client.uid)) and count(TO_ADDRESS, email)):
        raise Refusal(TOO_OFTEN)


def send_again(row: Invitation, *, by: User) -> None:
    """A new link, for another seven days; the old one ends."""
    token, now = new_token(), timezone.now()
    letter = _letter(row, token, invited_by=name_of(by))
    with alone(row.client, by) as actor:
        _count(row.client, row.email)
        again = Invitation.objects.filter(pk=row.pk, accepted=None, revoked=None).update(
            token_digest=digest_of(token, purpose=PURPOSE), sent=now, expires=now + LIVES
        )
        if not again:
            raise Refusal(OVER)
        post(letter)
        _record(actor, row, "sent an invitation again")


def take_back(row: Invitation, *, by: User) -> None:
    """The link works no more. Taken back twice, it is taken back."""
    with alone(row.client, by) as actor:
        rows = Invitation.objects.filter(pk=row.pk, accepted=None, revoked=None)
        if rows.update(revoked=timezone.now()):
            _record(actor, row, "took an invitation back")
        elif Invitation.objects.filter(pk=row.pk, revoked=None).exists():
            raise Refusal("The invitation was accepted meanwhile. Remove the member in the list.")


def _record(actor: Actor, row: Invitation, what: str, **detail: object) -> None:
    Activity.record(actor, f"client:{row.client.uid}", what, email=row.email, **detail)


def _letter(row: Invitation, token: str, *, invited_by: str) -> Letter:
    brand = row.client.brand
    return compose(
        "client-invitation",
        key=f"invitation/{row.uid}/{digest_of(token, purpose=PURPOSE)[:16]}",
        to=row.email,
        brand=brand,
        client_id=row.client.pk,
        subject_of=f"client:{row.client.uid}",
        context={
            "invited_by": invited_by,
            "client": row.client.name,
            "role": MemberRole(row.role).label.lower(),
            "days": (row.expires - row.sent).days,
            "join_url": url_of(brand) + reverse("portal:join", args=[token]),
        },
    )
