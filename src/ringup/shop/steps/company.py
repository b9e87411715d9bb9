"""Step 1: who orders."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from ringup.catalog import selling
from ringup.core.phones import NotANumber, shown, to_e164
from ringup.core.sentences import Refusal
from ringup.flows import drafting
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.services.domains import propose_label, tenant_domain
from ringup.shop.forms import EmailAddress, PlainText
from ringup.shop.steps.step import Step

DOMAIN_WORDS = "Your PBX address will be {domain}. You can change it in step 3."


class CompanyForm(forms.Form):
    """Step 1. ``country`` is where a number without country code is taken to be."""

    company = PlainText(
        max_length=120,
        label="Company name",
        error_messages={"required": "Type the name of your company."},
        widget=forms.TextInput(attrs={"autocomplete": "organization", "dir": "auto"}),
    )
    contact = PlainText(
        max_length=120,
        label="Contact name",
        error_messages={"required": "Type the name of the person we write to."},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    email = EmailAddress(
        label="Contact e-mail",
        help_text="Order updates go here, and a link to set your password.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = PlainText(
        max_length=40,
        label="Contact phone",
        error_messages={
            "required": "Type a telephone number, for example +1 416 555 0142.",
            "max_length": "This number has too many digits. Check it and type it again.",
        },
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(self, *args: Any, country: str = "US", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country

    def clean_phone(self) -> str:
        try:
            return to_e164(self.cleaned_data["phone"], country=self.country)
        except NotANumber as error:
            raise ValidationError(str(error)) from error


class CompanyStep(Step):
    slug = "company"
    title = "Company"
    template = "checkout/company.html"
    inputs = frozenset(CompanyForm.base_fields)

    def form(self, draft: Draft, data: QueryDict | None = None) -> CompanyForm:
        country = draft.answers.get("number", {}).get("country", "US")
        return CompanyForm(data, initial=self._initial(draft), country=country)

    def _initial(self, draft: Draft) -> dict[str, Any]:
        known, client = self.answers(draft), draft.client
        if not known and client is not None:
            known = {
                "company": client.name,
                "contact": client.contact_name,
                "email": client.email,
                "phone": client.phone,
            }
        return known | {"phone": shown(known.get("phone", ""))}

    def save(self, draft: Draft, form: CompanyForm, *, buyer: Buyer) -> None:
        drafting.save_company(draft, form.cleaned_data)

    def context(self, draft: Draft, form: CompanyForm) -> dict[str, Any]:
        domain = domain_preview(draft, form["company"].value() or "")
        return {"domain_words": DOMAIN_WORDS.format(domain=domain) if domain else ""}

    def name(self, draft: Draft) -> str:
        return self.title if selling.needs_tenant(draft.sold) else "Contact"


def domain_preview(draft: Draft, company: str) -> str:
    """The PBX address that a company's name makes; empty where the draft has no PBX or the name
    makes none. Whether it is free is asked when the step is saved."""
    if not selling.needs_tenant(draft.sold):
        return ""
    label = propose_label(company)
    try:
        return tenant_domain(label, drafting.server_of(draft)) if label else ""
    except Refusal:
        return ""
