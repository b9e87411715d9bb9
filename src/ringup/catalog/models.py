"""What is sold: products in groups, bundles of them, prices, and which carrier and PBX serve them."""

from __future__ import annotations

from django.db import models

# Its models are of this app too.
import ringup.catalog.rule_models  # noqa: F401
from ringup.carriers.models import CarrierAccount
from ringup.catalog.pricing import Cycle
from ringup.core.fields import MoneyField, public_uid
from ringup.pbx.models import PbxServer, PbxTemplate


class ProductGroup(models.Model):
    """A shelf of the shop. ``cart`` says who may order from it, and with which form."""

    class Cart(models.TextChoices):
        WIZARD = "wizard", "Ringup wizard (in the shop)"
        STAFF = "staff", "Staff orders only (not in the shop)"

    uid = public_uid()
    name = models.CharField(max_length=80, unique=True)
    tagline = models.CharField(max_length=150, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_hidden = models.BooleanField(default=False)
    cart = models.CharField(max_length=10, choices=Cart, default=Cart.WIZARD)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Sellable(models.Model):
    """What products and bundles have in common. What they cost stands in ``prices``.

    ``stock`` is how many are left to sell, or None for no limit. A retired one is kept for the
    orders that name it, and never sold again.
    """

    uid = public_uid()
    group = models.ForeignKey(ProductGroup, on_delete=models.PROTECT, related_name="%(class)ss")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=250, blank=True)
    is_hidden = models.BooleanField(default=False)
    is_retired = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    tax_class = models.CharField(max_length=20, default="telecom")
    stock = models.PositiveIntegerField(null=True, blank=True)
    # How many of it one client may have; None: as many as he likes.
    most_per_client = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Product(Sellable):
    """One thing that can be sold. ``seats`` is how many extensions one piece brings.

    A number's own price comes from the price rule; what stands in ``prices`` is added to it. Of a
    number product with ``first_free`` both are free for the first one that a client has.
    """

    class Kind(models.TextChoices):
        NUMBER = "number", "Number"
        SEATS = "seats", "Seats"
        HOSTED_PBX = "hosted-pbx", "Hosted PBX"
        ADD_ON = "add-on", "Add-on"
        VIRTUAL_NUMBER = "virtual-number", "Virtual-number plan"

    kind = models.CharField(max_length=16, choices=Kind)
    seats = models.PositiveSmallIntegerField(default=0)
    first_free = models.BooleanField(default=False)

    class Meta(Sellable.Meta):
        constraints = [
            models.CheckConstraint(
                name="catalog_product_kind_is_known",
                condition=models.Q(
                    kind__in=["number", "seats", "hosted-pbx", "add-on", "virtual-number"]
                ),
            )
        ]

    @property
    def code(self) -> str:
        """The id that people use: ``P-12``."""
        return f"P-{self.pk}"


class Bundle(Sellable):
    """Products with quantities, at prices of its own, or at their sum where it has none.

    ``included_number`` is the monthly number price that the bundle covers; what a chosen number
    costs beyond it is charged.
    """

    included_number = MoneyField()
    products: models.ManyToManyField[Product, BundleItem] = models.ManyToManyField(
        Product, through="BundleItem", related_name="bundles"
    )

    @property
    def code(self) -> str:
        """The id that people use: ``bundle_7``."""
        return f"bundle_{self.pk}"


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


class Price(models.Model):
    """What one piece of a product or a bundle costs, before tax: ``setup`` once, and ``amount``
    each ``cycle``. A one-time price has its amount due once; a free one has none. Both are in
    ``currency``, which is repeated so that there can be one price for each cycle and currency."""

    product = models.ForeignKey(Product, null=True, on_delete=models.CASCADE, related_name="prices")
    bundle = models.ForeignKey(Bundle, null=True, on_delete=models.CASCADE, related_name="prices")
    cycle = models.CharField(max_length=12, choices=[(cycle.value, cycle.label) for cycle in Cycle])
    currency = models.CharField(max_length=3)
    setup = MoneyField()
    amount = MoneyField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="catalog_price_of_one_thing",
                condition=models.Q(product__isnull=True) ^ models.Q(bundle__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["product", "cycle", "currency"], name="catalog_product_price_once"
            ),
            models.UniqueConstraint(
                fields=["bundle", "cycle", "currency"], name="catalog_bundle_price_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product or self.bundle}: {self.amount} {Cycle(self.cycle).each}"


class CustomField(models.Model):
    """A question that is asked with every order of a product. ``choices`` are lines of text."""

    class Kind(models.TextChoices):
        TEXT = "text", "One line of text"
        CHOICE = "choice", "One of a list"
        YES_NO = "yes-no", "Yes or no"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="custom_fields")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEXT)
    help_text = models.CharField(max_length=150, blank=True)
    choices = models.JSONField(default=list, blank=True)
    is_required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="catalog_custom_field_once")
        ]

    def __str__(self) -> str:
        return self.name


