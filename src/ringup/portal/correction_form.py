"""The facts that a client was asked to correct, and no others, as a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ringup.carriers.papers import Area, Level, PersonKind
from ringup.core.form_fields import EmailAddress, PlainText
from ringup.core.phones import NotANumber, countries, country_name, to_e164
from ringup.regulatory import correcting
from ringup.regulatory.asked_facts import address_country, only_country
from ringup.regulatory.facts import address_facts, identity_facts, word_of
from ringup.regulatory.matching_areas import match, unknown_city
from ringup.regulatory.models import RegulatoryFile
from ringup.regulatory.sound_facts import EXAMPLE_DAY, missing, problem_with, typed_day

CITY, AREA = "address.city", "address.area"
COUNTRIES = ("identity.country", "identity.birth_country", "address.country")


class CorrectionForm(forms.Form):
    """A field for each asked fact, with what was told so far (unless ``shows_known`` is False), and
    staff's words beside it. ``areas`` are the carrier's, where the address must belong to one."""

    def __init__(
        self,
        file: RegulatoryFile,
        areas: Sequence[Area] = (),
        data: QueryDict | None = None,
        *,
        shows_known: bool = True,
    ) -> None:
        super().__init__(data)
        self.file, self.areas = file, areas
        self.kind = PersonKind(file.identity.kind) if file.identity else PersonKind.PERSONAL
        known = told(file) if shows_known else {}
        for what, _, words in correcting.open_words(file):
            if not what.startswith("document."):
                field = self._field(what)
                field.initial, field.help_text = known.get(what, ""), words
                self.fields[field_name(what)] = field
        if self.asks_city and areas and file.rules.address_level is Level.AREA:
            choices = [("", "As the city is called"), *((one.key, one.name) for one in areas)]
            area = forms.ChoiceField(label="Area", choices=choices, required=False)
            area.initial = known.get(AREA, "")
            area.help_text = "Only if the city lies in one of these and is called otherwise."
            self.fields[field_name(AREA)] = area

    @property
    def asks_city(self) -> bool:
        return field_name(CITY) in self.fields

    def _field(self, what: str) -> forms.Field:
        label = word_of(what, self.kind)
        label, needed = label[:1].upper() + label[1:], {"required": missing(what)}
        if what in COUNTRIES:
            only = self._only(what)
            known = [(only, country_name(only))] if only else [("", "Choose"), *countries()]
            return forms.ChoiceField(label=label, choices=known, error_messages=needed)
        if what == "identity.contact_email":
            return EmailAddress(label=label)
        attributes = {"dir": "auto"}
        if what == "identity.birth_date":
            needed = {"required": EXAMPLE_DAY}
            attributes = {"placeholder": "YYYY-MM-DD", "autocomplete": "bday"}
        widget = forms.TextInput(attrs=attributes)
        return PlainText(label=label, max_length=150, widget=widget, error_messages=needed)

    def _only(self, what: str) -> str:
        if what == "identity.country":
            return only_country(self.file.rules, self.kind)
        return address_country(self.file.rules) if what == "address.country" else ""

    def clean(self) -> dict[str, Any]:
        for name in list(self.cleaned_data):
            self._look_at(name)
        if self.asks_city and self.areas and self.cleaned_data.get(field_name(CITY)):
            self._find_area()
        return self.cleaned_data

    def _look_at(self, name: str) -> None:
        what, text = fact_name(name), self.cleaned_data[name]
        try:
            if what == "identity.phone":
                text = to_e164(text, country=self.file.rules.country)
            elif what == "identity.birth_date":
                text = typed_day(text)
            if problem := problem_with(what.partition(".")[2], text, country=self._only(what)):
                raise ValidationError(problem)
        except (NotANumber, ValidationError) as error:
            words = error.messages[0] if isinstance(error, ValidationError) else str(error)
            self.add_error(name, words)
        else:
            self.cleaned_data[name] = text

    def _find_area(self) -> None:
        city = self.cleaned_data[field_name(CITY)]
        found = match(city, self.areas)
        if found is not None:
            self.cleaned_data[field_name(AREA)] = found.key
        elif not self.cleaned_data.get(field_name(AREA)):
            self.add_error(field_name(CITY), unknown_city(city, self.areas))

    def facts(self) -> dict[str, str]:
        """As ``correcting.correct`` takes them."""
        return {fact_name(name): text for name, text in self.cleaned_data.items() if text}


def told(file: RegulatoryFile) -> dict[str, str]:
    """What the papers say now, by the names of facts."""
    person = identity_facts(file.identity) if file.identity else {}
    place = address_facts(file.address) if file.address else {}
    return {f"identity.{name}": text for name, text in person.items()} | {
        f"address.{name}": text for name, text in place.items()
    }


def field_name(what: str) -> str:
    """``identity.phone`` as it stands in the form."""
    return what.replace(".", "-")


def fact_name(name: str) -> str:
    """And back."""
    return name.replace("-", ".", 1)
