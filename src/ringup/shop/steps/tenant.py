"""Step 3: the PBX, its address and its extensions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from ringup.catalog import selling
from ringup.flows import drafting
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.services.wanted import FIRST_EXTENSION
from ringup.shop.forms import PlainText
from ringup.shop.steps.step import Step


class TenantForm(forms.Form):
    """Step 3: the name in front of the PBX address."""

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
        return TenantForm(data, initial={"label": self.answers(draft).get("label", "")})

    def save(self, draft: Draft, form: TenantForm, *, buyer: Buyer) -> None:
        drafting.save_tenant(draft, label=form.cleaned_data["label"])

    def context(self, draft: Draft, form: Any) -> dict[str, Any]:
        server, seats = drafting.server_of(draft), selling.seats_of(draft.sold)
        return {
            "server": server,
            "suffix": f".{server.domain_suffix}",
            "seats": seats,
            "first_extension": FIRST_EXTENSION,
            "last_extension": FIRST_EXTENSION + seats - 1,
            "number": draft.answers.get("number", {}).get("e164", ""),
        }
