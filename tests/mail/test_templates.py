"""Every mail that is sent: complete, readable as text, escaped as a page, and without a secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

import ringup.mail
from ringup.core.money import Money

FOLDER = Path(ringup.mail.__file__).parent / "templates" / "mail"
COMMON = {
    "brand_name": "Ringup Telecom",
    "support_email": "help@ringup.example",
    "contact": "Thandi & <Co>",
}
ORDER = COMMON | {
    "client": "Fern & Fable",
    "order_label": "R-2041",
    "product": "Hosted PBX, 10 seats",
    "number": "+1 416 155 0142",
    "domain": "fern.pbx.ringup.example",
    "first_words": "First payment, tax included",
    "first_payment": Money.of("85", "USD"),
    "recurring": Money.of("79", "USD"),
    "each": "a month",
    "is_sandbox": False,
    "order_url": "https://ringup.example/my/orders/1/",
    "office_url": "https://ringup.example/office/orders/1/",
}
SECOND = {"order_label": "R-2042", "product": "Number", "number": "+1 416 155 0143", "domain": ""}
ORDERS = ORDER | {"orders": [ORDER, ORDER | SECOND]}
SECRETS = {"secrets_url": "https://ringup.example/my/secrets/token/", "secrets_days": 14}
TENANT = COMMON | SECRETS | {
    "service": "fern.pbx.ringup.example",
    "domain": "fern.pbx.ringup.example",
    "sip_host": "sip.ringup.example",
    "sip_port": 5060,
    "sip_tls_port": 5061,
    "admin_url": "https://fern.pbx.ringup.example/",
    "administrator_username": "admin",
    "number": "+1 416 155 0142",
    "ring_extension": "1001",
    "extensions": [{"extension": str(n), "name": f"Extension {n}"} for n in range(1001, 1011)],
}  # fmt: skip
NUMBER = COMMON | {"number": "+1 416 155 0142", "goes_to": "telephone +1 416 155 0177"}
# template -> its context, and what a reader must find in both forms
MAILS = {
    "order-received": (
        ORDER | {"set_password_url": "https://ringup.example/set/1"},
        ("R-2041", "Hosted PBX, 10 seats", "$85.00", "$79.00", "https://ringup.example/set/1",
         "+1 416 155 0142", "fern.pbx.ringup.example", "14 days", "othing is charged yet"),
    ),
    "staff-order-received": (
        ORDER,
        ("R-2041", "https://ringup.example/office/orders/1/", "+1 416 155 0142", "Hosted PBX"),
    ),
    "orders-received": (
        ORDERS | {"set_password_url": "https://ringup.example/set/1"},
        ("R-2041", "R-2042", "Hosted PBX, 10 seats", "$85.00", "$79.00", "+1 416 155 0143",
         "https://ringup.example/set/1", "14 days", "othing is charged yet", "2 orders"),
    ),
    "staff-orders-received": (
        ORDERS,
        ("R-2041", "R-2042", "https://ringup.example/office/orders/1/", "+1 416 155 0143"),
    ),
    "low-balance": (
        COMMON | {"provider": "VoIP.ms <main>", "balance": Money.of("3.20", "USD"),
                  "threshold": Money.of("25", "USD"), "portal_url": "https://portal.example/",
                  "support_contact": "Chat", "office_url": "https://ringup.example/office/providers/"},
        ("$3.20", "$25.00", "https://portal.example/", "once a day", "Chat"),
    ),
    "numbers-wanted": (
        COMMON | {"place": "Berlin, Germany", "count": 3, "name": "Thandi & <Co>",
                  "email": "thandi@karoo.example", "client": "Karoo", "remark": "For our desk.",
                  "monthly": Money.of("3.20", "USD"), "setup": Money.of("2", "USD"),
                  "needs_papers": True, "provider": "VoIP.ms main", "carrier_key": "a6422"},
        ("3 numbers wanted", "Berlin, Germany", "thandi@karoo.example", "Karoo", "For our desk.",
         "$3.20", "$2.00", "needed", "VoIP.ms main", "a6422", "othing was ordered"),
    ),
    "number-gone": (
        ORDER | {"choose_url": "https://ringup.example/choose"},
        ("+1 416 155 0142", "https://ringup.example/choose", "Nothing was charged"),
    ),
    "order-rejected": (
        ORDER | {"reason": "Not accepted: fax is not served."},
        ("Not accepted: fax is not served.", "othing was charged"),
    ),
    "order-cancelled": (ORDER, ("R-2041", "othing was charged")),
    "staff-run-failed": (
        ORDER | {"problem": "the PBX did not answer"},
        ("the PBX did not answer", "https://ringup.example/office/orders/1/", "not repeated"),
    ),
    "welcome-tenant": (
        TENANT,
        ("+1 416 155 0142", "fern.pbx.ringup.example", "sip.ringup.example", "5060", "5061",
         "1001 to 1010", "admin", "https://ringup.example/my/secrets/token/", "14 days",
         "911 and 933 do not work", "extension 1001", "https://fern.pbx.ringup.example/"),
    ),
    "welcome-number": (NUMBER, ("+1 416 155 0142", "telephone +1 416 155 0177")),
    "secrets-link": (
        TENANT,
        ("https://ringup.example/my/secrets/token/", "14 days", "fern.pbx.ringup.example"),
    ),
}  # fmt: skip


def text_of(template: str, **more: object) -> tuple[str, str]:
    """Subject and text, as ``mail.sending.post`` takes them apart."""
    context = {**MAILS[template][0], **more}
    whole = render_to_string(f"mail/{template}.txt", context)
    subject, _, text = whole.strip().partition("\n")
    return subject.strip(), text.strip()


def page_of(template: str, **more: object) -> str:
    return render_to_string(f"mail/{template}.html", {**MAILS[template][0], **more})


@pytest.mark.once
def test_every_template_is_tested_and_has_both_forms() -> None:
    names = {path.stem for path in FOLDER.glob("*.*") if not path.name.startswith("_")}
    assert names == set(MAILS)
    for name in names:
        assert (FOLDER / f"{name}.txt").exists()
        assert (FOLDER / f"{name}.html").exists()


@pytest.mark.once
@pytest.mark.parametrize("template", MAILS)
def test_a_mail_says_in_both_forms_what_its_reader_needs(template: str) -> None:
    subject, text = text_of(template)
    page = page_of(template)
    for words in MAILS[template][1]:
        assert words in f"{subject}\n{text}", words
        assert words in page, words
    assert 10 < len(subject) < 90
    assert "\n\n\n" not in text
    assert "{{" not in text + page
    assert "Ringup Telecom" in text


@pytest.mark.once
@pytest.mark.parametrize("template", MAILS)
def test_pages_escape_and_text_does_not(template: str) -> None:
    _, text = text_of(template)
    page = page_of(template)
    assert "<Co>" not in page
    assert "&amp;" not in text
    assert "&lt;" not in text


@pytest.mark.once
@pytest.mark.parametrize("template", MAILS)
def test_a_mail_page_needs_nothing_from_elsewhere(template: str) -> None:
    page = page_of(template)
    assert not re.search(r"<(script|img|link|iframe|form)\b", page)
    assert "max-width:560px" in page


@pytest.mark.once
@pytest.mark.parametrize("template", ["welcome-tenant", "welcome-number", "secrets-link"])
def test_no_password_is_asked_from_the_context(template: str) -> None:
    """Whatever the caller puts in, a template never prints it under such a name."""
    leaks = {
        name: "s3cr3t" for name in ("password", "pin", "credentials", "secret", "trunk_password")
    }
    subject, text = text_of(template, **leaks)
    assert "s3cr3t" not in subject + text + page_of(template, **leaks)


@pytest.mark.once
def test_a_client_with_a_password_is_sent_to_his_order_instead() -> None:
    _, text = text_of("order-received", set_password_url="")
    assert "Choose a password" not in text
    assert "https://ringup.example/my/orders/1/" in text
    assert "Choose a password" not in page_of("order-received", set_password_url="")


@pytest.mark.once
def test_a_plain_number_s_order_has_no_pbx_address() -> None:
    assert "PBX address" not in text_of("order-received", domain="")[1]
    assert "PBX address" not in page_of("order-received", domain="")


@pytest.mark.once
def test_own_sip_account_comes_with_a_link_and_the_emergency_limit() -> None:
    for found in (text_of("welcome-number", **SECRETS)[1], page_of("welcome-number", **SECRETS)):
        assert SECRETS["secrets_url"] in found
        assert "911 and 933 do not work" in found
    assert "911" not in text_of("welcome-number")[1]


@pytest.mark.once
def test_a_rehearsal_is_marked() -> None:
    for template in ("order-received", "number-gone", "staff-run-failed"):
        assert "This is a rehearsal" in text_of(template, is_sandbox=True)[1]
        assert "This is a rehearsal" in page_of(template, is_sandbox=True)
        assert "This is a rehearsal" not in text_of(template)[1]
