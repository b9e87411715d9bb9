"""Accepting an invitation: with a new login, or with the one that has the invited address.

The token proves that the mail was read; joining with an existing login asks besides that exactly this
login is signed in.
"""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from ringup.accounts.inviting import PURPOSE
from ringup.accounts.mailed_tokens import digest_of
from ringup.accounts.models import Client, Invitation, Membership, User
from ringup.accounts.verifying import proved
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

GONE = (
    "This invitation was used already, taken back, or is older than seven days. Nothing was "
    "changed. Ask for a new one."
)
NOT_YOURS = (
    "This invitation is for {email}. Sign out, and sign in with that address. Nothing was changed."
)
NOT_FOR_STAFF = (
    "{email} cannot join a client. Ask to be invited with another address. Nothing was changed."
)
KNOWN = "This address has a login already. Sign in with it, then open the link again."


def invitation_of(token: str) -> Invitation | None:
    """The invitation behind a token while it can be used. Looking does not spend it: scanners look."""
    rows = Invitation.objects.select_related("client", "client__brand")
    return rows.filter(
        token_digest=digest_of(token, purpose=PURPOSE),
        accepted=None,
        revoked=None,
        expires__gt=timezone.now(),
    ).first()


def login_of(invitation: Invitation) -> User | None:
    """The login that has the invited address; None when it is still to be made."""
    return User.objects.filter(email__iexact=invitation.email).first()


def sign_up(token: str, *, name: str, password: str) -> tuple[User, Client]:
    """A new login with the invited address, which the token proves, as member of the client."""
    invitation = _living(token)
    user = User(
        username=uuid.uuid4().hex,
        email=invitation.email,
        first_name=name,
        language=invitation.client.brand.language,
        email_verified=timezone.now(),
    )
    user.set_password(password)  # takes its time: outside the transaction
    try:
        with transaction.atomic():
            _spend(invitation, token)
            user.save()
            _add(invitation, user)
    except IntegrityError as error:
        raise Refusal(KNOWN) from error
    return user, invitation.client


def join(token: str, user: User) -> Client:
    """``user``, who is signed in, becomes a member of the client. Who is one already stays as he is."""
    invitation = _living(token)
    if user.email.lower() != invitation.email.lower():
        raise Refusal(NOT_YOURS.format(email=invitation.email))
    if user.is_staff or not user.is_active:
        raise Refusal(NOT_FOR_STAFF.format(email=invitation.email))
    with transaction.atomic():
        _spend(invitation, token)
        proved(user)
        _add(invitation, user)
    return invitation.client


def _living(token: str) -> Invitation:
    found = invitation_of(token)
    if found is None:
        raise Refusal(GONE)
    return found


def _spend(invitation: Invitation, token: str) -> None:
    """Of two at once one gets through. Sent again meanwhile, this token is worth nothing any more."""
    rows = Invitation.objects.filter(
        pk=invitation.pk,
        token_digest=digest_of(token, purpose=PURPOSE),
        accepted=None,
        revoked=None,
        expires__gt=timezone.now(),
    )
    if rows.update(accepted=timezone.now()) != 1:
        raise Refusal(GONE)


def _add(invitation: Invitation, user: User) -> None:
    _, is_new = Membership.objects.get_or_create(
        user=user, client=invitation.client, defaults={"role": invitation.role}
    )
    if is_new:
        Activity.record(
            user.as_actor(),
            f"client:{invitation.client.uid}",
            "accepted an invitation",
            member=f"user:{user.pk}",
            role=invitation.role,
        )
