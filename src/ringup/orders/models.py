"""Drafts in the wizard, and orders: what was submitted, with its frozen quote and its history."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, ClassVar

from django.db import models

from ringup.accounts.models import Brand, Client, User
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Quote
from ringup.core.actors import Actor
from ringup.core.fields import MoneyField, public_uid
from ringup.core.scoping import ClientRows
from ringup.core.sealing import SealedField
from ringup.core.states import move
from ringup.pbx.models import PbxServer
from ringup.regulatory.models import RegulatoryFile
from ringup.services.models import Service


class Draft(models.Model):
    """An order being written. ``answers`` holds each step's cleaned input by slug, never a secret.

    All open drafts of one buyer together are his cart.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SUBMITTED = "submitted", "Submitted"
        EXPIRED = "expired", "Expired"

    uid = public_uid()
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="drafts")
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="drafts")
    bundle = models.ForeignKey(Bundle, null=True, on_delete=models.PROTECT, related_name="drafts")
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT, related_name="drafts")
    # How often it will be paid and in which currency; chosen when the draft begins.
    cycle = models.CharField(max_length=12, default="monthly")
    currency = models.CharField(max_length=3, default="USD")
    # The PBX server that its tenant is proposed on, so that its domain does not change on the way.
    server = models.ForeignKey(
        PbxServer, null=True, blank=True, on_delete=models.SET_NULL, related_name="drafts"
    )
    answers = models.JSONField(default=dict)
    # In capital letters; whether it still counts is asked each time.
    promo_code = models.CharField(max_length=40, blank=True)
    # What was told and uploaded for a number that needs papers: sealed there, not in the answers.
    papers = models.ForeignKey(
        RegulatoryFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="drafts"
    )
    # The hash of the administrator's password, while the draft waits in the cart.
    secrets = SealedField()
    # The member of staff who writes it for the client; None: the buyer himself.
    placed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="drafts_for_clients"
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    objects = ClientRows.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="orders_draft_of_one_thing",
                condition=models.Q(product__isnull=True) ^ models.Q(bundle__isnull=True),
            ),
            models.CheckConstraint(
                name="orders_draft_state_is_known",
                condition=models.Q(state__in=["open", "submitted", "expired"]),
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.uid}"

    @property
    def sold(self) -> Bundle | Product:
        """What this draft is about to order."""
        thing = self.bundle or self.product
        assert thing is not None  # the database says so
        return thing


def label_of(pk: int) -> str:
    """The number of an order that people use: ``R-2041``."""
    return f"R-{2000 + pk}"


