"""What an import is made of: lines of the file, and what each would do to the shelf."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from ringup.carriers.models import CarrierAccount
from ringup.numbers.models import OwnStock

ADD, CHANGE, SAME = "add", "change", "same"
WITHDRAW, PUT_BACK, REFUSED = "withdraw", "put back", "refused"
ACTIONS = (ADD, CHANGE, WITHDRAW, PUT_BACK, SAME, REFUSED)


@dataclass
class Row:
    """One line of the file, or, without ``line``, a number that the file does not name. ``stock`` is
    the row as it is to be (unsaved changes), ``stamp`` how its stored columns were read; ``changes``
    are (column, old, new), ``faults`` (column, sentence), ``remarks`` sentences that refuse nothing."""

    line: int
    name: str
    stock: OwnStock | None = None
    stamp: tuple[object, ...] = ()
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.stock is not None and self.stock.pk is None

    @property
    def action(self) -> str:
        """One of ``ACTIONS``. What is withdrawn or put back may also change."""
        if self.faults or self.stock is None:
            return REFUSED
        if self.is_new:
            return ADD
        for column, _, new in self.changes:
            if column == "withdrawn":
                return WITHDRAW if new == "yes" else PUT_BACK
        return CHANGE if self.changes else SAME

    @property
    def writes(self) -> bool:
        return self.action not in (SAME, REFUSED)


@dataclass(frozen=True, slots=True)
class Looked:
    """How an account's inventory compared with the file's numbers: ``missing`` of ``asked``."""

    account: CarrierAccount
    asked: int
    missing: int


@dataclass
class ImportPlan:
    """What a file would do. ``mark`` changes with everything that is shown of it. ``kept`` says why
    nothing that the file leaves out is withdrawn although that was asked for; empty otherwise."""

    rows: list[Row]
    digest: str
    looked: list[Looked] = field(default_factory=list)
    kept: str = ""

    @property
    def writing(self) -> list[Row]:
        """The rows that do something."""
        return [row for row in self.rows if row.writes]

    @property
    def refused(self) -> list[Row]:
        return [row for row in self.rows if row.action == REFUSED]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are of each action; ``put_back`` for templates."""
        actions = [row.action for row in self.rows]
        return {name.replace(" ", "_"): actions.count(name) for name in ACTIONS}

    @property
    def mark(self) -> str:
        shown = [
            [row.line, row.name, row.action, row.changes, row.faults, row.remarks]
            for row in self.rows
        ]
        looked = [[each.account.pk, each.asked, each.missing] for each in self.looked]
        text = json.dumps([self.digest, shown, looked, self.kept])
        return hashlib.sha256(text.encode()).hexdigest()
