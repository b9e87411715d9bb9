"""What people hold in their hands: an authenticator app, and a device with passkeys."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client as Browser
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from ringup.accounts.models import User
from ringup.accounts.two_factor import Adapter, add_app, app_of, new_app_secret, secrets_of

FLAG = AuthenticatorData.FLAG


def code_at(secret: str, step: int) -> str:
    """What an app shows in that half minute."""
    return str(format_hotp_value(hotp_value(secret, step)))


def secret_of(user: User) -> str:
    app = app_of(user)
    assert app is not None
    with secrets_of(user):
        return Adapter().decrypt(app.data["secret"])


def fresh_code(user: User) -> str:
    """A code that was not used yet: the one behind the last that was."""
    app = app_of(user)
    assert app is not None
    return code_at(secret_of(user), app.data["step"] + 1)


def with_app(user: User, now: int) -> User:
    """The user, with an app that was set up a minute ago."""
    secret = new_app_secret()
    add_app(user, secret, code_at(secret, now))
    app = app_of(user)
    assert app is not None
    app.data["step"] = now - 2
    app.save()
    return user


class Device:
    """Makes passkeys as a browser would, for a site; one key pair."""

    def __init__(self, origin: str = "https://testserver", site: str = "testserver") -> None:
        self.origin, self.site = origin, hashlib.sha256(site.encode()).digest()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)
        self.handle = b""
        self.verifies = FLAG.UV

    def create(self, options: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.create``."""
        wanted = options["publicKey"]
        self.handle = websafe_decode(wanted["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid(bytes(16)), self.id, public)
        known = AuthenticatorData.create(
            self.site, FLAG.UP | FLAG.AT | self.verifies, 0, credential
        )
        return self._answer(
            clientDataJSON=self._client_data("webauthn.create", wanted["challenge"]),
            attestationObject=AttestationObject.create("none", known, {}),
        )

    def get(self, options: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.get``."""
        said = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        known = AuthenticatorData.create(self.site, FLAG.UP | self.verifies, 0)
        signature = self.key.sign(known + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=said,
            authenticatorData=known,
            signature=signature,
            userHandle=self.handle,
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return CollectedClientData.create(kind, websafe_decode(challenge), self.origin)

    def _answer(self, **response: bytes) -> str:
        name = websafe_encode(self.id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": {key: websafe_encode(value) for key, value in response.items()},
                "clientExtensionResults": {},
            }
        )

    def add_to(self, browser: Browser, name: str = "Laptop") -> Any:
        """Make a passkey on the page for it."""
        options = browser.post("/account/two-step/passkey/options/").json()
        form = {"name": name, "answer": self.create(options)}
        return browser.post("/account/two-step/passkey/", form)
