"""A promotion, taxes and fees for the demo, so that its quotes show them. Examples, not tax advice."""

from __future__ import annotations

from ringup.accounts.brands import default_brand
from ringup.catalog import fees, promotions, taxes
from ringup.catalog.rule_models import FeeRule, PromoCode, TaxRule
from ringup.core.actors import RINGUP
from ringup.core.money import Money

# Name, country, region and rate in ten-thousandths of a percent.
TAXES = (
    ("HST", "CA", "ON", 130_000),
    ("HST", "CA", "NS", 140_000),
    ("GST", "CA", "BC", 50_000),
    ("PST", "CA", "BC", 70_000),
    ("GST", "CA", "QC", 50_000),
    ("QST", "CA", "QC", 99_750),
    ("GST", "CA", "AB", 50_000),
    ("Federal excise tax", "US", "", 30_000),
)


def seed_terms() -> None:
    """The code WELCOME with a free month, Canadian and US taxes, and a 911 fee. Once."""
    if PromoCode.objects.exists() or TaxRule.objects.exists() or FeeRule.objects.exists():
        return
    welcome = PromoCode(code="WELCOME", kind=PromoCode.Kind.FREE_MONTHS, free_months=1)
    welcome.new_clients_only, welcome.most_per_client = True, 1
    promotions.save_code(welcome, products=(), bundles=(), changes={}, actor=RINGUP)
    for name, country, region, rate in TAXES:
        tax = TaxRule(name=name, country=country, region=region, rate=rate, tax_class="telecom")
        taxes.save_rule(tax, changes={}, actor=RINGUP)
    fee = FeeRule(name="911 fee", country="US", per=FeeRule.Per.NUMBER, due=FeeRule.Due.MONTHLY)
    fee.amount = Money.of("0.75", "USD")
    fees.save_rule(fee, changes={}, actor=RINGUP)
    taxes.save_settings(default_brand(), country="US", region="NY", vat_id="", actor=RINGUP)
