"""What a number costs the client: rounding, which rule wins, exchange rates, what is not on sale."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, NumberType
from ringup.catalog.models import ExchangeRate, Mapping, NumberPriceRule, ProductGroup
from ringup.catalog.number_prices import (
    delete_rule,
    gaps,
    price_offer,
    rule_for,
    save_rule,
    work_out,
)
from ringup.catalog.pricing import NumberPrice, PriceRule, price_number
from ringup.catalog.rates import (
    contradictions,
    delete_rate,
    exchanged,
    known_rates,
    old_rates,
    set_rate,
)
from ringup.catalog.rule_words import words_of
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal

MAYA = Actor("staff:9", "Maya")


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


# -- the pure function ----------------------------------------------------------------------------


def to_multiple(amount: Fraction, step: Decimal, rounding: str) -> Decimal:
    """Independent of the code under test: decimals with sixty digits."""
    steps = amount / Fraction(step)
    quotient = Decimal(steps.numerator) / Decimal(steps.denominator)
    return quotient.to_integral_value(rounding) * step


def expected(cost: Decimal, rule: PriceRule, coin: Decimal) -> Decimal:
    if rule.fixed is not None:
        price = rule.fixed.amount
    else:
        exact = Fraction(cost) * (100 + rule.percent) / 100 + Fraction(rule.addition.amount)
        step = rule.rounding.amount
        price = (
            to_multiple(exact, step, ROUND_CEILING)
            if step
            else to_multiple(exact, coin, ROUND_HALF_UP)
        )
    least = to_multiple(Fraction(rule.floor.amount), coin, ROUND_CEILING)
    return max(price, least)


def random_rule(dice: random.Random, currency: str, coin: Decimal) -> PriceRule:
    def amount(most: int, *, whole: bool = True) -> Money:
        coins = coin * dice.randint(0, most)
        finer = Decimal(dice.randint(0, 9999)).scaleb(-6) if not whole else Decimal(0)
        return Money.of(coins + finer, currency)

    return PriceRule(
        percent=dice.choice([0, 0, 1, 33, 60, 99, 100, 250]),
        addition=amount(300, whole=False) if dice.random() < 0.7 else Money.zero(currency),
        floor=amount(500, whole=dice.random() < 0.7) if dice.random() < 0.7 else amount(0),
        rounding=dice.choice([amount(0), amount(100), Money.of(coin * 5, currency)]),
        setup_percent=dice.choice([0, 50, 125]),
        fixed=amount(900) if dice.random() < 0.2 else None,
        fixed_setup=amount(900) if dice.random() < 0.2 else None,
    )


@pytest.mark.once
@pytest.mark.parametrize(("currency", "coin"), [("USD", Decimal("0.01")), ("JPY", Decimal(1))])
def test_prices_keep_their_promises_over_many_random_rules(currency: str, coin: Decimal) -> None:
    """Never below the floor, a multiple of the step, never falling as the cost rises, rounded once."""
    dice = random.Random(f"number prices in {currency}")
    deciding = {"fixed": 0, "floor": 0, "step": 0, "cost": 0}
    for _ in range(1200):
        rule = random_rule(dice, currency, coin)
        cost = Decimal(dice.randint(0, 20_000_000)).scaleb(-6)
        setup = Decimal(dice.randint(0, 5_000_000)).scaleb(-6)
        got = price_number(
            monthly=Money.of(cost, currency), setup=Money.of(setup, currency), rule=rule
        )
        price = got.monthly.amount

        assert price == expected(cost, rule, coin), (cost, rule)
        assert got.monthly >= rule.floor
        assert price % coin == 0
        is_floor = price == to_multiple(Fraction(rule.floor.amount), coin, ROUND_CEILING)
        if rule.fixed is None and rule.rounding and not is_floor:
            assert price % rule.rounding.amount == 0
            assert price >= cost
        dearer = Money.of(cost + Decimal(dice.randint(1, 90_000)).scaleb(-6), currency)
        assert price_number(monthly=dearer, setup=dearer, rule=rule).monthly >= got.monthly
        if rule.fixed_setup is not None:
            assert got.setup == rule.fixed_setup
        else:
            once = Fraction(setup) * (100 + rule.setup_percent) / 100
            assert got.setup.amount == to_multiple(once, coin, ROUND_HALF_UP)
        kind = (
            "floor" if is_floor else "fixed" if rule.fixed else "step" if rule.rounding else "cost"
        )
        deciding[kind] += 1
    assert min(deciding.values()) > 50, deciding


@pytest.mark.once
@pytest.mark.parametrize(
    ("cost", "rule", "price"),
    [
        # The percent alone would round to 0.50; with what it hides below a millionth it is more.
        ("0.333334", PriceRule(50, usd("0"), usd("0"), usd("0.50")), "1.00"),
        ("0.333333", PriceRule(50, usd("0"), usd("0"), usd("0.50")), "0.50"),
        # A floor between two cents is not undercut by rounding.
        ("0", PriceRule(0, usd("0"), usd("1.504"), usd("0")), "1.51"),
        ("0.854999", PriceRule(0, usd("0"), usd("0"), usd("0")), "0.85"),
        ("0.855", PriceRule(0, usd("0"), usd("0"), usd("0")), "0.86"),
        ("9.00", PriceRule(0, usd("0"), usd("2"), usd("0"), fixed=usd("1")), "2.00"),
        ("9.00", PriceRule(0, usd("0"), usd("0"), usd("0"), fixed=usd("0")), "0.00"),
    ],
)
def test_prices_at_the_edges(cost: str, rule: PriceRule, price: str) -> None:
    assert price_number(monthly=usd(cost), setup=usd("0"), rule=rule).monthly == usd(price)


# -- which rule -----------------------------------------------------------------------------------


@pytest.fixture
def account(db: None) -> CarrierAccount:
    row = CarrierAccount(name="Carrier one", kind="voipms", url="http://127.0.0.1:1/")
    row.set_secrets({})
    row.save()
    return row


def make_rule(
    account: CarrierAccount, country: str = "", number_type: str = "", **values: object
) -> NumberPriceRule:
    rule = NumberPriceRule(account=account, country=country, number_type=number_type)
    rule.addition = rule.floor = rule.rounding = usd("0")
    for name, value in values.items():
        setattr(rule, name, value)
    rule.save()
    return rule


def offer(country: str = "US", number_type: str = "geographic", cost: str = "1.00") -> NumberOffer:
    return NumberOffer(
        e164="+12125550100",
        country=country,
        region="NY",
        rate_centre="New York",
        monthly=usd(cost),
        setup=usd("0.40"),
        number_type=NumberType(number_type),
    )


def test_the_most_specific_rule_wins(account: CarrierAccount) -> None:
    rules = {
        (country, kind): make_rule(account, country, kind)
        for country in ("US", "")
        for kind in ("toll-free", "")
    }
    make_rule(account, "US", "toll-free", currency="EUR")
    order = [("US", "toll-free"), ("US", ""), ("", "toll-free"), ("", "")]
    for wanted in order:
        found = rule_for(account, country="US", number_type="toll-free", currency="USD")
        assert found == rules[wanted]
        rules[wanted].delete()
    assert rule_for(account, country="US", number_type="toll-free", currency="USD") is None


def test_without_rule_or_rate_a_number_is_not_on_sale(account: CarrierAccount) -> None:
    assert price_offer(account, offer(), "USD") is None
    make_rule(account, "US", percent=50, floor=usd("1.80"))
    price = price_offer(account, offer(), "USD")
    assert price == NumberPrice(usd("1.80"), usd("0.40"))
    assert price_offer(account, offer("CA"), "USD") is None
    make_rule(account, "US", currency="EUR")
    assert price_offer(account, offer(), "EUR") is None
    cost = NumberPrice(usd("1"), usd("0"))
    working = work_out(account, cost, country="US", number_type="mobile", currency="EUR")
    assert "no exchange rate from USD to EUR" in working.missing
    assert (
        "No rule" in work_out(account, cost, country="CA", number_type="", currency="USD").missing
    )


def test_a_price_below_cost_shows_a_negative_margin(account: CarrierAccount) -> None:
    rule = make_rule(account, fixed=usd("1.50"), fixed_setup=usd("0"))
    cost = NumberPrice(usd("4.25"), usd("0.40"))
    working = work_out(account, cost, country="US", number_type="", currency="USD")
    assert working.margin == NumberPrice(usd("-2.75"), usd("-0.40"))
    words = words_of(rule)
    assert words.may_lose
    assert "more than $1.50" in words.margin
    rule.fixed = rule.fixed_setup = None
    assert "sold at cost" in words_of(rule).margin
    rule.percent, rule.addition = 60, usd("0.50")
    assert words_of(rule).margin == "At least 60 % of the cost + $0.50."
    assert not words_of(rule).may_lose


def test_two_rules_for_the_same_numbers_are_refused(account: CarrierAccount) -> None:
    rule = make_rule(account, "US")
    twin = NumberPriceRule(account=account, country="US", currency="USD")
    twin.addition = twin.floor = twin.rounding = usd("0")
    with pytest.raises(Refusal, match="already"):
        save_rule(twin, changes={}, actor=MAYA)
    rule.percent = 5
    save_rule(rule, changes={"percent": ["0", "5"]}, actor=MAYA)
    number = rule.pk
    delete_rule(rule, actor=MAYA)
    rows = Activity.objects.filter(subject=f"price-rule:{number}").order_by("pk")
    assert [row.what for row in rows] == [
        "changed a number price rule",
        "deleted a number price rule",
    ]
    assert rows[0].detail == {"rule": "Carrier one, US, USD", "percent": ["0", "5"]}


# -- exchange rates -------------------------------------------------------------------------------


def test_rates_work_in_both_directions_and_round_half_up_at_a_millionth(db: None) -> None:
    assert exchanged(usd("1"), "USD") == usd("1")
    assert exchanged(usd("1"), "EUR") is None
    ExchangeRate.objects.create(base="EUR", quote="USD", rate_micros=1_082_500)
    assert exchanged(Money.of("2", "EUR"), "USD") == usd("2.165")
    # 1 / 1.0825 = 0.92378752…
    assert exchanged(usd("1"), "EUR") == Money.of("0.923788", "EUR")
    # 0.000001 * 0.5 is half a millionth.
    ExchangeRate.objects.create(base="USD", quote="GBP", rate_micros=500_000)
    assert exchanged(usd("0.000001"), "GBP") == Money.of("0.000001", "GBP")
    assert exchanged(usd("0.000003"), "GBP") == Money.of("0.000002", "GBP")
    assert exchanged(usd("-0.000003"), "GBP") == Money.of("-0.000002", "GBP")
    # The stored direction counts before the turned one.
    ExchangeRate.objects.create(base="GBP", quote="USD", rate_micros=1_990_000)
    assert exchanged(Money.of("1", "GBP"), "USD") == usd("1.99")
    dice = random.Random("rates")
    for _ in range(60):
        micros = dice.randint(1, 10**12)
        exact = Fraction(micros * 1_000_000, 1_082_500)
        got = exchanged(Money(micros, "USD"), "EUR")
        assert got is not None
        assert got.micros == int(to_multiple(exact, Decimal(1), ROUND_HALF_UP))


def test_contradicting_directions_are_refused(db: None) -> None:
    set_rate("EUR", "USD", 1_100_000, actor=MAYA)
    with pytest.raises(Refusal, match=r"1 EUR = 1.1 USD is stored") as refused:
        set_rate("USD", "EUR", 1_000_000, actor=MAYA)
    assert refused.value.field == "rate"
    assert not ExchangeRate.objects.filter(base="USD").exists()
    set_rate("USD", "EUR", 909_091, actor=MAYA)
    # Exactly five per cent is a margin; a millionth more is a mistake.
    set_rate("CAD", "USD", 1_000_000, actor=MAYA)
    set_rate("USD", "CAD", 1_050_000, actor=MAYA)
    with pytest.raises(Refusal, match="more than 5 %"):
        set_rate("USD", "CAD", 1_050_001, actor=MAYA)
    with pytest.raises(Refusal, match="different currencies"):
        set_rate("USD", "USD", 1_000_000, actor=MAYA)
    assert contradictions(ExchangeRate.objects.all()) == []
    ExchangeRate.objects.filter(base="EUR").update(rate_micros=2_000_000)
    assert contradictions(ExchangeRate.objects.all()) == [("EUR", "USD")]


def test_rates_tell_who_changed_them_and_grow_old(db: None) -> None:
    set_rate("EUR", "USD", 1_100_000, actor=Actor("staff:1", "Sam"))
    row = set_rate("EUR", "USD", 1_082_500, actor=MAYA)
    (known,) = known_rates()
    assert (known.by, known.rate_text, known.inverse_text) == ("Maya", "1.0825", "0.923788")
    assert not known.is_old
    assert old_rates() == []
    ExchangeRate.objects.update(changed=timezone.now() - timedelta(days=31))
    assert [rate.is_old for rate in known_rates()] == [True]
    assert old_rates() == [row]
    delete_rate(row, actor=MAYA)
    details = Activity.objects.filter(subject="exchange-rate:EUR-USD").values_list(
        "detail", flat=True
    )
    assert [detail["rate"] for detail in details.order_by("pk")] == [
        ["", "1.1"],
        ["1.1", "1.0825"],
        ["1.0825", ""],
    ]


def test_gaps_name_providers_whose_numbers_nobody_sees(account: CarrierAccount) -> None:
    assert gaps("USD") == []
    Mapping.objects.create(group=ProductGroup.objects.create(name="Numbers"), account=account)
    (gap,) = gaps("USD")
    assert gap.why == "Carrier one has no price rule in USD."
    make_rule(account)
    assert gaps("USD") == []
    assert [gap.needs_rate for gap in gaps("EUR")] == [False, True]
    set_rate("EUR", "USD", 1_100_000, actor=MAYA)
    assert [gap.needs_rate for gap in gaps("EUR")] == [False]
    CarrierAccount.objects.update(is_retired=True)
    assert gaps("EUR") == []
