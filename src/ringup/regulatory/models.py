"""Identities, addresses, documents, and the regulatory file of one number."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import ClassVar

from django.db import models

from ringup.accounts.models import Brand, Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.papers import PersonKind, Purpose, Requirement
from ringup.core.fields import public_uid
from ringup.core.scoping import ClientRows
from ringup.core.sealing import SealedField
from ringup.numbers.models import OwnedNumber


class Identity(models.Model):
    """A person or a business, as it is told to one carrier. ``uid`` is our reference there.

    ``facts`` seals JSON: the fields of ``IdentityPaper`` (``regulatory.facts`` reads and writes it). The
    client may use an approved one again for his next number at the same carrier.
    """

    uid = public_uid()
    client = models.ForeignKey(
        Client, null=True, on_delete=models.CASCADE, related_name="identities"
    )
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="identities")
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="identities")
    kind = models.CharField(
        max_length=10, choices=[(kind.value, kind.value) for kind in PersonKind]
    )
    facts = SealedField()
    # The carrier's id, once it was submitted.
    carrier_key = models.CharField(max_length=80, blank=True)
    # When the carrier first approved papers of it.
    approved = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    # What was in ``facts`` is gone: the retention time is over.
    erased = models.DateTimeField(null=True)

    objects = ClientRows.as_manager()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.CheckConstraint(
                name="regulatory_identity_kind_is_known",
                condition=models.Q(kind__in=["personal", "business"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} identity {self.uid}"


class Address(models.Model):
    """An address of an identity. ``facts`` seals JSON: the fields of ``AddressPaper``."""

    uid = public_uid()
    client = models.ForeignKey(
        Client, null=True, on_delete=models.CASCADE, related_name="addresses"
    )
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="addresses")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="addresses")
    country = models.CharField(max_length=2)
    facts = SealedField()
    carrier_key = models.CharField(max_length=80, blank=True)
    approved = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    erased = models.DateTimeField(null=True)

    objects = ClientRows.as_manager()

    class Meta:
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return f"address {self.uid}"


class RegulatoryFile(models.Model):
    """The papers of one number: what it needs, whose they are, and how far they have come.

    ``requirement`` is frozen when the file begins (``Requirement.as_data``). While ``asked`` is not
    empty the client owes a correction of exactly these:
    ``[{"what": "identity.birth_date", "words": "…"}]``, where ``what`` is ``identity.<field>``,
    ``address.<field>`` or ``document.<slot>``.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Being written"
        PENDING_REVIEW = "pending_review", "Pending review"
        IDENTITY_CONFIRMED = "identity_address_confirmed", "Identity confirmed"
        DOCUMENTS_UPLOADED = "documents_uploaded", "Documents uploaded"
        ORDER_PLACED = "order_placed", "Order placed"
        REJECTED = "rejected", "Rejected by the provider"
        BLOCKED = "blocked", "Blocked"
        TERMINATED = "terminated", "Terminated"
        ACTIVE = "active", "Active"
        CLOSED = "closed", "Closed"

    uid = public_uid()
    client = models.ForeignKey(
        Client, null=True, on_delete=models.CASCADE, related_name="regulatory_files"
    )
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="regulatory_files")
    account = models.ForeignKey(
        CarrierAccount, on_delete=models.PROTECT, related_name="regulatory_files"
    )
    number = models.OneToOneField(
        OwnedNumber, null=True, on_delete=models.PROTECT, related_name="regulatory_file"
    )
    requirement = models.JSONField()
    identity = models.ForeignKey(
        Identity, null=True, on_delete=models.PROTECT, related_name="files"
    )
    address = models.ForeignKey(Address, null=True, on_delete=models.PROTECT, related_name="files")
    # What the numbers will be used for, where the carrier wants to know.
    service_description = SealedField()
    state = models.CharField(max_length=28, choices=State, default=State.DRAFT)
    asked = models.JSONField(default=list, blank=True)
    asked_at = models.DateTimeField(null=True)
    # Which attempt at a verification this is: a rejection or a reset begins the next.
    attempt = models.PositiveIntegerField(default=1)
    verification_key = models.CharField(max_length=80, blank=True, db_index=True)
    # What the carrier's support calls it.
    verification_label = models.CharField(max_length=80, blank=True)
    verification_sent = models.DateTimeField(null=True)
    # After a rejection, in the carrier's words.
    reasons = models.JSONField(default=list, blank=True)
    comment = models.TextField(blank=True)
    # When staff said that documents were uploaded in the carrier's portal, instead of by us.
    uploaded_by_hand = models.DateTimeField(null=True)
    # How long the carrier's look takes: 1 told staff, 2 escalated.
    slow_level = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    closed = models.DateTimeField(null=True)

    objects = ClientRows.as_manager()

    # What the carrier does with the number, whatever we thought of its papers.
    _OUTSIDE: ClassVar[Set[str]] = {State.ACTIVE, State.BLOCKED, State.TERMINATED}
    # Every legal move, in one place. What is not here cannot happen.
    MOVES: ClassVar[Mapping[str, Set[str]]] = {
        State.DRAFT: {State.PENDING_REVIEW, State.CLOSED},
        State.PENDING_REVIEW: {State.IDENTITY_CONFIRMED, State.CLOSED, *_OUTSIDE},
        State.IDENTITY_CONFIRMED: {
            State.IDENTITY_CONFIRMED, State.DOCUMENTS_UPLOADED, State.PENDING_REVIEW, State.CLOSED,
            *_OUTSIDE,
        },
        State.DOCUMENTS_UPLOADED: {
            State.ORDER_PLACED, State.IDENTITY_CONFIRMED, State.PENDING_REVIEW, State.CLOSED,
            *_OUTSIDE,
        },
        State.ORDER_PLACED: {
            State.REJECTED, State.IDENTITY_CONFIRMED, State.DOCUMENTS_UPLOADED, State.PENDING_REVIEW,
            State.CLOSED, *_OUTSIDE,
        },
        State.REJECTED: {
            State.ORDER_PLACED, State.IDENTITY_CONFIRMED, State.PENDING_REVIEW, State.CLOSED, *_OUTSIDE,
        },
        State.BLOCKED: {
            State.ACTIVE, State.ORDER_PLACED, State.REJECTED, State.TERMINATED,
            State.IDENTITY_CONFIRMED, State.PENDING_REVIEW, State.CLOSED,
        },
        State.TERMINATED: {
            State.ACTIVE, State.IDENTITY_CONFIRMED, State.DOCUMENTS_UPLOADED, State.PENDING_REVIEW,
            State.CLOSED,
        },
        State.ACTIVE: {State.BLOCKED, State.TERMINATED, State.PENDING_REVIEW, State.CLOSED},
        State.CLOSED: frozenset(),
    }  # fmt: skip

    class Meta:
        # Of years of papers, those that somebody still works on are few.
        indexes = [models.Index(fields=["state"], name="regulatory_files_of_state")]
        constraints = [
            models.CheckConstraint(
                name="regulatory_state_is_known",
                condition=models.Q(
                    state__in=[
                        "draft",
                        "pending_review",
                        "identity_address_confirmed",
                        "documents_uploaded",
                        "order_placed",
                        "rejected",
                        "blocked",
                        "terminated",
                        "active",
                        "closed",
                    ]
                ),
            )
        ]

    def __str__(self) -> str:
        return f"papers {self.uid}"

    @property
    def rules(self) -> Requirement:
        """What the number needs."""
        return Requirement.from_data(self.requirement)