class ProductOption(models.Model):
    """Something about a product that the buyer configures, at a price: how many, which one, or
    whether at all. A quantity is between ``least`` and ``most``."""

    class Kind(models.TextChoices):
        QUANTITY = "quantity", "Quantity"
        CHOICE = "choice", "One of a list"
        YES_NO = "yes-no", "Yes or no"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="options")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind)
    least = models.PositiveSmallIntegerField(default=0)
    most = models.PositiveSmallIntegerField(default=100)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="catalog_option_once")
        ]

    def __str__(self) -> str:
        return self.name


class OptionValue(models.Model):
    """One value of an option; a quantity and a yes-no have exactly one, which is what is priced.

    ``amount`` is per piece and month, ``setup`` once; longer cycles multiply the month.
    """

    option = models.ForeignKey(ProductOption, on_delete=models.CASCADE, related_name="values")
    name = models.CharField(max_length=60)
    setup = MoneyField()
    amount = MoneyField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["option", "name", "amount_currency"], name="catalog_option_value_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Mapping(models.Model):
    """Which carrier account, and for a PBX which server, serves a product, a bundle, or what is
    sold alone from a group. ``account`` None is "No provider": not sold.

    What has no row of its own and no group with one is not mapped: invisible in the shop, and
    refused at order and at provisioning. ``source`` says which of the three methods wrote it.
    """

    class Source(models.TextChoices):
        SINGLE = "single", "Single"
        GROUP = "group", "Group"
        BUNDLE = "bundle", "Bundle"

    product = models.OneToOneField(
        Product, null=True, on_delete=models.CASCADE, related_name="mapping"
    )
    bundle = models.OneToOneField(
        Bundle, null=True, on_delete=models.CASCADE, related_name="mapping"
    )
    group = models.OneToOneField(
        ProductGroup, null=True, on_delete=models.CASCADE, related_name="mapping"
    )
    account = models.ForeignKey(
        CarrierAccount, null=True, on_delete=models.PROTECT, related_name="mappings"
    )
    server = models.ForeignKey(
        PbxServer, null=True, on_delete=models.PROTECT, related_name="mappings"
    )
    source = models.CharField(max_length=6, choices=Source, default=Source.SINGLE)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="catalog_mapping_of_one_thing",
                condition=models.Q(product__isnull=False, bundle__isnull=True, group__isnull=True)
                | models.Q(product__isnull=True, bundle__isnull=False, group__isnull=True)
                | models.Q(product__isnull=True, bundle__isnull=True, group__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.product or self.bundle or self.group}: {self.account or 'no provider'}"


class MappingSave(models.Model):
    """One save of mappings, by one person: what each row was and became.

    ``number`` counts up by one; it is unique, so of two people who saved on top of the same state
    one is told. ``changes`` are ``catalog.mapping.Change`` as data; the last save can be undone.
    """

    number = models.PositiveIntegerField(unique=True)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=60)
    actor_label = models.CharField(max_length=150)
    text = models.CharField(max_length=200)
    changes = models.JSONField(default=list)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.text}"


class CarrierDefaults(models.Model):
    """What orders through a carrier account get on the PBX, where nothing closer says otherwise."""

    account = models.OneToOneField(
        CarrierAccount, on_delete=models.CASCADE, related_name="defaults"
    )
    server = models.ForeignKey(
        PbxServer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    gateway_template = models.ForeignKey(
        PbxTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    inbound_template = models.ForeignKey(
        PbxTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outbound_template = models.ForeignKey(
        PbxTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    access_template = models.ForeignKey(
        PbxTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"defaults of {self.account}"


class NumberPriceRule(models.Model):
    """What a number costs the client a month: ``fixed``, or the carrier's cost, plus percent, plus
    an amount, rounded up to a full ``rounding``; never below the floor. All amounts are in one
    currency; a cost in another one goes through the exchange rates. The most specific rule wins:
    country and type, country, type, then neither."""

    account = models.ForeignKey(
        CarrierAccount, on_delete=models.CASCADE, related_name="price_rules"
    )
    country = models.CharField(max_length=2, blank=True, help_text="empty: every country")
    number_type = models.CharField(max_length=12, blank=True, help_text="empty: every type")
    currency = models.CharField(max_length=3, default="USD")
    fixed = MoneyField(null=True)
    fixed_setup = MoneyField(null=True)
    percent = models.PositiveSmallIntegerField(default=0)
    addition = MoneyField()
    floor = MoneyField()
    rounding = MoneyField()
    setup_percent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "country", "number_type", "currency"],
                name="catalog_price_rule_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.country or 'everywhere'}: +{self.percent} %"


class ExchangeRate(models.Model):
    """One unit of ``base`` is ``rate_micros`` millionths of ``quote``, until staff changes it."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    rate_micros = models.BigIntegerField()
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["base", "quote"], name="catalog_exchange_rate_once"),
            models.CheckConstraint(
                name="catalog_exchange_rate_is_positive", condition=models.Q(rate_micros__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base} to {self.quote}"
