"""The pages of PBX servers: what they show, what they refuse, what they never show."""

from __future__ import annotations

import re
import socket
import uuid
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.backoffice.servers.forms import ServerForm
from ringup.catalog.models import CarrierDefaults, Mapping
from ringup.core.models import Activity
from ringup.orders.models import Draft
from ringup.pbx.last_test import LastTest
from ringup.pbx.models import PbxServer
from tests.factories import Shop, make_pbx_order
from tests.shop.buying import text_of
from tests.world import People, World, make_user

FIELDS: dict[str, Any] = {
    "name": "pbx-ca-1",
    "kind": "fusionpbx",
    "environment": "production",
    "is_enabled": "on",
    "dsn": "postgresql://fusionpbx:Dsn-Secret-7@db.karoo.example/fusionpbx",
    "event_host": "127.0.0.1",
    "event_port": "8021",
    "event_password": "Event-Secret-8",
    "cache_dir": "/var/cache/fusionpbx/",
    "recordings_dir": "",
    "voicemail_dir": "",
    "sip_host": "PBX1.karoo.example",
    "sip_port": "5060",
    "sip_tls_port": "5061",
    "egress_addresses": "203.0.113.7\r\n 2001:db8:0::1\r\n203.0.113.8/29\r\n203.0.113.7/32",
    "domain_suffix": "ca.karoo.example",
    "template_domain": "template.local",
    "access_list": "providers",
    "language": "fr-ca",
    "time_zone": "America/Toronto",
    "country": "ca",
    "max_tenants": "200",
    "max_extensions": "5000",
}
SECRETS = ("Dsn-Secret-7", "Event-Secret-8", "New-Secret-9", "secret-of-events")


def address(name: str, server: PbxServer | None = None) -> str:
    return reverse(f"office:{name}", args=[server.uid] if server else [])


def test_a_server_is_added_changed_and_listed_without_its_secrets(
    shop: Shop, staff: Browser, django_assert_max_num_queries: Any
) -> None:
    answer = staff.post(address("add-server"), FIELDS | {"egress_addresses": "203.0.113.7\r\n"})
    server = PbxServer.objects.get(name="pbx-ca-1")
    assert (answer.status_code, answer["Location"]) == (302, address("server", server))
    assert (server.sip_host, server.cache_dir) == ("pbx1.karoo.example", "/var/cache/fusionpbx")
    assert (server.country, server.language) == ("CA", "fr-ca")
    assert server.connection().event_password == "Event-Secret-8"

    pages = [staff.get(address("server", server)), staff.get(address("edit-server", server))]
    assert "postgresql://fusionpbx:••••@db.karoo.example/fusionpbx" in text_of(pages[0])
    assert "Now postgresql://fusionpbx:••••@db.karoo.example/fusionpbx." in text_of(pages[1])
    assert "Not tested with these settings" in text_of(pages[0])
    form = FIELDS | {"dsn": "", "event_password": "", "max_tenants": "1"}
    assert staff.post(address("edit-server", server), form).status_code == 302
    server.refresh_from_db()
    assert server.egress_addresses == ["203.0.113.7/32", "2001:db8::1/128", "203.0.113.8/29"]
    assert server.max_tenants == 1
    assert server.connection().dsn == FIELDS["dsn"]
    (told,) = Activity.objects.filter(what="Changed PBX server pbx-ca-1")
    assert told.detail["max_tenants"] == ["200", "1"]
    assert set(told.detail) == {"max_tenants", "egress_addresses"}, "the rest means the same"
    staff.post(address("edit-server", server), form | {"dsn": "postgresql://u:New-Secret-9@h/f"})
    assert Activity.objects.order_by("-pk")[0].detail == {"dsn": "changed"}

    PbxServer.objects.filter(pk=server.pk).update(claimed_tenants=3)
    pages.append(staff.post(address("edit-server", server), form, follow=True))
    assert "3 tenants are promised on pbx-ca-1 and it is set to hold 1" in text_of(pages[-1])
    report = LastTest(problems=("Mend this.", "Mend that."), others_tenants=4).as_data()
    PbxServer.objects.filter(pk=server.pk).update(tested="2026-01-05T00:00Z", test_report=report)
    CarrierDefaults.objects.create(account=shop.account, server=server)
    with django_assert_max_num_queries(8):
        pages.append(staff.get(address("servers")))
    text = text_of(pages[-1])
    for words in ("pbx-sandbox-1", "3 + 4 of others of 1", "Mend this. And 1 more.", "Not tested"):
        assert words in text
    assert '<progress class="meter" max="1" value="1" data-tone="red"' in pages[-1].content.decode()
    everything = "".join(page.content.decode() for page in pages) + str(
        list(Activity.objects.values())
    )
    assert not [secret for secret in SECRETS if secret in everything]


