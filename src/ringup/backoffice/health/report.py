"""What the Health page and its exports show of a checkup: groups of findings with their badges."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ringup.flows import checkup
from ringup.flows.health.findings import Finding, State, worst
from ringup.flows.models import Checkup


@dataclass(frozen=True, slots=True)
class StateBadge:
    """How a state looks and reads; ``counted`` stands behind a number."""

    word: str
    counted: str
    tone: str
    icon: str

    @property
    def client_word(self) -> str:
        return self.word


BADGES = {
    State.OK: StateBadge("Fine", "fine", "green", "check-circle"),
    State.UNKNOWN: StateBadge("Unknown", "unknown", "grey", "circle"),
    State.WARNING: StateBadge("Look at it", "to look at", "yellow", "alert"),
    State.ERROR: StateBadge("Broken", "broken", "red", "fail"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One finding with its badge."""

    finding: Finding
    badge: StateBadge

    @property
    def took(self) -> str:
        """``3 ms``, ``1.2 s``."""
        spent = self.finding.milliseconds
        return f"{spent} ms" if spent < 1000 else f"{spent / 1000:.1f} s"


@dataclass(frozen=True, slots=True)
class Section:
    """The findings below one heading, and the worst badge among them. ``slug`` is for links."""

    name: str
    slug: str
    badge: StateBadge
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Report:
    """The last checkup, and how far the one that goes on has come."""

    last: Checkup | None
    now: Checkup | None
    sections: list[Section]
    counts: dict[State, int]

    @property
    def errors(self) -> list[Row]:
        return self._of(State.ERROR)

    @property
    def warnings(self) -> list[Row]:
        return self._of(State.WARNING)

    @property
    def chips(self) -> list[tuple[int, StateBadge]]:
        """Counts with their badges, worst first."""
        return [(self.counts[state], BADGES[state]) for state in reversed(State)]

    def _of(self, state: State) -> list[Row]:
        return [row for part in self.sections for row in part.rows if row.finding.state == state]


def report() -> Report:
    """What there is to show now. Reads two rows; looks at nothing."""
    now = checkup.current()
    last = checkup.latest()
    findings = checkup.findings_of(last)
    return Report(last, now, list(_sections(findings)), checkup.counts(findings))


def _sections(findings: list[Finding]) -> list[Section]:
    found = []
    for name, members in groupby(findings, key=lambda finding: finding.group):
        rows = [Row(finding, BADGES[finding.state]) for finding in members]
        badge = BADGES[worst(row.finding for row in rows)]
        found.append(Section(name, name.lower().replace(" ", "-"), badge, rows))
    return found


COLUMNS = ("Group", "Check", "State", "Found", "What to do", "Milliseconds")


def cells(shown: Report) -> list[tuple[str, ...]]:
    """The rows of the CSV, one a finding."""
    return [
        (
            section.name,
            row.finding.name,
            row.badge.word,
            row.finding.sentence,
            row.finding.remedy,
            str(row.finding.milliseconds),
        )
        for section in shown.sections
        for row in section.rows
    ]


def as_data(shown: Report, *, brand: str, checked: str, by: str, version: str) -> dict[str, Any]:
    """What ``reports/health.typ`` prints. All of it is text, none of it markup."""
    return {
        "brand": brand,
        "checked": checked,
        "by": by,
        "version": version,
        "counts": [[count, badge.counted, badge.tone] for count, badge in shown.chips if count],
        "sections": [
            {
                "name": section.name,
                "rows": [
                    {
                        "name": row.finding.name,
                        "word": row.badge.word,
                        "tone": row.badge.tone,
                        "sentence": row.finding.sentence,
                        "remedy": row.finding.remedy,
                        "took": row.took,
                    }
                    for row in section.rows
                ],
            }
            for section in shown.sections
        ],
    }
