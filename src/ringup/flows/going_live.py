"""Releasing a kind of carrier for production, and saving an account with the rules above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from ringup.carriers.configuring import save_account
from ringup.carriers.models import CarrierAccount, ProvenKind
from ringup.carriers.opening import adapter_class, is_held_back
from ringup.catalog.defaults import Defaults, save_defaults
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows import removing
from ringup.orders.models import Order

SANDBOX = CarrierAccount.Environment.SANDBOX
IN_USE = (
    "Clients' numbers or services stand on this account, and the other environment does not know "
    "them. Nothing was changed. Add a second account for it, and retire this one."
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be true before a kind may go to production."""

    is_met: bool
    words: str


def conditions(kind: str) -> list[Condition]:
    """What the release of a kind needs, and whether it is there."""
    label = adapter_class(kind).label
    tested = CarrierAccount.objects.filter(
        kind=kind, tested__isnull=False, test_report__works=True
    ).exists()
    ordered = Order.objects.filter(
        state=Order.State.COMPLETED,
        is_sandbox=True,
        lines__service__account__kind=kind,
        lines__service__account__environment=SANDBOX,
    ).exists()
    return [
        Condition(tested, f"A connection test of a {label} account passed."),
        Condition(ordered, f"An order through a {label} sandbox account was completed."),
    ]


def release(kind: str, *, actor: Actor) -> None:
    """Let accounts of this kind be set to production. Refuses until every condition is met."""
    adapter = adapter_class(kind)
    if not is_held_back(kind):
        return
    missing = [condition.words for condition in conditions(kind) if not condition.is_met]
    if missing:
        raise Refusal(
            f"{adapter.label} cannot be released yet. Still missing: {' '.join(missing)} "
            "Nothing was changed."
        )
    with transaction.atomic():
        row, is_new = ProvenKind.objects.get_or_create(
            kind=kind, defaults={"by": actor.name, "by_label": actor.label[:150]}
        )
        if is_new:
            what = f"Released {adapter.label} for production"
            Activity.record(actor, f"carrier-kind:{row.kind}", what)


def save_provider(
    account: CarrierAccount,
    values: Mapping[str, Any],
    *,
    secrets: Mapping[str, str],
    defaults: Defaults,
    actor: Actor,
    changes: Mapping[str, Any],
) -> CarrierAccount:
    """Save an account and its PBX defaults, all or nothing: see ``save_account`` for the rest.
    Refuses to move an account that serves clients to the other environment."""
    with transaction.atomic():
        moves = account.pk and values.get("environment", account.environment) != account.environment
        if moves and removing.serves_anybody(account):
            raise Refusal(IN_USE, field="environment")
        row = save_account(account, values, secrets=secrets, actor=actor, changes=changes)
        save_defaults(row, defaults, actor=actor)
    return row
