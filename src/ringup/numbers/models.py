"""Telephone numbers: on sale at the carriers, in our own stock, held for a buyer, owned by us."""

from __future__ import annotations

from django.db import models

from ringup.accounts.models import Brand, Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberType
from ringup.core.fields import MoneyField, public_uid
from ringup.core.phones import country_name, in_country, shown
from ringup.core.scoping import ClientRows

# What carriers write where others have a rate centre, of numbers that belong to none.
KINDS = {"mobile": "mobile ", "national": "national ", "toll-free": "toll-free ", "": ""}


def a_number_in(rate_centre: str, country: str) -> str:
    """What a number is called before its digits are known: ``A number in Berlin, Germany``, ``A mobile
    number in the United Kingdom``."""
    if names_kind(rate_centre):
        return f"A {KINDS[_plain(rate_centre)]}number in {in_country(country)}"
    return f"A number in {rate_centre}, {country_name(country)}"


def number_called(e164: str, rate_centre: str, country: str) -> str:
    """The digits as they are stored, or words until there are any."""
    return e164 or a_number_in(rate_centre, country)


def names_kind(rate_centre: str) -> bool:
    """Whether it is no place, but the kind of a number that belongs to none."""
    return _plain(rate_centre) in KINDS


def _plain(rate_centre: str) -> str:
    return rate_centre.lower().replace(" ", "-")


class Stock(models.Model):
    """What one carrier account has on sale in one area, as of ``fetched``: replaced as a whole.

    ``content`` is packed (see ``numbers.packing``): a million numbers are a thousand rows. Nothing
    points here; the search index is compiled from it.
    """

    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="stock")
    area = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    content = models.BinaryField()
    numbers = models.PositiveIntegerField()
    places = models.PositiveIntegerField(default=0)
    fetched = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "area"], name="numbers_stock_of_an_area_once"
            )
        ]
        # What the fingerprint of the index asks every few seconds, without touching the contents.
        indexes = [models.Index(fields=["account", "fetched"], name="numbers_stock_newest")]

    def __str__(self) -> str:
        return f"{self.area}: {self.numbers}"


class Sync(models.Model):
    """One pass over an account: of what it has on sale, or of what we own there. ``scope`` narrows a
    stock pass to areas whose key begins with it. A pass that is running has ``finished`` None; there
    is one at most per account and kind."""

    class Kind(models.TextChoices):
        STOCK = "stock", "Numbers for sale"
        INVENTORY = "inventory", "Numbers that we own"

    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="syncs")
    kind = models.CharField(max_length=10, choices=Kind)
    scope = models.CharField(max_length=80, blank=True)
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    areas = models.PositiveIntegerField(default=0)
    areas_done = models.PositiveIntegerField(default=0)
    # Those that could not be read: their numbers stay as they were.
    areas_failed = models.PositiveIntegerField(default=0)
    numbers = models.PositiveIntegerField(default=0)
    # The newest failure, as staff may read it; empty when all went well.
    problem = models.TextField(blank=True)
    by_label = models.CharField(max_length=150, blank=True)
    # Of a stock pass: what a worker that goes on with it must know (see ``numbers.syncing``).
    troubles = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=models.Q(finished__isnull=True),
                name="numbers_sync_runs_once",
            ),
            models.CheckConstraint(
                name="numbers_sync_kind_is_known",
                condition=models.Q(kind__in=["stock", "inventory"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id} at {self.started}"


class IndexSeen(models.Model):
    """The search index of one host, as the process that compiles it there says (see
    ``numbers.following``). ``behind_since`` is None while it shows the newest stock; ``published`` is
    None while there is no index. Times are the host's own."""

    host = models.CharField(max_length=100, unique=True)
    seen = models.DateTimeField()
    published = models.DateTimeField(null=True)
    behind_since = models.DateTimeField(null=True)
    numbers = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    # Why it could not be compiled; empty when it could.
    problem = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "indexes seen"

    def __str__(self) -> str:
        return f"{self.host}: {self.numbers}"


class OwnStock(models.Model):
    """A number that the reseller owns already, at one of his carriers, and sells from his shelf. It
    is on sale while it is not withdrawn and no ``OwnedNumber`` that lives has its digits."""

    uid = public_uid()
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="own_stock")
    e164 = models.CharField(max_length=16, unique=True)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=10, blank=True)
    region_name = models.CharField(max_length=60, blank=True)
    rate_centre = models.CharField(max_length=60, blank=True)
    number_type = models.CharField(
        max_length=12, choices=[(kind.value, kind.value) for kind in NumberType]
    )
    features = models.JSONField(default=list)
    cost_monthly = MoneyField()
    note = models.CharField(max_length=200, blank=True)
    is_withdrawn = models.BooleanField(default=False)
    added = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True, db_index=True)

    def __str__(self) -> str:
        return self.e164


