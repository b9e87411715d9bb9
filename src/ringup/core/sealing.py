"""Sealed columns: text that is encrypted at rest and bound to its row."""

from __future__ import annotations

from django.db import models

from ringup.core.fields import keyring
from ringup.core.models import KeyFingerprint


class SealedField:
    """A secret text in one column ``<name>_sealed``, bound to the row's ``uid``.

    Assigning needs the row's uid, so set it in a method or after construction, never by a bulk
    ``update``. Reading a value that was copied from another row raises ``NotThisRow``.
    """

    def __init__(self) -> None:
        self.name = ""
        self.label = ""

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        self.name = name
        self.label = cls._meta.label_lower
        column: models.Field[str, str] = models.TextField(blank=True, default="", editable=False)
        column.contribute_to_class(cls, f"{name}_sealed")
        setattr(cls, name, self)

    def _place(self, row: models.Model) -> str:
        return f"{self.label}:{row.uid}:{self.name}"  # type: ignore[attr-defined]

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> str:
        if row is None:
            return self  # type: ignore[return-value]
        sealed: str = getattr(row, f"{self.name}_sealed")
        return keyring().open(sealed, bound_to=self._place(row)) if sealed else ""

    def __set__(self, row: models.Model, text: str) -> None:
        sealed = keyring().seal(text, bound_to=self._place(row)) if text else ""
        setattr(row, f"{self.name}_sealed", sealed)


def remember_key() -> None:
    """Note the newest key's fingerprint in the database, so that a wrong key file is noticed."""
    KeyFingerprint.objects.get_or_create(name=keyring().fingerprint)
