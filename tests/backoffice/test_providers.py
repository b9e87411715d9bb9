"""Provider settings: what may be saved, tested, released, taken out of use and deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from ringup.backoffice.providers.forms import ProviderForm
from ringup.carriers import trying
from ringup.carriers.configuring import save_account
from ringup.carriers.models import CarrierAccount, ProvenKind
from ringup.carriers.opening import carrier_for
from ringup.carriers.voipms.adapter import VoipMs
from ringup.catalog.models import CarrierDefaults, Mapping
from ringup.core.failures import OurFault
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows import going_live
from ringup.numbers.models import Hold
from ringup.orders.models import Order
from ringup.pbx.models import PbxServer, PbxTemplate
from ringup.sandbox.voipms import VoipmsSandbox, running_voipms
from ringup.services.models import Service
from tests.carriers.toy import Toy
from tests.factories import Shop, make_pbx_order
from tests.world import SAM, People, make_user

KEY = "toy-key-of-the-test-0042"
INDEX = reverse("office:providers")
TOY_FORM = {
    "name": "Toy one",
    "environment": "sandbox",
    "currency": "EUR",
    "calls_per_second": "2",
    "connect_timeout_seconds": "4",
    "read_timeout_seconds": "20",
    "its_key": KEY,
    "its_tenant": "t9",
    "its_mood": "wild",
}


@pytest.fixture(autouse=True)
def _toy_shop(settings: Settings) -> None:
    """The one line that a new carrier needs."""
    settings.RINGUP_CARRIERS = settings.RINGUP_CARRIERS | {"toy": "tests.carriers.toy.Toy"}


def text(response: Any) -> str:
    """What is on the page, without tags, one space between words."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", plain).replace("&#x27;", "'")


def page_of(account: CarrierAccount, name: str = "provider") -> str:
    return reverse(f"office:{name}", args=[account.uid])


def add_toy(staff: Browser, **changes: str) -> CarrierAccount:
    answer = staff.post(reverse("office:add-provider", args=["toy"]), TOY_FORM | changes)
    assert answer.status_code == 302, text(answer)
    return CarrierAccount.objects.get(kind="toy", name=changes.get("name", TOY_FORM["name"]))


def form_of(account: CarrierAccount, **changes: str) -> dict[str, str]:
    """What the browser would send back for a VoIP.ms account, secrets left blank."""
    form = {
        "name": account.name,
        "environment": account.environment,
        "url": account.url,
        "currency": "USD",
        "calls_per_second": "50",
        "connect_timeout_seconds": "5",
        "read_timeout_seconds": "10",
        "its_user": "me",
        "its_password": "",
        "its_billing_type": "1",
        "its_transport": "udp",
        "its_canada_routing": "1",
        "its_international_route": "1",
        "its_international": "no",
        "its_sending": "auto",
    }
    return form | changes


def row_of(account: CarrierAccount) -> dict[str, Any]:
    return CarrierAccount.objects.filter(pk=account.pk).values()[0]


# -- cards and settings -----------------------------------------------------------------------------


