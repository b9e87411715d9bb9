"""Telephone numbers: held for a buyer, owned by us. Offers are read live from the carrier for now."""

from __future__ import annotations

from django.db import models

from ringup.accounts.models import Brand, Client
from ringup.carriers.models import CarrierAccount
from ringup.core.fields import MoneyField, public_uid
from ringup.core.scoping import ClientRows


class Hold(models.Model):
    """A number kept for one buyer. ``holder`` is the draft's uid. Submitting turns the hold into a
    lock, which ends only with the order."""

    class State(models.TextChoices):
        HELD = "held", "Held"
        LOCKED = "locked", "Locked"

    e164 = models.CharField(max_length=16, unique=True)
    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="holds")
    holder = models.UUIDField(db_index=True)
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    expires = models.DateTimeField()
    created = models.DateTimeField(auto_now_add=True)

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
    reference that the carrier stores; the digits are never a key."""

    class State(models.TextChoices):
        WANTED = "wanted", "Wanted"
        OWNED = "owned", "Owned"
        RELEASED = "released", "Released"

    uid = public_uid()
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="numbers")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="numbers")
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="numbers")
    e164 = models.CharField(max_length=16, db_index=True)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=10, blank=True)
    rate_centre = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WANTED)
    # What the carrier takes from us, beside what the client pays: the margin must be visible.
    cost_setup = MoneyField()
    cost_monthly = MoneyField()
    price_monthly = MoneyField()
    bought = models.DateTimeField(null=True)
    released = models.DateTimeField(null=True)

    objects = ClientRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["e164"],
                condition=models.Q(state__in=["wanted", "owned"]),
                name="numbers_owned_once",
            ),
            models.CheckConstraint(
                name="numbers_owned_state_is_known",
                condition=models.Q(state__in=["wanted", "owned", "released"]),
            ),
        ]

    def __str__(self) -> str:
        return self.e164
