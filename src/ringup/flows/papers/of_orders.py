"""From an order to its papers, and back."""

from __future__ import annotations

from ringup.core.sentences import Refusal
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from ringup.regulatory.models import RegulatoryFile

_WHOLE = ("account", "identity", "address", "number", "brand", "client")


def papers_of(order: Order) -> RegulatoryFile | None:
    """The papers of the number that it orders; None where that needs none."""
    files = RegulatoryFile.objects.select_related(*_WHOLE)
    return files.filter(service__line__order=order).first()


def require_papers(order: Order) -> RegulatoryFile:
    """The same, refused where there are none."""
    file = papers_of(order)
    if file is None:
        raise Refusal("The number of this order needs no papers. Nothing was changed.")
    return file


def whole_file(uid: str) -> RegulatoryFile:
    """A file with all that working on it reads."""
    return RegulatoryFile.objects.select_related(*_WHOLE, "service").get(uid=uid)


def order_of(file: RegulatoryFile) -> Order | None:
    """The order that these papers are for; None while it is being written."""
    orders = Order.objects.select_related("client", "brand", "draft")
    return orders.filter(lines__service__papers=file).first()


def run_of(file: RegulatoryFile) -> Run | None:
    """The newest run that works with these papers."""
    return Run.objects.filter(service__papers=file).order_by("pk").last()
