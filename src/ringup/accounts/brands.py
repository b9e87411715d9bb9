"""The brand of a request. One brand for now; the seam is here."""

from __future__ import annotations

from django.http import HttpRequest

from ringup.accounts.models import Brand


def default_brand() -> Brand:
    """The brand under which shop and mails speak; made on first use of a new installation."""
    brand = Brand.objects.filter(is_default=True).first()
    if brand is None:
        brand, _ = Brand.objects.get_or_create(
            is_default=True,
            defaults={
                "name": "Ringup",
                "mail_from": "Ringup <service@ringup.example>",
                "support_email": "support@ringup.example",
            },
        )
    return brand


def brand_of_request(request: HttpRequest) -> dict[str, object]:
    """Template context: ``brand``."""
    return {"brand": default_brand()}
