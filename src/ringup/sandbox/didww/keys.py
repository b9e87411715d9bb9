"""The carrier's two keys, under which papers travel."""

from __future__ import annotations

import hashlib
from functools import cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# The real ones have 4096 bits; making those takes seconds.
BITS = 2048
KEY_BYTES, IV_BYTES = 32, 16
_OAEP = rsa_padding.OAEP(
    mgf=rsa_padding.MGF1(algorithm=hashes.SHA256()), algorithm=hashes.SHA256(), label=None
)
# As files begin that the API takes.
KNOWN_STARTS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@cache
def _drawn(place: int) -> rsa.RSAPrivateKey:
    """The keys of this process: making one costs a tenth of a second and more."""
    return rsa.generate_private_key(public_exponent=65537, key_size=BITS)


class Keys:
    """A pair that can be exchanged for a new one. Made when somebody asks for it: most never do."""

    def __init__(self) -> None:
        self._place = 0

    @property
    def _pair(self) -> list[rsa.RSAPrivateKey]:
        return [_drawn(self._place), _drawn(self._place + 1)]

    def rotate(self) -> None:
        """From now on other keys count."""
        self._place += 2

    def pems(self) -> list[str]:
        """The public ones; their order matters."""
        return [
            key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
            for key in self._pair
        ]

    def fingerprint(self) -> str:
        """SHA-1 of each key's DER, joined."""
        ders = [
            key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            for key in self._pair
        ]
        return ":::".join(hashlib.sha1(der, usedforsecurity=False).hexdigest() for der in ders)

    def opened(self, blob: bytes) -> bytes | None:
        """The file inside, when both keys open it and it is of a kind that is taken; else None."""
        size = BITS // 8
        try:
            creds = {
                key.decrypt(blob[place * size : (place + 1) * size], _OAEP)
                for place, key in enumerate(self._pair)
            }
            content = _decrypted(creds.pop(), blob[2 * size :]) if len(creds) == 1 else b""
        except (ValueError, UnsupportedAlgorithm):
            return None
        return content if content.startswith(KNOWN_STARTS) else None


def _decrypted(creds: bytes, ciphertext: bytes) -> bytes:
    key, iv = creds[:KEY_BYTES], creds[KEY_BYTES : KEY_BYTES + IV_BYTES]
    opened = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    padded = opened.update(ciphertext) + opened.finalize()
    plain = padding.PKCS7(128).unpadder()
    return plain.update(padded) + plain.finalize()
