"""Forms of promotion codes, taxes and fees."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ringup.accounts.brands import default_brand
from ringup.accounts.models import Brand, Client
from ringup.backoffice.catalogue.pricing_forms import AmountField, CountryField, CurrencyField
from ringup.catalog.amounts import is_whole_coins, plain_amount
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Cycle
from ringup.catalog.promotions import plain_code
from ringup.catalog.rule_models import FeeRule, PromoCode, TaxRule, TaxSettings
from ringup.catalog.vat_ids import plain_vat_id
from ringup.core.money import Money

# What a rate counts of one percent.
_PERCENT = 10_000
MOST_MONTHS = 120
CYCLES = [(cycle.value, cycle.label) for cycle in Cycle if cycle.months]
EVERY_BRAND = "Every brand"
SEVERAL = "Several with Ctrl or Cmd held down."


class PercentField(forms.Field):
    """``9.975`` as the rate 99750: millionths, at most ``most`` percent. Empty is None."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, most: int = 100, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip().removesuffix("%").strip().replace(",", ".")
        if not text:
            return None
        try:
            rate = Decimal(text) * _PERCENT
        except InvalidOperation as error:
            raise ValidationError("Write the percent with digits alone, for example 13.") from error
        if not rate.is_finite() or not 0 <= rate <= self.most * _PERCENT:
            raise ValidationError(f"Write a percent from 0 to {self.most}.")
        if rate != rate.to_integral_value():
            raise ValidationError("Write at most four digits behind the point.")
        return int(rate)

    def prepare_value(self, value: Any) -> Any:
        return f"{(Decimal(value) / _PERCENT).normalize():f}" if isinstance(value, int) else value


def _date(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def _brands() -> Any:
    return forms.ModelChoiceField(
        Brand.objects.order_by("name"), label="Brand", required=False, empty_label=EVERY_BRAND
    )


def _count(label: str, help_text: str = "", *, most: int = 1_000_000) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=most, help_text=help_text
    )


def _payable(form: forms.Form, name: str, currency: str) -> None:
    amount = form.cleaned_data.get(name)
    if amount and currency and not is_whole_coins(Money.of(amount, currency)):
        form.add_error(name, f"Nobody can pay a fraction of a coin in {currency}.")


