"""What people and clients say about themselves: names, zones, the address, the company."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.brands import brand_of_login, url_of
from ringup.accounts.letters import compose
from ringup.accounts.mailed_tokens import digest_of, new_token
from ringup.accounts.member_roles import MemberRole
from ringup.accounts.models import Client, EmailChange, Membership, User
from ringup.accounts.notices import notice
from ringup.core.limiting import Limit, count
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.sending import Letter, post

LIVES = timedelta(hours=24)
PURPOSE = "email-change"
BY_LOGIN = Limit("email-change-login", times=5, seconds=3600)
TO_ADDRESS = Limit("email-change-address", times=5, seconds=86_400)

YOURS = "This is your address already. Nothing was changed."
TOO_OFTEN = "Too many links were asked for. Try again in an hour. Nothing was changed."
GONE = (
    "This link was used already, is older than a day, or is for another login. Your address is as "
    "it was. Ask for a new link on your profile."
)


def save_person(user: User, **wanted: str) -> None:
    """Another name, time zone or language."""
    changed = [name for name, value in wanted.items() if getattr(user, name) != value]
    if not changed:
        return
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(**wanted)
        # Which of them, and not what they were: names leave with the person.
        Activity.record(user.as_actor(), f"user:{user.uid}", "changed the profile", fields=changed)


def save_company(client: Client, user: User, **wanted: str) -> None:
    """Other data of the company. The caller has checked that ``user`` may."""
    changes: dict[str, Any] = {
        name: [getattr(client, name), value]
        for name, value in wanted.items()
        if getattr(client, name) != value
    }
    if not changes:
        return
    with transaction.atomic():
        Client.objects.filter(pk=client.pk).update(**wanted)
        actor, subject = user.as_actor(), f"client:{client.uid}"
        Activity.record(actor, subject, "changed the company's data", **changes)


# -- the address to sign in with -------------------------------------------------------------------


def ask_for_email(user: User, email: str) -> None:
    """Mail a link to the new address. Nothing changes before it is followed by the same login.

    An address that another login has is answered alike; its owner is told instead of sent a link.
    """
    email = email.lower()
    if email == user.email.lower():
        raise Refusal(YOURS, field="email")
    is_taken = User.objects.filter(email__iexact=email).exists()
    _ask(user, email, is_taken=is_taken, what="asked for another e-mail address")


def ask_to_verify(user: User) -> None:
    """Mail a link to the login's present address; following it proves that mails arrive."""
    if user.is_verified:
        raise Refusal("Your address is verified already. Nothing was sent.")
    _ask(user, user.email, is_taken=False, what="asked for a link to verify the e-mail address")


def _ask(user: User, email: str, *, is_taken: bool, what: str) -> None:
    token = new_token()
    if not (count(BY_LOGIN, str(user.pk)) and count(TO_ADDRESS, email)):
        raise Refusal(TOO_OFTEN, field="email")
    letter = _letter(user, email, "" if is_taken else token)
    wanted = {
        "email": email,
        "token_digest": digest_of(token, purpose=PURPOSE),
        "expires": timezone.now() + LIVES,
    }
    with transaction.atomic():
        EmailChange.objects.update_or_create(user=user, defaults=wanted)
        post(letter)
        Activity.record(user.as_actor(), f"user:{user.uid}", what)


def email_change_of(user: User, token: str) -> EmailChange | None:
    """The change behind a token, of this login and while it can be made. Looking spends nothing."""
    digest = digest_of(token, purpose=PURPOSE)
    rows = EmailChange.objects.filter(user=user, token_digest=digest)
    return rows.filter(expires__gt=timezone.now()).first()


def waiting_email(user: User) -> EmailChange | None:
    """The new address that waits for its link to be followed."""
    return EmailChange.objects.filter(user=user, expires__gt=timezone.now()).first()


def change_email(user: User, token: str) -> str:
    """Follow the link: the address counts from now on. An old one is told."""
    change = email_change_of(user, token)
    if change is None:
        raise Refusal(GONE)
    old, new = user.email, change.email
    letter = notice(user, f"You sign in with {new} from now on, and no more with this address.")
    try:
        with transaction.atomic():
            spent, _ = EmailChange.objects.filter(
                pk=change.pk, token_digest=change.token_digest
            ).delete()
            rows = User.objects.filter(pk=user.pk, email=old)
            if not spent or not rows.update(email=new, email_verified=timezone.now()):
                raise Refusal(GONE)
            if new != old:
                _follow(user, old, new)
                post(letter)
            what = "verified the e-mail address" if new == old else "changed the e-mail address"
            Activity.record(user.as_actor(), f"user:{user.uid}", what)
    except IntegrityError as error:
        raise Refusal(GONE) from error
    user.refresh_from_db(fields=["email", "email_verified"])
    return new


def _follow(user: User, old: str, new: str) -> None:
    """Where an owner's address was the company's, too, it stays so."""
    owned = Membership.objects.filter(user=user, role=MemberRole.OWNER).values("client")
    Client.objects.filter(pk__in=owned, email__iexact=old).update(email=new)


def drop_email_change(user: User) -> None:
    """The login keeps its address; the link that was mailed is worth nothing any more."""
    EmailChange.objects.filter(user=user).delete()


def _letter(user: User, email: str, token: str) -> Letter:
    client, brand = user.clients.first(), brand_of_login(user)
    link = url_of(brand) + reverse("portal:email-confirm", args=[token]) if token else ""
    return compose(
        "email-change",
        key=f"email-change/{user.pk}/{uuid.uuid4().hex}",
        to=email,
        brand=brand,
        client_id=client.pk if client else None,
        subject_of=f"user:{user.uid}",
        context={
            "email": email,
            "confirm_url": link,
            "hours": int(LIVES.total_seconds() // 3600),
        },
    )
