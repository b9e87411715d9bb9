"""The first owner of a new installation.

Whoever can read the key file can print the set-up code (``ringup first_owner``); nobody else can
guess it, and it is worth nothing once there is an owner.
"""

from __future__ import annotations

import hmac
import uuid

from django.db import IntegrityError, transaction
from django.urls import reverse

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Brand, User
from ringup.accounts.roles import Role
from ringup.core.fields import keyring
from ringup.core.models import Activity
from ringup.core.sealing import remember_key
from ringup.core.sentences import Refusal

LENGTH = 20


def is_needed() -> bool:
    """Whether there is no owner yet who could sign in."""
    return not User.objects.filter(is_staff=True, role=Role.OWNER, is_active=True).exists()


def code() -> str:
    """The set-up code of this installation."""
    return keyring().digest("first owner", purpose="set-up")[:LENGTH]


def path() -> str:
    """The path on which the first owner is made, with the code."""
    return f"{reverse('office:set-up')}?code={code()}"


def make(*, given: str, name: str, email: str, password: str) -> User:
    """Make the first owner. Refuses a wrong code, and when somebody was faster."""
    if not hmac.compare_digest(given.encode(), code().encode()):
        raise Refusal(
            "This set-up link is not complete. Print it again with «ringup first_owner» on the "
            "server. Nothing was changed."
        )
    user = User(username=uuid.uuid4().hex, email=email.lower(), first_name=name)
    user.is_staff, user.role = True, Role.OWNER
    user.set_password(password)
    brand = default_brand()
    try:
        with transaction.atomic():
            # Of two who come at once, one waits here for the other.
            Brand.objects.select_for_update().get(pk=brand.pk)
            remember_key()
            if not is_needed():
                raise Refusal("This installation has an owner already. Sign in instead.")
            user.save()
            Activity.record(user.as_actor(), f"user:{user.uid}", "became the first owner")
    except IntegrityError as error:
        raise Refusal(
            "This e-mail address has an account already. Use another one.", field="email"
        ) from error
    return user
