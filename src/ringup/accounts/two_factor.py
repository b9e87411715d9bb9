"""Second factors of a login: an authenticator app (TOTP), recovery codes, and passkeys.

The rows are django-allauth's (``allauth.mfa.models.Authenticator``), and so are the codes'
arithmetic and formats; when a factor is asked for, taken or given up is decided here. Secrets are
sealed with our keyring, for the login whose they are.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any

from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code, normalize_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ringup.accounts.brands import brand_at, default_brand
from ringup.accounts.models import Brand, User
from ringup.accounts.notices import notice
from ringup.core.fields import keyring
from ringup.core.models import Activity
from ringup.core.sealing import remember_key
from ringup.core.sentences import Refusal
from ringup.mail.sending import Letter, post

Kind = Authenticator.Type
# What may stand as the second step; recovery codes only help out.
STEPS = (Kind.TOTP, Kind.WEBAUTHN)
APP_DIGITS = 6

WRONG_CODE = (
    "This code is not right, or it was used already. Wait for the next one in your app, and check "
    "that the clock of your telephone is right. Nothing was changed."
)
LAST_ONE = (
    "Staff signs in in two steps here, and this is your only second step. Add another one first, "
    "or set the app up anew on another telephone. Nothing was changed."
)


class Way(StrEnum):
    """How the second step was done, in words of the activity log."""

    APP = "authenticator app"
    RECOVERY_CODE = "recovery code"
    PASSKEY = "passkey"


# -- what allauth asks of us ------------------------------------------------------------------------

_whose: ContextVar[User] = ContextVar("whose secrets are sealed and opened")


@contextmanager
def secrets_of(user: User) -> Iterator[None]:
    """Inside, allauth seals and opens secrets of ``user`` alone; outside it can do neither."""
    token = _whose.set(user)
    try:
        yield
    finally:
        _whose.reset(token)


def _place() -> str:
    return f"two-factor:{_whose.get().uid}"


def _brand_asked() -> Brand:
    """Whose name an app and a browser keep: that of the host on which they are set up."""
    return brand_at(context.request) if context.request is not None else default_brand()


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # untyped upstream
    """allauth's hooks: sealed secrets, and our names for reseller and login."""

    def encrypt(self, text: str) -> str:
        return keyring().seal(text, bound_to=_place())

    def decrypt(self, encrypted_text: str) -> str:
        return keyring().open(encrypted_text, bound_to=_place())

    def get_totp_issuer(self) -> str:
        return _brand_asked().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": _brand_asked().name}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        name = user.get_full_name() or user.email
        return {"id": user.uid.bytes, "display_name": name, "name": user.email}


# -- what a login has ---------------------------------------------------------------------------


def has_second_step(user: User) -> bool:
    """Whether a password alone does not sign this login in."""
    return bool(Authenticator.objects.filter(user=user, type__in=STEPS).exists())


def steps_of(users: Iterable[User]) -> dict[int, list[str]]:
    """What each login (by its key) has as second step: "App", "2 passkeys"."""
    counted: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = Authenticator.objects.filter(user__in=list(users), type__in=STEPS)
    for user, kind in rows.order_by("type").values_list("user_id", "type"):
        counted[user][kind] += 1
    return {user: [_counted(kind, n) for kind, n in has.items()] for user, has in counted.items()}


def _counted(kind: str, number: int) -> str:
    if kind == Kind.TOTP:
        return "App"
    return "1 passkey" if number == 1 else f"{number} passkeys"


def app_of(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=user, type=Kind.TOTP).first()


def passkeys_of(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, type=Kind.WEBAUTHN).order_by("pk"))


# -- authenticator app ----------------------------------------------------------------------------


def new_app_secret() -> str:
    """A fresh secret, in Base32 as apps want it typed."""
    return str(generate_totp_secret())


def app_picture(user: User, secret: str) -> str:
    """The QR code that an app reads, as a ``data:`` address of an SVG."""
    adapter = Adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _step_of(secret: str, code: str) -> int | None:
    """The half minute whose code this is: the present one or a neighbour, else None."""
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return int(step)
    return None


