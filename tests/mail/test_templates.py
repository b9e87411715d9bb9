"""Every delivered mail: declared, complete, readable as text, escaped as a page, in its languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ringup
from ringup.core.money import Money
from ringup.mail.events import MailEvent, Opens, all_events
from ringup.mail.faces import Face
from ringup.mail.wording import delivered, faults_of, fill, source_of

pytestmark = pytest.mark.once
HOUSE = Path(ringup.__file__).parent
FOLDERS = sorted(HOUSE.glob("*/templates/mail"))
FACE = Face("Ringup Telecom", "help@ringup.example")
EVENTS = sorted(all_events().values(), key=lambda event: event.name)
NAMES = [event.name for event in EVENTS]
# The mails of an order's way, which come in the reader's language.
FRENCH = {
    "order-received", "order-rejected", "order-cancelled", "number-gone", "welcome-tenant",
    "welcome-number", "secrets-link", "client-invitation", "password-link", "orders-received",
    "order-question", "first-password",
}  # fmt: skip
# What a reader must find in both forms, beside the examples that the words name.
MUST_SAY = {
    "order-received": ("R-2041", "Hosted PBX, 10 seats", "$85.00", "14 days", "harged yet"),
    "order-rejected": ("Fax is not served there.", "othing was charged"),
    "order-cancelled": ("R-2041", "othing was charged"),
    "number-gone": ("/number/", "Nothing was charged"),
    "staff-run-failed": ("The PBX did not answer.", "/office/orders/", "not repeated"),
    "welcome-tenant": (
        "5060",
        "5061",
        "1001 to 1010",
        "admin",
        "14 days",
        "such as 911, 933 and 112 do not",
    ),
    "welcome-number": ("telephone +1 416 155 0177", "such as 911, 933 and 112 do not"),
    "low-balance": ("$3.20", "$25.00", "https://voip.ms/", "once a day", "Chat"),
    "numbers-wanted": ("Berlin", "thandi@karoo.example", "a6422", "othing was ordered"),
    "security-notice": ("Your password was changed.", "/account/two-step/"),
}


def names_on_disk() -> set[str]:
    return {
        path.stem
        for folder in FOLDERS
        for path in [*folder.glob("*.*"), *folder.glob("*/*.*")]
        if not path.name.startswith("_")
    }


def is_old_style(name: str) -> bool:
    """A whole Django template, of a part that has not declared its mail yet."""
    return "{% extends" in source_of(f"mail/{name}.txt")


def written(event: MailEvent, code: str = "en", **more: Any) -> Any:
    wording = delivered(event.name, code)
    assert wording is not None
    return fill(wording, event, event.examples | more, face=FACE, code=code)


def cases() -> Iterator[tuple[MailEvent, str]]:
    for event in EVENTS:
        yield event, "en"
        if event.name in FRENCH:
            yield event, "fr"


every_mail = pytest.mark.parametrize(
    ("event", "code"), list(cases()), ids=[f"{event.name}-{code}" for event, code in cases()]
)


def test_every_template_on_disk_is_declared_and_every_declared_mail_has_one() -> None:
    unknown = names_on_disk() - set(NAMES)
    assert sorted(name for name in unknown if not is_old_style(name)) == []
    assert [name for name in NAMES if delivered(name, "en") is None] == []
    assert {event.name for event in EVENTS if delivered(event.name, "fr")} == FRENCH


def composed_names() -> Iterator[tuple[str, str]]:
    """Each name of a mail that stands as a text in a call of ``compose``."""
    for path in HOUSE.rglob("*.py"):
        source = path.read_text()
        if "compose(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "compose":
                for part in ast.walk(node.args[0]) if node.args else ():
                    if isinstance(part, ast.Constant) and re.fullmatch(
                        r"[a-z]+(-[a-z]+)+", str(part.value)
                    ):
                        yield path.name, str(part.value)


def test_whatever_is_composed_is_declared() -> None:
    found = set(composed_names())
    assert len(found) > 10
    assert [pair for pair in found if pair[1] not in NAMES and not is_old_style(pair[1])] == []


def test_a_declaration_says_everything() -> None:
    for event in EVENTS:
        assert event.title, event.name
        assert event.when.endswith("."), event.name
        assert event.to.endswith("."), event.name
        names = [field.name for field in event.fields]
        assert len(names) == len(set(names)), event.name
        for field in event.fields:
            assert field.words.endswith("."), (event.name, field.name)
            assert field.example != "", (event.name, field.name)
            if field.name.endswith("_url") and ("token" in str(field.example)):
                assert field.opens in Opens, (event.name, field.name)


@every_mail
def test_delivered_words_could_be_saved_by_staff(event: MailEvent, code: str) -> None:
    wording = delivered(event.name, code)
    assert wording is not None
    assert faults_of(wording, event) == {}


@every_mail
def test_a_mail_says_in_both_forms_what_its_reader_needs(event: MailEvent, code: str) -> None:
    mail = written(event, code)
    if code == "en":
        for words in MUST_SAY.get(event.name, ()):
            assert words in mail.text, words
            assert words in mail.html, words
    for field in event.fields:
        if field.name.endswith("_url") and f"{{{{ {field.name}" in source_of_all(event, code):
            assert str(field.example) in mail.text + mail.html
    assert 10 < len(mail.subject) < 90
    assert "\n\n\n" not in mail.text
    assert not re.search(r"{{|{%|\bNone\b", mail.text + mail.html)
    assert mail.text.endswith("Ringup Telecom") or mail.text.endswith("Ringup Telecom.")
    assert ("Bonjour" in mail.text) == (code == "fr")
    assert f'<html lang="{code}">' in mail.html


def source_of_all(event: MailEvent, code: str) -> str:
    wording = delivered(event.name, code)
    assert wording is not None
    return wording.text + wording.html


@every_mail
def test_pages_escape_and_text_does_not(event: MailEvent, code: str) -> None:
    nasty = {
        field.name: "<Co> & \"Sons\"" for field in event.fields
        if isinstance(field.example, str) and not field.name.endswith("_url")
    }  # fmt: skip
    mail = written(event, code, **nasty)
    assert "<Co>" not in mail.html
    assert "&lt;Co&gt;" in mail.html
    assert "&amp;" not in mail.text
    assert "<Co>" in mail.text + mail.subject


@every_mail
def test_a_mail_page_needs_nothing_from_elsewhere(event: MailEvent, code: str) -> None:
    page = written(event, code).html
    assert not re.search(r"<(script|img|link|iframe|form)\b", page)
    assert "max-width:560px" in page
    assert "prefers-color-scheme: dark" in page


@every_mail
def test_empty_fields_leave_no_half_sentences(event: MailEvent, code: str) -> None:
    optional = {field.name: "" for field in event.fields if field.is_optional}
    mail = written(event, code, **optional)
    assert 'href=""' not in mail.html
    assert "\n\n\n" not in mail.text


@pytest.mark.parametrize("name", ["welcome-tenant", "welcome-number", "secrets-link"])
def test_no_password_is_asked_from_the_context(name: str) -> None:
    """Whatever the caller puts in, a template never prints it under such a name."""
    leaks = {word: "s3cr3t" for word in ("password", "pin", "credentials", "trunk_password")}
    mail = written(all_events()[name], **leaks)
    assert "s3cr3t" not in mail.subject + mail.text + mail.html


def test_a_client_with_a_password_is_sent_to_his_order_instead() -> None:
    mail = written(all_events()["order-received"], set_password_url="")
    for form in (mail.text, mail.html):
        assert "Choose a password" not in form
        assert "https://ringup.example/my/orders/R-2041/" in form


def test_a_plain_number_s_order_has_no_pbx_address() -> None:
    mail = written(all_events()["order-received"], domain="")
    assert "PBX address" not in mail.text + mail.html


def test_a_number_without_a_sip_account_has_no_link_and_no_emergency_limit() -> None:
    mail = written(all_events()["welcome-number"], secrets_url="")
    assert "911" not in mail.text + mail.html
    assert "one-time" not in mail.text


def test_a_rehearsal_is_marked() -> None:
    for name in ("order-received", "number-gone", "staff-run-failed"):
        event = all_events()[name]
        rehearsed, real = written(event, is_sandbox=True), written(event, is_sandbox=False)
        for form in ("text", "html"):
            assert "This is a rehearsal" in getattr(rehearsed, form)
            assert "This is a rehearsal" not in getattr(real, form)


def test_money_is_written_as_money() -> None:
    mail = written(all_events()["order-received"], first_payment=Money.of("1234.5", "USD"))
    assert "$1,234.50" in mail.text
    assert "$1,234.50" in mail.html


def test_the_brand_gives_colour_and_logo_and_text_stays_readable_on_it() -> None:
    event = all_events()["order-received"]
    wording = delivered("order-received", "en")
    assert wording is not None
    for accent, on in (("#ffd400", "#12191d"), ("#5b0f8a", "#ffffff")):
        face = Face("Ringup", accent=accent, logo=b"png", logo_type="image/png")
        page = fill(wording, event, event.examples, face=face, code="en").html
        assert f"background-color:{accent}" in page
        assert f"color:{on}" in page
        assert '<img src="cid:logo" alt="Ringup"' in page
        # A link in light yellow could not be read on white.
        assert ("color:#ffd400" in page.replace("background-color", "")) is False
