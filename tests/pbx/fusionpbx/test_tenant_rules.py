"""What is refused before anything is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ringup.core.failures import OurFault, PortFailure, Refused
from ringup.pbx.fusionpbx.tenant_rules import check_domain, check_tenant
from ringup.pbx.port import Tenant
from tests.pbx.pbx_world import shows_a_secret
from tests.pbx.wishes import DOMAIN, wished_tenant

pytestmark = pytest.mark.once


def test_an_ordinary_tenant_passes() -> None:
    check_tenant(wished_tenant())
    check_tenant(wished_tenant(destinations=()))
    with_apostrophe = replace(wished_tenant().administrator, email="o'brien@acme.example")
    check_tenant(wished_tenant(administrator=with_apostrophe))


@pytest.mark.parametrize(
    "domain",
    ["", "acme", "Acme.example", "acme..example", "-a.example", "a-.example", "public", "x.public",
     "public@acme.example", "acme.example/../etc", "acme example.com", "acme.example\n", "a_b.example",
     f"{'a' * 64}.example", f"{'a.' * 130}example", "acmé.example", "10.0.0.1"],
)  # fmt: skip
def test_a_domain_must_be_a_plain_host_name(domain: str) -> None:
    with pytest.raises(Refused):
        check_domain(domain)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"username": ""}, Refused),
        ({"username": f"alice@{DOMAIN}"}, Refused),
        ({"username": "al<ice"}, Refused),
        ({"email": "nobody"}, Refused),
        ({"email": "a&b@acme.example"}, Refused),
        ({"password_hash": "secret-in-clear"}, OurFault),
        ({"password_hash": "$argon2id$v=19$m=65536"}, OurFault),
    ],
)
def test_an_administrator_must_be_able_to_sign_in(
    changes: dict[str, Any], kind: type[PortFailure]
) -> None:
    tenant = wished_tenant()
    wrong = replace(tenant, administrator=replace(tenant.administrator, **changes))
    refused(wrong, kind)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"extension": "911"}, Refused),
        ({"extension": "988"}, Refused),
        ({"extension": "1"}, Refused),
        ({"extension": "0123"}, Refused),
        ({"extension": "2085550100"}, Refused),
        ({"extension": "10a"}, Refused),
        ({"extension": "١٠٠١"}, Refused),
        ({"sip_password": "short"}, OurFault),
        ({"sip_password": 'Has"Quote1234567'}, OurFault),
        ({"sip_password": "Has&Ampersand123"}, OurFault),
        ({"voicemail_pin": "12"}, OurFault),
        ({"voicemail_pin": "12ab"}, OurFault),
        ({"email": "x y@acme.example"}, Refused),
        ({"name": "bell\x07"}, OurFault),
    ],
)
def test_an_extension_must_be_dialled_and_registered(
    changes: dict[str, Any], kind: type[PortFailure]
) -> None:
    tenant = wished_tenant(destinations=())
    wrong = replace(tenant.extensions[0], **changes)
    refused(replace(tenant, extensions=(wrong, *tenant.extensions[1:])), kind)


@pytest.mark.parametrize(
    "changes",
    [
        {"transport": "sctp"},
        {"port": 0},
        {"host": ""},
        {"host": "a b"},
        {"username": 'a"b'},
        {"password": "with&sign"},
        {"label": ""},
    ],
)
def test_a_gateway_must_be_usable(changes: dict[str, Any]) -> None:
    tenant = wished_tenant()
    refused(replace(tenant, gateway=replace(tenant.gateway, **changes)), OurFault)


@pytest.mark.parametrize(
    "changes",
    [
        {"extensions": ()},
        {"max_extensions": 2},
        {"max_outbound_calls": 0},
        {"caller_id": "anonymous"},
        {"emergency_caller_id": "911"},
        {"company": "bad\x00name"},
    ],
)
def test_sizes_and_numbers_must_make_sense(changes: dict[str, Any]) -> None:
    refused(wished_tenant(destinations=(), **changes), OurFault)


def test_an_extension_cannot_be_there_twice() -> None:
    tenant = wished_tenant(seats=2)
    refused(replace(tenant, extensions=(tenant.extensions[0],) * 2), OurFault)


def refused(tenant: Tenant, kind: type[PortFailure]) -> None:
    with pytest.raises(kind) as caught:
        check_tenant(tenant)
    assert not shows_a_secret(caught.value, tenant)
    assert "charged" in caught.value.user_message or kind is OurFault
