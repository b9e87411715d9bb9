"""The form of step 2.5, made from what the carrier wants to know about a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict

from ringup.carriers.papers import Area, Level, PersonKind, Requirement
from ringup.core.form_fields import EmailAddress, PlainText
from ringup.core.phones import NotANumber, countries, country_name, to_e164
from ringup.regulatory.asked_facts import (
    PERSON,
    address_country,
    asked_of,
    kinds_of,
    needs_area,
    only_country,
)
from ringup.regulatory.facts import word_of
from ringup.regulatory.filling import IDENTITY_COUNTRY, LONGEST_DESCRIPTION
from ringup.regulatory.matching_areas import match, unknown_city
from ringup.regulatory.sound_facts import EXAMPLE_DAY, birth_problem, missing, typed_day
from ringup.shop.forms import LongSelect

# So many names of cities are written into the page; of more, those that fit are asked for.
MOST_LISTED = 300
KINDS = {PersonKind.BUSINESS: "A company", PersonKind.PERSONAL: "A person"}
BUSINESS_FACTS = ("company_name", "company_reg_number", "vat_id")
PERSONS_FACTS = ("birth_date", "birth_country", "id_number", "personal_tax_id")
# What browsers fill in by themselves, and how a fact is typed.
FILLED = {
    "first_name": {"autocomplete": "given-name", "dir": "auto"},
    "last_name": {"autocomplete": "family-name", "dir": "auto"},
    "phone": {"autocomplete": "tel", "type": "tel", "inputmode": "tel"},
    "company_name": {"autocomplete": "organization", "dir": "auto"},
    "street": {"autocomplete": "street-address", "dir": "auto"},
    "postal_code": {"autocomplete": "postal-code"},
    "city": {"autocomplete": "address-level2", "dir": "auto"},
}
BIRTH_DATE = {
    "autocomplete": "bday",
    "placeholder": "YYYY-MM-DD",
    "pattern": r"\d{4}-\d{1,2}-\d{1,2}",
    "maxlength": "10",
}
HELP = {
    "first_name": "All given names, as on the identity document.",
    "company_name": "As on the registration certificate.",
    "birth_date": "Year-month-day, for example 1986-04-17.",
}
CONSENT = (
    "{brand} may pass these details and documents to its number supplier, for this number only. They are "
    "stored encrypted, and the documents are deleted {days} days after the number works."
)
CONSENT_OF_CLIENT = (
    "The client agrees that these details and documents are passed to the number supplier, for this "
    "number only."
)


class PapersForm(forms.Form):
    """What the requirement asks for, and nothing else. With ``use`` in its data approved papers are
    taken instead: ``use`` is the uid of their address."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        rules: Requirement,
        areas: Sequence[Area],
        consent: str,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.rules, self.areas = rules, areas
        self.kinds = kinds_of(rules)
        self.uses_approved = bool(data) and "use" in (data or {})
        self.shows_area = False
        if self.uses_approved:
            self.fields["use"] = forms.UUIDField(error_messages={"invalid": "Choose your papers."})
            self._add_description()
            return
        self._add_person()
        self._add_address()
        self._add_description()
        self.fields["consent"] = forms.BooleanField(
            label=consent, error_messages={"required": "Tick the box, or choose another number."}
        )

    # -- fields --------------------------------------------------------------------------------

    def _add_person(self) -> None:
        if len(self.kinds) > 1:
            self.fields["kind"] = forms.ChoiceField(
                label="Whose number will it be?",
                choices=[(kind.value, KINDS[kind]) for kind in KINDS if kind in self.kinds],
                widget=forms.RadioSelect,
                error_messages={
                    "required": "Choose a company or a person.",
                    "invalid_choice": "Choose a company or a person.",
                },
            )
        for name in dict.fromkeys(
            name for kind in self.kinds for name in asked_of(self.rules, kind)
        ):
            of_all = name in PERSON or all(
                name in asked_of(self.rules, kind) for kind in self.kinds
            )
            field = self._identity_field(name)
            # What only one kind is asked for is missed by ``clean``, when it is that kind.
            field.required = of_all
            self.fields[IDENTITY_COUNTRY if name == "country" else name] = field

    def _identity_field(self, name: str) -> forms.Field:
        if name == "contact_email":
            field = EmailAddress(label="E-mail")
            field.widget.attrs["autocomplete"] = "email"
            return field
        if name == "country":
            kinds = [kind for kind in self.kinds if name in asked_of(self.rules, kind)]
            only = {only_country(self.rules, kind) for kind in kinds}
            label = "Home country" if len(kinds) > 1 else _label("identity.country", kinds[0])
            return country_field(label, only.pop() if len(only) == 1 else "")
        if name == "birth_country":
            return country_field("Country of birth", "")
        return line_field(f"identity.{name}")

    def _add_address(self) -> None:
        self.fields["country"] = country_field("Country", address_country(self.rules))
        for name in ("city", "postal_code", "street"):
            self.fields[name] = line_field(f"address.{name}")
        if not needs_area(self.rules):
            return
        self.fields["city"].widget.attrs["list"] = "cities"
        if self.rules.address_level is Level.AREA:
            known = [("", "Choose one"), *((area.key, area.name) for area in self.areas)]
            self.fields["area"] = forms.ChoiceField(
                label="Area",
                required=False,
                choices=known,
                widget=LongSelect(),
                help_text="The supplier's area in which the city lies.",
                error_messages={"invalid_choice": "Choose an area from the list."},
            )

    def _add_description(self) -> None:
        if self.rules.needs_service_description:
            self.fields["service_description"] = PlainText(
                label="What will the number be used for?",
                max_length=LONGEST_DESCRIPTION,
                help_text="One or two sentences, for example: Customers call our office.",
                error_messages={"required": "Say what the number will be used for."},
                widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            )

    # -- cleaning ------------------------------------------------------------------------------

    def clean_phone(self) -> str:
        country = address_country(self.rules) or str(self.data.get("country", ""))[:2]
        try:
            return to_e164(self.cleaned_data["phone"], country=country)
        except NotANumber as error:
            raise ValidationError(str(error)) from error

    def clean_birth_date(self) -> str:
        day = typed_day(self.cleaned_data["birth_date"])
        if day and (why := birth_problem(day)):
            raise ValidationError(why)
        return day

    def _typed_kind(self) -> str:
        if len(self.kinds) == 1:
            return self.kinds[0].value
        return str(self.data.get("kind", ""))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if self.uses_approved:
            return cleaned
        cleaned.setdefault("kind", self._typed_kind())
        kind = next((one for one in self.kinds if one.value == cleaned["kind"]), None)
        if kind is not None:
            self._look_at_kind(kind)
        if needs_area(self.rules):
            self._find_area()
        return cleaned

    def _look_at_kind(self, kind: PersonKind) -> None:
        """What this kind is asked for must be there; what stands in the inputs of the other is of no
        account."""
        asked = asked_of(self.rules, kind)
        for name in dict.fromkeys(name for one in self.kinds for name in asked_of(self.rules, one)):
            field = IDENTITY_COUNTRY if name == "country" else name
            if name not in asked:
                self.errors.pop(field, None)
            elif not self.cleaned_data.get(field) and field not in self.errors:
                self.add_error(field, missing(f"identity.{name}", kind))

    def _find_area(self) -> None:
        """By the city's name; by the choice from the list where that is the area's and not the city's."""
        city = self.cleaned_data.get("city", "")
        found = match(city, self.areas)
        if found is not None:
            self.cleaned_data["area"] = found.key
        elif city and not self.cleaned_data.get("area"):
            self.add_error("city", unknown_city(city, self.areas))
        self.shows_area = found is None

    # -- for the page --------------------------------------------------------------------------

    def _bound(self, names: Sequence[str]) -> Iterator[tuple[BoundField, str]]:
        """Each field with the kind that alone is asked for it; empty where it is for all."""
        for name in names:
            field = IDENTITY_COUNTRY if name == "country" else name
            if field in self.fields:
                yield self[field], self._only_for(name)

    def _only_for(self, name: str) -> str:
        asked = [kind for kind in self.kinds if name in asked_of(self.rules, kind)]
        return asked[0].value if len(asked) < len(self.kinds) else ""

    def person_rows(self) -> list[tuple[BoundField, str]]:
        of_business = self._is_of_business("country")
        last = () if of_business else ("country",)
        return list(self._bound((*PERSON, *PERSONS_FACTS, *last)))

    def business_rows(self) -> list[tuple[BoundField, str]]:
        last = ("country",) if self._is_of_business("country") else ()
        return list(self._bound((*BUSINESS_FACTS, *last)))

    def _is_of_business(self, name: str) -> bool:
        asked = [kind for kind in self.kinds if name in asked_of(self.rules, kind)]
        return asked == [PersonKind.BUSINESS]

    @property
    def has_area(self) -> bool:
        """Whether the list of areas is shown: the city is not one of them."""
        if "area" not in self.fields:
            return False
        typed = str(self["city"].value() or "")
        return self.shows_area or bool(
            typed and self["area"].value() and not match(typed, self.areas)
        )

    @property
    def city_words(self) -> str:
        """That the city is one of the areas; empty while it is none."""
        found = match(str(self["city"].value() or ""), self.areas)
        return f"Matches the supplier's area {found.name}." if found else ""

    @property
    def listed_cities(self) -> list[str]:
        names = [area.name for area in self.areas]
        return names if len(names) <= MOST_LISTED else []

    @property
    def fixed_country(self) -> str:
        """The name of the country in which the address must lie; empty where any will do."""
        only = address_country(self.rules)
        return country_name(only) if only else ""

    def answers(self) -> dict[str, Any]:
        """As ``regulatory.filling`` takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "consent"}


def _label(what: str, kind: PersonKind = PersonKind.PERSONAL) -> str:
    words = word_of(what, kind)
    return words[:1].upper() + words[1:]


def line_field(what: str) -> PlainText:
    """One line for a fact, ``identity.phone`` and the like."""
    name = what.partition(".")[2]
    attributes = BIRTH_DATE if name == "birth_date" else FILLED.get(name, {"autocomplete": "off"})
    return PlainText(
        label=_label(what),
        max_length=150 if name in ("street", "company_name") else 100,
        help_text=HELP.get(name, ""),
        error_messages={"required": EXAMPLE_DAY if name == "birth_date" else missing(what)},
        widget=forms.TextInput(attrs=attributes),
    )


def country_field(label: str, only: str) -> forms.ChoiceField:
    """Every country, or the ``only`` one."""
    known = [(only, country_name(only))] if only else [("", "Choose a country"), *countries()]
    return forms.ChoiceField(
        label=label,
        choices=known,
        widget=LongSelect(),
        error_messages={
            "required": "Choose a country.",
            "invalid_choice": "Choose a country from the list.",
        },
    )