NONSENSE = (
    ("name", "pbx-sandbox-1", "Another server has this name already"),
    ("name", "", "This field is required"),
    ("name", "a\x00b", "Leave out control characters"),
    ("name", "x" * 10_000, "at most 80 characters"),
    ("kind", "asterisk", "Select a valid choice"),
    ("environment", "moon", "Select a valid choice"),
    ("dsn", "", "Type the address of the PBX's database"),
    ("dsn", "Dsn-Secret-7 rubbish", "This cannot be read. Type an address such as"),
    ("dsn", "postgresql://u:Dsn-Secret-7@h:70000/f", "from 1 to 65535"),
    ("dsn", "postgresql://u:Dsn-Secret-7\x00@h/f", "Leave out control characters"),
    ("dsn", "postgresql://u:Dsn-Secret-7@h", "Name the database"),
    ("event_host", "tcp://x", "Type a host name or an address alone"),
    ("event_port", "0", "Type a port from 1 to 65535."),
    ("event_port", "70000", "Type a port from 1 to 65535."),
    ("sip_port", "9" * 5000, "Type a port from 1 to 65535."),
    ("sip_tls_port", "5061x", "Type a port from 1 to 65535."),
    ("sip_host", "a" * 64 + ".example", "Type a host name or an address alone"),
    ("sip_host", "1.2.3", "Type a host name or an address alone"),
    ("cache_dir", "relative/path", "Type a whole path that begins with /"),
    ("voicemail_dir", "/a/../etc", "Type a whole path that begins with /"),
    ("egress_addresses", "carrier.example", "carrier.example is no address."),
    ("egress_addresses", "203.0.113.9/24", "Type 203.0.113.9 for the address, or 203.0.113.0/24"),
    ("egress_addresses", "10.0.0.0/8", "10.0.0.0/8 is too wide"),
    ("egress_addresses", "224.0.0.1", "224.0.0.1/32 is nobody's address."),
    ("egress_addresses", "203.0.113.1/33", "is no address"),
    ("egress_addresses", "\n".join(f"203.0.113.{i}" for i in range(51)), "at most 50"),
    ("domain_suffix", "https://pbx.example.com", "Leave out https://"),
    ("domain_suffix", "pbx.example.com/x", "Leave out https://"),
    ("domain_suffix", "pbx example com", "without spaces"),
    ("domain_suffix", ".pbx.example.com", "without * and dot"),
    ("domain_suffix", "*.pbx.example.com", "without * and dot"),
    ("domain_suffix", "PBX.example.com", "Use small letters: pbx.example.com."),
    ("domain_suffix", "localhost", "in parts with dots"),
    ("domain_suffix", "127.0.0.1", "in parts with dots"),
    ("domain_suffix", "pbx.exämple.com", "in parts with dots"),
    ("domain_suffix", "pbx.ringup.example", "is the suffix of pbx-sandbox-1"),
    ("template_domain", "a b", "in small letters"),
    ("access_list", "a;b", "Use letters, digits, hyphens"),
    ("language", "tlh", "Select a valid choice"),
    ("time_zone", "Mars/Olympus", "Select a valid choice"),
    ("country", "XX", "Type the two letters of a country"),
    ("country", "Canada", "Type the two letters of a country"),
    ("max_tenants", "0", "Type a number from 1 to 100,000."),
    ("max_tenants", "-1", "Type a number from 1 to 100,000."),
    ("max_extensions", "99999999999999999999", "Type a number from 1 to 1,000,000."),
)  # fmt: skip


def test_nonsense_gets_a_sentence_at_its_field_and_changes_nothing(
    shop: Shop, staff: Browser
) -> None:
    told = Activity.objects.count()
    for field, typed, sentence in NONSENSE:
        form = ServerForm(FIELDS | {field: typed}, server=PbxServer())
        is_last_resort = form.is_valid()  # what only the verb knows
        assert is_last_resort or sentence in str(form.errors[field][0]), (field, typed)
        if not is_last_resort and not typed.startswith(("a\x00", "Dsn", ".")):
            continue
        page = staff.post(address("add-server"), FIELDS | {field: typed})
        assert page.status_code == 422, (field, typed)
        html = page.content.decode().replace("&#x27;", "'")
        found = re.search(rf'id="id_{field}-help">.*?<span>(.*?)</span>', html, flags=re.S)
        assert found, (field, typed)
        assert sentence in found[1], (field, typed)
        assert "Nothing was changed." in html
        assert "Dsn-Secret-7" not in html
        assert PbxServer.objects.count() == 1
    assert Activity.objects.count() == told


