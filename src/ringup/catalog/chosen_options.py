"""The options that a buyer chose, from his answers to priced items.

Answers are ``{"<option pk>": quantity, value pk or true}``. An option is priced per piece of its product:
a bundle with ten seats has ten pieces of the seat, so an option of the seat is paid ten times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ringup.catalog.models import Bundle, OptionValue, Product, ProductOption
from ringup.catalog.pricing import ChosenOption, Cycle, Item, option_items

Kind = ProductOption.Kind


def option_items_of(
    sold: Bundle | Product, answers: dict[str, Any], *, cycle: Cycle, currency: str
) -> list[Item]:
    """The items of the chosen options. What is no option of the thing any more, or has no price in
    the currency, is left out."""
    items: list[Item] = []
    for product, pieces in products_of(sold):
        chosen = _chosen(product, answers, currency)
        items.extend(option_items(chosen, cycle=cycle, pieces=pieces))
    return items


def products_of(sold: Bundle | Product) -> list[tuple[Product, int]]:
    """The products whose options are asked, with how many pieces of each are ordered."""
    if isinstance(sold, Product):
        return [(sold, 1)]
    return [(item.product, item.quantity) for item in sold.items.all()]


def _chosen(product: Product, answers: dict[str, Any], currency: str) -> Iterator[ChosenOption]:
    # Most products have none: nothing is asked before something was answered.
    for option in product.options.prefetch_related("values") if answers else ():
        answer = answers.get(str(option.pk))
        values = [row for row in option.values.all() if row.amount.currency == currency]
        value = _value(option, answer, values)
        if value is None:
            continue
        quantity, words = 1, option.name
        if option.kind == Kind.QUANTITY:
            quantity = min(max(_count(answer), option.least), option.most)
        elif option.kind == Kind.CHOICE:
            words = f"{option.name}: {value.name}"
        yield ChosenOption(words, quantity, value.setup, value.amount, product.tax_class)


def _value(option: ProductOption, answer: Any, values: list[OptionValue]) -> OptionValue | None:
    """The value that is priced; None where nothing was chosen."""
    if option.kind == Kind.CHOICE:
        return next((value for value in values if str(value.pk) == str(answer)), None)
    is_chosen = answer is True if option.kind == Kind.YES_NO else _count(answer) > 0
    return values[0] if is_chosen and values else None


def _count(answer: Any) -> int:
    return answer if isinstance(answer, int) and not isinstance(answer, bool) else 0
