"""Writing our reference on a number that the account holds already, and taking it off again.

Only ``setDIDInfo`` writes a note, and it replaces all of a number's settings: what is left out is
cleared. So the number is read, written back as it was with another note, and looked at again.
"""

from __future__ import annotations

import uuid
from contextlib import suppress

from ringup.carriers.port import CarrierNumber
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.coercing import Row, text
from ringup.carriers.voipms.inventory import UUID, Inventory, number_of
from ringup.carriers.voipms.statuses import AccountProblem
from ringup.core.failures import NotOurs, NumberGone, OutcomeUnknown

LONGEST_NOTE = 49
REQUIRED = ("routing", "pop", "dialtime", "cnam", "billing_type")
# Everything that setDIDInfo takes, but for the number and its note.
SETTINGS = (
    *REQUIRED,
    "failover_busy",
    "failover_unreachable",
    "failover_noanswer",
    "voicemail",
    "callerid_prefix",
    "port_out_pin",
    "record_calls",
    "inbound_dialing_mode",
    "transcribe",
    "transcription_locale",
    "transcription_redaction",
    "transcription_summary",
    "transcription_sentiment",
    "transcription_email",
    "transcription_start_delay",
    "voicemail_threshold",
    "sms_sipaccount_enabled",
    "sms_sipaccount",
)
# What means "nothing" in one or another of them.
NOT_SET = frozenset({"", "0", "-1", "none:"})
PIN_DIGITS = 4
NOT_HELD = "The carrier account does not hold this number. Nothing was changed or charged."


class Adopting:
    """Adopts numbers of the inventory."""

    def __init__(self, client: VoipMsClient, inventory: Inventory) -> None:
        self._client = client
        self._inventory = inventory

    def adopt(self, e164: str, reference: uuid.UUID) -> CarrierNumber:
        row = self._held(e164)
        note = text(row, "note")
        if (found := UUID.search(note)) is not None:
            if found[0].lower() == str(reference):
                return number_of(row)
            raise NotOurs(
                f"The note of {e164} at VoIP.ms carries another reference, {found[0]}. Find out "
                f"whose number it is. Nothing was changed."
            )
        advice = f"Write {reference} into the number's note in VoIP.ms's portal, then try again."
        return self._noted(row, e164, _note(reference, note), str(reference), advice)

    def disown(self, e164: str, reference: uuid.UUID) -> None:
        row = self._inventory.row(e164)
        found = None if row is None else UUID.search(text(row, "note"))
        if row is None or found is None:
            return
        if found[0].lower() != str(reference):
            raise NotOurs(
                f"The note of {e164} at VoIP.ms carries another reference, {found[0]}. Find out "
                f"whose number it is. Nothing was changed."
            )
        words = UUID.sub(" ", text(row, "note")).split()
        advice = f"Take {reference} out of the number's note in VoIP.ms's portal, then try again."
        with suppress(NumberGone):  # it left the account since the look
            self._noted(row, e164, " ".join(words), " ".join(words), advice)

    def _noted(self, row: Row, e164: str, note: str, shows: str, advice: str) -> CarrierNumber:
        """Write the number back with another note. Its reference must be what it ``shows`` then."""
        kept = _kept(row)
        if lacking := [name for name in REQUIRED if not kept.get(name)]:
            raise AccountProblem(
                f"VoIP.ms does not tell {', '.join(lacking)} of {e164}, and would clear it with a "
                "change of the note.",
                advice,
            )
        change = kept | {"did": text(row, "did"), "note": note}
        gone = dict.fromkeys(("invalid_did", "no_did"), _gone)
        self._client.write("setDIDInfo", change, refusals=gone)
        return self._checked(e164, shows, before=row)

    def _held(self, e164: str) -> Row:
        row = self._inventory.row(e164)
        if row is None:
            raise _gone(f"{e164} is not in the VoIP.ms inventory.")
        return row

    def _checked(self, e164: str, shows: str, *, before: Row) -> CarrierNumber:
        """The number as it stands now. Whoever changed its settings, staff must know."""
        after = self._inventory.row(e164)
        number = None if after is None else number_of(after)
        if after is None or number is None or number.reference != shows:
            raise OutcomeUnknown(f"VoIP.ms took the note of {e164} and does not show it.")
        changed = [name for name in SETTINGS if _value(before, name) != _value(after, name)]
        if changed:
            told = ", ".join(
                f"{name} from {text(before, name)!r} to {text(after, name)!r}" for name in changed
            )
            raise AccountProblem(
                f"With the note of {e164}, VoIP.ms or somebody in its portal changed {told}.",
                "Put it right in the portal. The note itself is written.",
            )
        return number


def _gone(detail: str) -> NumberGone:
    return NumberGone(detail, user_message=NOT_HELD)


def _kept(row: Row) -> dict[str, str]:
    """The settings that go back unchanged. An empty one is empty whether it is sent or not, and not
    every field takes an empty value."""
    kept = {name: _as_sent(row, name) for name in SETTINGS}
    return {name: value for name, value in kept.items() if value}


def _as_sent(row: Row, name: str) -> str:
    # A prefix may end in a space that is meant.
    if name == "callerid_prefix" and isinstance(written := row.get(name), str):
        return written
    value = text(row, name)
    # As a number it arrives without the noughts that it begins with.
    return value.zfill(PIN_DIGITS) if name == "port_out_pin" and value.isdigit() else value


def _value(row: Row, name: str) -> str:
    value = text(row, name)
    return "" if value in NOT_SET else value


def _note(reference: uuid.UUID, words: str) -> str:
    """The reference, and as many of the words as still fit."""
    note = str(reference)
    for word in words.split():
        longer = f"{note} {word}"
        # Whether VoIP.ms counts letters or bytes is not known.
        if len(longer.encode()) > LONGEST_NOTE:
            break
        note = longer
    return note