class Order(models.Model):
    """What was submitted. The client never edits it afterwards. Its number is a label."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        CHOOSE_NUMBER = "choose-number", "Choose another number"
        APPROVED = "approved", "Approved"
        COMPLETED = "completed", "Completed"
        REJECTED = "rejected", "Rejected"
        CANCELLED = "cancelled", "Cancelled"

    uid = public_uid()
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="orders")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="orders")
    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="order")
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    is_sandbox = models.BooleanField(default=False)
    # Which version of the brand's terms the buyer accepted; 0: there were none.
    terms_version = models.PositiveIntegerField(default=0)
    # Why staff should look twice before it approves: sentences.
    doubts = models.JSONField(default=list, blank=True)
    # When staff asked the client something that he has not answered yet.
    asked = models.DateTimeField(null=True, blank=True)
    # A dearer number that staff proposes, as a draft's answers have it; the client consents or not.
    proposed = models.JSONField(default=dict, blank=True)
    submitted = models.DateTimeField(auto_now_add=True)
    closed = models.DateTimeField(null=True)

    objects = ClientRows.as_manager()

    # Every legal move, in one place. What is not here cannot happen.
    MOVES: ClassVar[Mapping[str, Set[str]]] = {
        State.PENDING: {State.APPROVED, State.CHOOSE_NUMBER, State.REJECTED, State.CANCELLED},
        State.CHOOSE_NUMBER: {State.PENDING, State.REJECTED, State.CANCELLED},
        State.APPROVED: {State.COMPLETED, State.CHOOSE_NUMBER, State.PENDING},
        State.COMPLETED: frozenset(),
        State.REJECTED: frozenset(),
        State.CANCELLED: frozenset(),
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="orders_state_is_known",
                condition=models.Q(
                    state__in=[
                        "pending",
                        "choose-number",
                        "approved",
                        "completed",
                        "rejected",
                        "cancelled",
                    ]
                ),
            )
        ]
        # The queue is read newest first, page by page: all of it, of one state, of one client.
        indexes = [
            models.Index(fields=["submitted", "id"], name="orders_newest"),
            models.Index(fields=["state", "submitted", "id"], name="orders_newest_of_state"),
            models.Index(fields=["client", "submitted", "id"], name="orders_newest_of_client"),
            models.Index(
                fields=["submitted", "id"],
                condition=models.Q(is_sandbox=True),
                name="orders_newest_sandbox",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The number that people use: ``R-2041``."""
        return label_of(self.pk)

    def move_to(self, new: Order.State, *, actor: Actor, text: str, staff_text: str = "") -> None:
        """Change the state and record who did it. Call it inside a transaction."""
        old = self.state
        move(self, new, moves=self.MOVES)
        self.note(text, actor=actor, staff_text=staff_text, old=old, new=new)

    def note(
        self, text: str, *, actor: Actor, staff_text: str = "", old: str = "", new: str = ""
    ) -> OrderEvent:
        """Add a line to the history. ``text`` is for the client too; empty means staff only."""
        return OrderEvent.objects.create(
            order=self,
            actor=actor.name,
            actor_label=actor.label[:150],
            on_behalf_of=actor.on_behalf_of,
            text=text,
            staff_text=staff_text,
            old=old,
            new=new,
        )


class OrderLine(models.Model):
    """One item, with the quote as it was when the client submitted, and the service it is to become.

    ``monthly`` and ``domain`` are read out of the quote and the service by ``save``, to add up and to
    search in: nobody else sets them.
    """

    uid = public_uid()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    bundle = models.ForeignKey(Bundle, null=True, on_delete=models.PROTECT, related_name="lines")
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT, related_name="lines")
    text = models.CharField(max_length=150)
    quote = models.JSONField(help_text="catalog.pricing.Quote as data, with tax class")
    service = models.OneToOneField(Service, on_delete=models.PROTECT, related_name="line")
    # What the client pays a month, where longer cycles are paid at once.
    monthly = MoneyField()
    # The tenant's domain; empty for a plain number.
    domain = models.CharField(max_length=200, blank=True)

    DERIVED = ("monthly_micros", "monthly_currency", "domain")

    class Meta:
        # With all that a search, or a sum, reads, so that it touches no wide row.
        indexes = [
            models.Index(fields=["domain", "order"], name="orders_domains"),
            models.Index(
                fields=["service", "monthly_currency", "monthly_micros"], name="orders_monthly"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **options: Any) -> None:
        self.derive()
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], *self.DERIVED}
        super().save(*args, **options)

    def derive(self) -> None:
        """Set what follows from quote and service. ``bulk_create`` calls no ``save``."""
        self.monthly = Quote.from_data(self.quote).monthly
        is_tenant = self.service.kind == Service.Kind.TENANT
        self.domain = self.service.name.lower() if is_tenant else ""


class OrderEvent(models.Model):
    """One line of an order's history. Actor and on_behalf_of are values, not foreign keys."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=60)
    actor_label = models.CharField(max_length=150)
    on_behalf_of = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    staff_text = models.TextField(blank=True)
    old = models.CharField(max_length=16, blank=True)
    new = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            # What somebody had a hand in.
            models.Index(fields=["actor", "order"], name="orders_of_actor"),
            # How many became what today.
            models.Index(fields=["new", "at"], name="orders_moves_by_day"),
        ]

    def __str__(self) -> str:
        return self.text or self.staff_text[:80]


class OrderMessage(models.Model):
    """One letter of an order's thread between client and staff, mailed to the other side."""

    uid = public_uid()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="messages")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=60)
    actor_label = models.CharField(max_length=150)
    is_staff = models.BooleanField()
    # Staff waits for an answer to it.
    is_question = models.BooleanField(default=False)
    text = models.TextField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text[:80]
