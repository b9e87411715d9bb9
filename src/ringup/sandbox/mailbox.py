"""The mails that the sandbox mail server took, and how they are shown."""

from __future__ import annotations

import html
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as taken, counted from 1. ``sender`` and ``recipients`` are the envelope's."""

    number: int
    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)

    def shown(self) -> dict[str, object]:
        message = message_from_bytes(self.raw, policy=default)
        return {
            "id": self.number,
            "from": self.sender,
            "to": list(self.recipients),
            "subject": str(message["Subject"] or ""),
            # As it stands: the modern parser of the library fails on malformed ones.
            "message_id": str(message_from_bytes(self.raw)["Message-ID"] or ""),
            "text": _body(message, "plain"),
            "html": _body(message, "html"),
        }


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


class Mailbox:
    """All mails since the start, in the order in which they came."""

    def __init__(self) -> None:
        self._mails: list[Mail] = []
        self._lock = threading.Lock()

    def keep(self, sender: str, recipients: Sequence[str], raw: bytes) -> None:
        with self._lock:
            self._mails.append(Mail(len(self._mails) + 1, sender, tuple(recipients), raw))

    def all(self) -> list[Mail]:
        with self._lock:
            return list(self._mails)

    def get(self, number: int) -> Mail | None:
        return next((mail for mail in self.all() if mail.number == number), None)

    def clear(self) -> None:
        with self._lock:
            self._mails.clear()


def page(mails: Sequence[Mail], path: str) -> str:
    """The mails as a page for people, newest first."""
    rows = "".join(_row(mail, path) for mail in reversed(mails)) or "<p>No mail yet.</p>"
    return (
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Sandbox mail</title>"
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;"
        "padding:0 1rem}pre{white-space:pre-wrap;background:#f4f4f4;padding:1rem}</style></head>"
        f"<body><h1>Sandbox mail</h1>{rows}</body></html>"
    )


def _row(mail: Mail, path: str) -> str:
    shown = mail.shown()
    text = html.escape(str(shown["text"]))
    subject = html.escape(str(shown["subject"])) or "(no subject)"
    to = html.escape(", ".join(mail.recipients))
    return (
        f"<article><h2>{subject}</h2><p>To {to} · <a href='{path}/{mail.number}'>source</a></p>"
        f"<pre>{text}</pre></article>"
    )