class Hold(models.Model):
    """A number kept for one buyer. ``holder`` is the draft's uid. Submitting turns the hold into a
    lock, which ends only with the order. A soft hold is of a number that needs papers: the carrier
    may still give another one of the same place."""

    class State(models.TextChoices):
        HELD = "held", "Held"
        LOCKED = "locked", "Locked"

    e164 = models.CharField(max_length=16, unique=True)
    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="holds")
    holder = models.UUIDField(db_index=True)
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    expires = models.DateTimeField()
    created = models.DateTimeField(auto_now_add=True)
    # Once per hold.
    is_extended = models.BooleanField(default=False)
    is_soft = models.BooleanField(default=False)
    # Keyed digests of the browser's session and of the network address, to count by. No names.
    guest = models.CharField(max_length=32, blank=True, db_index=True)
    address = models.CharField(max_length=32, blank=True, db_index=True)
    # The carrier's own reservation, where it has such a thing.
    reservation = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="numbers_hold_state_is_known", condition=models.Q(state__in=["held", "locked"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.e164} {self.state}"


class OwnedNumber(models.Model):
    """One number that we have bought, or are about to buy for an approved order. ``uid`` is the
    reference that the carrier stores; the digits are never a key.

    ``e164`` is empty while only its place is known: the carrier chooses the digits (``place``, its own
    id of the place), or gives the real ones when the number is registered.
    """

    class State(models.TextChoices):
        WANTED = "wanted", "Wanted"
        OWNED = "owned", "Owned"
        RELEASED = "released", "Released"

    uid = public_uid()
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="numbers")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="numbers")
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="numbers")
    e164 = models.CharField(max_length=16, db_index=True, blank=True)
    place = models.CharField(max_length=80, blank=True)
    is_by_place = models.BooleanField(default=False)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=10, blank=True)
    rate_centre = models.CharField(max_length=60, blank=True)
    # How it is bought (``Capacity``): the carrier's key, and its words; empty: the usual way.
    capacity = models.CharField(max_length=80, blank=True)
    capacity_text = models.CharField(max_length=120, blank=True)
    # The carrier's ids of the number and of its order, for people and for callbacks.
    carrier_key = models.CharField(max_length=80, blank=True, db_index=True)
    order_key = models.CharField(max_length=80, blank=True, db_index=True)
    state = models.CharField(max_length=10, choices=State, default=State.WANTED)
    # What the carrier takes from us, beside what the client pays: the margin must be visible.
    cost_setup = MoneyField()
    cost_monthly = MoneyField()
    price_monthly = MoneyField()
    # From our own shelf: never bought, and never given back to the carrier.
    is_own_stock = models.BooleanField(default=False)
    bought = models.DateTimeField(null=True)
    released = models.DateTimeField(null=True)

    objects = ClientRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["e164"],
                condition=models.Q(state__in=["wanted", "owned"]) & ~models.Q(e164=""),
                name="numbers_owned_once",
            ),
            models.CheckConstraint(
                name="numbers_owned_has_number_or_place",
                condition=~models.Q(e164="") | models.Q(is_by_place=True),
            ),
            models.CheckConstraint(
                name="numbers_owned_state_is_known",
                condition=models.Q(state__in=["wanted", "owned", "released"]),
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """For people: the number, or what is known of one that the carrier has yet to give."""
        return shown(self.e164) if self.e164 else a_number_in(self.rate_centre, self.country)

    @property
    def words_inside(self) -> str:
        """The same inside a sentence."""
        return self.words if self.e164 else f"a{self.words[1:]}"

    @property
    def called(self) -> str:
        """What its own service is named."""
        return number_called(self.e164, self.rate_centre, self.country)


class Discrepancy(models.Model):
    """Something in which a carrier's inventory and ours differ. ``detail`` is JSON: what was seen.
    ``solved`` is when a later look found it gone."""

    class Kind(models.TextChoices):
        ORPHAN = "orphan", "Billed, and nobody uses it"
        MISSING = "missing", "Sold, and the carrier has it no more"
        FOREIGN = "foreign", "Ours, under another reference"
        PRICE = "price", "Costs something else"

    account = models.ForeignKey(
        CarrierAccount, on_delete=models.CASCADE, related_name="discrepancies"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    e164 = models.CharField(max_length=16)
    number = models.ForeignKey(
        OwnedNumber, null=True, on_delete=models.CASCADE, related_name="discrepancies"
    )
    detail = models.JSONField(default=dict)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    # Staff said that it is meant to be so.
    accepted = models.DateTimeField(null=True)
    solved = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "e164"],
                condition=models.Q(solved__isnull=True),
                name="numbers_discrepancy_once",
            ),
            models.CheckConstraint(
                name="numbers_discrepancy_kind_is_known",
                condition=models.Q(kind__in=["orphan", "missing", "foreign", "price"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.e164}: {self.get_kind_display()}"
