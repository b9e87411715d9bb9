"""What a buyer is asked about a thing before he orders it: its options, which have prices, and its custom
fields. Answers are keyed by the rows' keys; what they say is frozen, in words, with the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from ringup.catalog.chosen_options import products_of
from ringup.catalog.models import Bundle, CustomField, OptionValue, Product, ProductOption
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal

LONGEST_TEXT = 200
CHANGED = (
    "What is asked about {name} has changed: {what}. Nothing was ordered or charged. Look at the options "
    "again."
)


@dataclass(frozen=True, slots=True)
class AskedOption:
    """An option, with its values in the buyer's currency; it is paid for ``pieces`` of its product."""

    row: ProductOption
    values: list[OptionValue]
    pieces: int
    label: str

    @property
    def key(self) -> str:
        return str(self.row.pk)

    def words(self, answer: Any) -> str:
        """The answer for people; raises ``ValueError`` for what can not be chosen any more."""
        match self.row.kind:
            case ProductOption.Kind.QUANTITY:
                if type(answer) is int and self.row.least <= answer <= self.row.most:
                    return str(answer)
            case ProductOption.Kind.YES_NO:
                if type(answer) is bool:
                    return "Yes" if answer else "No"
            case _:
                for value in self.values:
                    if str(value.pk) == str(answer):
                        return value.name
        raise ValueError(answer)


@dataclass(frozen=True, slots=True)
class AskedField:
    """A custom field."""

    row: CustomField
    label: str

    @property
    def key(self) -> str:
        return str(self.row.pk)

    def words(self, answer: Any) -> str:
        """The answer for people; raises ``ValueError`` for what can not be chosen any more."""
        if not isinstance(answer, str) or len(answer) > LONGEST_TEXT:
            raise ValueError(answer)
        if not answer and self.row.is_required:
            raise ValueError(answer)
        if answer and self.row.kind == CustomField.Kind.CHOICE and answer not in self.row.choices:
            raise ValueError(answer)
        return answer


@dataclass(frozen=True, slots=True)
class Asked:
    """All that is asked about one thing."""

    options: list[AskedOption]
    fields: list[AskedField]

    def __bool__(self) -> bool:
        return bool(self.options or self.fields)


def is_asked(sold: Bundle | Product, *, lately: bool = False) -> bool:
    """Whether there is anything to ask. One query. ``lately``: or was a few seconds ago."""
    if isinstance(sold, Product):
        return bool(_asking.lately(sold.pk) if lately else _asking(sold.pk))
    products = [product.pk for product, _ in products_of(sold)]
    return Product.objects.filter(_SOME, pk__in=products).exists()


_SOME = Q(options__isnull=False) | Q(custom_fields__isnull=False)


@prepared
def _asking(product: int) -> QuerySet[Product, tuple[int]]:
    """The product, where something is asked about it."""
    return Product.objects.filter(_SOME, pk=product).values_list("pk")[:1]


def asked_about(sold: Bundle | Product, currency: str) -> Asked:
    """Read now. An option that has no price in the currency is not asked."""
    pairs = products_of(sold)
    pieces = {product.pk: count for product, count in pairs}
    options = ProductOption.objects.filter(product__in=pieces).select_related("product")
    fields = CustomField.objects.filter(product__in=pieces).select_related("product")
    is_one = len(pairs) == 1

    def label(row: ProductOption | CustomField) -> str:
        return row.name if is_one else f"{row.product.name}: {row.name}"

    order = {product.pk: place for place, (product, _) in enumerate(pairs)}
    found = []
    for option in options.prefetch_related("values"):
        values = [value for value in option.values.all() if value.amount.currency == currency]
        if values:
            found.append(AskedOption(option, values, pieces[option.product_id], label(option)))
    return Asked(
        sorted(found, key=lambda one: (order[one.row.product_id], one.row.position, one.row.pk)),
        sorted(
            (AskedField(row, label(row)) for row in fields),
            key=lambda one: (order[one.row.product_id], one.row.position, one.row.pk),
        ),
    )


def answered(
    sold: Bundle | Product, currency: str, *, options: dict[str, Any], fields: dict[str, Any]
) -> list[list[str]]:
    """The answers in words: pairs of what was asked and what was answered. Refuses (``field``
    "options") what lacks an answer, and answers that are no longer possible."""
    asked = asked_about(sold, currency)
    found = []
    pairs: list[tuple[AskedOption | AskedField, dict[str, Any]]] = [
        *((option, options) for option in asked.options),
        *((field, fields) for field in asked.fields),
    ]
    for one, answers in pairs:
        try:
            words = one.words(answers.get(one.key))
        except ValueError as error:
            raise _changed(sold, one.label) from error
        if words:
            found.append([one.label, words])
    known = {one.key for one in asked.options}, {one.key for one in asked.fields}
    if options.keys() - known[0] or fields.keys() - known[1]:
        raise _changed(sold, "something that you chose is not offered any more")
    return found


def _changed(sold: Bundle | Product, what: str) -> Refusal:
    return Refusal(CHANGED.format(name=sold.name, what=what), field="options")
