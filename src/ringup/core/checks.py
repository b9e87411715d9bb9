"""System checks that run at start: the key file must be the one that wrote this database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from ringup.core.fields import keyring
from ringup.core.keys import KeyProblem, fingerprint
from ringup.core.models import KeyFingerprint


@register(Tags.database)
def key_file_fits(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """ringup.E001: no usable key file; ringup.E002: it lacks a key that this database was sealed with."""
    try:
        ring = keyring()
    except KeyProblem as problem:
        return [
            Error(
                str(problem), id="ringup.E001", hint="Set RINGUP_KEY_PATH, or restore the key file."
            )
        ]
    try:
        wanted = set(KeyFingerprint.objects.values_list("name", flat=True))
    except DatabaseError:
        return []  # not migrated yet: nothing is sealed
    missing = wanted - {fingerprint(key) for key in ring.keys}
    if not missing:
        return []
    names = ", ".join(sorted(missing))
    return [
        Error(
            f"The key file lacks key {names}, with which this database was sealed.",
            id="ringup.E002",
            hint="Restore the key file that belongs to this database; nothing was changed.",
        )
    ]
