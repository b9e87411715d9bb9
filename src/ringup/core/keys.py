"""The keyring: encryption of secrets bound to their row, and keyed hashes of what must be searched.

Keys live in one file of mode 0600, newest first, one Fernet key per line; the file is not part of
ordinary backups. A stored value is ``v1:<key fingerprint>:<token>``: the fingerprint tells which
key made it, and a wrong key is refused with its name instead of a riddle. Files are sealed as bytes
(``seal_bytes``): the same four parts without base64, which would make each a third larger.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "v1"
# Of sealed bytes: version, four bytes of fingerprint, nonce, then AES-256-GCM with its tag.
BYTES_VERSION = b"\x01"
_HEAD, _NONCE = 5, 12


class KeyProblem(Exception):
    """The key file is missing, readable by others, or not the one that made the data."""


class NotThisRow(Exception):
    """A secret was read from another row or column than the one it was written for."""


def fingerprint(key: bytes) -> str:
    """Eight hex digits that name a key without revealing it."""
    return hashlib.sha256(b"ringup-key:" + key).hexdigest()[:8]


@dataclass(frozen=True)
class Keyring:
    """Fernet keys, newest first."""

    keys: tuple[bytes, ...]

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.keys[0])

    def seal(self, text: str, *, bound_to: str) -> str:
        """Encrypt ``text`` for exactly one place, for example ``carrier:<uid>:password``."""
        payload = f"{bound_to}\n{text}".encode()
        return f"{VERSION}:{self.fingerprint}:{Fernet(self.keys[0]).encrypt(payload).decode()}"

    def open(self, sealed: str, *, bound_to: str) -> str:
        version, name, token = sealed.split(":", 2)
        if version != VERSION:
            raise KeyProblem(f"sealed with format {version}, this program knows {VERSION}")
        try:
            place, text = Fernet(self._key(name)).decrypt(token.encode()).decode().split("\n", 1)
        except InvalidToken as error:
            raise KeyProblem(f"damaged secret at {bound_to}") from error
        if place != bound_to:
            raise NotThisRow(f"a secret of {place} was found at {bound_to}")
        return text

    def seal_bytes(self, content: bytes, *, bound_to: str) -> bytes:
        """``seal`` for a file: binary, some forty bytes longer than place and content."""
        head = BYTES_VERSION + bytes.fromhex(self.fingerprint)
        nonce = os.urandom(_NONCE)
        payload = bound_to.encode() + b"\n" + content
        return head + nonce + _cipher(self.keys[0]).encrypt(nonce, payload, head)

    def open_bytes(self, sealed: bytes, *, bound_to: str) -> bytes:
        head, nonce, token = (
            sealed[:_HEAD],
            sealed[_HEAD : _HEAD + _NONCE],
            sealed[_HEAD + _NONCE :],
        )
        if len(head) < _HEAD or head[:1] != BYTES_VERSION:
            raise KeyProblem(
                f"sealed bytes of a format that this program does not know: {bound_to}"
            )
        try:
            payload = _cipher(self._key(head[1:].hex())).decrypt(nonce, token, head)
        except (InvalidTag, ValueError) as error:
            raise KeyProblem(f"damaged secret at {bound_to}") from error
        place, _, content = payload.partition(b"\n")
        if place != bound_to.encode():
            raise NotThisRow(f"a secret of {place.decode()} was found at {bound_to}")
        return content

    def _key(self, name: str) -> bytes:
        for key in self.keys:
            if fingerprint(key) == name:
                return key
        raise KeyProblem(f"sealed with key {name}, which is not in the key file")

    def digest(self, text: str, *, purpose: str) -> str:
        """A keyed hash (HMAC-SHA256, hex) for a lookup or unique column beside a secret.

        Always made with the oldest key, so that rotation does not change it.
        """
        message = f"{purpose}\n{text}".encode()
        return hmac.new(self.keys[-1], message, hashlib.sha256).hexdigest()


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    """A key of its own for bytes, derived from the Fernet key: one key serves one algorithm."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ringup-bytes")
    return AESGCM(derived.derive(key))


def create_key_file(path: Path) -> None:
    """Write a new key file of mode 0600. An existing one is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")


@lru_cache(maxsize=4)
def read_keyring(path: Path) -> Keyring:
    """The keyring of a key file. Refuses a file that others can read."""
    try:
        mode = path.stat().st_mode
        lines = path.read_bytes().split()
    except OSError as error:
        raise KeyProblem(f"the key file {path} cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise KeyProblem(f"the key file {path} is readable by others: chmod 600 {path}")
    if not lines:
        raise KeyProblem(f"the key file {path} is empty")
    return Keyring(tuple(lines))
