"""The password of a PBX's administrator, from the step that asks for it until the order is placed: kept
as a hash alone, sealed, and erased with the draft's end."""

from __future__ import annotations

import bcrypt
from django.db import transaction

from ringup.flows.checkout import drafting
from ringup.orders.models import Draft

# Of an UPDATE that ends a draft, or lets its buyer go.
NO_SECRETS = {"secrets_sealed": ""}


def keep(draft: Draft, password: str) -> None:
    """Keep the password's hash with the open draft, instead of the one before."""
    # Outside the transaction: it takes a while, on purpose.
    hashed = _bcrypt(password)
    with transaction.atomic():
        drafting.lock_open(draft)
        draft.secrets = hashed
        draft.save(update_fields=["secrets_sealed", "changed"])


def is_kept(draft: Draft) -> bool:
    return bool(draft.secrets_sealed)  # type: ignore[attr-defined]


def _bcrypt(password: str) -> str:
    # Cost 10, as FusionPBX itself uses (reference, section 3.1). bcrypt reads 72 bytes.
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(10)).decode()
