"""The editor of a mail's words: its form, what differs from the delivered, and merge fields to insert."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django import forms

from ringup.mail.events import MailEvent, MergeField
from ringup.mail.language import LONGEST, Fault
from ringup.mail.wording import LONGEST_SUBJECT, Wording

PARTS = {"subject": "Subject", "text": "Plain text", "html": "Page (HTML)"}


class WordsForm(forms.Form):
    """Subject, plain text and HTML."""

    subject = forms.CharField(max_length=LONGEST_SUBJECT, strip=True)
    text = forms.CharField(
        label="Plain text",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"}),
    )
    html = forms.CharField(
        label="Page (HTML)",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "false"}),
    )

    def wording(self) -> Wording:
        """What was typed, also where it is not valid."""
        typed = {name: self._typed(name) for name in PARTS}
        return Wording(**typed)

    def _typed(self, name: str) -> str:
        value = self.data.get(name, "") if self.is_bound else self.initial.get(name, "")
        return str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()

    def tell(self, faults: Mapping[str, Sequence[Fault]]) -> None:
        """Put faults beside their fields."""
        for part, found in faults.items():
            self.add_error(part, " ".join(map(str, found[:5])))


@dataclass(frozen=True, slots=True)
class Insertion:
    """One merge field beside the editor, and what is inserted for it."""

    field: MergeField
    code: str
    example: str


def insertions(event: MailEvent) -> list[Insertion]:
    """Every merge field of the mail."""
    return [Insertion(field, _code(field), _example(field)) for field in event.fields]


def _code(field: MergeField) -> str:
    if not field.is_list:
        return f"{{{{ {field.name} }}}}"
    part = field.parts[0].name
    return f"{{% for row in {field.name} %}}{{{{ row.{part} }}}} {{% endfor %}}"


def _example(field: MergeField) -> str:
    if field.is_list:
        return f"{len(field.example)} rows with {', '.join(part.name for part in field.parts)}"
    if isinstance(field.example, bool):
        return "yes" if field.example else "no"
    return str(field.example)


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line that differs: ``sign`` is + or -, or empty for one that is the same."""

    sign: str
    words: str


def differences(delivered: Wording, own: Wording) -> list[tuple[str, list[DiffLine]]]:
    """By part: what was taken out of the delivered words, and what was put in."""
    found = []
    for part, title in PARTS.items():
        before, after = getattr(delivered, part), getattr(own, part)
        if before != after:
            found.append((title, list(_lines(before, after))))
    return found


def _lines(before: str, after: str) -> Iterator[DiffLine]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    for line in list(lines)[2:]:
        if line.startswith("@@"):
            yield DiffLine("", "…")
        else:
            yield DiffLine(line[0].strip(), line[1:])
