"""Backups: when the last one was made, and whether the keys were put away."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ringup.core.fields import keyring
from ringup.core.models import Activity
from ringup.core.sentences import counted
from ringup.flows.health.findings import Check, Group, Verdict, doubtful, fine

INSTALLATION = "installation"
MADE = "made a backup"
EXPORTED = "exported the encryption keys"
OLD = timedelta(days=2)


def last_backup() -> Verdict:
    """By ``ringup backup``; others are not seen from here."""
    made = Activity.objects.filter(subject=INSTALLATION, what=MADE).order_by("-pk").first()
    remedy = "Run ringup backup every night: docs/backup.md has a timer."
    if made is None:
        return doubtful("None was ever made by ringup backup.", remedy)
    age = timezone.now() - made.at
    old = (
        counted(age.days, "day") if age.days else counted(int(age.total_seconds() // 3600), "hour")
    )
    size = f"{made.detail.get('bytes', 0) / 1e6:.1f} MB"
    sentence = f"Made {old} ago: {made.detail.get('file', '')}, {size}."
    return doubtful(sentence, remedy) if age > OLD else fine(sentence)


def keys_apart() -> Verdict:
    """Without the keys, a backup's credentials and passwords stay closed for ever."""
    newest = keyring().fingerprint
    exports = Activity.objects.filter(subject=INSTALLATION, what=EXPORTED).order_by("-pk")
    for export in exports[:50]:
        if newest in export.detail.get("keys", []):
            return fine(f"Key {newest} was exported on {export.at:%Y-%m-%d}.")
    return doubtful(
        f"Key {newest} was never exported: no backup can be opened without it.",
        "Run ringup backup --keys FILE, and keep that file away from the backups.",
    )


def checks() -> list[Check]:
    return [
        Check(Group.BACKUPS, "Last backup", last_backup),
        Check(Group.BACKUPS, "Keys apart", keys_apart),
    ]
