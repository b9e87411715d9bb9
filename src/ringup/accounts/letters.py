"""Mails of a brand: it is their sender, and all of them may name it and its support."""

from __future__ import annotations

from typing import Any

from ringup.accounts.models import Brand
from ringup.mail import sending
from ringup.mail.sending import Letter


def compose(
    template: str,
    *,
    brand: Brand,
    key: str,
    to: str,
    client_id: int | None,
    subject_of: str,
    context: dict[str, Any],
) -> Letter:
    """``mail.sending.compose`` with what follows from the brand."""
    return sending.compose(
        template,
        key=key,
        to=to,
        sender=brand.mail_from,
        brand_id=brand.pk,
        client_id=client_id,
        subject_of=subject_of,
        context={"brand_name": brand.name, "support_email": brand.support_email} | context,
    )
