"""Saving an account, and taking it out of use: the rules that no form can be trusted with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from ringup.carriers import environments
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import adapter_class, is_held_back
from ringup.carriers.port import Carrier
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

HELD_BACK = (
    "{label} is for sandbox use only until it is fully tested: sandbox must stay enabled, and a "
    "production API key must not be used yet. An owner can release it below. Nothing was changed."
)
SAME_NAME = "Another provider has this name already. Choose another one. Nothing was changed."
NEW_HOST = (
    "The address leads to another host. Type this secret again: a stored one is never sent to a "
    "host that it was not stored for."
)
NEEDED = "Fill this in. Nothing was changed."


def save_account(
    account: CarrierAccount,
    values: Mapping[str, Any],
    *,
    secrets: Mapping[str, str],
    actor: Actor,
    changes: Mapping[str, Any],
) -> CarrierAccount:
    """Write ``values`` (column -> value) to the account, a stored or a new one, and return its row.

    ``secrets`` holds only those that were typed; the others stay. ``changes`` is for the activity
    log, without secrets. A change of what a connection is made of forgets the last test. Refuses,
    with nothing changed: production of a kind that is held back, an address of the other
    environment, a new host with a stored secret, a secret that was never given, a name twice.
    """
    adapter = adapter_class(account.kind)
    try:
        with transaction.atomic():
            row = _row(account)
            is_new, url_before, before = row.pk is None, row.url, row.tested_with()
            kept = row.open_secrets()
            for column, value in values.items():
                setattr(row, column, value)
            _check_environment(adapter, row)
            _check_secrets(adapter, row.url, url_before, kept, secrets)
            row.set_secrets(kept | dict(secrets))
            if row.tested_with() != before:
                row.tested, row.test_report = None, {}
            row.save()
            what = f"Added provider {row.name}" if is_new else f"Changed {row.name}"
            Activity.record(actor, f"carrier:{row.uid}", what, **changes)
    except IntegrityError as error:
        raise Refusal(SAME_NAME, field="name") from error
    return row


def _row(account: CarrierAccount) -> CarrierAccount:
    """The row as it is now, kept from others until the end of the transaction; or the new one."""
    if account.pk is None:
        return CarrierAccount(kind=account.kind)
    return CarrierAccount.objects.select_for_update().get(pk=account.pk)


def _check_environment(adapter: type[Carrier], row: CarrierAccount) -> None:
    if not row.is_sandbox and is_held_back(row.kind):
        raise Refusal(HELD_BACK.format(label=adapter.label), field="environment")
    problem = environments.problem_with(adapter, row.url, is_sandbox=row.is_sandbox)
    if problem:
        raise Refusal(f"{problem} Nothing was changed.", field="url")


def _check_secrets(
    adapter: type[Carrier],
    url: str,
    url_before: str,
    kept: Mapping[str, str],
    typed: Mapping[str, str],
) -> None:
    """Who may change settings may still not read secrets: not even by having them sent elsewhere."""
    is_new_host = environments.address_of(url) != environments.address_of(url_before)
    for field in adapter.connection_fields:
        if not field.secret or field.name in typed:
            continue
        if is_new_host and kept.get(field.name):
            raise Refusal(NEW_HOST, field=field.name)
        if field.required and not kept.get(field.name):
            raise Refusal(NEEDED, field=field.name)


def set_enabled(account: CarrierAccount, *, is_enabled: bool, actor: Actor) -> None:
    """Switch the account off, for everything at once, or on again."""
    verb = "Enabled" if is_enabled else "Disabled"
    _set(account, {"is_enabled": is_enabled}, f"{verb} provider {account.name}", actor)


def set_retired(account: CarrierAccount, *, is_retired: bool, actor: Actor) -> None:
    """A retired account takes no new orders and serves the existing ones."""
    what = (
        f"Retired provider {account.name}" if is_retired else f"Took {account.name} back into use"
    )
    _set(account, {"is_retired": is_retired}, what, actor)


def _set(account: CarrierAccount, flags: dict[str, bool], what: str, actor: Actor) -> None:
    """Conditional, so that saying it twice is recorded once."""
    with transaction.atomic():
        others = CarrierAccount.objects.filter(pk=account.pk).exclude(**flags)
        if others.update(**flags):
            detail = {name: [str(not value), str(value)] for name, value in flags.items()}
            Activity.record(actor, f"carrier:{account.uid}", what, **detail)
