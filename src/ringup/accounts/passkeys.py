"""Passkeys (WebAuthn): added to a login, and asked for as second step or instead of a password.

A passkey proves the device, and its PIN or finger: that is required everywhere, so signing in with
one alone is two factors, too. Challenges wait in the session.
"""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.db import transaction
from django.utils import timezone
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from ringup.accounts.models import User
from ringup.accounts.notices import notice
from ringup.accounts.two_factor import Kind, added, passkeys_of
from ringup.core.sealing import remember_key
from ringup.core.sentences import Refusal

log = logging.getLogger(__name__)

MOST = 10
LONGEST_ANSWER = 20_000
TOO_MANY = f"You have {MOST} passkeys, which is the most. Remove one first. Nothing was changed."
NOT_ADDED = "The browser's answer could not be checked. Nothing was changed. Try it once more."
NOT_KNOWN = (
    "This passkey is not known here, or the page was open for too long. Try it once more, or sign "
    "in with your password."
)


def options_to_add(user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey; the challenge waits in the session."""
    if len(passkeys_of(user)) >= MOST:
        raise Refusal(TOO_MANY)
    return dict(auth.begin_registration(user, passwordless=True))


def add(user: User, *, name: str, answer: str) -> None:
    """Keep the passkey that the browser made. ``answer`` is its JSON, and distrusted."""
    state = auth.get_state()
    auth.clear_state()
    if not state or len(answer) > LONGEST_ANSWER:
        raise Refusal(NOT_ADDED)
    try:
        response = RegistrationResponse.from_dict(json.loads(answer))
        auth.get_server().register_complete(state, response)
        credential = _plain(response)
    except Exception as error:  # whatever the parsers below raise at nonsense
        log.info("a passkey could not be added: %s", type(error).__name__)
        raise Refusal(NOT_ADDED) from error
    letter = notice(user, f"The passkey “{name}” was added to your second steps.")
    with transaction.atomic():
        # Of two that come at once, one waits here for the other.
        User.objects.select_for_update().get(pk=user.pk)
        if len(passkeys_of(user)) >= MOST:
            raise Refusal(TOO_MANY)
        auth.WebAuthn.add(user, name, credential)
        remember_key()
        added(user, "added a passkey", letter, name=name)


def _plain(response: RegistrationResponse) -> dict[str, Any]:
    """The credential as allauth reads it again, without what else the browser sent."""
    return {
        "id": websafe_encode(response.raw_id),
        "rawId": websafe_encode(response.raw_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(response.response.client_data),
            "attestationObject": websafe_encode(response.response.attestation_object),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }


def options_to_sign_in(user: User | None) -> dict[str, Any]:
    """What the browser needs to ask for a passkey: for any when nobody is known yet."""
    return dict(auth.begin_authentication(user))


def owner_of(answer: str) -> User | None:
    """Whose passkey it claims to be. Proves nothing: ``taken`` does."""
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        handle = json.loads(answer)["response"]["userHandle"]
        uid = uuid.UUID(bytes=websafe_decode(handle))
    except Exception as error:  # the answer may be anything
        log.info("a passkey named no login: %s", type(error).__name__)
        return None
    return User.objects.filter(uid=uid, is_active=True).first()


def taken(user: User, answer: str) -> bool:
    """Whether the answer is signed by a passkey of ``user`` for the challenge of this session."""
    state = auth.get_state()
    auth.clear_state()
    known = {
        row.wrap().authenticator_data.credential_data.credential_id: row
        for row in passkeys_of(user)
    }
    credentials = auth.get_credentials(user)
    if not state or not credentials or len(answer) > LONGEST_ANSWER:
        return False
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        used = auth.get_server().authenticate_complete(state, credentials, response)
    except Exception as error:  # whatever the parsers below raise at nonsense
        log.info("a passkey was refused: %s", type(error).__name__)
        return False
    row: Authenticator = known[used.credential_id]
    Authenticator.objects.filter(pk=row.pk, type=Kind.WEBAUTHN).update(last_used_at=timezone.now())
    return True
