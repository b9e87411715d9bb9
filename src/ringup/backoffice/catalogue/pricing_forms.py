"""Forms of number price rules, their calculator, and exchange rates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from phonenumbers import SUPPORTED_REGIONS

from ringup.carriers.models import CarrierAccount
from ringup.catalog.amounts import BadAmount, amount_of, is_whole_coins, plain_amount
from ringup.catalog.currencies import is_currency
from ringup.catalog.models import ExchangeRate, NumberPriceRule
from ringup.catalog.number_prices import NUMBER_TYPES
from ringup.catalog.pricing import NumberPrice
from ringup.core.money import MILLION, Money

MOST_PERCENT = 1000


class AmountField(forms.Field):
    """A bare amount as ``Decimal``; its currency stands in another field. Empty is None."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, most: int = 1_000_000, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return amount_of(text, most=self.most)
        except BadAmount as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return plain_amount(value, "USD") if isinstance(value, Decimal) else value


class CurrencyField(forms.CharField):
    """Three letters, however they are typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        currency = str(super().clean(value)).upper()
        if currency and not is_currency(currency):
            raise ValidationError("Type the three letters of a currency, for example EUR.")
        return currency


class CountryField(forms.CharField):
    """An ISO country, or empty."""

    def clean(self, value: Any) -> str:
        country = str(super().clean(value)).upper()
        if country and country not in SUPPORTED_REGIONS:
            raise ValidationError("Type the two letters of a country, for example US, or nothing.")
        return country


def providers() -> Any:
    """Accounts that a rule can be written for."""
    return CarrierAccount.objects.filter(is_retired=False).order_by("name")


class CostForm(forms.Form):
    """What a carrier asks for a number: the input of the calculator."""

    cost = AmountField(label="Cost a month")
    setup = AmountField(label="Cost once", required=False)
    cost_currency = CurrencyField(label="Cost is in", required=False)

    def cost_of(self, otherwise: str) -> NumberPrice:
        """The cost; without a currency, in ``otherwise``."""
        given = self.cleaned_data
        currency = given["cost_currency"] or otherwise
        return NumberPrice(
            Money.of(given["cost"], currency), Money.of(given["setup"] or 0, currency)
        )


class CalculatorForm(CostForm):
    """The calculator beside the list: which rule applies, and what the client pays."""

    provider = forms.ModelChoiceField(CarrierAccount.objects.none(), label="Provider")
    country = CountryField(label="Country", required=False)
    number_type = forms.ChoiceField(label="Number type", choices=NUMBER_TYPES)
    currency = CurrencyField(label="Client pays in", required=False)

    field_order = (
        "provider", "country", "number_type", "cost", "setup", "cost_currency", "currency",
    )  # fmt: skip

    def __init__(
        self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None
    ) -> None:
        # Names of its own: the list's filters stand in the same address.
        super().__init__(data, initial=initial, prefix="try")
        choice = self.fields["provider"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = providers()
        choice.empty_label = None


class RuleForm(forms.Form):
    """One number price rule. Amounts are in the rule's currency."""

    account = forms.ModelChoiceField(CarrierAccount.objects.none(), label="Provider")
    country = CountryField(
        label="Country", required=False, help_text="Two letters, for example US. Empty: every one."
    )
    number_type = forms.ChoiceField(
        label="Number type", required=False, choices=[("", "Every type"), *NUMBER_TYPES]
    )
    currency = CurrencyField(
        label="Currency", help_text="What the client pays in, and what the amounts below are in."
    )
    fixed = AmountField(
        label="Fixed price a month",
        required=False,
        help_text="Leave it empty to go from the carrier's cost.",
    )
    percent = forms.IntegerField(
        label="Percent on top of the carrier's cost",
        required=False,
        min_value=0,
        max_value=MOST_PERCENT,
    )
    addition = AmountField(label="Plus a fixed amount", required=False)
    rounding = AmountField(
        label="Round up to a full", required=False, help_text="0.05 makes $1.86 to $1.90."
    )
    floor = AmountField(
        label="Never less than", required=False, help_text="Holds for a fixed price too."
    )
    fixed_setup = AmountField(
        label="Fixed set-up fee",
        required=False,
        help_text="Leave it empty to go from the carrier's fee. 0 makes it free.",
    )
    setup_percent = forms.IntegerField(
        label="Percent on top of the carrier's set-up fee",
        required=False,
        min_value=0,
        max_value=MOST_PERCENT,
    )

    AMOUNTS = ("fixed", "addition", "rounding", "floor", "fixed_setup")
    # What a client is charged must be payable.
    WHOLE = ("fixed", "rounding", "floor", "fixed_setup")

    def __init__(self, data: QueryDict | None, *, rule: NumberPriceRule) -> None:
        self.rule = rule
        super().__init__(data, initial=_initial(rule))
        if rule.pk:
            del self.fields["account"]
            return
        choice = self.fields["account"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = providers()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        currency = given.get("currency")
        if given.get("fixed") is not None:
            for name in ("percent", "addition", "rounding"):
                if given.get(name):
                    self.add_error(
                        name, "A fixed price does not look at the cost. Empty one of the two."
                    )
        for name in self.WHOLE:
            amount = given.get(name)
            if currency and amount and not is_whole_coins(Money.of(amount, currency)):
                self.add_error(name, f"Nobody can pay a fraction of a coin in {currency}.")
        return given

    def filled(self) -> NumberPriceRule:
        """The rule with what was typed, not saved."""
        given, rule = self.cleaned_data, self.rule
        rule.account = given.get("account") or rule.account
        rule.country, rule.number_type = given["country"], given["number_type"]
        rule.currency = given["currency"]
        rule.percent, rule.setup_percent = given["percent"] or 0, given["setup_percent"] or 0
        money = {
            name: None if given[name] is None else Money.of(given[name], rule.currency)
            for name in self.AMOUNTS
        }
        zero = Money.zero(rule.currency)
        rule.fixed, rule.fixed_setup = money["fixed"], money["fixed_setup"]
        rule.addition, rule.floor = money["addition"] or zero, money["floor"] or zero
        rule.rounding = money["rounding"] or zero
        return rule


def _initial(rule: NumberPriceRule) -> dict[str, Any]:
    initial: dict[str, Any] = {
        name: getattr(rule, name)
        for name in ("country", "number_type", "currency", "percent", "setup_percent")
    }
    if rule.account_id:
        initial["account"] = rule.account_id
    for name in RuleForm.AMOUNTS:
        money: Money | None = getattr(rule, name) if rule.pk else None
        shows_zero = name in ("fixed", "fixed_setup")
        if money is not None and (money or shows_zero):
            initial[name] = money.amount
    return initial


class RateForm(forms.Form):
    """One exchange rate."""

    base = CurrencyField(label="1 unit of")
    rate = AmountField(
        label="is", most=1_000_000_000, help_text="Up to six digits behind the point."
    )
    quote = CurrencyField(label="of")

    def clean_rate(self) -> Decimal:
        rate: Decimal = self.cleaned_data["rate"]
        if not rate:
            raise ValidationError("A rate is more than zero.")
        return rate

    @classmethod
    def of(cls, row: ExchangeRate) -> RateForm:
        """Filled with a stored rate."""
        rate = Decimal(row.rate_micros) / MILLION
        return cls(initial={"base": row.base, "quote": row.quote, "rate": rate})

    @property
    def rate_micros(self) -> int:
        """The rate in millionths."""
        return int(self.cleaned_data["rate"] * MILLION)