def add_app(user: User, secret: str, code: str) -> None:
    """Take the app that shows ``code`` as second step, in place of an older one.

    Raises ``Refusal`` when the code is wrong.
    """
    step = _step_of(secret, code)
    if step is None:
        raise Refusal(WRONG_CODE, field="code")
    letter = notice(user, "An authenticator app was added as your second step.")
    try:
        with transaction.atomic(), secrets_of(user):
            replaced, _ = Authenticator.objects.filter(user=user, type=Kind.TOTP).delete()
            app = TOTP.activate(user, secret).instance
            app.data["step"] = step
            app.save()
            remember_key()
            what = "replaced the authenticator app" if replaced else "added an authenticator app"
            added(user, what, letter)
    except IntegrityError as error:
        raise Refusal("The app was added in another window just now. Nothing more was done.") from (
            error
        )


def added(user: User, what: str, letter: Letter, **detail: str) -> None:
    """A second step was added: there are recovery codes now, a line in the log and a mail."""
    with secrets_of(user):
        RecoveryCodes.activate(user)
    post(letter)
    Activity.record(user.as_actor(), f"user:{user.uid}", what, **detail)


# -- giving up a factor -----------------------------------------------------------------------------


def remove(user: User, factor: Authenticator) -> None:
    """Give up an app or a passkey of ``user``; the recovery codes go with the last one."""
    name = "the authenticator app"
    if factor.type == Kind.WEBAUTHN:
        name = f"the passkey “{factor.data['name']}”"
    letter = notice(user, f"You removed {name} from your second steps.")
    with transaction.atomic():
        others = Authenticator.objects.filter(user=user, type__in=STEPS).exclude(pk=factor.pk)
        if is_required_of(user) and not others.exists():
            raise Refusal(LAST_ONE)
        factor.delete()
        delete_dangling_recovery_codes(user)
        post(letter)
        Activity.record(user.as_actor(), f"user:{user.uid}", f"removed {name}")


def is_required_of(user: User) -> bool:
    """Whether this login must have a second step."""
    return bool(user.is_staff and settings.RINGUP_STAFF_TWO_FACTOR == "required")


# -- codes ----------------------------------------------------------------------------------------


def take_code(user: User, code: str) -> Way | None:
    """Accept a code of the app or a recovery code, each only once; None when it is neither."""
    length = len(normalize_user_code(code))
    with secrets_of(user):
        if length == APP_DIGITS:
            app = app_of(user)
            return Way.APP if app is not None and _take_app_code(app, code) else None
        row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
        if row is None or not RecoveryCodes(row).validate_code(code):
            return None
        return Way.RECOVERY_CODE


def _take_app_code(app: Authenticator, code: str) -> bool:
    """A code counts once: the last half minute that was taken is kept beside the secret."""
    step = _step_of(Adapter().decrypt(app.data["secret"]), code)
    if step is None:
        return False
    taken = Authenticator.objects.filter(pk=app.pk, data__step__lt=step).update(
        data={**app.data, "step": step}, last_used_at=timezone.now()
    )
    return bool(taken)


def codes_left(user: User) -> int:
    """How many recovery codes can still be used."""
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    if row is None:
        return 0
    with secrets_of(user):
        return len(RecoveryCodes(row).get_unused_codes())


def codes_to_show(user: User) -> list[str]:
    """The recovery codes, the first time anybody asks; afterwards nothing."""
    with transaction.atomic(), secrets_of(user):
        rows = Authenticator.objects.select_for_update()
        row = rows.filter(user=user, type=Kind.RECOVERY_CODES).first()
        if row is None or RecoveryCodes(row).did_view:
            return []
        codes = RecoveryCodes(row)
        codes.mark_as_viewed()
        return [f"{code[:5]} {code[5:]}" for code in codes.get_unused_codes()]


def renew_codes(user: User) -> None:
    """New recovery codes; the old ones no longer work."""
    if not has_second_step(user):
        raise Refusal("Add an app or a passkey first. Recovery codes only stand in for those.")
    letter = notice(user, "New recovery codes were made; the old ones no longer work.")
    with transaction.atomic(), secrets_of(user):
        Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).delete()
        RecoveryCodes.activate(user)
        post(letter)
        Activity.record(user.as_actor(), f"user:{user.uid}", "made new recovery codes")
