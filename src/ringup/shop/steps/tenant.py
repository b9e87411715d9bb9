"""Step 3: the PBX, its address and its extensions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ringup.catalog import selling
from ringup.catalog.models import Bundle
from ringup.core.form_fields import EmailAddress, PlainText
from ringup.core.money import Money
from ringup.core.sentences import Refusal, counted
from ringup.flows.checkout import chosen_numbers, drafting, quoting
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.services.seating import Person, Seating, check_first, named
from ringup.shop import pasted_people
from ringup.shop.pasted_people import BadLine
from ringup.shop.steps.step import Step

# More rows than this are pasted: a page with more inputs helps nobody, and is too much for a form.
MOST_IN_TABLE = 50
# The button that only shows what was typed, and changes nothing.
CHECK = "check"


class PastedText(forms.CharField):
    """Many lines; Django itself refuses a zero byte, with words that help nobody."""

    def clean(self, value: Any) -> Any:
        return super().clean(str(value or "").replace("\x00", ""))


class TenantForm(forms.Form):
    """Step 3: the name in front of the PBX address, and who sits at which of ``seats`` extensions.

    What is pasted comes instead of the rows of the table that it names.
    """

    label = PlainText(
        max_length=40,
        label="PBX address",
        error_messages={
            "required": "Type a name for your PBX address, for example acme-toronto.",
            "max_length": "Use 1 to 40 letters, digits or hyphens, for example acme-toronto.",
        },
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    first_extension = PlainText(
        max_length=20,
        required=False,
        label="First extension",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    ring = forms.ChoiceField(
        required=False,
        label="Where calls to your number go first",
        error_messages={"invalid_choice": "Choose one of your extensions."},
    )
    pasted = PastedText(
        max_length=pasted_people.MOST_LETTERS,
        required=False,
        strip=False,
        label="Paste a list",
        error_messages={
            "max_length": f"This is too long. Paste at most {pasted_people.MOST_LINES} lines."
        },
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "dir": "auto"}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        seats: int,
        seating: Seating,
        initial: dict[str, Any] | None = None,
    ) -> None:
        known = {"first_extension": seating.first, "ring": seating.ring} | (initial or {})
        super().__init__(data, initial=known)
        self.seats, self.known = seats, seating
        self.bad_lines: list[BadLine] = []
        self.taken: dict[int, Person] = {}
        self.first = self._first_or(seating.first)
        for place, one in enumerate(seating.extensions(seats)[:MOST_IN_TABLE]):
            number = self.first + place
            self.fields[f"name-{place}"] = _name_field(number, one.name if one.is_named else "")
            self.fields[f"email-{place}"] = _email_field(number, one.email)
        ring = self.fields["ring"]
        assert isinstance(ring, forms.ChoiceField)
        ring.choices = [(place, self._words(place)) for place in range(seats)]

    def _first_or(self, known: int) -> int:
        """The first extension as it was typed, if it is one."""
        typed = (self.data.get("first_extension") or "").strip()
        try:
            return check_first(typed, self.seats, field="") if typed else known
        except Refusal:
            return known

    def _words(self, place: int) -> str:
        """``1001 Thandi Mokoena``, by what is typed now."""
        known = self.known.people[place].name if place < len(self.known.people) else ""
        name = self.data.get(f"name-{place}", known) if self.is_bound else known
        return f"{self.first + place} {name}".strip()

    def clean_first_extension(self) -> int:
        typed = self.cleaned_data["first_extension"]
        if not typed:
            return self.known.first
        try:
            return check_first(typed, self.seats, field="first_extension")
        except Refusal as refusal:
            raise ValidationError(str(refusal)) from refusal

    def clean_pasted(self) -> str:
        text: str = self.cleaned_data["pasted"]
        found = pasted_people.read(text, first=self.first, seats=self.seats)
        self.bad_lines, self.taken = found.bad, found.people
        if found.bad:
            raise ValidationError(
                f"{counted(len(found.bad), 'line')} of the pasted list cannot be taken, so none was. "
                "Correct what is named below, then check the list again."
            )
        return text

    def seating(self) -> Seating:
        """What a valid form says."""
        people = [self._person(place) for place in range(self.seats)]
        cleaned = self.cleaned_data
        return Seating(cleaned["first_extension"], named(people), int(cleaned["ring"] or 0))

    def _person(self, place: int) -> Person:
        known = self.known.people[place] if place < len(self.known.people) else Person()
        if place in self.taken:
            return self.taken[place]
        if (
            f"name-{place}" not in self.data
        ):  # not in the table, or a form from before there was one
            return known
        return Person(self.cleaned_data[f"name-{place}"], self.cleaned_data[f"email-{place}"])

    def rows(self) -> list[dict[str, Any]]:
        """The table: each extension with its two inputs."""
        return [
            {
                "extension": self.first + place,
                "name": self[f"name-{place}"],
                "email": self[f"email-{place}"],
            }
            for place in range(min(self.seats, MOST_IN_TABLE))
        ]

    def preview(self) -> list[dict[str, Any]]:
        """What the pasted list would put where."""
        return [
            {"extension": self.first + place, "person": person}
            for place, person in sorted(self.taken.items())
        ]

    @property
    def shows_people(self) -> bool:
        """Whether the table is open: somebody is named in it, or something is wrong in it."""
        wrong = [
            name for name in self.errors if name.partition("-")[0] in ("name", "email", "pasted")
        ]
        return bool(wrong or self.taken) or len(self.known.people) > 1


def _name_field(number: int, initial: str) -> forms.Field:
    return PlainText(
        max_length=pasted_people.LONGEST_NAME,
        required=False,
        initial=initial,
        label=f"Name at {number}",
        widget=forms.TextInput(attrs=_in_table(f"Name at {number}", "Name") | {"dir": "auto"}),
    )


def _email_field(number: int, initial: str) -> forms.Field:
    return EmailAddress(
        required=False,
        initial=initial,
        label=f"E-mail at {number}",
        widget=forms.EmailInput(attrs=_in_table(f"E-mail at {number}", "E-mail")),
    )


def _in_table(words: str, hint: str) -> dict[str, str]:
    """Where a telephone shows no headings, the ``hint`` stands in the empty input."""
    return {"class": "input", "aria-label": words, "placeholder": hint, "autocomplete": "off"}


class TenantStep(Step):
    slug = "tenant"
    title = "PBX"
    template = "checkout/tenant.html"
    inputs = frozenset(TenantForm.base_fields)

    def applies(self, draft: Draft) -> bool:
        return selling.needs_tenant(draft.sold)

    def complete(self, draft: Draft) -> bool:
        # The company's step proposes a label; only this one says whose choice it is.
        return "is_own_choice" in self.answers(draft)

    def form(self, draft: Draft, data: QueryDict | None = None) -> TenantForm:
        return TenantForm(
            data,
            seats=selling.seats_of(draft.sold),
            seating=drafting.seating_of(draft),
            initial={"label": self.answers(draft).get("label", "")},
        )

    def only_looks(self, data: QueryDict) -> bool:
        return CHECK in data

    def save(self, draft: Draft, form: TenantForm, *, buyer: Buyer) -> None:
        drafting.save_tenant(draft, label=form.cleaned_data["label"], seating=form.seating())

    def context(self, draft: Draft, form: Any) -> dict[str, Any]:
        server, seats = drafting.server_of(draft), selling.seats_of(draft.sold)
        return {
            "server": server,
            "suffix": f".{server.domain_suffix}",
            "seats": seats,
            "range_words": range_words(form.first, seats),
            "number": chosen_numbers.main_words(draft),
            "seat_price": seat_price(draft),
            "most_in_table": MOST_IN_TABLE,
            "most_lines": pasted_people.MOST_LINES,
        }


def range_words(first: int, seats: int) -> str:
    """What the buyer gets, from the first extension on."""
    if seats == 1:
        return f"One, {first}, with its own voicemail"
    return f"{seats}, numbered {first} to {first + seats - 1}, each with its own voicemail"


def seat_price(draft: Draft) -> Money | None:
    """What one seat costs each cycle, where seats are a line of the quote; None where the whole has
    one price."""
    if not isinstance(draft.sold, Bundle):
        return None
    seats = {item.product.name: item.product.seats for item in draft.sold.items.all()}
    for line in quoting.quote_draft(draft).lines:
        if seats.get(line.text) and line.recurring:
            return line.recurring.share(Decimal(1) / (line.quantity * seats[line.text]))
    return None
