"""``ringup doctor``: look at everything that Ringup stands on, and say what to mend."""

from __future__ import annotations

import json
import logging
import sys
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

import ringup
from ringup.core.sentences import counted
from ringup.flows.checkup import counts
from ringup.flows.health.findings import Finding, State, worst
from ringup.flows.health.looking import examine

SIGNS = {State.OK: "✓", State.WARNING: "!", State.ERROR: "✗", State.UNKNOWN: "?"}


class Command(BaseCommand):
    help = (
        "Check the database, keys, workers, providers, PBX servers, mail and backups, and say what to "
        "mend; exits 1 when something is wrong."
    )
    # They are one of the checks: a wrong setting is told among the others, in its place.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        # The findings say it all; what adapters log on the way would stand between them.
        logging.disable(logging.WARNING)
        try:
            findings = examine()
        finally:
            logging.disable(logging.NOTSET)
        if options["json"]:
            self.stdout.write(json.dumps(as_data(findings), indent=1))
        else:
            self._write(findings)
        if worst(findings) == State.ERROR:
            sys.exit(1)

    def _write(self, findings: list[Finding]) -> None:
        for group, members in groupby(findings, key=lambda finding: finding.group):
            self.stdout.write(group)
            for finding in members:
                sign = SIGNS[finding.state]
                self.stdout.write(f"  {sign} {finding.name}: {finding.sentence}")
                if finding.remedy:
                    self.stdout.write(f"      {finding.remedy}")
        found = counts(findings)
        words = ("error", found[State.ERROR]), ("warning", found[State.WARNING])
        self.stdout.write(
            ", ".join(counted(count, word) for word, count in words)
            + f", {found[State.OK]} fine, {found[State.UNKNOWN]} unknown."
        )


def as_data(findings: list[Finding]) -> dict[str, Any]:
    """What ``--json`` prints."""
    return {
        "checked": timezone.now().isoformat(timespec="seconds"),
        "ringup": ringup.__version__,
        "state": worst(findings).value,
        "counts": {state.value: count for state, count in counts(findings).items()},
        "findings": [finding.as_data() for finding in findings],
    }
