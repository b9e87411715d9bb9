"""Brand, mail server, the first owner, and the way to the first sale."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.accounts import branding, first_owner
from ringup.accounts.brands import default_brand
from ringup.accounts.models import User
from ringup.accounts.roles import Role
from ringup.carriers.models import CarrierAccount
from ringup.catalog import selling
from ringup.catalog.models import Bundle, Product
from ringup.core.models import Activity
from ringup.flows.first_steps import first_steps
from ringup.mail.models import MailServer, Outbox
from ringup.pbx.models import PbxServer
from ringup.sandbox.smtp import SmtpSandbox, running_smtp
from tests.factories import Shop
from tests.mail.test_sending import a_mail
from tests.world import PASSWORD, run_jobs

# Pages and forms: no database answers them differently.
pytestmark = [pytest.mark.django_db, pytest.mark.once]
BRAND = {
    "name": "Karoo Telecom",
    "support_email": "help@karoo.test",
    "mail_from": "Karoo Telecom <service@karoo.test>",
    "time_zone": "Africa/Johannesburg",
    "currency": "eur",
    "language": "en",
    "most_waiting": "5",
}
MAIL = {"host": "127.0.0.1", "port": "25", "security": "none", "user": "", "password": ""}


@pytest.fixture
def smtp() -> Iterator[SmtpSandbox]:
    with running_smtp() as sandbox:
        yield sandbox


def errors_of(answer: Any) -> str:
    assert answer.status_code == 422
    return str(answer.content.decode())


# -- brand ----------------------------------------------------------------------------------------


def test_the_brand_is_saved_and_logged_with_what_it_was(staff: Browser) -> None:
    assert staff.post(reverse("office:settings"), BRAND).status_code == 302
    brand = default_brand()
    assert (brand.name, brand.currency) == ("Karoo Telecom", "EUR")
    assert branding.is_named(brand)
    brand.support_email = "support@karoo.example"
    assert branding.is_named(brand)
    brand.support_email = "support@ringup.example"
    assert not branding.is_named(brand)
    logged = Activity.objects.get(subject=f"brand:{brand.uid}")
    assert logged.detail["name"] == ["Ringup", "Karoo Telecom"]


@pytest.mark.parametrize(
    "name", ['"Karoo, Inc."', "Karoo Inc.", r'"Karoo \"K\" \\ Co"', '"Käroo, Inc."', "Käroo"]
)
def test_a_sender_with_signs_in_its_name_is_one_address(staff: Browser, name: str) -> None:
    sender = f"{name} <service@karoo.test>"
    assert staff.post(reverse("office:settings"), BRAND | {"mail_from": sender}).status_code == 302
    kept = default_brand().mail_from
    assert parseaddr(kept) == parseaddr(sender)
    message = EmailMessage("Hello", "Text", kept, ["anna@karoo.test"]).message()
    assert message["From"].endswith(" <service@karoo.test>")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("mail_from", "Karoo", "Type a name and an address"),
        ("mail_from", "a@b.test\r\nBcc: c@d.test", "Type"),
        ("currency", "€", "three letters"),
        ("support_email", "help", "valid email"),
        ("time_zone", "Mars/Olympus", "Select a valid choice"),
        ("name", "", "required"),
        ("name", "a\x00b", "Null characters"),
    ],
)
def test_a_brand_of_the_wrong_shape_changes_nothing(
    staff: Browser, field: str, value: str, says: str
) -> None:
    answer = staff.post(reverse("office:settings"), BRAND | {field: value})
    assert says in errors_of(answer)
    assert default_brand().name == "Ringup"


# -- mail server ----------------------------------------------------------------------------------


def test_mails_go_by_the_server_that_staff_configured(staff: Browser, smtp: SmtpSandbox) -> None:
    mail = MAIL | {"port": str(smtp.port)}
    assert staff.post(reverse("office:mail-server"), mail).status_code == 302
    sent = staff.post(reverse("office:test-mail"), {"to": "me@karoo.test"})
    assert sent.status_code == 302
    assert smtp.mailbox.all()[0].recipients == ("me@karoo.test",)
    assert MailServer.objects.get().tested is not None
    a_mail()
    run_jobs()
    assert Outbox.objects.get().state == Outbox.State.SENT
    assert len(smtp.mailbox.all()) == 2


def test_what_the_mail_server_says_stands_at_the_field(staff: Browser, smtp: SmtpSandbox) -> None:
    staff.post(reverse("office:mail-server"), MAIL | {"port": str(smtp.port)})
    smtp.faults.add("550")
    answer = staff.post(reverse("office:test-mail"), {"to": "me@karoo.test"})
    assert "does not take mail for this address (5.7.1 Refused). No mail was sent." in errors_of(
        answer
    )
    staff.post(reverse("office:mail-server"), MAIL | {"port": "1"})
    answer = staff.post(reverse("office:test-mail"), {"to": "me@karoo.test"})
    assert "Nothing listens on this port" in errors_of(answer)
    assert MailServer.objects.get().tested is None


def test_a_mail_password_stays_with_its_host_and_is_never_shown(staff: Browser) -> None:
    mail = MAIL | {
        "host": "smtp.karoo.test",
        "security": "tls",
        "user": "me",
        "password": "s3cret-of-mail",
    }
    staff.post(reverse("office:mail-server"), mail)
    assert "s3cret" not in staff.get(reverse("office:mail-server")).content.decode()
    staff.post(reverse("office:mail-server"), mail | {"password": "", "port": "465"})
    assert (MailServer.objects.get().password, MailServer.objects.get().port) == (
        "s3cret-of-mail",
        465,
    )
    elsewhere = mail | {"host": "smtp.elsewhere.test", "password": ""}
    assert "Type the password again" in errors_of(
        staff.post(reverse("office:mail-server"), elsewhere)
    )
    assert MailServer.objects.get().host == "smtp.karoo.test"
    logged = str(list(Activity.objects.values_list("detail", flat=True)))
    assert "s3cret" not in logged
    assert "changed" in logged
    staff.post(reverse("office:forget-mail-server"))
    assert not MailServer.objects.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"host": "smtp.karoo.test"}, "Choose STARTTLS or TLS"),
        ({"host": "smtp.karoo.test; rm -rf"}, "Type a host name alone"),
        ({"host": "http://smtp.karoo.test"}, "Type a host name alone"),
        ({"port": "70000"}, "65535"),
        ({"port": "x"}, "whole number"),
        ({"security": "magic"}, "Select a valid choice"),
    ],
)
def test_a_mail_server_of_the_wrong_shape_changes_nothing(
    staff: Browser, change: dict[str, str], says: str
) -> None:
    assert says in errors_of(staff.post(reverse("office:mail-server"), MAIL | change))
    assert not MailServer.objects.exists()


# -- first owner ----------------------------------------------------------------------------------

OWNER = {"name": "Olive", "email": "Olive@karoo.test", "password": PASSWORD}


def test_the_first_owner_needs_the_code_and_there_is_only_one(client: Browser) -> None:
    where = reverse("office:set-up")
    refused = client.post(where, OWNER | {"code": "guess"})
    assert "not complete" in errors_of(refused)
    weak = client.post(where, OWNER | {"code": first_owner.code(), "password": "password12"})
    assert "too common" in errors_of(weak)
    assert not User.objects.exists()

    made = client.post(where, OWNER | {"code": first_owner.code()})
    assert made["Location"] == reverse("office:first-steps")
    assert client.get(made["Location"]).status_code == 200
    olive = User.objects.get()
    assert (olive.email, olive.role, olive.is_staff) == ("olive@karoo.test", Role.OWNER, True)
    assert Browser().get(where).status_code == 404
    assert Browser().post(where, OWNER | {"code": first_owner.code()}).status_code == 404


def test_the_command_prints_the_address_until_there_is_an_owner(
    capsys: pytest.CaptureFixture[str], client: Browser
) -> None:
    call_command("first_owner")
    path = capsys.readouterr().out.strip().removeprefix(django_settings.RINGUP_URL)
    page = client.get(path)
    assert f'name="code" value="{first_owner.code()}"' in page.content.decode()
    client.post(reverse("office:set-up"), OWNER | {"code": first_owner.code()})
    with pytest.raises(CommandError, match="owner already"):
        call_command("first_owner")


# -- first steps ----------------------------------------------------------------------------------


def done() -> list[str]:
    return [step.slug for step in first_steps() if step.is_done]


def test_each_step_is_proved_by_what_is_there(staff: Browser) -> None:
    assert done() == ["owner"]
    assert staff.get(reverse("office:home"))["Location"] == reverse("office:first-steps")
    staff.post(reverse("office:settings"), BRAND | {"currency": "USD"})
    MailServer.objects.create(host="smtp.karoo.test", tested=timezone.now())
    account = CarrierAccount.objects.create(
        name="VoIP.ms",
        kind="voipms",
        url="https://x.test",
        tested=timezone.now(),
        test_report={"works": True, "our_address": "", "balance": None},
    )
    PbxServer.objects.create(
        name="pbx-1", sip_host="pbx.karoo.test", domain_suffix="pbx.karoo.test",
        tested=timezone.now(), test_report={"problems": []},
    )  # fmt: skip
    assert done() == ["owner", "brand", "mail", "provider", "server"]
    page = staff.get(reverse("office:first-steps")).content.decode()
    assert "5 of 6 done" in page

    form = {
        "account": account.pk, "server": "", "seats": "5", "monthly": "49.90", "included": "2",
        "percent": "50", "addition": "0.25",
    }  # fmt: skip
    answer = staff.post(reverse("office:starting-catalogue"), form | {"monthly": "1e99"})
    assert answer.status_code == 422
    assert not Bundle.objects.exists()
    assert staff.post(reverse("office:starting-catalogue"), form).status_code == 302
    assert len(done()) == 6
    (bundle,) = selling.visible_bundles("USD")
    assert (selling.seats_of(bundle), bundle.name) == (5, "Hosted PBX, 5 seats")
    assert [product.kind for product in selling.visible_products("USD")] == [Product.Kind.NUMBER]
    assert staff.get(reverse("office:home")).status_code == 200


def test_the_steps_ask_few_questions(
    staff: Browser, shop: Shop, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        staff.get(reverse("office:first-steps"))
