"""Forms of the shelf. What a cell may be is judged where a line of a file is judged."""

from __future__ import annotations

from typing import Any

from django import forms

from ringup.backoffice.catalogue.pricing_forms import providers
from ringup.backoffice.sections import Section
from ringup.carriers.models import CarrierAccount
from ringup.catalog.number_prices import NUMBER_TYPES
from ringup.flows.importing_numbers.columns import FEATURES, text_of
from ringup.flows.importing_numbers.planning import Options
from ringup.numbers.models import OwnStock

MISSING = "Choose a CSV file. Nothing was changed."

SECTIONS = (
    Section("Number", ("number", "provider", "monthly_cost")),
    Section(
        "Where and what",
        ("country", "region", "rate_centre", "type", "features"),
        "What clients find it by.",
    ),
    Section("For your colleagues", ("note",)),
)


def _text(*, needed: str = "", **more: Any) -> forms.CharField:
    """``needed`` says what to write where it must not be empty."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    messages = {"required": needed}
    return forms.CharField(required=bool(needed), widget=widget, error_messages=messages, **more)


class NumberForm(forms.Form):
    """One number, its fields named as the columns of the file."""

    number = _text(
        label="Number",
        needed="Write the number.",
        help_text="With its country code, for example +1 416 555 0142.",
    )
    provider = forms.ModelChoiceField(CarrierAccount.objects.none(), label="Provider")
    monthly_cost = _text(
        label="It costs you a month", needed="Write what it costs you a month; 0 if nothing."
    )
    country = _text(label="Country", help_text="Two letters.")
    region = _text(label="State, province or region")
    rate_centre = _text(label="Rate centre or city")
    type = forms.ChoiceField(label="Type", choices=NUMBER_TYPES, required=False)
    features = _text(label="Features", help_text=f"Some of: {', '.join(FEATURES)}.")
    note = _text(label="Note")

    def __init__(self, data: Any = None, *, stock: OwnStock | None = None) -> None:
        initial: dict[str, Any] = {}
        if stock is not None:
            names = [name for name in self.base_fields if name != "provider"]
            initial = {name: text_of(stock, name) for name in names}
            initial["provider"] = stock.account_id
        super().__init__(data, initial=initial)
        self.stock = stock
        choice = self.fields["provider"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = providers()
        choice.empty_label = None
        kind = self.fields["type"]
        assert isinstance(kind, forms.ChoiceField)
        if stock is None:
            kind.choices = [("", "As its digits say"), *NUMBER_TYPES]
            for name in ("country", "region", "rate_centre"):
                self.fields[name].help_text = "Empty: as its digits say."
        else:
            self.fields["number"].disabled = True
            self.fields["number"].help_text = ""
            for name in ("country", "type", "features"):
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = "This cannot be empty."
            self.fields["monthly_cost"].help_text = f"In {stock.account.currency}."
            if stock.account.is_retired:
                choice.queryset = CarrierAccount.objects.filter(pk=stock.account_id)

    def cells(self) -> dict[str, str]:
        """What was typed, as cells of a line."""
        given = self.cleaned_data
        cells = {name: str(given[name] or "") for name in self.fields}
        account = given["provider"]
        return cells | {"provider": "" if account is None else account.name}


class ImportForm(forms.Form):
    """A file, and how it is meant."""

    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={"required": MISSING, "missing": MISSING, "invalid": MISSING},
        help_text="UTF-8, at most 4 MB and 20,000 lines.",
    )
    provider = forms.ModelChoiceField(
        CarrierAccount.objects.none(),
        label="Provider of lines that name none",
        required=False,
        empty_label="None: every line names its own",
    )
    asks_carriers = forms.BooleanField(
        label="Ask the providers which numbers they hold",
        required=False,
        help_text="What is not in the account is refused: nobody could use it.",
    )
    is_whole = forms.BooleanField(
        label="The file is the whole shelf of its providers",
        required=False,
        help_text="What they have on the shelf and the file does not name is withdrawn.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choice = self.fields["provider"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = providers()

    def options(self) -> Options:
        """How the file is meant. Nonsense in the fields means nothing."""
        given = self.cleaned_data
        return Options(
            default=given.get("provider"),
            asks_carriers=given.get("asks_carriers", False),
            is_whole=given.get("is_whole", False),
        )
