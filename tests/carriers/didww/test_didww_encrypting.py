"""What we encrypt is what the carrier's own library encrypts, and what its keys open."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from didww.encrypt import Encrypt

from ringup.carriers.didww.encrypting import key_pair
from ringup.core.failures import NothingHappened
from ringup.sandbox.didww.keys import Keys

pytestmark = pytest.mark.once
PDF = b"%PDF-1.4 "


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


@pytest.mark.parametrize("size", [0, 1, 6, 7, 8, 15, 16, 17, 70_000])
def test_the_carriers_keys_open_what_we_encrypted(keys: Keys, size: int) -> None:
    content = PDF + os.urandom(size)
    blob = key_pair(keys.pems()).encrypt(content)
    assert keys.opened(blob) == content
    assert len(blob) == len(Encrypt.encrypt_with_keys(content, keys.pems()))


def test_the_fingerprint_is_the_libraries_and_the_carriers(keys: Keys) -> None:
    pems = keys.pems()
    ours = key_pair(pems).fingerprint()
    assert ours == Encrypt.calculate_fingerprint(pems) == keys.fingerprint()
    assert key_pair(pems[::-1]).fingerprint() != ours, "their order matters"


def test_nothing_is_encrypted_twice_alike(keys: Keys) -> None:
    pair = key_pair(keys.pems())
    assert pair.encrypt(PDF) != pair.encrypt(PDF)


def _curve() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def test_anything_but_two_rsa_keys_is_refused(keys: Keys) -> None:
    good, other = keys.pems()
    for pems in ([], [good], [good, other, good], [good, "no key"], [good, _curve()]):
        with pytest.raises(NothingHappened):
            key_pair(pems)
