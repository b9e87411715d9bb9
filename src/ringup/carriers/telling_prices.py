"""What staff has written down of a provider's prices, where the carrier's interface tells none.

Both are options of the account: ``per_minute_rate`` is an amount in its currency, ``vat_percent`` what
the carrier adds to its prices for us. They are shown before an order is placed, and nothing is bought by
them.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from ringup.carriers.models import CarrierAccount
from ringup.core.money import Money

PER_MINUTE = "per_minute_rate"
VAT_PERCENT = "vat_percent"


def per_minute_of(account: CarrierAccount) -> Money | None:
    """What a minute costs; None where nobody wrote it down."""
    rate = _decimal(account.options.get(PER_MINUTE))
    if rate is None:
        return None
    return Money.of(rate.quantize(Decimal("0.000001")), account.currency)


def vat_of(account: CarrierAccount) -> Decimal | None:
    """How many percent the carrier adds; None where only the order tells."""
    return _decimal(account.options.get(VAT_PERCENT))


def _decimal(text: object) -> Decimal | None:
    """A sensible number from what was typed; anything else is as good as nothing."""
    try:
        found = Decimal(str(text or "").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < 1000 else None
