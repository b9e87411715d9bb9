"""A service's page: its facts, its connection, its set-up sheets, a question to support."""

from __future__ import annotations

import base64
import io
import re
from typing import Any
from xml.etree import ElementTree

import pytest
import qrcode
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse

from ringup.core import qr
from ringup.flows.revealing import Credentials
from ringup.mail.models import Outbox
from ringup.portal.service_page import QUESTIONS
from ringup.portal.set_up_sheets import set_up_sheets
from ringup.services.models import Service
from ringup.services.revealing import ExtensionSecret
from tests.factories import Shop, make_pbx_order, service_of
from tests.world import People


@pytest.fixture
def service(shop: Shop, people: People) -> Service:
    cache.clear()
    found = service_of(make_pbx_order(shop, people.acme, domain="acme.pbx.ringup.example"))
    Service.objects.filter(pk=found.pk).update(state=Service.State.ACTIVE)
    return found


def page_of(browser: Browser, name: str, service: Service) -> str:
    return browser.get(reverse(f"portal:{name}", args=[service.uid])).content.decode()


def test_the_page_says_what_a_phone_needs(alice: Browser, service: Service) -> None:
    page = page_of(alice, "service", service)
    assert service.server is not None
    for fact in (service.name, service.server.sip_host, "1001", "Mail me a link"):
        assert fact in page
    assert not [
        row["sip"] for row in service.open_secrets()["extensions"].values() if row["sip"] in page
    ]
    assert reverse("portal:service", args=[service.uid]) in alice.get("/my/").content.decode()


def test_another_clients_service_is_not_found(charlie: Browser, service: Service) -> None:
    for name in ("service", "service-connection"):
        assert charlie.get(reverse(f"portal:{name}", args=[service.uid])).status_code == 404
    answer = charlie.post(reverse("portal:service-ask", args=[service.uid]), {"question": "Why?"})
    assert answer.status_code == 404
    assert not Outbox.objects.filter(template="support-question").exists()


@pytest.mark.django_db(transaction=True)
def test_a_pbx_that_cannot_be_asked_is_no_error(alice: Browser, service: Service) -> None:
    """Nobody listens at the server's address."""
    assert "Cannot be asked at the moment" in page_of(alice, "service-connection", service)


def test_a_question_goes_to_support_with_who_asks(
    alice: Browser, people: People, service: Service
) -> None:
    where = reverse("portal:service-ask", args=[service.uid])
    said = alice.post(where, {"question": "Why is it <b>silent</b>?"}, follow=True)
    assert f"The answer comes by mail to {people.alice.email}" in said.content.decode()
    mail = Outbox.objects.get(template="support-question")
    assert f"/office/clients/{service.client.uid}/" in mail.text
    assert mail.to == service.brand.support_email
    assert people.alice.email in mail.text
    assert "&lt;b&gt;silent&lt;/b&gt;" in mail.html


@pytest.mark.parametrize("question", ["", "   ", "x" * 4001])
def test_an_unfit_question_is_not_sent(alice: Browser, service: Service, question: str) -> None:
    where = reverse("portal:service-ask", args=[service.uid])
    assert alice.post(where, {"question": question}).status_code == 422
    assert not Outbox.objects.filter(template="support-question").exists()


def test_support_is_not_flooded(alice: Browser, service: Service) -> None:
    where = reverse("portal:service-ask", args=[service.uid])
    answers = [alice.post(where, {"question": "?"}) for _ in range(QUESTIONS.times + 1)]
    assert [answer.status_code for answer in answers] == [302] * QUESTIONS.times + [422]
    assert Outbox.objects.filter(template="support-question").count() == QUESTIONS.times


def drawn(picture: str) -> list[list[bool]]:
    """The modules of a picture, read from its strokes."""
    svg = base64.b64decode(picture.partition(",")[2]).decode()
    root = ElementTree.parse(io.StringIO(svg)).getroot()
    size = int(root.attrib["viewBox"].split()[2])
    strokes = root.findall("{http://www.w3.org/2000/svg}path")[1].attrib["d"]
    found = [[False] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)\.5h(\d+)", strokes):
        found[int(y)][int(x) : int(x) + int(width)] = [True] * int(width)
    return found


def test_a_picture_has_the_modules_of_its_code() -> None:
    code = qrcode.QRCode(border=qr.QUIET)
    code.add_data("sip:1001@acme.example")
    code.make(fit=True)
    assert drawn(qr.picture("sip:1001@acme.example")) == code.get_matrix()


def test_each_telephone_has_its_sheet(monkeypatch: Any) -> None:
    written: list[str] = []
    monkeypatch.setattr(qr, "picture", lambda text: written.append(text) or "")
    credentials = Credentials(
        name="acme.example",
        sip_host="sip.example",
        sip_port=5060,
        tls_port=5061,
        domain="acme.example",
        extensions=(ExtensionSecret("1001", "a<b&c", "1234"), ExtensionSecret("1002", "x", "5678")),
    )
    sheets = list(set_up_sheets(credentials))
    assert [(sheet.account, sheet.voicemail_pin) for sheet in sheets] == [
        ("1001", "1234"),
        ("1002", "5678"),
    ]
    account = ElementTree.fromstring(written[0])[0]
    assert account.findtext("AuthPass") == "a<b&c"
    assert account.findtext("RegisterServer") == "acme.example"
    assert account.findtext("OutboundServer") == "sip.example:5060"
