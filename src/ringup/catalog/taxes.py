"""Which taxes a client pays, and keeping the rules.

All rules of the client's country and region hold together: where a province has one tax instead of two,
the country's is written for the other provinces. The place is that of the client's address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from ringup.accounts.models import Brand, Client
from ringup.catalog.promotions import today_of
from ringup.catalog.rule_models import ClientTax, TaxRule, TaxSettings
from ringup.catalog.terms import Tax
from ringup.catalog.vat_ids import EU, is_vat_id
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal

REVERSE_CHARGE = "Reverse charge: you account for the VAT in your country, under {vat_id}."


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays, and from where: ISO country, region as numbers call it, plain VAT id."""

    country: str
    region: str = ""
    vat_id: str = ""
    client: Client | None = None


def taxes_for(brand: Brand, payer: Payer, *, lately: bool = False) -> tuple[Tax, ...]:
    """The taxes on what this one orders, the simple ones first. None at all: amounts stay before
    tax. ``lately``: as they were a few seconds ago, to be shown."""
    exemptions = _exemptions.lately if lately else _exemptions
    for (reason,) in exemptions(payer.client.pk) if payer.client else ():
        return (Tax("Tax", 0, text=f"Exempt: {reason}"),)
    if is_reverse_charge(brand, payer):
        return (Tax("VAT", 0, text=REVERSE_CHARGE.format(vat_id=payer.vat_id)),)
    rules = _rules.lately if lately else _rules
    found = rules(brand.pk, payer.country, payer.region, today_of(brand))
    rows = sorted(found, key=lambda row: (row.is_compound, row.name, row.pk))
    return tuple(Tax(row.name, row.rate, row.is_compound, row.tax_class) for row in rows)


@prepared
def _exemptions(client: int) -> QuerySet[ClientTax, tuple[str]]:
    """Why the client pays no tax; none for most."""
    return ClientTax.objects.filter(client=client).values_list("reason")


def is_reverse_charge(brand: Brand, payer: Payer) -> bool:
    """A business with a VAT id of another country of the European Union than the seller's."""
    if payer.country not in EU or not payer.vat_id or not is_vat_id(payer.vat_id, payer.country):
        return False
    seller = country_of(brand)
    return seller in EU and payer.country != seller


def country_of(brand: Brand) -> str:
    """From where the brand sells; empty where nobody has said so."""
    rows = TaxSettings.objects.filter(brand=brand).values_list("country", flat=True)
    return rows.first() or ""


@prepared
def _rules(brand: int, country: str, region: str, today: date) -> QuerySet[TaxRule]:
    """The rules that hold today where the payer is."""
    return TaxRule.objects.filter(
        Q(brand=None) | Q(brand=brand),
        Q(begins=None) | Q(begins__lte=today),
        Q(ends=None) | Q(ends__gte=today),
        Q(region="") | Q(region=region),
        is_retired=False,
        country=country,
    )


def needs_region(brand: Brand, country: str) -> bool:
    """Whether the taxes of a country depend on the region in it; as it was a few seconds ago."""
    return bool(_rule_of_a_region.lately(brand.pk, country))


@prepared
def _rule_of_a_region(brand: int, country: str) -> QuerySet[TaxRule, tuple[int]]:
    rows = TaxRule.objects.filter(Q(brand=None) | Q(brand=brand), country=country)
    return rows.filter(is_retired=False).exclude(region="").values_list("pk")[:1]


# -- keeping them ---------------------------------------------------------------------------------


def save_rule(rule: TaxRule, *, changes: dict[str, Any], actor: Actor) -> None:
    """Store a new or changed tax. Quotes that are frozen in orders keep theirs."""
    if rule.begins and rule.ends and rule.ends < rule.begins:
        raise Refusal("The last day is before the first. Nothing was changed.", field="ends")
    what = "changed a tax" if rule.pk else "added a tax"
    with transaction.atomic():
        rule.save()
        Activity.record(actor, f"tax-rule:{rule.uid}", what, tax=str(rule), **changes)


def set_retired(rule: TaxRule, is_retired: bool, *, actor: Actor) -> None:
    """A retired tax is on no new quote."""
    with transaction.atomic():
        rows = TaxRule.objects.filter(pk=rule.pk, is_retired=not is_retired)
        if rows.update(is_retired=is_retired):
            what = "retired a tax" if is_retired else "brought a tax back"
            Activity.record(actor, f"tax-rule:{rule.uid}", what, tax=str(rule))


def save_settings(brand: Brand, *, country: str, region: str, vat_id: str, actor: Actor) -> None:
    """Where the brand sells from."""
    if vat_id and not is_vat_id(vat_id, country):
        raise Refusal(
            f"{vat_id} does not have the form of a VAT id of {country}. Nothing was changed. "
            "Check it.",
            field="vat_id",
        )
    with transaction.atomic():
        TaxSettings.objects.update_or_create(
            brand=brand, defaults={"country": country, "region": region, "vat_id": vat_id}
        )
        Activity.record(
            actor,
            f"tax-settings:{brand.uid}",
            "changed where the brand sells from",
            country=country,
            region=region,
            vat_id=vat_id,
        )


def exempt(client: Client, reason: str, *, actor: Actor) -> None:
    """This client pays no tax from now on."""
    reason = reason.strip()
    if not reason:
        raise Refusal("Say why: it stands on what the client pays.", field="reason")
    with transaction.atomic():
        ClientTax.objects.update_or_create(client=client, defaults={"reason": reason})
        Activity.record(actor, f"client:{client.uid}", "exempted from tax", reason=reason)


def tax_again(client: Client, *, actor: Actor) -> None:
    """The client pays taxes as everybody."""
    with transaction.atomic():
        if ClientTax.objects.filter(client=client).delete()[0]:
            Activity.record(actor, f"client:{client.uid}", "ended the exemption from tax")
