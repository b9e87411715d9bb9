"""What is not mapped to any provider any more is not provisioned."""

from __future__ import annotations

from ringup.catalog.selling import own_mapping
from ringup.orders.models import OrderLine
from ringup.provisioning.models import Run
from ringup.services.models import Service

_MAPPINGS = ("bundle__mapping", "product__mapping", "product__group__mapping")


def not_mapped(service: Service) -> str:
    """Why its order may not be carried out: a sentence for staff, or nothing.

    The account of an order is frozen on the service; a mapping to another one changes nothing. A
    run that was approved goes on whatever happens to the mapping: something of it may exist outside.
    """
    line = OrderLine.objects.filter(service=service).select_related(*_MAPPINGS).first()
    sold = (line.bundle or line.product) if line else None
    if sold is None or Run.objects.filter(service=service, state__in=Run.OPEN).exists():
        return ""
    mapping = own_mapping(sold)
    if mapping is not None and mapping.account_id is not None:
        return ""
    return (
        f"{sold.name} is not mapped to a provider any more, so it is not provisioned. Nothing was "
        "bought. Map it under Product mappings and look again, or reject the order."
    )
