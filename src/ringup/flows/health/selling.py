"""Selling: whether the shop sells what it should."""

from __future__ import annotations

from ringup.accounts.brands import default_brand
from ringup.catalog.mapped import Catalogue
from ringup.catalog.pricing import Quote
from ringup.catalog.visibility import Prices, Why, reasons
from ringup.core.sentences import counted
from ringup.flows.health.findings import Check, Group, Verdict, doubtful, fine, listed
from ringup.orders.models import OrderLine

# Of so many orders, the newest ones.
LOOKED_AT = 200
# Whoever chose one of these meant it.
MEANT = frozenset(
    {
        Why.RETIRED, Why.HIDDEN, Why.GROUP_HIDDEN, Why.STAFF_ONLY, Why.ONLY_IN_BUNDLES,
        Why.NO_PROVIDER,
    }
)  # fmt: skip


def unsold() -> Verdict:
    """Products and bundles that nobody can buy although nobody took them off the shelf."""
    catalogue = Catalogue.read()
    prices = Prices.read(catalogue, default_brand().currency)
    offered, missing = 0, []
    for thing in catalogue.things.values():
        found = reasons(catalogue, thing, prices)
        if any(reason.why in MEANT for reason in found):
            continue
        offered += 1
        if found:
            missing.append(f"{thing.name} ({found[0].why.word.lower()})")
    if missing:
        return doubtful(
            f"{len(missing)} of {offered} cannot be bought: {listed(sorted(missing), most=3)}.",
            "Product mappings, Not on sale: it says why, and where to mend it.",
        )
    if not offered:
        return doubtful("The shop has nothing to sell.", "Make a product and map it to a provider.")
    return fine(f"All {offered} can be bought." if offered > 1 else "The one can be bought.")


def sums() -> Verdict:
    """What is added up beside the newest quotes is what they say."""
    wrong = []
    for line in OrderLine.objects.select_related("order").order_by("-pk")[:LOOKED_AT]:
        if line.monthly != Quote.from_data(line.quote).monthly:
            wrong.append(line.order.label)
    if wrong:
        return doubtful(
            f"The monthly sum of {counted(len(wrong), 'order')} is not what was quoted: "
            f"{listed(wrong, most=3)}.",
            "The revenue on the home page is off by it. Report this with a support package.",
        )
    return fine("The monthly sums are those of the quotes.")


def checks() -> list[Check]:
    return [
        Check(Group.SELLING, "Products", unsold),
        Check(Group.SELLING, "Monthly sums", sums),
    ]