class PromoForm(forms.Form):
    """One promotion code. Amounts are in its currency."""

    code = forms.CharField(
        label="Code", max_length=40, help_text="Letters and digits, as people type it: WELCOME."
    )
    kind = forms.ChoiceField(label="What it gives", choices=PromoCode.Kind.choices)
    rate = PercentField(label="Percent off", required=False)
    amount = AmountField(
        label="Amount off", required=False, help_text="Once off the set-up, and off each month."
    )
    currency = CurrencyField(label="Currency of the amounts", required=False)
    free_months = _count("Free months", most=MOST_MONTHS)
    on = forms.ChoiceField(
        label="Taken off",
        choices=PromoCode.On.choices,
        help_text="Free months are always of what recurs.",
    )
    months = _count(
        "For how many months", "Empty: as long as the service is kept.", most=MOST_MONTHS
    )
    begins = _date("First day")
    ends = _date("Last day")
    most_uses = _count("Most orders", "Each order with the code counts. Empty: no limit.")
    most_per_client = _count("Most orders of one client")
    new_clients_only = forms.BooleanField(
        label="Only the first order of a new client", required=False
    )
    minimum = AmountField(
        label="Least amount",
        required=False,
        help_text="Set-up and first period of the whole order, before tax.",
    )
    cycles = forms.MultipleChoiceField(
        label="Only when paid",
        required=False,
        choices=CYCLES,
        widget=forms.CheckboxSelectMultiple,
    )
    products = forms.ModelMultipleChoiceField(
        Product.objects.filter(is_retired=False).order_by("name"),
        label="Only these products",
        required=False,
        help_text=SEVERAL,
        widget=forms.SelectMultiple(attrs={"size": 5, "class": "input"}),
    )
    bundles = forms.ModelMultipleChoiceField(
        Bundle.objects.filter(is_retired=False).order_by("name"),
        label="Only these bundles",
        required=False,
        help_text=SEVERAL,
        widget=forms.SelectMultiple(attrs={"size": 5, "class": "input"}),
    )
    brand = _brands()

    PLAIN = ("kind", "on", "new_clients_only", "begins", "ends", "most_uses", "most_per_client",
             "cycles", "brand")  # fmt: skip

    def __init__(self, data: QueryDict | None, *, promo: PromoCode) -> None:
        self.promo = promo
        super().__init__(data, initial=_initial_of_promo(promo))

    def clean_code(self) -> str:
        code = plain_code(self.cleaned_data["code"])
        if not code.isalnum():
            raise ValidationError("Use letters and digits alone.")
        return code

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        needed = {"percent": "rate", "amount": "amount", "free-months": "free_months"}
        name = needed.get(str(given.get("kind")), "")
        if name and name not in self.errors and not given.get(name):
            self.add_error(name, "Type how much the code gives.")
        if (given.get("amount") or given.get("minimum")) and not given.get("currency"):
            self.add_error("currency", "Type the currency of the amounts, for example USD.")
        for amount in ("amount", "minimum"):
            _payable(self, amount, given.get("currency") or "")
        if given.get("begins") and given.get("ends") and given["ends"] < given["begins"]:
            self.add_error("ends", "The last day is before the first.")
        return given

    def filled(self) -> PromoCode:
        """The code with what was typed, not saved. What its kind does not use is empty."""
        given, promo = self.cleaned_data, self.promo
        promo.code = given["code"]
        for name in self.PLAIN:
            setattr(promo, name, given[name])
        is_free = promo.kind == PromoCode.Kind.FREE_MONTHS
        promo.rate = (given["rate"] or 0) if promo.kind == PromoCode.Kind.PERCENT else 0
        promo.free_months = (given["free_months"] or 0) if is_free else 0
        promo.months = 0 if is_free else given["months"] or 0
        currency = given["currency"]
        is_amount = promo.kind == PromoCode.Kind.AMOUNT
        promo.amount = Money.of(given["amount"], currency) if is_amount else None
        promo.minimum = Money.of(given["minimum"], currency) if given["minimum"] else None
        return promo


def _initial_of_promo(promo: PromoCode) -> dict[str, Any]:
    if not promo.pk:
        return {"on": PromoCode.On.RECURRING, "currency": default_brand().currency}
    initial = {name: getattr(promo, name) for name in PromoForm.PLAIN}
    initial |= {"code": promo.code, "brand": promo.brand_id}
    initial |= {"rate": promo.rate or None, "free_months": promo.free_months or None}
    initial |= {"months": promo.months or None}
    initial |= {
        "products": list(promo.products.values_list("pk", flat=True)),
        "bundles": list(promo.bundles.values_list("pk", flat=True)),
    }
    for name in ("amount", "minimum"):
        money: Money | None = getattr(promo, name)
        if money is not None:
            initial[name] = plain_amount(money.amount, money.currency)
            initial["currency"] = money.currency
    return initial


class TaxForm(forms.Form):
    """One tax of a country or region."""

    name = forms.CharField(label="Name", max_length=40, help_text="As clients know it: HST, VAT.")
    rate = PercentField(label="Percent", help_text="Up to four digits behind the point.")
    country = CountryField(label="Country", max_length=2, help_text="Two letters, for example CA.")
    region = forms.CharField(
        label="State or province",
        max_length=10,
        required=False,
        help_text="Its letters, for example ON. Empty: the whole country.",
    )
    tax_class = forms.CharField(
        label="Tax class",
        max_length=20,
        required=False,
        help_text="As products have it, for example telecom. Empty: every class.",
    )
    is_compound = forms.BooleanField(
        label="Tax on tax: it is put on the other taxes too", required=False
    )
    begins = _date("First day")
    ends = _date("Last day")
    brand = _brands()

    def __init__(self, data: QueryDict | None, *, rule: TaxRule) -> None:
        self.rule = rule
        names = list(self.base_fields)
        initial = (
            {name: getattr(rule, name) for name in names if name != "brand"} if rule.pk else {}
        )
        super().__init__(data, initial=initial | {"brand": rule.brand_id})

    def clean_region(self) -> str:
        return str(self.cleaned_data["region"]).strip().upper()

    def filled(self) -> TaxRule:
        """The rule with what was typed, not saved."""
        for name, value in self.cleaned_data.items():
            setattr(self.rule, name, value)
        return self.rule


