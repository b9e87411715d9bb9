"""Step 1: who orders, and from where he pays."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from phonenumbers import SUPPORTED_REGIONS

from ringup.accounts.models import Brand
from ringup.catalog import selling
from ringup.catalog.taxes import country_of, needs_region
from ringup.catalog.vat_ids import is_vat_id, plain_vat_id
from ringup.core.form_fields import EmailAddress, PlainText
from ringup.core.phones import NotANumber, countries, country_name, shown, to_e164
from ringup.core.sentences import Refusal
from ringup.flows.checkout import drafting
from ringup.flows.checkout.paying_from import ADDRESS, payer_of, region_code
from ringup.numbers.holding import Buyer
from ringup.numbers.origins import REGIONS
from ringup.orders.models import Draft
from ringup.services.domains import propose_label, tenant_domain
from ringup.shop.forms import LongSelect
from ringup.shop.steps.step import Step

DOMAIN_WORDS = "Your PBX address will be {domain}. You can change it in step 3."


class CompanyForm(forms.Form):
    """Step 1. ``country`` is what is chosen without a choice; it is also where a telephone number
    without country code is taken to be."""

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

    country = forms.ChoiceField(
        label="Country",
        required=False,
        choices=countries,
        error_messages={"invalid_choice": "Choose a country from the list."},
        widget=LongSelect(attrs={"autocomplete": "country"}),
    )
    region = PlainText(
        label="State or province",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )
    street = PlainText(
        label="Street and number",
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "street-address", "dir": "auto"}),
    )
    postal_code = PlainText(
        label="Postal code",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    city = PlainText(
        label="City",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2", "dir": "auto"}),
    )
    vat_id = PlainText(
        label="VAT id",
        required=False,
        max_length=24,
        help_text="If you are a business that has one, for example DE123456789.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, brand: Brand, country: str = "US", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand, self.usual = brand, country
        regions = REGIONS.get(self.place)
        if regions:
            known = [("", "Choose one"), *regions.items()]
            attributes = self.fields["region"].widget.attrs
            self.fields["region"].widget = LongSelect(attrs=attributes, choices=known)
        self.needs_region = bool(regions) and needs_region(brand, self.place)

    @property
    def place(self) -> str:
        """What is chosen now, else what is usual for this buyer."""
        chosen = str(self.data.get("country", "") if self.is_bound else "").upper()
        return chosen if chosen in SUPPORTED_REGIONS else self.usual

    def clean_phone(self) -> str:
        try:
            return to_e164(self.cleaned_data["phone"], country=self.place)
        except NotANumber as error:
            raise ValidationError(str(error)) from error

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]) or self.place

    def clean_region(self) -> str:
        region = region_code(self.place, self.cleaned_data["region"])
        regions = REGIONS.get(self.place) or {}
        if regions and region and region not in regions:
            raise ValidationError("Choose it from the list.")
        if self.needs_region and not region:
            raise ValidationError("Choose it: the taxes depend on it.")
        return region

    def clean_vat_id(self) -> str:
        plain = plain_vat_id(self.cleaned_data["vat_id"])
        if plain and not is_vat_id(plain, self.place):
            place = country_name(self.place)
            raise ValidationError(f"This is no VAT id of {place}. Check it, or leave it out.")
        return plain


class CompanyStep(Step):
    slug = "company"
    title = "Company"
    template = "checkout/company.html"
    inputs = frozenset(CompanyForm.base_fields)

    def form(self, draft: Draft, data: QueryDict | None = None) -> CompanyForm:
        initial = self._initial(draft)
        return CompanyForm(data, initial=initial, brand=draft.brand, country=initial["country"])

    def _initial(self, draft: Draft) -> dict[str, Any]:
        known, client = self.answers(draft), draft.client
        if not known and client is not None:
            known = {name: getattr(client, name) for name in ADDRESS} | {
                "company": client.name,
                "contact": client.contact_name,
                "email": client.email,
                "phone": client.phone,
            }
        payer = payer_of(draft)
        country = payer.country or country_of(draft.brand) or "US"
        return known | {
            "phone": shown(known.get("phone", "")),
            "country": country,
            # The number's place is no guess for where its buyer lives in the country.
            "region": region_code(country, known.get("region", "")),
        }

    def save(self, draft: Draft, form: CompanyForm, *, buyer: Buyer) -> None:
        drafting.save_company(draft, form.cleaned_data, own=buyer.others)

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
