"""The rules of the catalogue's verbs that no page shows alone."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from ringup.catalog import editing, price_editing
from ringup.catalog.models import Product, ProductGroup
from ringup.catalog.price_editing import PriceRow, faults_of
from ringup.catalog.pricing import ChosenOption, Cycle, Item, option_items, quote
from ringup.catalog.snapshots import ChangedMeanwhile, Seen, prices_of, seen_now, subject_of
from ringup.core.actors import Actor
from ringup.core.money import Money
from ringup.core.sentences import Refusal

SAM = Actor("staff:1", "Sam")


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


@pytest.mark.once
@pytest.mark.parametrize(
    ("cycle", "recurring"),
    [(Cycle.MONTHLY, "1.25"), (Cycle.QUARTERLY, "3.75"), (Cycle.BIENNIAL, "30")],
)
def test_chosen_options_cost_as_many_months_as_the_cycle_covers(
    cycle: Cycle, recurring: str
) -> None:
    storage = ChosenOption("10 GB", 1, usd("2"), usd("1.25"))
    lines = ChosenOption("Extra line", 3, usd("0"), usd("0.50"), tax_class="none")
    nothing = ChosenOption("Fax", 0, usd("9"), usd("9"))
    items = option_items([storage, lines, nothing], cycle=cycle)
    assert items == [
        Item("10 GB", 1, usd("2"), usd(recurring)),
        Item("Extra line", 3, usd("0"), usd("0.50") * cycle.months, "none"),
    ]
    two = quote(option_items([storage], cycle=cycle, pieces=2), currency="USD", cycle=cycle)
    assert (two.recurring, two.setup) == (usd(recurring) * 2, usd("4"))


@pytest.mark.once
def test_price_rows_that_contradict_each_other_are_named_by_their_place() -> None:
    eur = Money.of("3", "EUR")
    rows = [
        PriceRow(Cycle.MONTHLY, usd("0"), usd("1")),
        PriceRow(Cycle.MONTHLY, usd("0"), usd("2")),
        PriceRow(Cycle.FREE, usd("0"), usd("0")),
        PriceRow(Cycle.ONE_TIME, eur, eur),
        PriceRow(Cycle.ANNUAL, usd("-1"), usd("9")),
    ]
    assert [place for place, _ in faults_of(rows)] == [1, 2, 4]


@pytest.fixture
def product(db: None) -> Product:
    group = ProductGroup.objects.create(name="Shelf")
    return Product.objects.create(group=group, slug="line", name="Line", kind="add-on")


def test_a_refused_price_changes_nothing(product: Product) -> None:
    row = PriceRow(Cycle.FREE, usd("0"), usd("1"))
    with pytest.raises(Refusal, match="Nothing was changed"):
        price_editing.save_prices(product, [row], seen=Seen({}, 0), actor=SAM)
    assert not product.prices.exists()


def test_slugs_are_proposed_free_for_products_and_bundles(product: Product) -> None:
    assert editing.propose_slug("Line") == "line-2"
    assert editing.propose_slug("Großer Anschluß & Co.") == "groer-anschlu-co"
    assert editing.propose_slug("電話") == "product"
    assert len(editing.propose_slug("x" * 500)) <= 60


def test_names_in_a_sentence() -> None:
    assert editing.names_of(["a"]) == "a"
    assert editing.names_of(["a", "b", "c"]) == "a, b and c"
    assert editing.names_of(list("abcdefg")) == "a, b, c, d, e and 2 more"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told() -> None:
    group = ProductGroup.objects.create(name="Shelf")
    product = Product.objects.create(group=group, slug="line", name="Line", kind="add-on")
    seen = seen_now(subject_of(product), prices_of(product))
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def saving(amount: str) -> Callable[[], None]:
        def run() -> None:
            barrier.wait()
            row = PriceRow(Cycle.MONTHLY, usd("0"), usd(amount))
            try:
                price_editing.save_prices(product, [row], seen=seen, actor=SAM)
                outcomes.append(amount)
            except ChangedMeanwhile as conflict:
                outcomes.append(conflict.differences[0].what)
            finally:
                connections.close_all()

        return run

    threads = [threading.Thread(target=saving(amount)) for amount in ("1", "2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("Monthly, USD") == 1, outcomes
    winner = next(each for each in outcomes if each != "Monthly, USD")
    assert product.prices.get().amount == usd(winner)
