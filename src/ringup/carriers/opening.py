"""From an account's row to a living adapter. The table of adapters is a setting of strings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from ringup.carriers import environments
from ringup.carriers.models import CarrierAccount, ProvenKind
from ringup.carriers.papers import TakesPapers
from ringup.carriers.port import Capability, Carrier, CarrierConnection
from ringup.core.failures import OurFault
from ringup.core.outside import outside_call


def adapter_class(kind: str) -> type[Carrier]:
    """The adapter that settings name for ``kind``."""
    try:
        path = settings.RINGUP_CARRIERS[kind]
    except KeyError as error:
        raise OurFault(f"no carrier adapter is called {kind!r}") from error
    return cast("type[Carrier]", import_string(path))


def adapters() -> dict[str, type[Carrier]]:
    """Every kind of carrier that this installation knows, by the adapter's label."""
    found = {kind: adapter_class(kind) for kind in settings.RINGUP_CARRIERS}
    return dict(sorted(found.items(), key=lambda item: item[1].label))


def held_back() -> frozenset[str]:
    """All kinds that are sandbox-only until tested, and that the owner has not released yet."""
    waiting = {kind for kind, it in adapters().items() if it.is_sandbox_only_until_tested}
    return frozenset(waiting - set(ProvenKind.objects.values_list("kind", flat=True)))


def is_held_back(kind: str) -> bool:
    """Whether a kind is sandbox-only until tested, and the owner has not released it yet."""
    waits = adapter_class(kind).is_sandbox_only_until_tested
    return waits and not ProvenKind.objects.filter(kind=kind).exists()


@contextmanager
def carrier_for(account: CarrierAccount) -> Iterator[Carrier]:
    """The carrier behind an account, closed at the end. Refuses inside a transaction, and where the
    account's environment forbids it, whoever wrote the row."""
    with outside_call(f"carrier {account.name}"):
        adapter = adapter_class(account.kind)
        if not account.is_sandbox and is_held_back(account.kind):
            raise OurFault(
                f"{adapter.label} is for sandbox use only until the owner has released it: "
                f"set {account.name} to sandbox, or release the provider on its page"
            )
        problem = environments.problem_with(adapter, account.url, is_sandbox=account.is_sandbox)
        if problem:
            raise OurFault(problem)
        with closing(cast("type[_Makes]", adapter)(account.connection())) as carrier:
            yield carrier


@contextmanager
def papers_for(account: CarrierAccount) -> Iterator[TakesPapers]:
    """The same for a carrier that takes identity papers; ``OurFault`` where the kind does not."""
    adapter = adapter_class(account.kind)
    if Capability.PAPERS not in adapter.capabilities:
        raise OurFault(
            f"{adapter.label} takes no identity papers, and {account.name} is one of its"
        )
    with carrier_for(account) as carrier:
        yield cast("TakesPapers", carrier)


class _Makes(Carrier):
    """What every adapter's constructor takes: the connection, nothing else."""

    def __init__(self, connection: CarrierConnection) -> None: ...