class Document(models.Model):
    """One uploaded file. It proves its ``identity`` or its ``address``, or is a form of its ``file``.

    ``slot`` names what was asked for (``identity-1``, ``address-1``, ``form-<key>``); a newer one for the
    same slot has ``replaced`` the older. ``dated`` is the day that a proof of address bears. ``name`` is
    what the uploader called it.
    """

    uid = public_uid()
    client = models.ForeignKey(
        Client, null=True, on_delete=models.CASCADE, related_name="documents"
    )
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="documents")
    identity = models.ForeignKey(
        Identity, null=True, on_delete=models.CASCADE, related_name="documents"
    )
    address = models.ForeignKey(
        Address, null=True, on_delete=models.CASCADE, related_name="documents"
    )
    file = models.ForeignKey(
        RegulatoryFile, null=True, on_delete=models.CASCADE, related_name="documents"
    )
    slot = models.CharField(max_length=100)
    purpose = models.CharField(
        max_length=16, choices=[(purpose.value, purpose.value) for purpose in Purpose]
    )
    # The carrier's kind of proof, or its form, and its words.
    type_key = models.CharField(max_length=80)
    type_name = models.CharField(max_length=120)
    name = models.CharField(max_length=150)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField(default=1)
    dated = models.DateField(null=True)
    added = models.DateTimeField(auto_now_add=True)
    added_by = models.CharField(max_length=150)
    # The carrier's id of the proof, once it was sent.
    carrier_key = models.CharField(max_length=80, blank=True)
    sent = models.DateTimeField(null=True)
    replaced = models.DateTimeField(null=True)
    # Its content was deleted: the retention time is over, or another took its place.
    erased = models.DateTimeField(null=True)

    objects = ClientRows.as_manager()

    class Meta:
        ordering = ["slot", "pk"]
        constraints = [
            models.CheckConstraint(
                name="regulatory_document_belongs",
                condition=models.Q(identity__isnull=False)
                | models.Q(address__isnull=False)
                | models.Q(file__isnull=False),
            ),
            models.CheckConstraint(
                name="regulatory_purpose_is_known",
                condition=models.Q(
                    purpose__in=["identity", "address", "permanent-form", "one-time-form"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_name}: {self.name}"


class DocumentContent(models.Model):
    """What is in a document, sealed and bound to it; apart, so that lists do not read it. ``preview``
    seals a PNG of the first page."""

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="content")
    sealed = models.BinaryField()
    preview = models.BinaryField(default=bytes)

    def __str__(self) -> str:
        return f"content of {self.document_id}"
