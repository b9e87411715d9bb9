"""What a page of the catalogue showed, as words: to tell two editors of one thing about each other,
and to say in the activity log what was changed.

A page carries a signed ``Seen`` in a hidden field. Who saves later than somebody else is refused,
and reads what the other one changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.core import signing

from ringup.catalog.models import Bundle, CustomField, Product, ProductGroup
from ringup.catalog.models import ProductOption as Option
from ringup.catalog.pricing import Cycle
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal

Snapshot = dict[str, str]
SALT = "ringup.catalog.seen"
# What forms call a column, and what a snapshot calls it.
STOCK = "Stock limit"
WORDS = {
    "tagline": "Tagline",
    "cart": "Order form",
    "name": "Name",
    "slug": "Slug",
    "group": "Group",
    "kind": "Kind",
    "description": "Description",
    "tax_class": "Tax class",
    "seats": "Seats per product",
    "stock": STOCK,
    "most_per_client": "Most for one client",
    "first_free": "First number free",
    "is_hidden": "Hidden",
    "position": "Position",
}
FIELD_WORDS = {
    "name": "Question",
    "kind": "Kind",
    "help_text": "Help",
    "choices": "Choices",
    "is_required": "Required",
    "position": "Position",
}
OPTION_WORDS = {
    "name": "Option",
    "kind": "Kind",
    "least": "Quantity",
    "most": "Quantity",
    "position": "Position",
}


class Difference(NamedTuple):
    """One thing that is not as it was."""

    what: str
    before: str
    after: str


class ChangedMeanwhile(Refusal):
    """Somebody else saved the same thing since the page was opened. Nothing was saved."""

    def __init__(
        self, name: str, *, by: str, at: datetime | None, differences: list[Difference]
    ) -> None:
        super().__init__(
            f"{name} was changed by {by} after you opened this page. Nothing of yours was saved. "
            "Read what changed, then save again if yours still holds."
        )
        self.by, self.at, self.differences = by, at, differences


def subject_of(row: Product | Bundle | ProductGroup) -> str:
    """Whose history it is: ``product:<uid>`` in the activity log."""
    return f"{'group' if isinstance(row, ProductGroup) else row._meta.model_name}:{row.uid}"


def settings_of(row: Product | Bundle | ProductGroup) -> Snapshot:
    """What the first form of its page holds."""
    if isinstance(row, ProductGroup):
        return {
            "Name": row.name,
            "Tagline": row.tagline,
            "Hidden": _yes(row.is_hidden),
            "Order form": row.get_cart_display(),
        }
    snapshot = {
        "Name": row.name,
        "Slug": row.slug,
        "Group": row.group.name,
        "Description": row.description,
        "Tax class": row.tax_class,
        STOCK: "none" if row.stock is None else str(row.stock),
        "Most for one client": "none" if row.most_per_client is None else str(row.most_per_client),
        "Hidden": _yes(row.is_hidden),
        "Position": str(row.position),
    }
    if isinstance(row, Product):
        snapshot |= {"Kind": row.get_kind_display(), "Seats per product": str(row.seats)}
        snapshot["First number free"] = _yes(row.first_free)
    return snapshot


def prices_of(sold: Product | Bundle) -> Snapshot:
    """Its price rows, and for a bundle the number that it includes."""
    snapshot = {
        price_key(row.cycle, row.currency): amount_words(row.setup, row.amount)
        for row in sold.prices.all()
    }
    if isinstance(sold, Bundle):
        snapshot["Included number"] = str(sold.included_number)
    return snapshot


def price_key(cycle: str, currency: str) -> str:
    """``Monthly, USD``"""
    return f"{Cycle(cycle).label}, {currency}"


def amount_words(setup: Money, amount: Money) -> str:
    """``$5.00, set-up $2.00``"""
    return f"{amount}, set-up {setup}" if setup else f"{amount}"


def contents_of(bundle: Bundle) -> Snapshot:
    """The products inside a bundle, with quantities."""
    return {part_key(item.product): str(item.quantity) for item in bundle.items.all()}


def part_key(product: Product) -> str:
    """``Seat (P-2)``"""
    return f"{product.name} ({product.code})"


def field_of(field: CustomField) -> Snapshot:
    """A custom field."""
    return {
        "Question": field.name,
        "Kind": field.get_kind_display(),
        "Help": field.help_text,
        "Choices": ", ".join(field.choices),
        "Required": _yes(field.is_required),
        "Position": str(field.position),
    }


def option_of(option: Option) -> Snapshot:
    """A configurable option with its values."""
    snapshot = {
        "Option": option.name,
        "Kind": option.get_kind_display(),
        "Position": str(option.position),
    }
    if option.kind == Option.Kind.QUANTITY:
        snapshot["Quantity"] = f"{option.least} to {option.most}"
    for value in option.values.all():
        snapshot[f"{value.name}, {value.amount.currency}"] = amount_words(value.setup, value.amount)
    return snapshot


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def differences(before: Snapshot, after: Snapshot) -> list[Difference]:
    """What was changed, added (before is empty) and removed (after is empty), in order."""
    keys = [*before, *(key for key in after if key not in before)]
    return [
        Difference(key, before.get(key, ""), after.get(key, ""))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def as_changes(found: Iterable[Difference]) -> dict[str, list[str]]:
    """Differences as the detail of an activity."""
    return {what: [before, after] for what, before, after in found}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed, and the newest activity about it then."""

    values: Snapshot
    activity: int

    def as_text(self) -> str:
        """For a hidden field; signed, so that nothing else needs to be distrusted in it."""
        return signing.dumps([self.values, self.activity], salt=SALT, compress=True)


NOTHING_SEEN = Seen({}, 0)


def seen_now(subject: str, values: Snapshot) -> Seen:
    """For a page that is about to be shown."""
    newest = Activity.objects.filter(subject=subject).order_by("-pk").values_list("pk", flat=True)
    return Seen(values, newest.first() or 0)


def seen_from(text: str) -> Seen:
    """What ``as_text`` wrote; refuses anything else."""
    try:
        values, activity = signing.loads(text, salt=SALT)
    except signing.BadSignature as error:
        raise Refusal(
            "This page was opened too long ago to be saved safely. Nothing was changed. "
            "Reload it and make your change again."
        ) from error
    return Seen(values, activity)


def require_unchanged(
    name: str, subject: str, now: Snapshot, *, seen: Seen, but: frozenset[str] = frozenset()
) -> None:
    """Raise ``ChangedMeanwhile`` where ``now`` is not what was seen; ``but`` does not matter."""
    found = [row for row in differences(seen.values, now) if row.what not in but]
    if not found:
        return
    since = Activity.objects.filter(subject=subject, pk__gt=seen.activity).order_by("pk")
    labels = list(dict.fromkeys(row.actor_label for row in since))
    newest = since.last()
    raise ChangedMeanwhile(
        name,
        by=" and ".join(labels) or "an order or an import",
        at=newest.at if newest else None,
        differences=found,
    )
