"""From what staff chose to the rows that it means: the rules of the three mapping methods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ringup.carriers.models import CarrierAccount
from ringup.catalog.mapped import Catalogue, Setting, Thing, group_code, parse_code
from ringup.catalog.models import Mapping
from ringup.core.sentences import Refusal

Method = Mapping.Source
NO_PROVIDER = "No provider"
NOT_MAPPED = "Not mapped"
# Which rows each method is chosen by.
_CHOSEN_BY = {
    Method.SINGLE: ("product", "bundle"),
    Method.GROUP: ("group",),
    Method.BUNDLE: ("bundle",),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What one drop-down says. ``account`` None is "No provider"; ``is_own`` False takes the row
    away, so that a product follows its group."""

    code: str
    account: int | None = None
    server: int | None = None
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One row before and after; None where there is none. ``was`` and ``becomes`` are for people."""

    code: str
    name: str
    before: Setting | None
    after: Setting | None
    was: str
    becomes: str

    @property
    def is_individual(self) -> bool:
        """Whether somebody mapped this very row by hand."""
        return self.before is not None and self.before.source == Method.SINGLE

    def as_data(self) -> dict[str, object]:
        """For ``MappingSave.changes``."""
        return {
            "code": self.code,
            "name": self.name,
            "before": self.before and list(self.before),
            "after": self.after and list(self.after),
            "was": self.was,
            "becomes": self.becomes,
        }

    @classmethod
    def from_data(cls, data: dict[str, object]) -> Change:
        """What ``as_data`` wrote."""
        before, after = data["before"], data["after"]
        return cls(
            code=str(data["code"]),
            name=str(data["name"]),
            before=Setting(*before) if isinstance(before, list) else None,
            after=Setting(*after) if isinstance(after, list) else None,
            was=str(data["was"]),
            becomes=str(data["becomes"]),
        )


class MappingRefusal(Refusal):
    """Choices that cannot be saved, each with a sentence. Nothing was changed."""

    def __init__(self, rows: dict[str, str]) -> None:
        first = next(iter(rows.values()))
        super().__init__(f"{first} Nothing was changed.")
        self.rows = rows


def changes_of(catalogue: Catalogue, method: Method, choices: Sequence[Choice]) -> list[Change]:
    """What saving the choices would change, individual mappings first. Rows that would serve the
    same are left alone. Raises ``MappingRefusal`` with a sentence for each wrong choice."""
    rows = dict(_refusals(catalogue, method, choices))
    if rows:
        raise MappingRefusal(rows)
    wanted: dict[str, Setting | None] = {}
    for choice in choices:
        meant = dict(_meant(catalogue, method, choice))
        for code in meant.keys() & wanted.keys():
            if meant[code] != wanted[code]:
                raise MappingRefusal({choice.code: _in_two_bundles(catalogue, code)})
        wanted |= meant
    found = [_change(catalogue, code, after) for code, after in wanted.items()]
    changes = [change for change in found if change is not None]
    return sorted(changes, key=lambda change: not change.is_individual)


def _in_two_bundles(catalogue: Catalogue, code: str) -> str:
    return (
        f"{catalogue.things[code].name} is in two of these bundles, and cannot get two providers "
        "at once. Save one bundle after the other: the later one stays."
    )


def _refusals(
    catalogue: Catalogue, method: Method, choices: Sequence[Choice]
) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for choice in choices:
        sentence = _why_not(catalogue, method, choice)
        if choice.code in seen:
            sentence = "This row was sent twice. Reload the page."
        seen.add(choice.code)
        if sentence:
            yield choice.code, sentence


def _why_not(catalogue: Catalogue, method: Method, choice: Choice) -> str:
    """A sentence, or nothing when the choice can be saved."""
    parsed = parse_code(choice.code)
    if parsed is None or parsed[0] not in _CHOSEN_BY[method] or not _exists(catalogue, *parsed):
        return f"{choice.code[:30]} is not in the catalogue any more. Reload the page."
    if choice.account is None:
        return ""
    account = catalogue.accounts.get(choice.account)
    if account is None:
        return "This provider does not exist any more. Choose another."
    if account.is_retired:
        return f"{account.name} is retired and takes no new orders. Choose another provider."
    if not account.is_enabled:
        return f"{account.name} is switched off. Enable it first, or choose another provider."
    return _why_not_there(catalogue, account, choice.server)


def _exists(catalogue: Catalogue, column: str, pk: int) -> bool:
    if column == "group":
        return pk in catalogue.shelves
    return ("P-" if column == "product" else "bundle_") + str(pk) in catalogue.things


def _why_not_there(catalogue: Catalogue, account: CarrierAccount, server: int | None) -> str:
    if server is None:
        return ""
    row = catalogue.servers.get(server)
    if row is None:
        return "This PBX server does not exist any more. Choose another."
    if not row.is_enabled:
        return f"{row.name} is switched off. Enable it first, or choose another PBX server."
    if row.environment != account.environment:
        return (
            f"{row.name} is a {row.environment} PBX and {account.name} a {account.environment} "
            "account. Choose two of the same kind."
        )
    return ""


def _meant(
    catalogue: Catalogue, method: Method, choice: Choice
) -> Iterator[tuple[str, Setting | None]]:
    """The rows that one choice writes."""
    column, pk = parse_code(choice.code) or ("", 0)
    if not choice.is_own:
        yield choice.code, None
        return
    setting = Setting(choice.account, choice.server if choice.account else None, method.value)
    if column == "group":
        yield choice.code, setting
        things = catalogue.alone[pk]
    else:
        things = [catalogue.things[choice.code]]
        if method is Method.BUNDLE:
            things += catalogue.products_of(things[0])
    for thing in things:
        yield thing.code, setting if thing.needs_tenant else setting._replace(server=None)


def _change(catalogue: Catalogue, code: str, after: Setting | None) -> Change | None:
    before = catalogue.rows.get(code)
    thing = catalogue.things.get(code)
    needs_tenant = thing is None or thing.needs_tenant
    if before is after or (after and after.serves_like(before, needs_tenant=needs_tenant)):
        return None
    name = catalogue.name_of(code)
    return Change(
        code=code,
        name=name if thing else f"{name} (product group)",
        before=before,
        after=after,
        was=words(catalogue, thing, before),
        becomes=words(catalogue, thing, after),
    )


def words(catalogue: Catalogue, thing: Thing | None, setting: Setting | None) -> str:
    """A row for people: ``VoIP.ms on pbx-1``, ``No provider``, ``As its group (VoIP.ms)``. Without a
    thing it is a group's."""
    if setting is None:
        if thing is None or thing.is_bundle:
            return NOT_MAPPED
        group = words(catalogue, None, catalogue.rows.get(group_code(thing.group)))
        return f"As its group ({group})"
    if setting.account is None:
        return NO_PROVIDER
    name = catalogue.accounts[setting.account].name
    return f"{name} on {catalogue.servers[setting.server].name}" if setting.server else name
