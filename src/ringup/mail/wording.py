"""The words of a mail: as they are delivered with Ringup, as staff has changed them, and filled in."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import timezone

from ringup.mail import dressing, language
from ringup.mail.events import MailEvent, MergeField
from ringup.mail.faces import Face
from ringup.mail.framing import frame_html, frame_text
from ringup.mail.language import Fault
from ringup.mail.models import MailTemplate

log = logging.getLogger(__name__)
LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Wording:
    """Templates of one mail in one language: what staff edits."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Written:
    """A mail as it will be read. ``secrets`` are the links in it that open something."""

    subject: str
    text: str
    html: str
    language: str
    secrets: tuple[str, ...] = ()


class FieldsMissing(ValueError):
    """A caller of ``compose`` does not give what the mail's declaration promises."""


@lru_cache(maxsize=500)
def delivered(name: str, code: str) -> Wording | None:
    """The words that come with Ringup; None where there are none in this language."""
    folder = "mail" if code == "en" else f"mail/{code}"
    try:
        text = source_of(f"{folder}/{name}.txt")
        html = source_of(f"{folder}/{name}.html")
    except TemplateDoesNotExist:
        return None
    subject, _, rest = text.strip().partition("\n")
    return Wording(subject.strip(), rest.strip(), html.strip())


def source_of(path: str) -> str:
    """A delivered template as it stands on disk. Raises ``TemplateDoesNotExist``."""
    source: str = get_template(path).template.source  # type: ignore[attr-defined]
    return source


def starting_point(name: str, code: str) -> Wording:
    """What an editor of this language begins with: the delivered words, else the English ones."""
    found = delivered(name, code) or delivered(name, "en")
    assert found is not None  # a test holds every declared mail to have them
    return found


def faults_of(wording: Wording, event: MailEvent) -> dict[str, list[Fault]]:
    """What is wrong, by the part it is in; empty for words that can be saved."""
    found = {
        "subject": language.faults_of(wording.subject, event.fields),
        "text": language.faults_of(wording.text, event.fields),
        "html": language.faults_of(wording.html, event.fields) or dressing.faults_of(wording.html),
    }
    if "\n" in wording.subject.strip() or "\r" in wording.subject.strip():
        found["subject"].insert(0, Fault(2, "A subject is one line."))
    for part in ("subject", "text", "html"):
        if not getattr(wording, part).strip():
            found[part].append(Fault(1, "Write something here."))
    return {part: faults for part, faults in found.items() if faults}


def fill(
    wording: Wording, event: MailEvent, values: Mapping[str, Any], *, face: Face, code: str
) -> Written:
    """Fill in the values and put the frame around. Raises ``language.BadTemplate``."""
    fields = event.fields
    subject = one_line(language.render(wording.subject, values, fields, html=False))
    text = language.render(wording.text, values, fields, html=False)
    html = language.render(wording.html, values, fields, html=True)
    around = {"face": face, "language": code, "audience": event.audience}
    return Written(
        subject=subject,
        text=frame_text(text, values, **around),  # type: ignore[arg-type]
        html=frame_html(html, values, title=subject, **around),  # type: ignore[arg-type]
        language=code,
        secrets=_secrets(fields, values),
    )


def one_line(subject: str) -> str:
    """A subject without line breaks and control characters, whatever was filled in."""
    printable = "".join(letter if letter.isprintable() else " " for letter in subject)
    return " ".join(printable.split())[:LONGEST_SUBJECT]


def write(
    event: MailEvent, values: Mapping[str, Any], *, brand_id: int, face: Face, code: str
) -> Written:
    """The mail in the language ``code``, in the brand's own words where staff has written some.

    Words that cannot be filled in stop no mail: the delivered ones go out, and Health tells it.
    """
    offered = _offered(event, values, face)
    for row in _own_words(event.name, brand_id, code):
        try:
            return fill(_wording(row), event, offered, face=face, code=row.language)
        except Exception as error:
            log.exception("the words of mail template %s cannot be used", row.uid)
            MailTemplate.objects.filter(pk=row.pk).update(
                fault=str(error)[:300] or type(error).__name__, failed=timezone.now()
            )
    found = delivered(event.name, code)
    if found is None:
        code, found = "en", starting_point(event.name, "en")
    return fill(found, event, offered, face=face, code=code)


def _own_words(name: str, brand_id: int, code: str) -> Sequence[MailTemplate]:
    """The brand's own words that may be used, the best first: in the reader's language, else English
    ones where nothing is delivered in his."""
    codes = [code] if code == "en" or delivered(name, code) else [code, "en"]
    rows = MailTemplate.objects.filter(brand_id=brand_id, event=name, language__in=codes)
    return sorted(rows, key=lambda row: codes.index(row.language))


def _wording(row: MailTemplate) -> Wording:
    return Wording(row.subject, row.text, row.html)


def _offered(event: MailEvent, values: Mapping[str, Any], face: Face) -> dict[str, Any]:
    """A value for each declared merge field, and nothing else."""
    known = {"brand_name": face.name, "support_email": face.support_email, **values}
    missing = [
        field.name for field in event.fields if not field.is_optional and field.name not in known
    ]
    if missing:
        words = f"mail {event.name!r} is declared with {', '.join(missing)}: compose() gets none"
        if settings.DEVELOPMENT:
            raise FieldsMissing(words)
        log.error(words)
    return {field.name: known.get(field.name, "") for field in event.fields}


def _secrets(fields: Sequence[MergeField], values: Mapping[str, Any]) -> tuple[str, ...]:
    found = (str(values.get(field.name) or "") for field in fields if field.opens)
    return tuple(secret for secret in found if secret)
