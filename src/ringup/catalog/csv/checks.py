"""The rules that no line of a file shows alone. They are those of the pages (see ``editing`` and
``price_editing``); a fault stands at the first line of the thing that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ringup.catalog.csv.columns import Sold, contents_text
from ringup.catalog.csv.rows import Held, Target
from ringup.catalog.models import Bundle, Product
from ringup.catalog.price_editing import PriceRow, faults_of


def check_things(
    targets: Iterable[Target], held: Held, *, is_ordered: Callable[[Product], bool]
) -> None:
    """Put what is wrong into the rows, and the contents of bundles into their targets."""
    every = list(targets)
    owners = _owners(every, held)
    by_slug = held.by_slug | {target.sold.slug: target.sold for target in every}
    # A renamed product is there by both slugs; the new one comes later, and counts.
    slugs = {part.pk: slug for slug, part in by_slug.items() if isinstance(part, Product)}
    for target in every:
        _check_slug(target, held, owners)
        _check_kind(target, is_ordered)
        _check_seats(target)
        _check_prices(target, held)
        _check_contents(target, held, by_slug, slugs)


def _changed(target: Target) -> set[str]:
    return {column for column, _, _ in target.first.changes}


def _owners(targets: list[Target], held: Held) -> dict[str, Target]:
    """Which thing of the file is to have a slug: the first that says so."""
    owners: dict[str, Target] = {}
    for target in targets:
        owners.setdefault(target.sold.slug, target)
    return owners


def _check_slug(target: Target, held: Held, owners: dict[str, Target]) -> None:
    slug = target.sold.slug
    if "slug" not in _changed(target):
        return
    other = held.by_slug.get(slug)
    if other is not None and other is not target.sold:
        target.first.faults.append(("slug", f"{slug} belongs to {other.code}. Choose another."))
    elif owners[slug] is not target:
        line = owners[slug].first.line
        target.first.faults.append(("slug", f"Line {line} gives {slug} to something else."))


def _check_kind(target: Target, is_ordered: Callable[[Product], bool]) -> None:
    sold = target.sold
    if not isinstance(sold, Product) or target.is_new or "kind" not in _changed(target):
        return
    if is_ordered(sold):
        sentence = f"{sold.code} was ordered already, so it keeps its kind. Add another product."
        target.first.faults.append(("kind", sentence))


def _check_seats(target: Target) -> None:
    sold = target.sold
    if not isinstance(sold, Product) or sold.kind != Product.Kind.HOSTED_PBX:
        return
    is_shown = not (sold.is_hidden or sold.is_retired)
    touched = target.is_new or _changed(target) & {"kind", "seats", "hidden", "retired"}
    if touched and is_shown and not sold.seats:
        target.first.faults.append(
            ("seats", "A hosted PBX that is sold alone needs seats. Write how many, or hide it.")
        )


def _check_prices(target: Target, held: Held) -> None:
    """One currency has recurring prices, or one-time, or free ones: also with those that stay."""
    if not any(price.is_changed for price in target.prices.values()):
        return
    stay = held.prices.get(target.key, {})
    prices = {**stay, **target.prices}
    rows = [PriceRow(price.cycle, price.setup, price.amount) for price in prices.values()]
    for place, sentence in faults_of(rows):
        line = list(prices.values())[place].line
        row = next((row for row in target.rows if row.line == line), target.first)
        row.faults.append(("cycle", sentence))


def _check_contents(
    target: Target, held: Held, by_slug: dict[str, Sold], slugs: dict[int, str]
) -> None:
    if target.parts is None:
        return
    was = held.contents.get(target.sold.pk, {}) if target.sold.pk else {}
    wanted: list[tuple[Product, int]] = []
    for slug, quantity in target.parts.items():
        part = by_slug.get(slug)
        sentence = ""
        if part is None:
            sentence = f"There is no product {slug}, here or in the file."
        elif isinstance(part, Bundle):
            sentence = f"{slug} is a bundle; a bundle holds products alone."
        elif part.is_retired and part.pk not in was:
            sentence = f"{slug} is retired and cannot be added."
        else:
            wanted.append((part, quantity))
        if sentence:
            target.first.faults.append(("contents", sentence))
    old = contents_text({slugs[pk]: quantity for pk, quantity in was.items()})
    new = contents_text({part.slug: quantity for part, quantity in wanted})
    if old != new:
        target.contents = wanted
        target.first.changes.append(("contents", old, new))
