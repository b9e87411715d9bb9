from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from ringup.core.keys import (
    KeyProblem,
    Keyring,
    NotThisRow,
    create_key_file,
    fingerprint,
    read_keyring,
)

pytestmark = pytest.mark.once


def make_keyring(count: int = 1) -> Keyring:
    return Keyring(tuple(Fernet.generate_key() for _ in range(count)))


def test_what_is_sealed_opens_at_its_own_place_only() -> None:
    ring = make_keyring()
    sealed = ring.seal("geheim", bound_to="carrier:1:password")
    assert ring.open(sealed, bound_to="carrier:1:password") == "geheim"
    with pytest.raises(NotThisRow):
        ring.open(sealed, bound_to="carrier:2:password")


def test_a_sealed_value_names_format_and_key_and_hides_the_text() -> None:
    ring = make_keyring()
    sealed = ring.seal("geheim", bound_to="a")
    assert sealed.startswith(f"v1:{ring.fingerprint}:")
    assert "geheim" not in sealed


def test_after_rotation_old_values_open_and_new_ones_use_the_new_key() -> None:
    old = make_keyring()
    sealed = old.seal("geheim", bound_to="a")
    rotated = Keyring((Fernet.generate_key(), *old.keys))
    assert rotated.open(sealed, bound_to="a") == "geheim"
    assert rotated.seal("neu", bound_to="a").split(":")[1] == fingerprint(rotated.keys[0])


def test_a_wrong_key_is_refused_by_name() -> None:
    sealed = make_keyring().seal("geheim", bound_to="a")
    with pytest.raises(KeyProblem, match="not in the key file"):
        make_keyring().open(sealed, bound_to="a")


def test_a_tampered_value_is_refused() -> None:
    ring = make_keyring()
    sealed = ring.seal("geheim", bound_to="a")
    with pytest.raises(KeyProblem, match="damaged"):
        ring.open(sealed[:-4] + "AAAA", bound_to="a")


def test_a_file_is_sealed_as_bytes_for_its_own_place_only() -> None:
    ring, content = make_keyring(), b"\x00\n\xff" * 100_000
    sealed = ring.seal_bytes(content, bound_to="document:1:content")
    assert ring.open_bytes(sealed, bound_to="document:1:content") == content
    assert len(sealed) - len(content) < 100
    assert sealed[:5] == b"\x01" + bytes.fromhex(ring.fingerprint)
    with pytest.raises(NotThisRow):
        ring.open_bytes(sealed, bound_to="document:2:content")
    with pytest.raises(NotThisRow):
        ring.open_bytes(sealed, bound_to="document:1:preview")


@pytest.mark.parametrize("place", [5, 20, -1])
def test_tampered_bytes_are_refused(place: int) -> None:
    ring = make_keyring()
    sealed = bytearray(ring.seal_bytes(b"geheim", bound_to="a"))
    sealed[place] ^= 1
    with pytest.raises(KeyProblem, match="damaged"):
        ring.open_bytes(bytes(sealed), bound_to="a")


def test_bytes_of_another_format_or_key_are_refused_by_name() -> None:
    ring = make_keyring()
    sealed = ring.seal_bytes(b"geheim", bound_to="a")
    with pytest.raises(KeyProblem, match=f"key {ring.fingerprint}, which is not in"):
        make_keyring().open_bytes(sealed, bound_to="a")
    for strange in (b"", b"\x01", b"\x02" + sealed[1:]):
        with pytest.raises(KeyProblem, match="format"):
            ring.open_bytes(strange, bound_to="a")
    rotated = Keyring((Fernet.generate_key(), *ring.keys))
    assert rotated.open_bytes(sealed, bound_to="a") == b"geheim"


def test_lookup_hashes_are_keyed_and_survive_rotation() -> None:
    old = make_keyring()
    rotated = Keyring((Fernet.generate_key(), *old.keys))
    assert old.digest("4711", purpose="x") == rotated.digest("4711", purpose="x")
    assert old.digest("4711", purpose="x") != make_keyring().digest("4711", purpose="x")
    assert old.digest("4711", purpose="x") != old.digest("4711", purpose="y")


def test_a_key_file_is_private_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "keys"
    create_key_file(path)
    first = path.read_bytes()
    create_key_file(path)
    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    create_key_file(path)
    path.chmod(0o644)
    with pytest.raises(KeyProblem, match="chmod 600"):
        read_keyring(path)
