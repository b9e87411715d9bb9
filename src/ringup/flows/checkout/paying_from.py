"""From where a draft is paid: what its buyer answered, what is known of the client, else where the
number is."""

from __future__ import annotations

from typing import Any

from ringup.catalog.taxes import Payer
from ringup.flows.checkout.chosen_numbers import numbers_of
from ringup.numbers.origins import REGIONS
from ringup.orders.models import Draft

# What the first step asks, and a client's row has under the same names.
ADDRESS = ("country", "region", "street", "postal_code", "city", "vat_id")


def payer_of(draft: Draft) -> Payer:
    """Who pays the draft, as far as it is known."""
    answers, client = draft.answers.get("company", {}), draft.client
    if answers.get("country"):
        known = answers
    elif client is not None and client.country:
        known = {"country": client.country, "region": client.region, "vat_id": client.vat_id}
    else:
        known = _place_of_number(draft)
    country = known.get("country", "")
    return Payer(
        country=country,
        region=region_code(country, known.get("region", "")),
        vat_id=known.get("vat_id", ""),
        client=client,
    )


def _place_of_number(draft: Draft) -> dict[str, Any]:
    main = next(iter(numbers_of(draft)), None)
    return {"country": main["country"], "region": main["region"]} if main else {}


def region_code(country: str, text: str) -> str:
    """``ON`` for ``Ontario``, ``on`` or ``ON``; other text as it is."""
    plain = text.strip()
    names = REGIONS.get(country, {})
    if plain.upper() in names:
        return plain.upper()
    folded = plain.casefold()
    return next((code for code, name in names.items() if name.casefold() == folded), plain)
