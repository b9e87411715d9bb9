"""What a carrier adds to its prices for us as VAT, where only its orders tell it: written down by staff,
and shown as an estimate before an order is placed. Nothing is bought by it.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from ringup.carriers.models import CarrierAccount

# The option of an account, as a carrier's adapter declares it.
VAT_PERCENT = "vat_percent"


def vat_percent_of(account: CarrierAccount) -> Decimal | None:
    """A sensible number of percent; None where nobody wrote one down."""
    text = str(account.options.get(VAT_PERCENT) or "").strip().removesuffix("%").rstrip()
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < 100 else None
