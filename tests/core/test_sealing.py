from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from ringup.carriers.models import CarrierAccount
from ringup.core.keys import NotThisRow, create_key_file
from ringup.core.sealing import remember_key

pytestmark = pytest.mark.django_db


def make_account(name: str, password: str) -> CarrierAccount:
    account = CarrierAccount(name=name, kind="voipms", url="http://127.0.0.1/")
    account.set_secrets({"password": password})
    account.save()
    return account


def test_a_secret_is_not_in_its_column() -> None:
    account = make_account("one", "geheim123")
    stored = CarrierAccount.objects.values_list("secrets_sealed", flat=True).get(pk=account.pk)
    assert "geheim123" not in stored
    assert CarrierAccount.objects.get(pk=account.pk).connection().secrets == {
        "password": "geheim123"
    }


def test_a_secret_copied_to_another_row_does_not_open() -> None:
    one, two = make_account("one", "a" * 9), make_account("two", "b" * 9)
    CarrierAccount.objects.filter(pk=two.pk).update(secrets_sealed=one.secrets_sealed)
    with pytest.raises(NotThisRow):
        CarrierAccount.objects.get(pk=two.pk).connection()


def test_no_repr_shows_a_secret() -> None:
    account = make_account("one", "geheim123")
    assert "geheim123" not in repr(account) + repr(account.connection())


def test_the_program_refuses_a_key_file_that_is_not_this_database_s(tmp_path: Path) -> None:
    remember_key()
    assert run_checks(databases=["default"]) == []
    stranger = tmp_path / "keys"
    create_key_file(stranger)
    with override_settings(RINGUP_KEY_FILE=stranger):
        assert [error.id for error in run_checks(databases=["default"])] == ["ringup.E002"]
