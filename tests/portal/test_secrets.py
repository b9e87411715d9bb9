"""Credentials behind a one-time link: a button first, then once, and kept by nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.models import User
from ringup.core.models import Activity
from ringup.mail.models import Outbox
from ringup.orders.models import Order
from ringup.services.models import SecretLink, Service
from ringup.services.revealing import issue_link, new_token
from tests.factories import Shop, make_number_order, make_pbx_order, service_of
from tests.portal.conftest import browser_of
from tests.world import People


def linked(service: Service) -> str:
    """A fresh link's token."""
    token = new_token()
    issue_link(service, token)
    return token


@pytest.fixture
def service(shop: Shop, people: People) -> Service:
    return service_of(make_pbx_order(shop, people.acme, domain="acme.pbx.ringup.example"))


@pytest.fixture
def address(service: Service) -> str:
    return reverse("portal:secrets", args=[linked(service)])


def secrets_of(service: Service) -> list[str]:
    rows = service.open_secrets()["extensions"].values()
    return [value for row in rows for value in row.values()]


def require_private(answer: Any) -> None:
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    # Neither path nor token in a referrer, and not "no-referrer": browsers then send
    # "Origin: null", which the CSRF check refuses.
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "noindex" in answer["X-Robots-Tag"]


def test_opening_the_link_shows_a_button_and_spends_nothing(service: Service, address: str) -> None:
    for _ in range(3):  # mail scanners open links, more than once
        answer = Browser().get(address)
        assert answer.status_code == 200
        require_private(answer)
        text = answer.content.decode()
        assert "Show the passwords" in text
        assert [secret for secret in secrets_of(service) if secret in text] == []
    assert SecretLink.objects.get().opened is None


def test_looking_ahead_spends_nothing(address: str) -> None:
    assert Browser().head(address).status_code == 200
    assert SecretLink.objects.get().opened is None


def test_the_button_shows_the_credentials_once(service: Service, address: str, shop: Shop) -> None:
    answer = Browser().post(address)
    assert answer.status_code == 200
    require_private(answer)
    text = answer.content.decode()
    assert [secret for secret in secrets_of(service) if secret not in text] == []
    assert "acme.pbx.ringup.example" in text
    assert shop.server.sip_host in text
    opened = service.open_secrets()
    assert opened["trunk_password"] not in text
    assert opened["administrator_hash"] not in text
    for again in (Browser().post(address), Browser().get(address)):
        assert again.status_code == 410
        require_private(again)
        gone = again.content.decode()
        assert "This link no longer works" in gone
        assert [secret for secret in secrets_of(service) if secret in gone] == []
    assert Activity.objects.filter(what="opened the credentials").count() == 1


def test_an_old_link_shows_nothing(service: Service, address: str) -> None:
    SecretLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    answer = Browser().post(address)
    assert answer.status_code == 410
    assert [secret for secret in secrets_of(service) if secret in answer.content.decode()] == []


def test_a_newer_link_ends_the_older(service: Service, address: str) -> None:
    newer = reverse("portal:secrets", args=[linked(service)])
    assert Browser().post(address).status_code == 410
    assert Browser().post(newer).status_code == 200


def test_a_guessed_link_shows_nothing(service: Service) -> None:
    assert Browser().get(reverse("portal:secrets", args=["guess"])).status_code == 410
    assert Browser().post(reverse("portal:secrets", args=["guess"])).status_code == 410


def test_the_token_is_not_stored(service: Service) -> None:
    token = linked(service)
    assert token not in str(list(SecretLink.objects.values()))


def test_the_button_needs_the_page_it_stands_on(address: str) -> None:
    assert Browser(enforce_csrf_checks=True).post(address).status_code == 403
    assert SecretLink.objects.get().opened is None


@pytest.mark.django_db(transaction=True)
def test_a_silent_carrier_does_not_spend_the_link(shop: Shop, people: People) -> None:
    order: Order = make_number_order(shop, people.acme)
    address = reverse("portal:secrets", args=[linked(service_of(order))])
    answer = Browser().post(address)
    assert answer.status_code == 503
    assert "Your link is not used up" in answer.content.decode()
    assert SecretLink.objects.get().opened is None


def test_a_new_link_goes_to_who_asks_once_his_address_is_proved(
    service: Service, people: People
) -> None:
    ask = reverse("portal:new-link", args=[service.uid])
    browser_of(people.bob).post(ask)
    User.objects.filter(pk=people.bob.pk).update(email_verified=timezone.now())
    browser_of(people.bob).post(ask)
    mails = Outbox.objects.filter(template="secrets-link").order_by("pk")
    assert [mail.to for mail in mails] == [people.acme.email, people.bob.email]
