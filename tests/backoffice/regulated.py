"""Orders of numbers that need papers, in any state, without a carrier."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ringup.core.actors import Actor
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.regulatory import filling
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.uploading import add_document
from tests.factories import service_of
from tests.regulatory.files import jpeg
from tests.regulatory.requirements import AREA_OF_BOTH, BILL, CERTIFICATE, FIRM

SAM = Actor("staff:1", "Sam")


def make_papers(order: Order, *, state: str = "pending_review", **also: Any) -> RegulatoryFile:
    """The papers of an order's number: those of a company, told in full, without documents."""
    service = service_of(order)
    number = main_number(service)
    file = filling.begin(
        client=order.client, brand=order.brand, account=service.account, requirement=AREA_OF_BOTH
    )
    filling.save_answers(file, FIRM | {"company_name": order.client.name})
    file.state, file.number = state, number
    for name, value in also.items():
        setattr(file, name, value)
    file.save()
    service.papers = file
    service.save(update_fields=["papers"])
    return file


def add_proof(file: RegulatoryFile, slot: str, *, content: bytes = b"") -> Document:
    """A picture for a slot: takes a second, since it is looked at."""
    is_address = slot.startswith("address")
    return add_document(
        file,
        slot=slot,
        type_key=(BILL if is_address else CERTIFICATE).key,
        name="photo.jpg",
        content=content or jpeg(),
        dated=timezone.localdate() if is_address else None,
        actor=SAM,
    )


def note_proof(file: RegulatoryFile, slot: str) -> Document:
    """The row of a document alone, where nobody opens it."""
    is_address = slot.startswith("address")
    kind = BILL if is_address else CERTIFICATE
    return Document.objects.create(
        client=file.client,
        brand=file.brand,
        **({"address": file.address} if is_address else {"identity": file.identity}),
        slot=slot,
        purpose="address" if is_address else "identity",
        type_key=kind.key,
        type_name=kind.name,
        name="photo.jpg",
        media_type="image/jpeg",
        size=2048,
        dated=timezone.localdate() if is_address else None,
        added_by="Sam",
    )
