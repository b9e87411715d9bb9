"""Step 2.5: whose number it will be, and where he lives, if the carrier wants to know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from ringup.carriers.papers import PersonKind, Requirement
from ringup.core.phones import shown
from ringup.flows.checkout import chosen_numbers, drafted_papers, needing_papers
from ringup.flows.checkout.paying_from import payer_of
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.regulatory import filling
from ringup.regulatory.asked_facts import address_country
from ringup.regulatory.common_rejections import CHECKLIST
from ringup.regulatory.facts import ADDRESS_FACTS, IDENTITY_FACTS, address_facts, whose
from ringup.regulatory.filling import IDENTITY_COUNTRY
from ringup.regulatory.models import RegulatoryFile
from ringup.regulatory.upload_rows import upload_rows
from ringup.regulatory.wanted_documents import wanted_documents
from ringup.shop.papers_form import CONSENT, CONSENT_OF_CLIENT, KINDS, PapersForm
from ringup.shop.steps.step import Step

# The button that saves what was typed, and shows the page again to add documents.
STAY = "stay"
# How verified papers are called to staff that acts as their client.
APPROVED = "Papers approved on {at:%Y-%m-%d}"
CITY_HELP = "It must be one of the supplier's areas: begin to type, and choose."


class PapersStep(Step):
    slug = needing_papers.PAPERS
    title = "Papers"
    template = "checkout/papers.html"
    inputs = frozenset(
        {"kind", "use", "consent", "service_description", IDENTITY_COUNTRY}
        | {*IDENTITY_FACTS, *ADDRESS_FACTS}
    )

    def applies(self, draft: Draft) -> bool:
        return bool(needing_papers.needed_by(draft))

    def complete(self, draft: Draft) -> bool:
        return needing_papers.are_told(draft)

    def form(self, draft: Draft, data: QueryDict | None = None) -> PapersForm:
        file = drafted_papers.file_of(draft)
        return self._form(draft, file, data)

    def _form(
        self, draft: Draft, file: RegulatoryFile | None, data: QueryDict | None = None
    ) -> PapersForm:
        """With what stands in ``file``."""
        rules = drafted_papers.rules_of(draft)
        words = CONSENT_OF_CLIENT if draft.placed_by_id is not None else CONSENT
        return PapersForm(
            data,
            rules=rules,
            areas=drafted_papers.areas_of(draft, rules),
            consent=words.format(
                brand=draft.brand.name, days=settings.RINGUP_PAPERS_RETENTION_DAYS
            ),
            initial=_known(draft, file, rules),
        )

    def save(self, draft: Draft, form: PapersForm, *, buyer: Buyer) -> None:
        if not form.uses_approved:
            drafted_papers.save(draft, form.rules, form.answers())
            return
        description = form.cleaned_data.get("service_description", "")
        drafted_papers.use_again(
            draft, form.rules, address=form.cleaned_data["use"], service_description=description
        )

    def context(self, draft: Draft, form: PapersForm) -> dict[str, Any]:
        file = drafted_papers.file_of(draft)
        price = chosen_numbers.price_of(draft.answers["number"])
        lists = [
            {"kind": kind.value, "wanted": wanted_documents(form.rules, kind)}
            for kind in form.kinds
        ]
        return {
            "rules": form.rules,
            "file": file,
            "uploads": upload_rows(file, by_staff=draft.placed_by_id is not None) if file else [],
            "lists": lists,
            "has_documents": any(one["wanted"] for one in lists),
            "kinds": [{"value": kind.value, "words": KINDS[kind]} for kind in KINDS],
            "checklist": CHECKLIST,
            "stay": STAY,
            "approved": _approved(draft, form),
            "city_help": CITY_HELP if form.areas else "",
            "words": chosen_numbers.main_words(draft),
            "monthly": price.monthly,
            "setup": price.setup,
            "action": reverse("shop:step", args=[draft.uid, self.slug]),
            "upload_url": reverse("shop:papers-upload", args=[draft.uid]),
        }

    def unread(self, draft: Draft, form: PapersForm) -> dict[str, Any]:
        """Papers are read in the back office, where each look is written down."""
        found = drafted_papers.reusable_by(draft, form.rules, form.areas)
        approved = [
            {"use": str(address.uid), "whose": APPROVED.format(at=address.approved), "where": ""}
            for _, address in found
        ]
        # What was typed just now is his own.
        return {"approved": approved, "form": form if form.is_bound else self._form(draft, None)}


def _approved(draft: Draft, form: PapersForm) -> list[dict[str, str]]:
    """The client's verified papers that will do, named so that one can be told from another."""
    if draft.client_id is None:
        return []
    found = drafted_papers.reusable_by(draft, form.rules, form.areas)
    return [
        {"use": str(address.uid), "whose": whose(identity), "where": _where(address_facts(address))}
        for identity, address in found
    ]


def _where(told: dict[str, str]) -> str:
    return ", ".join(part for part in (told["street"], told["city"]) if part)


def _known(draft: Draft, file: RegulatoryFile | None, rules: Requirement) -> dict[str, Any]:
    """What was told before; at first what the buyer said of himself, for him to correct."""
    if file is not None:
        told = filling.answers_of(file)
        return told | {"consent": True, "phone": shown(told.get("phone", ""))}
    company, payer = draft.answers.get("company", {}), payer_of(draft)
    first, _, last = company.get("contact", "").rpartition(" ")
    known = {
        "kind": PersonKind.BUSINESS.value,
        "first_name": first,
        "last_name": last,
        "phone": shown(company.get("phone", "")),
        "contact_email": company.get("email", ""),
        "company_name": company.get("company", ""),
        "vat_id": company.get("vat_id", ""),
    }
    # An address elsewhere would have to be typed over.
    if address_country(rules) in ("", payer.country):
        known |= {name: company.get(name, "") for name in ("street", "postal_code", "city")}
        known["country"] = payer.country
    return known
