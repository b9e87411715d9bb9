"""What is added to prices and taken off them: promotion codes, fees and taxes. How they are counted
stands in ``terms`` and ``totals``.

A *rate* counts millionths: 130000 is 13 %. A rule without a brand holds for every brand; dates are days
of the brand's time zone, both included.
"""

from __future__ import annotations

from django.db import models

from ringup.accounts.models import Brand, Client
from ringup.catalog.terms import WHOLE, percent_words
from ringup.core.fields import MoneyField, public_uid


class PromoCode(models.Model):
    """A code that makes an order cheaper. ``uses`` counts the orders that have it now; it is only
    changed by ``promotions.take`` and ``give_back``."""

    class Kind(models.TextChoices):
        PERCENT = "percent", "Percent"
        AMOUNT = "amount", "Amount"
        FREE_MONTHS = "free-months", "Free months"

    class On(models.TextChoices):
        BOTH = "both", "Set-up and what recurs"
        RECURRING = "recurring", "What recurs"
        SETUP = "setup", "Set-up"

    uid = public_uid()
    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.PROTECT, related_name="promo_codes"
    )
    # In capital letters.
    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    # What it takes off: one of the three, by its kind.
    rate = models.PositiveIntegerField(default=0)
    amount = MoneyField(null=True)
    free_months = models.PositiveSmallIntegerField(default=0)
    on = models.CharField(max_length=10, choices=On, default=On.BOTH)
    # For how many months of what recurs; 0: always.
    months = models.PositiveSmallIntegerField(default=0)
    most_uses = models.PositiveIntegerField(null=True, blank=True)
    most_per_client = models.PositiveIntegerField(null=True, blank=True)
    new_clients_only = models.BooleanField(default=False)
    begins = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    # Only for these; none of both: for everything.
    products: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        "catalog.Product", blank=True, related_name="promo_codes"
    )
    bundles: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        "catalog.Bundle", blank=True, related_name="promo_codes"
    )
    # ``pricing.Cycle`` values; none: every cycle.
    cycles = models.JSONField(default=list, blank=True)
    # Set-up and first period of the whole order, before discounts, fees and tax.
    minimum = MoneyField(null=True)
    uses = models.PositiveIntegerField(default=0)
    is_retired = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["is_retired", "code"]
        constraints = [
            models.CheckConstraint(
                name="catalog_promo_uses_are_limited",
                condition=models.Q(most_uses=None) | models.Q(uses__lte=models.F("most_uses")),
            ),
            models.CheckConstraint(
                name="catalog_promo_rate_is_a_part", condition=models.Q(rate__lte=WHOLE)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PromoUse(models.Model):
    """An order that a code was used for. ``order`` is its uid. Given back: the order was ended."""

    code = models.ForeignKey(PromoCode, on_delete=models.PROTECT, related_name="used")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="promo_uses")
    order = models.UUIDField(unique=True)
    at = models.DateTimeField(auto_now_add=True)
    given_back = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.code} by {self.client}"


class TaxSettings(models.Model):
    """Where a brand sells from. Its prices are before tax."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="tax_settings")
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=10, blank=True)
    vat_id = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return f"{self.brand} in {self.country or 'no country'}"


class TaxRule(models.Model):
    """A tax of a country, or of one of its regions. A compound one is put on the other taxes too."""

    uid = public_uid()
    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.PROTECT, related_name="tax_rules"
    )
    name = models.CharField(max_length=40)
    country = models.CharField(max_length=2)
    # As the place is called in numbers: ``ON``; empty: the whole country.
    region = models.CharField(max_length=10, blank=True)
    tax_class = models.CharField(max_length=20, blank=True, help_text="empty: every class")
    rate = models.PositiveIntegerField()
    is_compound = models.BooleanField(default=False)
    begins = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["is_retired", "country", "region", "is_compound", "name", "pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.percent}"

    @property
    def percent(self) -> str:
        """``13 %``"""
        return percent_words(self.rate)


class ClientTax(models.Model):
    """A client who pays no tax, and why."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="tax_exemption")
    reason = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.client}: {self.reason}"


class FeeRule(models.Model):
    """Something that is charged beside what is ordered: an amount in its own currency, which orders
    in another one do not pay, or a rate of what recurs."""

    class Place(models.TextChoices):
        NUMBER = "number", "The number's place"
        CLIENT = "client", "The client's address"

    class Per(models.TextChoices):
        NUMBER = "number", "For each number"
        SEAT = "seat", "For each seat"
        ORDER = "order", "For each order"

    class Due(models.TextChoices):
        MONTHLY = "monthly", "Each month"
        ONCE = "once", "Once"
        RATE = "rate", "Percent of what recurs"

    uid = public_uid()
    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.PROTECT, related_name="fee_rules"
    )
    name = models.CharField(max_length=40)
    place = models.CharField(max_length=8, choices=Place, default=Place.NUMBER)
    country = models.CharField(max_length=2, blank=True, help_text="empty: every country")
    region = models.CharField(max_length=10, blank=True)
    per = models.CharField(max_length=8, choices=Per, default=Per.NUMBER)
    due = models.CharField(max_length=8, choices=Due, default=Due.MONTHLY)
    amount = MoneyField(null=True)
    rate = models.PositiveIntegerField(default=0)
    # Empty: no tax is put on it.
    tax_class = models.CharField(max_length=20, blank=True)
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["is_retired", "name", "country", "region", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> str:
        """``2.5 %``"""
        return percent_words(self.rate)
