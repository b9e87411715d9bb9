"""The sandbox mail server over real sockets: what it keeps, shows, refuses and loses."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import httpx
import pytest

from ringup.sandbox.smtp import SmtpSandbox, running_smtp

pytestmark = pytest.mark.once


@pytest.fixture
def sandbox() -> Iterator[SmtpSandbox]:
    with running_smtp() as sandbox:
        yield sandbox


def send(sandbox: SmtpSandbox, subject: str = "Welcome", *, html: bool = False) -> None:
    message = EmailMessage()
    message["From"] = "office@example.com"
    message["To"] = "alice@example.org"
    message["Subject"] = subject
    message["Message-ID"] = f"<{subject.strip('<>()/')}@example.com>"
    message.set_content("Your number is +1 212 555 0100. Grüße")
    if html:
        message.add_alternative("<p>Your number</p>", subtype="html")
    with smtplib.SMTP(sandbox.host, sandbox.port, timeout=5) as smtp:
        smtp.send_message(message)


def control(sandbox: SmtpSandbox, name: str, **wish: object) -> httpx.Response:
    return httpx.post(f"{sandbox.control}/{name}", json=wish)


def test_every_mail_is_kept_and_listed(sandbox: SmtpSandbox) -> None:
    send(sandbox, "one", html=True)
    send(sandbox, "two")
    first, second = httpx.get(sandbox.url).json()
    assert first == {
        "id": 1,
        "from": "office@example.com",
        "to": ["alice@example.org"],
        "subject": "one",
        "message_id": "<one@example.com>",
        "text": first["text"],
        "html": first["html"],
    }
    assert "Grüße" in first["text"]
    assert "<p>Your number</p>" in first["html"]
    assert (second["id"], second["html"]) == (2, "")


def test_the_source_of_a_mail_is_as_it_came(sandbox: SmtpSandbox) -> None:
    send(sandbox)
    source = httpx.get(f"{sandbox.url}/1").text
    assert source.startswith("From: office@example.com")
    assert httpx.get(f"{sandbox.url}/2").status_code == 404
    assert httpx.get(f"{sandbox.url}/one").status_code == 404


def test_a_browser_gets_a_page_in_which_mail_is_only_text(sandbox: SmtpSandbox) -> None:
    assert "No mail yet" in httpx.get(sandbox.url, headers={"Accept": "text/html"}).text
    send(sandbox, "<script>")
    shown = httpx.get(sandbox.url, headers={"Accept": "text/html"}).text
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown


def test_a_malformed_message_id_does_not_hide_the_mail(sandbox: SmtpSandbox) -> None:
    with smtplib.SMTP(sandbox.host, sandbox.port, timeout=5) as smtp:
        smtp.sendmail("a@example.com", ["b@example.com"], b"Message-ID: <<>@>\r\n\r\nText")
    (mail,) = httpx.get(sandbox.url).json()
    assert (mail["message_id"], mail["text"].strip()) == ("<<>@>", "Text")


def test_a_recipient_is_refused_for_now_and_accepted_afterwards(sandbox: SmtpSandbox) -> None:
    control(sandbox, "faults", kind="451")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        send(sandbox)
    assert caught.value.recipients["alice@example.org"][0] == 451
    send(sandbox)
    assert len(httpx.get(sandbox.url).json()) == 1


def test_a_mail_is_refused_for_good_after_its_content(sandbox: SmtpSandbox) -> None:
    control(sandbox, "faults", kind="550", at="data", times=2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as caught:
            send(sandbox)
        assert caught.value.smtp_code == 550
    send(sandbox)
    assert len(httpx.get(sandbox.url).json()) == 1


@pytest.mark.parametrize(("kind", "kept"), [("reply_lost_before", 0), ("reply_lost_after", 1)])
def test_the_connection_is_cut_before_or_after_the_mail_is_kept(
    sandbox: SmtpSandbox, kind: str, kept: int
) -> None:
    control(sandbox, "faults", kind=kind)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sandbox)
    assert len(httpx.get(sandbox.url).json()) == kept


def test_a_fault_that_does_not_exist_is_refused(sandbox: SmtpSandbox) -> None:
    for wish in ({"kind": "rain"}, {"kind": "451", "at": "dawn"}, {"kind": "451", "times": 0}):
        assert control(sandbox, "faults", **wish).status_code == 400
    assert httpx.post(f"{sandbox.control}/faults", content=b"[]").status_code == 400
    assert control(sandbox, "mails").status_code == 404


def test_reset_forgets_mails_and_faults(sandbox: SmtpSandbox) -> None:
    send(sandbox)
    control(sandbox, "faults", kind="550", times=-1)
    assert control(sandbox, "reset").status_code == 200
    assert httpx.get(sandbox.url).json() == []
    send(sandbox)


def test_a_taken_port_is_an_error_and_not_a_hang(sandbox: SmtpSandbox) -> None:
    with pytest.raises(OSError, match="in use"), running_smtp(port=sandbox.port):
        pytest.fail("two servers on one port")
