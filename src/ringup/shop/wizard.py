"""The checkout as a list of steps. Each step says when it applies and when it is complete, makes
its form, and saves through the verbs of ``flows.drafting``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.http import QueryDict

from ringup.catalog import selling
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows import drafting, holding_numbers
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.services.domains import propose_label, tenant_domain
from ringup.services.wanted import FIRST_EXTENSION
from ringup.shop import destinations
from ringup.shop.choices import ZONE_OF_REGION
from ringup.shop.destinations import DestinationForm
from ringup.shop.forms import (
    PASSWORD_ADVICE,
    PASSWORD_RULES,
    AdministratorForm,
    CompanyForm,
    NumberForm,
    TenantForm,
)

# The text beside the checkbox of step 4. Change it together with the text.
EMERGENCY_NOTICE = "2026-1"
DOMAIN_WORDS = "Your PBX address will be {domain}. You can change it in step 3."


class Step(ABC):
    """One page of the wizard. ``slug`` is its place in the address and in ``draft.answers``."""

    slug: ClassVar[str]
    title: ClassVar[str]
    template: ClassVar[str]
    # Names of inputs, by which a refusal finds its step.
    inputs: ClassVar[frozenset[str]] = frozenset()

    def applies(self, draft: Draft) -> bool:
        """Whether a draft of this thing has the step at all."""
        return True

    def complete(self, draft: Draft) -> bool:
        """Whether what was answered lets the buyer go on."""
        return self.slug in draft.answers

    def name(self, draft: Draft) -> str:
        """Its name in the stepper."""
        return self.title

    @abstractmethod
    def form(self, draft: Draft, data: QueryDict | None = None) -> Any:
        """The form: bound to ``data``, or with what the draft already knows."""

    @abstractmethod
    def save(self, draft: Draft, form: Any, *, buyer: Buyer) -> None:
        """Keep a valid form's answers. Raises ``Refusal``."""

    def stays(self, draft: Draft) -> bool:
        """Whether the page is shown again after saving: the buyer says when he goes on."""
        return False

    def context(self, draft: Draft, form: Any) -> dict[str, Any]:
        """What the page shows beside the form."""
        return {}

    def answers(self, draft: Draft) -> dict[str, Any]:
        found: dict[str, Any] = draft.answers.get(self.slug, {})
        return found


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


class NumberStep(Step):
    slug = "number"
    title = "Number"
    template = "checkout/number.html"
    inputs = frozenset(NumberForm.base_fields)

    def form(self, draft: Draft, data: QueryDict | None = None) -> NumberForm:
        return NumberForm(data)

    def save(self, draft: Draft, form: NumberForm, *, buyer: Buyer) -> None:
        holding_numbers.choose(draft, form.cleaned_data["e164s"], buyer=buyer)

    def stays(self, draft: Draft) -> bool:
        return drafting.takes_several(draft)


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


class AdministratorStep(Step):
    slug = "administrator"
    title = "Admin user"
    template = "checkout/administrator.html"
    inputs = frozenset(AdministratorForm.base_fields) - {"email"}

    def applies(self, draft: Draft) -> bool:
        return selling.needs_tenant(draft.sold)

    def form(self, draft: Draft, data: QueryDict | None = None) -> AdministratorForm:
        # Not for what was typed: there the server is only confirmed, by the submit.
        return AdministratorForm(data, initial=self._proposed(draft) if data is None else None)

    def _proposed(self, draft: Draft) -> dict[str, Any]:
        region = draft.answers.get("number", {}).get("region", "")
        server = drafting.server_of(draft)
        proposed = {
            "username": "admin",
            "email": draft.answers.get("company", {}).get("email", ""),
            "time_zone": ZONE_OF_REGION.get(region, server.time_zone),
            "language": "fr-ca" if region == "QC" else server.language,
        }
        return proposed | self.answers(draft)

    def save(self, draft: Draft, form: AdministratorForm, *, buyer: Buyer) -> None:
        kept = ("username", "email", "time_zone", "language")
        answers = {name: form.cleaned_data[name] for name in kept}
        drafting.save_answers(draft, self.slug, answers | {"emergency_notice": EMERGENCY_NOTICE})

    def context(self, draft: Draft, form: Any) -> dict[str, Any]:
        server, label = drafting.server_of(draft), draft.answers["tenant"]["label"]
        return {
            "server": server,
            "domain": tenant_domain(label, server),
            "password_rules": (*PASSWORD_RULES, PASSWORD_ADVICE),
        }


class DestinationStep(Step):
    slug = "destination"
    title = "Destination"
    template = "checkout/destination.html"
    inputs = frozenset(DestinationForm.base_fields)

    def applies(self, draft: Draft) -> bool:
        return not selling.needs_tenant(draft.sold)

    def form(self, draft: Draft, data: QueryDict | None = None) -> DestinationForm:
        number = draft.answers.get("number", {}).get("e164", "")
        known = destinations.initial_of(self.answers(draft))
        return DestinationForm(data, client=draft.client, number=number, initial=known)

    def save(self, draft: Draft, form: DestinationForm, *, buyer: Buyer) -> None:
        drafting.save_answers(draft, self.slug, form.answers())

    def context(self, draft: Draft, form: Any) -> dict[str, Any]:
        return {"number": draft.answers.get("number", {}).get("e164", "")}


STEPS: tuple[Step, ...] = (
    CompanyStep(),
    NumberStep(),
    TenantStep(),
    AdministratorStep(),
    DestinationStep(),
)


def steps_of(draft: Draft) -> list[Step]:
    """The steps of this draft, in order."""
    return [step for step in STEPS if step.applies(draft)]


def step_of(draft: Draft, slug: str) -> Step | None:
    """The draft's step of this slug."""
    return next((step for step in steps_of(draft) if step.slug == slug), None)


def first_open(draft: Draft) -> Step:
    """The first step that is not complete; the last one when all are."""
    steps = steps_of(draft)
    return next((step for step in steps if not step.complete(draft)), steps[-1])


def step_after(draft: Draft, step: Step) -> Step | None:
    """The next step; None behind the last."""
    steps = steps_of(draft)
    place = steps.index(step) + 1
    return steps[place] if place < len(steps) else None


def step_before(draft: Draft, step: Step) -> Step | None:
    """The step before; None before the first."""
    steps = steps_of(draft)
    place = steps.index(step)
    return steps[place - 1] if place else None


def step_for(draft: Draft, field: str, *, current: Step) -> Step:
    """The step to which a refusal belongs, by the step's or the input's name."""
    steps = steps_of(draft)
    for step in (current, *steps):
        if field == step.slug or field in step.inputs:
            return step
    return current


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
