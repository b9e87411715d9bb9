"""Staff comes and goes: invited, given another role, switched off and on, its second step reset.

One owner who can sign in is always left. Changes of staff queue up at the brand's row, so that two
owners who demote each other at once find one of them an owner still.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError, transaction

from ringup.accounts.brands import default_brand
from ringup.accounts.letters import compose
from ringup.accounts.models import Brand, User
from ringup.accounts.notices import notice
from ringup.accounts.passwords import set_password_path
from ringup.accounts.roles import Can, Role
from ringup.accounts.signing_in import end_sessions
from ringup.accounts.two_factor import steps_of
from ringup.core.actors import RINGUP, Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.sending import Letter, post

LAST_OWNER = (
    "{name} is the only owner who can sign in. Make somebody else an owner first, and let that "
    "person choose a password. Nothing was changed."
)
NOT_YOURSELF = "You cannot switch yourself off. Ask another owner. Nothing was changed."
NO_OWNER_ANY_MORE = "You are no owner any more, so nothing was changed."
KNOWN_STAFF = "{name} is staff already. Change the role there. Nothing was changed."
KNOWN_CLIENT = (
    "This address belongs to a client's login. Staff needs an address of its own. Nothing was sent."
)


def name_of(user: User) -> str:
    return user.get_full_name() or user.email


@contextmanager
def _alone(by: User | None) -> Iterator[Actor]:
    """Inside, nobody else changes staff. ``by`` may still do so; None is the shell."""
    brand = default_brand()
    with transaction.atomic():
        Brand.objects.select_for_update().get(pk=brand.pk)
        if by is None:
            yield RINGUP
        elif User.objects.get(pk=by.pk).can(Can.EDIT_STAFF):
            yield by.as_actor()
        else:
            raise Refusal(NO_OWNER_ANY_MORE)


def _keep_an_owner(member: User) -> None:
    """Refuse when nobody but ``member`` could sign in as owner."""
    others = User.objects.filter(is_staff=True, is_active=True, role=Role.OWNER)
    if member.role == Role.OWNER and not any(
        owner.has_usable_password() for owner in others.exclude(pk=member.pk)
    ):
        raise Refusal(LAST_OWNER.format(name=name_of(member)), field="role")


def _fresh(member: User) -> User:
    """The member as he is now, not as he was on the page."""
    return User.objects.get(pk=member.pk, is_staff=True)


def _record(actor: Actor, member: User, what: str, **detail: object) -> None:
    Activity.record(actor, f"user:{member.uid}", what, **detail)


# -- coming ----------------------------------------------------------------------------------------


def invite(*, email: str, first_name: str, last_name: str, role: str, by: User) -> User:
    """Make a login without a password, and mail a link on which its owner chooses one."""
    known = User.objects.filter(email__iexact=email).first()
    if known is not None:
        sentence = KNOWN_STAFF.format(name=name_of(known)) if known.is_staff else KNOWN_CLIENT
        raise Refusal(sentence, field="email")
    member = User(username=email.lower(), email=email.lower(), role=role, is_staff=True)
    member.first_name, member.last_name = first_name, last_name
    member.set_unusable_password()
    try:
        with _alone(by) as actor:
            member.save()
            # Composed here: the link is about the row. Rendering takes some milliseconds.
            post(_invitation(member, by=by))
            _record(actor, member, f"invited {name_of(member)}", email=member.email, role=role)
    except IntegrityError as error:
        raise Refusal(KNOWN_STAFF.format(name=email), field="email") from error
    return member


def invite_again(member: User, *, by: User) -> None:
    """Mail a new link to somebody who has not chosen a password yet."""
    if member.has_usable_password():
        raise Refusal(
            f"{name_of(member)} has chosen a password already. A forgotten one is helped by the "
            "link on the sign-in page. Nothing was sent."
        )
    if not member.is_active:
        raise Refusal(f"{name_of(member)} is switched off. Nothing was sent.")
    letter = _invitation(member, by=by)
    with _alone(by) as actor:
        post(letter)
        _record(actor, member, f"invited {name_of(member)} again")


def _invitation(member: User, *, by: User) -> Letter:
    brand = default_brand()
    return compose(
        "staff-invitation",
        # Pressed twice in a minute, it goes out once.
        key=f"staff-invitation/{member.pk}/{int(time.time() // 60)}",
        to=member.email,
        brand=brand,
        client_id=None,
        subject_of=f"user:{member.uid}",
        context={
            "contact": name_of(member),
            "invited_by": name_of(by),
            "role": str(member.get_role_display()),
            "set_password_url": settings.RINGUP_URL + set_password_path(member),
        },
    )


# -- changing ----------------------------------------------------------------------------------------


def change(member: User, *, first_name: str, last_name: str, role: str, by: User) -> None:
    """Another name or role. A role counts from the next page on."""
    with _alone(by) as actor:
        row = _fresh(member)
        if role != row.role and role != Role.OWNER:
            _keep_an_owner(row)
        wanted = {"first_name": first_name, "last_name": last_name, "role": role}
        changes = {
            name: [getattr(row, name), value]
            for name, value in wanted.items()
            if getattr(row, name) != value
        }
        if not changes:
            return
        User.objects.filter(pk=row.pk).update(**wanted)
        what = "changed the role of" if "role" in changes else "changed the name of"
        _record(actor, row, f"{what} {name_of(row)}", **changes)


def switch_off(member: User, *, by: User) -> None:
    """No signing in any more; every session and every link ends at once."""
    if member.pk == by.pk:
        raise Refusal(NOT_YOURSELF)
    with _alone(by) as actor:
        row = _fresh(member)
        if not row.is_active:
            return
        _keep_an_owner(row)
        User.objects.filter(pk=row.pk).update(is_active=False)
        end_sessions(row)
        _record(actor, row, f"switched {name_of(row)} off")


def switch_on(member: User, *, by: User) -> None:
    """Let somebody sign in again, with the same password and role."""
    with _alone(by) as actor:
        row = _fresh(member)
        if row.is_active:
            return
        User.objects.filter(pk=row.pk).update(is_active=True)
        _record(actor, row, f"switched {name_of(row)} on again")


def reset_second_step(member: User, *, by: User) -> None:
    """For a lost telephone: no second step any more, and every session ends."""
    if member.pk == by.pk:
        raise Refusal("This is you: change your second step in your own menu. Nothing was changed.")
    letter = notice(member, f"{name_of(by)} reset your second step. Set up a new one.")
    with _alone(by) as actor:
        _forget_factors(_fresh(member), actor)
        post(letter)


def _forget_factors(member: User, actor: Actor) -> None:
    had = ", ".join(steps_of([member]).get(member.pk, []))
    Authenticator.objects.filter(user=member).delete()
    end_sessions(member)
    _record(actor, member, f"reset the second step of {name_of(member)}", had=had)


# -- from the shell --------------------------------------------------------------------------------


def make_owner(email: str, *, name: str = "", reset_factors: bool = False) -> tuple[User, bool]:
    """An active owner with this address, made or mended, and whether it is new. For a machine on
    which nobody has access; whoever has its shell has everything anyway."""
    with _alone(None) as actor:
        member = User.objects.filter(email__iexact=email).first()
        is_new = member is None
        if member is None:
            member = User(username=email.lower(), email=email.lower(), first_name=name)
            member.set_unusable_password()
        elif not member.is_staff:
            raise Refusal(KNOWN_CLIENT)
        member.is_staff, member.is_active, member.role = True, True, Role.OWNER
        member.save()
        what = "made" if is_new else "restored"
        _record(actor, member, f"{what} the owner {name_of(member)} from the shell")
        if reset_factors:
            _forget_factors(member, actor)
    return member, is_new
