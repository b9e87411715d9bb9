"""Why a product or a bundle cannot be bought in the shop right now, in sentences for staff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringup.catalog.models import Bundle, Mapping, Product, ProductGroup
from ringup.catalog.selling import ALONE, cycles_of, is_complete, is_valid, own_mapping
from ringup.pbx.models import PbxServer


def obstacles(
    sold: Bundle | Product, *, currency: str, servers: Iterable[PbxServer]
) -> Iterator[str]:
    """Nothing: it can be bought, in ``currency``. ``servers`` are the enabled PBX servers."""
    yield from _flags(sold)
    if isinstance(sold, Product) and sold.kind not in ALONE:
        yield f"{sold.get_kind_display()}: not sold alone, only inside bundles."
    if not is_complete(sold):
        yield (
            "A hosted PBX needs seats."
            if isinstance(sold, Product)
            else "The bundle is incomplete."
        )
    if not cycles_of(sold, currency):
        yield f"It has no price in {currency}."
    problem = _mapping_problem(own_mapping(sold), sold, list(servers))
    if problem:
        yield problem


def _flags(sold: Bundle | Product) -> Iterator[str]:
    if sold.is_retired:
        yield "It is retired."
    if sold.is_hidden:
        yield "It is hidden."
    if sold.group.is_hidden:
        yield f"Its group {sold.group.name} is hidden."
    if sold.group.cart != ProductGroup.Cart.WIZARD:
        yield f"Its group {sold.group.name} is for staff orders only."
    if sold.stock == 0:
        yield "It is sold out: the stock limit is used up."


def _mapping_problem(
    mapping: Mapping | None, sold: Bundle | Product, servers: list[PbxServer]
) -> str:
    if mapping is None:
        return "It is not mapped to a provider."
    if mapping.account is None:
        return "It is mapped to No provider."
    if not mapping.account.takes_orders:
        return f"Its provider {mapping.account.name} is switched off or retired."
    if not is_valid(mapping, sold, servers=servers):
        return "No PBX server can take it: all are full, switched off or of the other environment."
    return ""