class FeeForm(forms.Form):
    """One fee."""

    name = forms.CharField(label="Name", max_length=40, help_text="As clients read it: 911 fee.")
    due = forms.ChoiceField(label="Charged", choices=FeeRule.Due.choices)
    amount = AmountField(label="Amount", required=False)
    currency = CurrencyField(
        label="Currency",
        required=False,
        help_text="Orders in another one do not pay it: write a fee for each.",
    )
    rate = PercentField(
        label="Percent of what recurs", required=False, help_text="Discounts are not taken off."
    )
    per = forms.ChoiceField(label="How often in an order", choices=FeeRule.Per.choices)
    place = forms.ChoiceField(label="By which place", choices=FeeRule.Place.choices)
    country = CountryField(
        label="Country", max_length=2, required=False, help_text="Two letters. Empty: everywhere."
    )
    region = forms.CharField(label="State or province", max_length=10, required=False)
    tax_class = forms.CharField(
        label="Tax class",
        max_length=20,
        required=False,
        help_text="Which taxes are put on it, for example telecom. Empty: none.",
    )
    brand = _brands()

    PLAIN = ("name", "due", "per", "place", "country", "region", "tax_class")

    def __init__(self, data: QueryDict | None, *, rule: FeeRule) -> None:
        self.rule = rule
        initial: dict[str, Any] = {"currency": default_brand().currency}
        if rule.pk:
            initial = {name: getattr(rule, name) for name in self.PLAIN}
            initial |= {"brand": rule.brand_id, "rate": rule.rate or None}
            money: Money | None = rule.amount
            if money is not None:
                initial["amount"] = plain_amount(money.amount, money.currency)
                initial["currency"] = money.currency
        super().__init__(data, initial=initial)

    def clean_region(self) -> str:
        return str(self.cleaned_data["region"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        name = "rate" if given.get("due") == FeeRule.Due.RATE else "amount"
        if name not in self.errors and not given.get(name):
            self.add_error(name, "Type what the fee is.")
        if name == "amount" and "currency" not in self.errors and not given.get("currency"):
            self.add_error("currency", "Type the currency, for example USD.")
        _payable(self, "amount", given.get("currency") or "")
        return given

    def filled(self) -> FeeRule:
        """The rule with what was typed, not saved."""
        given, rule = self.cleaned_data, self.rule
        for name in (*self.PLAIN, "brand"):
            setattr(rule, name, given[name])
        is_rate = rule.due == FeeRule.Due.RATE
        rule.rate = given["rate"] if is_rate else 0
        rule.amount = None if is_rate else Money.of(given["amount"], given["currency"])
        return rule


class SellerForm(forms.Form):
    """From where a brand sells."""

    country = CountryField(label="Country", max_length=2, required=False, help_text="Two letters.")
    region = forms.CharField(label="State or province", max_length=10, required=False)
    vat_id = forms.CharField(
        label="VAT id",
        max_length=24,
        required=False,
        help_text="In the European Union, clients with a VAT id of another country pay no VAT.",
    )

    def __init__(self, data: QueryDict | None, *, brand: Brand) -> None:
        row = TaxSettings.objects.filter(brand=brand).first() or TaxSettings(brand=brand)
        initial = {name: getattr(row, name) for name in ("country", "region", "vat_id")}
        super().__init__(data, initial=initial)

    def clean_region(self) -> str:
        return str(self.cleaned_data["region"]).strip().upper()

    def clean_vat_id(self) -> str:
        return plain_vat_id(self.cleaned_data["vat_id"])


class ExemptionForm(forms.Form):
    """A client who pays no tax."""

    email = forms.EmailField(label="The client's e-mail", max_length=254)
    reason = forms.CharField(
        label="Why", max_length=150, help_text="It stands on the client's quotes."
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        found = list(Client.objects.filter(email=email)[:2])
        if len(found) != 1:
            many = "More than one client has" if found else "No client has"
            raise ValidationError(f"{many} this address. Type the one of its company details.")
        self.client = found[0]
        return email