def test_rules_are_refused_at_their_field(shop: Shop, people: People, staff: Browser) -> None:
    make_pbx_order(shop, people.acme)
    now = staff.get(address("edit-server", shop.server)).context["form"].initial
    form = {name: value for name, value in now.items() if value not in (None, False)}
    for field, typed, words in (
        (
            "domain_suffix",
            "new.example.com",
            "1 tenant lives on this server under pbx.ringup.example",
        ),
        ("environment", "production", "Add another server for the other environment"),
        ("event_host", "10.0.0.9", "Type its password again"),
    ):
        page = staff.post(address("edit-server", shop.server), form | {field: typed})
        assert page.status_code == 422
        assert words in text_of(page)
    shop.server.refresh_from_db()
    assert (shop.server.domain_suffix, shop.server.claimed_tenants) == ("pbx.ringup.example", 1)


def test_deleting_lists_what_stands_in_the_way_and_disabling_is_the_way_out(
    shop: Shop, people: People, staff: Browser
) -> None:
    order = make_pbx_order(shop, people.acme, domain="acme.pbx.ringup.example")
    CarrierDefaults.objects.create(account=shop.account, server=shop.server)
    where = address("delete-server", shop.server)
    for page in (staff.get(where), staff.post(where)):
        text = text_of(page)
        for words in (
            "1 tenant (“acme.pbx.ringup.example”)",
            "5 product mappings (“",
            "1 provider's default (“VoIP.ms sandbox”)",
        ):
            assert words in text
    assert page.status_code == 422
    assert "Disable it instead" in text
    for do, enabled in (("disable", False), ("disable", False), ("enable", True)):
        staff.post(address("use-server", shop.server), {"do": do})
        assert PbxServer.objects.get().is_enabled is enabled
    assert staff.post(address("use-server", shop.server), {"do": "eat"}).status_code == 404

    staff.post(reverse("office:reject", args=[order.uid]), {"reason": "No papers came."})
    Mapping.objects.update(server=None)
    CarrierDefaults.objects.all().delete()
    assert "1 ended order (“acme.pbx" in text_of(staff.post(where)), "its history names the server"
    assert PbxServer.objects.exists()
    free = PbxServer.objects.create(name="free", sip_host="f", domain_suffix="free.example")
    draft = Draft.objects.create(brand=people.acme.brand, bundle=shop.bundle, server=free)
    assert "Nothing stands on it" in text_of(staff.get(address("delete-server", free)))
    assert staff.post(address("delete-server", free))["Location"] == address("servers")
    draft.refresh_from_db()
    assert draft.server is None
    told = Activity.objects.filter(subject__startswith="server:").order_by("pk")
    assert [row.what.split()[0] for row in told] == ["Disabled", "Enabled", "Deleted"]


def test_who_may_only_look_sees_no_button(shop: Shop, people: People) -> None:
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role="support"))
    for name in ("servers", "server"):
        page = browser.get(address(name, shop.server if name == "server" else None))
        assert page.status_code == 200
        html = page.content.decode()
        assert not [word for word in ("test/", "prepare/", "edit/", "add/", "delete/", "use/")
                    if f"servers/{word}" in html or f"{shop.server.uid}/{word}" in html]  # fmt: skip
    for name in ("test-server", "prepare-server", "use-server"):
        assert browser.post(address(name, shop.server)).status_code == 403
    unknown = reverse("office:server", args=[uuid.uuid4()])
    assert browser.get(unknown).status_code == 404


def test_testing_and_preparing_from_the_page(
    world: World, people: People, staff: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(name: str, *rest: Any, **more: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    fragment, server = {"HX-Request": "true"}, world.server
    with monkeypatch.context() as patch:
        # No name server outside is asked; addresses of numbers need none.
        numeric = socket.getaddrinfo
        patch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *a, **k: numeric(host, *a, **k) if host == "127.0.0.1" else nobody(host),
        )
        page = staff.post(address("prepare-server", server), headers=fragment)
        assert "everything was there already" in text_of(page)
        page = staff.post(address("test-server", server), headers=fragment)
        text = text_of(page)
        assert "<h1>" not in page.content.decode()
        for words in ("In order", "FusionPBX 5.5.13", "boolean, as in 5.5", "answers as sandbox-pbx",
                      "Room for 199 more tenants and 5000 extensions", "1 tenant, 0 extensions",
                      "A sandbox works without; production needs it", "no wildcard record"):  # fmt: skip
            assert words in text
        full = staff.post(address("test-server", server), follow=True)
        assert "pbx-sandbox-1 is in order." in text_of(full)

        server.set_secrets(dsn="postgresql://u:Dsn-Secret-7@127.0.0.1:9/f", event_password="x")
        server.save()
        refused = staff.post(address("prepare-server", server), headers=fragment)
        assert refused.status_code == 422
        assert "nothing listens at its host and port" in text_of(refused)
        page = staff.post(address("test-server", server), headers=fragment)
        assert "1 thing to mend" in text_of(page)
        assert "Counted on it" not in text_of(page)
    for _ in range(20):
        last = staff.post(address("test-server", server), headers=fragment)
        if last.status_code == 429:
            break
    assert "Wait a little" in text_of(last)
    assert not [secret for secret in SECRETS if secret in text_of(page) + text_of(refused)]
