"""Papers are encrypted with the carrier's two keys before they leave us.

AES-256-CBC (PKCS#7) under a key of its own for each file; that key and the vector, for each of the
two RSA keys (OAEP with SHA-256), go before it. Source: the public ``didww`` library, against which a
test holds this; not tried with the live service.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ringup.core.failures import NothingHappened

KEY_BYTES, VECTOR_BYTES = 32, 16


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The carrier's public keys. Their order matters."""

    first: RSAPublicKey
    second: RSAPublicKey

    def fingerprint(self) -> str:
        """By which the carrier knows whether these are its newest keys."""
        return f"{_fingerprint(self.first)}:::{_fingerprint(self.second)}"

    def encrypt(self, content: bytes) -> bytes:
        """The file as it travels."""
        key, vector = os.urandom(KEY_BYTES), os.urandom(VECTOR_BYTES)
        opening = key + vector
        body = _encrypt_body(content, key, vector)
        return self.first.encrypt(opening, _oaep()) + self.second.encrypt(opening, _oaep()) + body


def key_pair(pems: list[str]) -> KeyPair:
    """From PEM, as ``public_keys`` lists them. ``NothingHappened`` where they are not two RSA keys."""
    try:
        keys = [serialization.load_pem_public_key(pem.encode()) for pem in pems]
    except (ValueError, UnsupportedAlgorithm):
        keys = []
    rsa = [key for key in keys if isinstance(key, RSAPublicKey)]
    if len(pems) != 2 or len(rsa) != 2:
        raise NothingHappened("DIDWW answered without the two keys for papers.")
    return KeyPair(*rsa)


def _oaep() -> rsa_padding.OAEP:
    sha = hashes.SHA256()
    return rsa_padding.OAEP(mgf=rsa_padding.MGF1(sha), algorithm=sha, label=None)


def _encrypt_body(content: bytes, key: bytes, vector: bytes) -> bytes:
    padder = padding.PKCS7(algorithms.AES.block_size).padder()
    padded = padder.update(content) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def _fingerprint(key: RSAPublicKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    der = key.public_bytes(serialization.Encoding.DER, form)
    # SHA-1 only names the key here; the carrier chose it.
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()
