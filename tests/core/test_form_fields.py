"""The line of text and the e-mail address that every face asks for."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from ringup.backoffice.new_order.forms import NewClientForm
from ringup.core.form_fields import EmailAddress, PlainText
from ringup.portal.person_forms import InvitationForm
from ringup.shop.steps.company import CompanyForm

OVERRIDE, EMBED, POP, ISOLATE, MARK = "\u202e", "\u202a", "\u202c", "\u2067", "\u200f"


@pytest.mark.parametrize(
    "text",
    [
        f"Karoo{OVERRIDE}thgierF",
        f"{OVERRIDE}thgierF",
        f"Karoo {ISOLATE}Freight",
        f"Karoo {EMBED}x{POP} Freight",
        f"Ka{MARK}roo",
        "<b>Karoo</b>",
        "Karoo\x08",
        "Karoo\x9bFreight",
    ],
)
def test_what_shows_something_else_than_it_is_does_not_pass(text: str) -> None:
    with pytest.raises(ValidationError):
        PlainText().clean(text)


def test_what_an_address_book_puts_around_a_number_is_taken_away() -> None:
    assert PlainText().clean(f"{EMBED}+1 416 555 0142{POP}") == "+1 416 555 0142"
    assert PlainText(required=False).clean(MARK) == ""


def test_letters_of_every_script_pass() -> None:
    for name in ("Zoë Müller", "محمد علي", "דוד לוי", "王小明", "O'Neill-Smith"):
        assert PlainText().clean(name) == name


@pytest.mark.parametrize("form", [CompanyForm, InvitationForm, NewClientForm])
def test_one_rule_for_an_address_wherever_a_client_types_it(form: type) -> None:
    field = form.base_fields["email"]  # type: ignore[attr-defined]
    assert type(field) is EmailAddress
    assert field.clean("Anna@Example.COM") == "anna@example.com"
    for wrong in ("anna", "a&b@example.com", f"{'a' * 250}@example.com", f"anna{OVERRIDE}@x.com"):
        with pytest.raises(ValidationError):
            field.clean(wrong)
