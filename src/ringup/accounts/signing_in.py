"""From a right password to a session: with the second step in between, for who has one.

Until the second step is done, the session holds nothing but the promise that the password was
right (``PENDING``): nobody is signed in. Everything that signs people in with a password or a link
comes through ``enter``.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from ringup.accounts import devices
from ringup.accounts.models import User
from ringup.accounts.notices import notice
from ringup.accounts.two_factor import (
    Way,
    codes_left,
    has_second_step,
    is_required_of,
    take_code,
)
from ringup.core.actors import GUEST
from ringup.core.limiting import Limit, address_of, count, forget, within
from ringup.core.models import Activity
from ringup.mail.sending import post

PENDING = "ringup.second_step"
PENDING_SECONDS = 600
# In a session that came in by a second step, or that has set one up.
IN_TWO_STEPS = "ringup.in_two_steps"
# When the password was typed last in this session.
TYPED_AT = "ringup.typed_at"
RECENT_SECONDS = 900

# Tries of the second step, for each login. Counted before the try, so that tries at once count.
SECOND_STEP = Limit("second-step", times=5, seconds=900)
SECOND_STEP_A_DAY = Limit("second-step-day", times=30, seconds=86_400)
PASSWORD_AGAIN = Limit("password-again", times=10, seconds=900)


def enter(request: HttpRequest, user: User, *, how: str, where: str) -> bool:
    """Sign ``user`` in, after a right password or a signed link; False when the second step is
    still to do, behind which he gets to ``where``."""
    if not has_second_step(user):
        sign_in(request, user, how=how)
        return True
    if request.user.is_authenticated:
        logout(request)
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": int(time.time()),
        "how": how,
        "where": where,
    }
    return False


def waiting(request: HttpRequest) -> User | None:
    """Whose second step this session waits for; None when nobody's, or not any more."""
    pending = request.session.get(PENDING)
    if not pending or not 0 <= time.time() - pending["at"] <= PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    if user is None or not constant_time_compare(pending["hash"], user.get_session_auth_hash()):
        return None
    return user


def finish(request: HttpRequest, user: User, way: Way) -> str:
    """The second step was done: sign in, and say where to."""
    pending: dict[str, Any] = request.session.pop(PENDING)
    forget(SECOND_STEP, str(user.pk))
    forget(SECOND_STEP_A_DAY, str(user.pk))
    sign_in(request, user, how=f"{pending['how']}, {way}")
    request.session[IN_TWO_STEPS] = True
    return str(pending["where"])


def finish_with_passkey(request: HttpRequest, user: User) -> None:
    """A passkey alone signed in. It is no recent password: changing factors asks for one."""
    request.session.pop(PENDING, None)
    sign_in(request, user, how=Way.PASSKEY)
    request.session[IN_TWO_STEPS] = True
    del request.session[TYPED_AT]


def sign_in(request: HttpRequest, user: User, *, how: str) -> None:
    """Give the session to ``user``, and write it down."""
    with transaction.atomic():
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        subject = f"user:{user.uid}"
        Activity.record(user.as_actor(), subject, "signed in", how=how, address=address_of(request))
        devices.remember(request, user)
    request.session[TYPED_AT] = int(time.time())


# -- the second step's tries ------------------------------------------------------------------------


def may_try(user: User) -> bool:
    """Count one try of the second step. False when there were too many."""
    tries = [count(limit, str(user.pk)) for limit in (SECOND_STEP, SECOND_STEP_A_DAY)]
    return all(tries)


def try_code(request: HttpRequest, user: User, code: str) -> Way | None:
    """A code for the second step, after ``may_try``; a wrong one that was the last is logged."""
    way = take_code(user, code)
    if way is Way.RECOVERY_CODE:
        left = codes_left(user)
        post(notice(user, f"You signed in with a recovery code. {left} are left; each works once."))
    if way is None and not within(SECOND_STEP, str(user.pk)):
        locked(request, user, f"was locked out after {SECOND_STEP.times} wrong codes")
    return way


def locked(request: HttpRequest, user: User | None, what: str) -> None:
    """Write down that guessing was stopped: of one login, or from one address."""
    address = address_of(request)
    subject = f"address:{address}" if user is None else f"user:{user.uid}"
    Activity.record(GUEST, subject, what, address=address)


# -- a session's standing ----------------------------------------------------------------------------


def lacks_second_step(request: HttpRequest, user: User) -> bool:
    """Whether this member of staff must set up a second step before anything else."""
    if not is_required_of(user) or request.session.get(IN_TWO_STEPS):
        return False
    return not has_second_step(user)


def password_is_recent(request: HttpRequest) -> bool:
    """Whether the password was typed in this session a short while ago."""
    typed: int = request.session.get(TYPED_AT, 0)
    return 0 <= time.time() - typed <= RECENT_SECONDS


def password_again(request: HttpRequest, user: User, password: str) -> bool:
    """Whether ``password`` is right; then it is recent. After ``PASSWORD_AGAIN`` was counted."""
    if not user.check_password(password):
        if not within(PASSWORD_AGAIN, str(user.pk)):
            locked(request, user, f"typed {PASSWORD_AGAIN.times} wrong passwords while signed in")
        return False
    forget(PASSWORD_AGAIN, str(user.pk))
    request.session[TYPED_AT] = int(time.time())
    return True


def end_sessions(user: User) -> None:
    """End every session of this login, and every link to set its password."""
    devices.forget_all(user)
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])


def only_this_session(request: HttpRequest, user: User) -> None:
    """A first second step was set up: other sessions came in without, and end."""
    end_sessions(user)
    stay_signed_in(request, user)
    request.session[IN_TWO_STEPS] = True


def stay_signed_in(request: HttpRequest, user: User) -> None:
    """Behind ``end_sessions``, or a new password: this session goes on, under a new key."""
    update_session_auth_hash(request, user)
    devices.remember(request, user)