def test_a_card_says_what_an_account_is_and_readers_get_no_buttons(
    shop: Shop,
    people: People,
    staff: Browser,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_pbx_order(shop, people.acme)
    for number in range(5):
        CarrierAccount.objects.create(kind="gone", name=f"Old {number}", url="https://x.example/")
    with django_assert_max_num_queries(17):
        page = staff.get(INDEX)
    shown = text(page)
    for words in (
        "VoIP.ms sandbox", "Sandbox", "Production-ready", "Not known", "Not tested",
        "5 product mappings", "2 services, 1 number", "Chat in the VoIP.ms portal",
        "no adapter called gone", "Add Toy Telecom", "Test connection", "Settings",
    ):  # fmt: skip
        assert words in shown, words
    reader = Browser()
    reader.force_login(make_user("rita", None, is_staff=True, role="read-only"))
    shown = text(reader.get(INDEX))
    assert "VoIP.ms sandbox" in shown
    assert "Test connection" not in shown
    assert "Add VoIP.ms" not in shown


def test_a_new_carrier_needs_no_page_of_its_own(staff: Browser) -> None:
    page = staff.get(reverse("office:add-provider", args=["toy"]))
    shown = text(page)
    for words in ("Add Toy Telecom", "Credentials", "API key", "Toy behaviour", "Wild", "Alpha"):
        assert words in shown, words
    assert 'type="password" name="its_key"' in page.content.decode()
    account = add_toy(staff)
    assert (account.identity, account.options) == ({"tenant": "t9"}, {"mood": "wild"})
    assert account.url == Toy.sandbox_url, "left empty, the carrier's own sandbox"
    assert account.open_secrets() == {"key": KEY}
    assert KEY not in str(row_of(account))
    html = staff.get(page_of(account)).content.decode()
    assert "••••0042" in html
    assert KEY not in html
    assert "Not tested with these settings" in html
    note = Activity.objects.get(subject=f"carrier:{account.uid}")
    assert note.what == "Added provider Toy one"
    assert note.detail["its_key"] == "changed"
    assert KEY not in str(note.detail)
    assert staff.get(reverse("office:add-provider", args=["nobody"])).status_code == 404


def test_a_blank_secret_stays_and_a_typed_one_replaces_it(staff: Browser) -> None:
    account = add_toy(staff)
    changed = TOY_FORM | {
        "its_key": "",
        "its_mood": "calm",
        "countries": "us; ca",
        "regions": "US-NY",
    }
    assert staff.post(page_of(account), changed).status_code == 302
    account.refresh_from_db()
    assert account.open_secrets() == {"key": KEY}
    assert account.options == {"mood": "calm"}
    assert (account.countries, account.regions) == (["US", "CA"], ["US-NY"])
    assert staff.post(page_of(account), changed | {"its_key": "n" * 16}).status_code == 302
    account.refresh_from_db()
    assert account.open_secrets() == {"key": "n" * 16}
    assert Activity.objects.last().detail == {"its_key": "changed"}  # type: ignore[union-attr]
    short = staff.post(page_of(account), changed | {"its_key": "abc-1234"})
    assert short.status_code == 302
    assert "1234" not in staff.get(page_of(account)).content.decode(), "four of eight is too much"


def test_all_settings_come_back_as_they_were_typed(shop: Shop, staff: Browser) -> None:
    templates = {
        f"{kind}_template": str(PbxTemplate.objects.create(kind=kind, name="T").pk)
        for kind in ("gateway", "inbound", "outbound", "access")
    }
    typed = {
        "portal_url": "https://portal.example/",
        "support_contact": "+1 800 555 0100",
        "sip_host": "SIP.acme.example",
        "caller_id": "+1 212 555 0100",
        "max_numbers_per_client": "10",
        "is_first_number_free": "on",
        "low_balance": "25.50",
        "low_balance_email": "ops@acme.example",
        "its_pop": "5",
        "its_billing_type": "2",
        "its_canada_routing": "2",
        "its_international": "yes",
        "server": str(shop.server.pk),
        **templates,
    }
    assert staff.post(page_of(shop.account), form_of(shop.account, **typed)).status_code == 302
    account = CarrierAccount.objects.get()
    assert (account.sip_host, account.caller_id) == ("sip.acme.example", "+12125550100")
    assert (account.low_balance, account.max_numbers_per_client) == (Money.of("25.50", "USD"), 10)
    assert (account.is_first_number_free, account.options["canada_routing"]) == (True, "2")
    connection = account.connection()
    assert (connection.sip_host, connection.caller_id) == ("sip.acme.example", "+12125550100")
    defaults = CarrierDefaults.objects.get(account=account)
    assert defaults.server == shop.server
    PbxServer.objects.update(is_enabled=False)  # which keeps nobody from saving the rest
    assert staff.post(page_of(account), form_of(account, **typed)).status_code == 302
    assert {name: str(getattr(defaults, f"{name}_id")) for name in templates} == templates
    html = staff.get(page_of(account)).content.decode()
    for value in ("25.50", "ops@acme.example", "sip.acme.example", "https://portal.example/"):
        assert f'value="{value}"' in html, value
    before = Activity.objects.count()
    staff.post(page_of(account), form_of(account, **typed))
    assert Activity.objects.filter(what__startswith="Changed the PBX").count() == 1
    assert Activity.objects.count() == before + 1


# field, what is typed, what is said
SENSELESS = [
    ("name", "", "required"),
    ("name", "x" * 10_000, "at most 80"),
    ("name", "a\x00b", "Null characters"),
    ("name", "Other", "this name already"),
    ("environment", "moon", "Select a valid choice"),
    ("environment", "production", "Use https"),
    ("url", "https://voip.ms/api/v1/rest.php", "orders cost money"),
    ("url", "ftp://127.0.0.1/", "whole address"),
    ("url", "http://169.254.169.254/latest/", "Use https"),
    ("url", "http://me:pass@127.0.0.1/", "whole address"),
    ("url", "https://elsewhere.example/", "leads to another host"),
    ("url", "x" * 10_000, "at most 200"),
    ("portal_url", "javascript:alert(1)", "web address"),
    ("sip_host", "sip.acme.example:5060", "without a port"),
    ("caller_id", "reception", "country code"),
    ("max_numbers_per_client", "many", "whole number"),
    ("max_numbers_per_client", "0", "greater than or equal to 1"),
    ("countries", "US, Narnia", "NARNIA is no country"),
    ("regions", "NY", "NY is no region"),
    ("currency", "€", "three letters"),
    ("low_balance", "a lot", "Enter a number"),
    ("low_balance", "-1", "greater than or equal to 0"),
    ("low_balance", "9" * 400, "digits in total"),
    ("low_balance", "NaN", "Enter a number"),
    ("low_balance_email", "ops", "valid email"),
    ("calls_per_second", "0", "greater than or equal"),
    ("calls_per_second", "1e999", "Enter a number"),
    ("read_timeout_seconds", "nan", "Enter a number"),
    ("server", "99999999999999999999999", "Select a valid choice"),
    ("gateway_template", "\x00", "Null characters"),
    ("its_user", "", "required"),
    ("its_user", "a\x00b", "Null characters"),
    ("its_password", "a\x00b", "Null characters"),
    ("its_transport", "pigeon", "Select a valid choice"),
]


def test_what_makes_no_sense_is_said_at_its_field_and_changes_nothing(
    shop: Shop, staff: Browser
) -> None:
    CarrierAccount.objects.create(kind="toy", name="Other", url=Toy.sandbox_url)
    before = row_of(shop.account)
    for field, value, words in SENSELESS:
        data = form_of(shop.account, **{field: value})
        form = ProviderForm(data, account=shop.account, adapter=VoipMs)
        if form.is_valid():  # then the verb refuses it
            answer = staff.post(page_of(shop.account), data)
            assert answer.status_code == 422, (field, value[:50])
            form = answer.context["form"]
        place = "url" if value == "production" else field
        if value == "https://elsewhere.example/":
            place = "its_password"
        errors = form.errors
        assert words in str(errors.get(place)), (field, value[:50], errors)
        assert row_of(shop.account) == before, (field, value[:50])
    assert not Activity.objects.filter(subject=f"carrier:{shop.account.uid}").exists()


def test_a_typed_secret_is_not_shown_again_when_something_else_is_wrong(
    shop: Shop, staff: Browser
) -> None:
    form = form_of(shop.account, its_password="typed-just-now-7", low_balance="x")
    answer = staff.post(page_of(shop.account), form)
    assert answer.status_code == 422
    assert "typed-just-now-7" not in answer.content.decode()


def test_a_required_secret_is_asked_for_once(staff: Browser) -> None:
    answer = staff.post(reverse("office:add-provider", args=["toy"]), TOY_FORM | {"its_key": ""})
    assert answer.status_code == 422
    assert "its_key" in answer.context["form"].errors
    assert not CarrierAccount.objects.exists()


def test_pbx_defaults_fit_the_account(shop: Shop, staff: Browser) -> None:
    wrong = PbxServer.objects.create(
        name="live", environment="production", domain_suffix="x.example"
    )
    answer = staff.post(page_of(shop.account), form_of(shop.account, server=str(wrong.pk)))
    assert answer.status_code == 422
    assert "never serve one order" in str(answer.context["form"].errors["server"])
    other = PbxTemplate.objects.create(kind="inbound", name="In")
    answer = staff.post(
        page_of(shop.account), form_of(shop.account, gateway_template=str(other.pk))
    )
    assert answer.status_code == 422
    assert not CarrierDefaults.objects.exists()


def test_an_account_that_serves_clients_stays_in_its_environment(
    shop: Shop, people: People, staff: Browser
) -> None:
    make_pbx_order(shop, people.acme)
    form = form_of(shop.account, environment="production", url="", its_password="new-password-1")
    answer = staff.post(page_of(shop.account), form)
    assert answer.status_code == 422
    assert "Add a second account" in str(answer.context["form"].errors["environment"])
    Service.objects.update(state="cancelled")
    shop.account.numbers.update(state="released")
    assert staff.post(page_of(shop.account), form).status_code == 302
    assert CarrierAccount.objects.get().url == "https://voip.ms/api/v1/rest.php"


# -- sandbox only until tested ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_kind_that_is_not_proven_never_reaches_production(people: People, staff: Browser) -> None:
    account = add_toy(staff)
    shown = text(staff.get(page_of(account)))
    assert "Sandbox must stay enabled" in shown
    assert "Do not use a production API key yet" in shown
    answer = staff.post(page_of(account), TOY_FORM | {"environment": "production"})
    assert answer.status_code == 422
    assert "sandbox must stay enabled" in str(answer.context["form"].errors["environment"])
    with pytest.raises(Refusal):  # not only in the form
        save_account(
            account,
            {"environment": "production", "url": Toy.production_url},
            secrets={"key": KEY},
            actor=SAM,
            changes={},
        )
    account.refresh_from_db()
    assert account.is_sandbox
    CarrierAccount.objects.update(environment="production", url=Toy.production_url)
    account.refresh_from_db()
    with pytest.raises(OurFault, match="sandbox use only"), carrier_for(account):
        pytest.fail("a row that somebody changed by hand was opened")


@pytest.mark.django_db(transaction=True)
def test_the_owner_releases_a_kind_after_a_passed_test_and_a_sandbox_order(
    shop: Shop, people: People, staff: Browser
) -> None:
    release = reverse("office:release-provider", args=["toy"])
    account = add_toy(staff)
    staff.post(release)
    assert not ProvenKind.objects.exists()
    assert [c.is_met for c in going_live.conditions("toy")] == [False, False]
    assert trying.try_connection(account, actor=SAM).works
    assert [c.is_met for c in going_live.conditions("toy")] == [True, False]
    order = make_pbx_order(shop, people.acme)
    Service.objects.update(account=account)
    staff.post(release)
    assert not ProvenKind.objects.exists(), "the order is not completed"
    Order.objects.filter(pk=order.pk).update(state=Order.State.COMPLETED)
    assert "data-met" in staff.get(page_of(account)).content.decode()
    manager = Browser()
    manager.force_login(make_user("mia", None, is_staff=True, role="manager"))
    assert manager.post(release).status_code == 403
    assert "Release Toy" not in text(manager.get(page_of(account)))
    for _ in range(2):
        staff.post(release)
    assert ProvenKind.objects.get().kind == "toy"
    assert Activity.objects.filter(subject="carrier-kind:toy").count() == 1
    live = add_toy(staff, name="Toy live", environment="production")
    assert live.url == Toy.production_url
    with carrier_for(live) as carrier:
        assert carrier.label == "Toy Telecom"


# -- connection test --------------------------------------------------------------------------------


@pytest.fixture
def sandbox(transactional_db: None) -> Iterator[VoipmsSandbox]:
    with running_voipms() as running:
        yield running


@pytest.fixture
def account(sandbox: VoipmsSandbox, shop: Shop) -> CarrierAccount:
    """The shop's account, at a carrier that answers."""
    row = shop.account
    row.url, row.identity = sandbox.url, {"user": sandbox.user}
    row.set_secrets({"password": sandbox.password})
    row.save()
    return row


def test_testing_stores_and_shows_what_was_found(
    account: CarrierAccount, sandbox: VoipmsSandbox, staff: Browser
) -> None:
    answer = staff.post(page_of(account, "test-provider"), follow=True)
    shown = text(answer)
    assert "Connected in" in shown
    assert "Balance $250.00" in shown
    assert "Holds 0 numbers now" in shown
    assert "Toronto 1, ON (toronto1.voipms.example)" in shown, "the list of servers can be chosen"
    account.refresh_from_db()
    assert account.tested is not None
    assert account.last_report is not None
    assert account.last_report.balance == Money.of("250", "USD")
    assert sandbox.password not in str(account.test_report)
    assert "$250.00" in text(staff.get(INDEX))
    sandbox.state.allowed_addresses = ["203.0.113.7"]
    fragment = staff.post(page_of(account, "test-provider"), headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert "Add it to the enabled IP addresses" in text(fragment)
    assert "127.0.0.1" in text(fragment)
    form = form_of(account, its_pop="9", its_user=sandbox.user, read_timeout_seconds="12")
    answer = staff.post(page_of(account), form, follow=True)
    assert "Now test the connection" in text(answer), "another server was chosen"
    assert "Not tested with these settings" in text(answer)


def test_a_report_says_nothing_about_settings_that_changed_meanwhile(
    account: CarrierAccount, sandbox: VoipmsSandbox
) -> None:
    CarrierAccount.objects.update(options={"pop": "9"})
    assert trying.try_connection(account, actor=SAM).works
    account.refresh_from_db()
    assert account.tested is None


def test_the_wrong_environment_is_said_before_anything_is_sent(
    account: CarrierAccount, sandbox: VoipmsSandbox, staff: Browser
) -> None:
    CarrierAccount.objects.update(
        environment="production", url=account.url.replace("http", "https")
    )
    shown = text(staff.post(page_of(account, "test-provider"), follow=True))
    assert "is not VoIP.ms's real service" in shown
    assert "Correct the address or the environment" in shown
    CarrierAccount.objects.update(environment="sandbox", url="https://voip.ms/api/v1/rest.php")
    shown = text(staff.post(page_of(account, "test-provider"), follow=True))
    assert "orders cost money" in shown
    assert not sandbox.state.requests


# -- out of use -------------------------------------------------------------------------------------


def test_what_stands_on_an_account_is_listed_and_keeps_it(
    shop: Shop, people: People, staff: Browser
) -> None:
    order = make_pbx_order(shop, people.acme)
    Hold.objects.create(
        e164="+12125550177", account=shop.account, holder=order.uid, state="locked",
        expires=order.submitted,
    )  # fmt: skip
    page = page_of(shop.account, "delete-provider")
    answer = staff.get(page)
    shown = text(answer)
    for words in (
        "5 product mappings", "Hosted PBX, 10 seats", "1 order or service", order.label,
        "1 number", "1 number held by a buyer", "Retire", "Disable",
    ):  # fmt: skip
        assert words in shown, words
    assert reverse("office:order", args=[order.uid]) in answer.content.decode()
    refused = staff.post(page)
    assert refused.status_code == 422
    assert "cannot be deleted" in text(refused)
    assert CarrierAccount.objects.filter(pk=shop.account.pk).exists()
    use = page_of(shop.account, "use-provider")
    for do, enabled, retired in (
        ("retire", True, True), ("retire", True, True), ("disable", False, True),
        ("enable", True, True), ("take-back", True, False),
    ):  # fmt: skip
        staff.post(use, {"do": do})
        shop.account.refresh_from_db()
        assert (shop.account.is_enabled, shop.account.is_retired) == (enabled, retired), do
    assert Activity.objects.filter(subject=f"carrier:{shop.account.uid}").count() == 4
    assert staff.post(use, {"do": "explode"}).status_code == 404


def test_an_account_on_which_nothing_stands_can_be_deleted(shop: Shop, staff: Browser) -> None:
    Mapping.objects.all().delete()
    assert "Nothing stands on it" in text(staff.get(page_of(shop.account, "delete-provider")))
    answer: HttpResponse = staff.post(page_of(shop.account, "delete-provider"))  # type: ignore[assignment]
    assert answer["Location"] == INDEX
    assert not CarrierAccount.objects.exists()
    notes = Activity.objects.filter(subject=f"carrier:{shop.account.uid}")
    assert [note.what for note in notes] == ["Deleted provider VoIP.ms sandbox"]


def test_staff_without_the_capability_changes_nothing(shop: Shop, people: People) -> None:
    support = Browser()
    support.force_login(make_user("sue", None, is_staff=True, role="support"))
    before = row_of(shop.account)
    for name in ("provider", "test-provider", "use-provider", "delete-provider"):
        answer = support.post(page_of(shop.account, name), {"do": "retire"})
        assert answer.status_code == 403, name
    assert row_of(shop.account) == before
