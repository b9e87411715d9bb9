"""The keyring: encryption of secrets bound to their row, and keyed hashes of what must be searched.

Keys live in one file of mode 0600, newest first, one Fernet key per line; the file is not part of
ordinary backups. A stored value is ``v1:<key fingerprint>:<token>``: the fingerprint tells which
key made it, and a wrong key is refused with its name instead of a riddle.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

VERSION = "v1"


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
        for key in self.keys:
            if fingerprint(key) == name:
                break
        else:
            raise KeyProblem(f"sealed with key {name}, which is not in the key file")
        try:
            place, text = Fernet(key).decrypt(token.encode()).decode().split("\n", 1)
        except InvalidToken as error:
            raise KeyProblem(f"damaged secret at {bound_to}") from error
        if place != bound_to:
            raise NotThisRow(f"a secret of {place} was found at {bound_to}")
        return text

    def digest(self, text: str, *, purpose: str) -> str:
        """A keyed hash (HMAC-SHA256, hex) for a lookup or unique column beside a secret.

        Always made with the oldest key, so that rotation does not change it.
        """
        message = f"{purpose}\n{text}".encode()
        return hmac.new(self.keys[-1], message, hashlib.sha256).hexdigest()


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
