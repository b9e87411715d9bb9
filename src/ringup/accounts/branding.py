"""Changing the brand: what the reseller is called, whose mails those are, what it sells in."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ringup.accounts.models import Brand
from ringup.core.actors import Actor
from ringup.core.models import Activity

EXAMPLE = "@ringup.example"


def save_brand(brand: Brand, *, changes: dict[str, Any], actor: Actor) -> None:
    """Save a changed brand. ``changes`` are ``{"name": [before, after]}`` for the log."""
    if not changes:
        return
    with transaction.atomic():
        brand.save()
        Activity.record(actor, f"brand:{brand.uid}", "changed the brand", **changes)


def is_named(brand: Brand) -> bool:
    """Whether somebody has put in real addresses instead of the examples of a new installation."""
    return EXAMPLE not in brand.mail_from + brand.support_email
