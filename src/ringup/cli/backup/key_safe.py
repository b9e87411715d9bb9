"""The file in which keys leave: encrypted with a passphrase, readable on any machine that has it.

scrypt with N=2^17, r=8, p=1 (128 MiB; OWASP, Password Storage Cheat Sheet) makes the key of
AES-256-GCM; everything readable in the file is authenticated with it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ringup.core.keys import fingerprint
from ringup.core.sentences import Refusal

FORMAT = "ringup-keys"
_N, _R, _P = 2**17, 8, 1
_LARGEST = 1024 * 1024


def lock(keys: bytes, passphrase: str) -> bytes:
    """The content of a key file as the content of a safe."""
    salt, nonce = os.urandom(16), os.urandom(12)
    head = {
        "format": FORMAT,
        "format_version": 1,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "keys": fingerprints(keys),
        "kdf": "scrypt",
        "n": _N,
        "r": _R,
        "p": _P,
        "cipher": "AES-256-GCM",
        "salt": base64.b64encode(salt).decode(),
        "nonce": base64.b64encode(nonce).decode(),
    }
    locked = AESGCM(_derived(passphrase, salt)).encrypt(nonce, keys, _bound(head))
    return json.dumps({**head, "locked": base64.b64encode(locked).decode()}, indent=1).encode()


def unlock(safe: bytes, passphrase: str) -> bytes:
    """The content of the key file, or a refusal."""
    try:
        head: dict[str, Any] = json.loads(safe[:_LARGEST])
        locked = base64.b64decode(head.pop("locked"), validate=True)
        salt = base64.b64decode(head["salt"], validate=True)
        nonce = base64.b64decode(head["nonce"], validate=True)
        known = (head["format"], head["format_version"], head["kdf"], head["cipher"])
        costs = (head["n"], head["r"], head["p"])
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise Refusal("This is no file of keys, or it is damaged. Nothing was changed.") from error
    if known != (FORMAT, 1, "scrypt", "AES-256-GCM") or costs != (_N, _R, _P) or len(nonce) != 12:
        raise Refusal("This file of keys has a format that this program does not know.")
    try:
        keys = AESGCM(_derived(passphrase, salt)).decrypt(nonce, locked, _bound(head))
    except InvalidTag as error:
        raise Refusal(
            "The passphrase is wrong, or the file is damaged. Nothing was changed."
        ) from error
    for key in keys.split():
        Fernet(key)  # raises when it is none: then the program that made the file was broken
    return keys


def fingerprints(keys: bytes) -> list[str]:
    """The names of the keys in a key file's content."""
    return [fingerprint(key) for key in keys.split()]


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase.encode())


def _bound(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
