"""The drop-downs of the mappings page: providers and PBX servers, as stored or as typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ringup.backoffice.mappings.form import NONE, Typed
from ringup.catalog.mapped import Catalogue, Setting

NO_PROVIDER = "No Provider (Use Default)"
ANY_SERVER = "PBX: default, then free capacity"


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a drop-down."""

    value: str
    words: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class Select:
    """The drop-downs of one row. ``servers`` is empty where nothing needs a tenant. ``was`` is what
    they show before anybody touches them; ``text`` the same for who may not."""

    code: str
    name: str
    was: str
    text: str
    accounts: list[Option]
    servers: list[Option]
    error: str = ""


@dataclass(frozen=True)
class Offers:
    """What the drop-downs offer: built once a page, for every row."""

    catalogue: Catalogue
    typed: Typed = field(default_factory=Typed)
    errors: dict[str, str] = field(default_factory=dict)

    def select(
        self,
        code: str,
        name: str,
        *,
        account: str,
        server: str,
        first: tuple[tuple[str, str], ...],
        text: str,
        needs_tenant: bool,
    ) -> Select:
        """The drop-downs as stored, or as typed where somebody's choice came back."""
        at_account, at_server = self.typed.rows.get(code, (account, server))
        accounts = [*first, *self._accounts(account)]
        return Select(
            code=code,
            name=name,
            was=f"{account}/{server}" if needs_tenant else f"{account}/",
            text=text,
            accounts=[Option(value, words, value == at_account) for value, words in accounts],
            servers=list(self._servers(server, at_server)) if needs_tenant else [],
            error=self.errors.get(code, ""),
        )

    @cached_property
    def _usable(self) -> list[tuple[str, str]]:
        rows = self.catalogue.accounts.values()
        return [(str(row.pk), row.name) for row in rows if row.takes_orders]

    def _accounts(self, current: str) -> list[tuple[str, str]]:
        """Those that take orders, and the row's own."""
        if not current.isdecimal() or any(value == current for value, _ in self._usable):
            return self._usable
        row = self.catalogue.accounts[int(current)]
        state = "retired" if row.is_retired else "switched off"
        return [*self._usable, (current, f"{row.name} ({state})")]

    def _servers(self, current: str, chosen: str) -> Iterator[Option]:
        yield Option("", ANY_SERVER, not chosen)
        for row in self.catalogue.servers.values():
            value = str(row.pk)
            if row.is_enabled or value == current:
                state = "" if row.is_enabled else " (switched off)"
                yield Option(value, f"PBX: {row.name}{state}", value == chosen)


def account_token(setting: Setting) -> str:
    """A row's provider as the value of a drop-down."""
    return NONE if setting.account is None else str(setting.account)
