"""What is sold: products in groups, bundles of them, prices, and which carrier and PBX serve them."""

from __future__ import annotations

from django.db import models

from ringup.carriers.models import CarrierAccount
from ringup.core.fields import MoneyField, public_uid
from ringup.pbx.models import PbxServer


class ProductGroup(models.Model):
    """A shelf of the shop."""

    uid = public_uid()
    name = models.CharField(max_length=80, unique=True)
    tagline = models.CharField(max_length=150, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_hidden = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Sellable(models.Model):
    """What products and bundles have in common. Prices are per month, before tax."""

    uid = public_uid()
    group = models.ForeignKey(ProductGroup, on_delete=models.PROTECT, related_name="%(class)ss")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=250, blank=True)
    is_hidden = models.BooleanField(default=False)
    is_retired = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    tax_class = models.CharField(max_length=20, default="telecom")
    setup = MoneyField()

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Product(Sellable):
    """One thing that can be sold. Seats and PBXes are sold inside a bundle only, for now."""

    class Kind(models.TextChoices):
        NUMBER = "number", "Number"
        SEATS = "seats", "Seats"
        HOSTED_PBX = "hosted-pbx", "Hosted PBX"
        ADD_ON = "add-on", "Add-on"

    kind = models.CharField(max_length=12, choices=Kind)
    # Per piece and month. A number's own price comes from the price rule; this is added to it.
    monthly = MoneyField()

    class Meta(Sellable.Meta):
        constraints = [
            models.CheckConstraint(
                name="catalog_product_kind_is_known",
                condition=models.Q(kind__in=["number", "seats", "hosted-pbx", "add-on"]),
            )
        ]


class Bundle(Sellable):
    """Products with quantities at one price, or at their sum where ``monthly`` is not set.

    ``included_number`` is the monthly number price that the bundle covers; what a chosen number
    costs beyond it is charged.
    """

    monthly = MoneyField(null=True)
    included_number = MoneyField()
    products: models.ManyToManyField[Product, BundleItem] = models.ManyToManyField(
        Product, through="BundleItem", related_name="bundles"
    )


class BundleItem(models.Model):
    """``quantity`` pieces of a product inside a bundle."""

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="bundle_items")
    quantity = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bundle", "product"], name="catalog_bundle_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product}"


class Mapping(models.Model):
    """Which carrier account, and for a PBX which server, serves a product or a bundle.

    A product or bundle without a mapping is invisible in the shop and refused at order.
    """

    product = models.OneToOneField(
        Product, null=True, on_delete=models.CASCADE, related_name="mapping"
    )
    bundle = models.OneToOneField(
        Bundle, null=True, on_delete=models.CASCADE, related_name="mapping"
    )
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="mappings")
    server = models.ForeignKey(
        PbxServer, null=True, on_delete=models.PROTECT, related_name="mappings"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="catalog_mapping_of_one_thing",
                condition=models.Q(product__isnull=True) ^ models.Q(bundle__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.product or self.bundle}: {self.account}"

    @property
    def is_valid(self) -> bool:
        """False when the account or the server cannot take orders."""
        return self.account.is_enabled and (self.server is None or self.server.is_enabled)


class NumberPriceRule(models.Model):
    """What a number costs the client: the carrier's cost, plus percent, plus an amount, never
    below the floor, rounded up to a full ``rounding``. The most specific rule wins."""

    account = models.ForeignKey(
        CarrierAccount, on_delete=models.CASCADE, related_name="price_rules"
    )
    country = models.CharField(max_length=2, blank=True, help_text="empty: every country")
    percent = models.PositiveSmallIntegerField(default=0)
    addition = MoneyField()
    floor = MoneyField()
    rounding = MoneyField()
    setup_percent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "country"], name="catalog_price_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.country or 'everywhere'}: +{self.percent} %"
