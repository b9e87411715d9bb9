"""Rules that block buyers: their plain form, and whom they fit."""

from __future__ import annotations

import pytest

from ringup.accounts import blocking
from ringup.accounts.models import BlockRule
from ringup.core.actors import RINGUP
from ringup.core.limiting import address_of
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

pytestmark = pytest.mark.django_db


def block(kind: str, value: str) -> BlockRule:
    return blocking.block(kind=kind, value=value, reason="", actor=RINGUP)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("email", " Anna+x+y@Example.COM ", "anna@example.com"),
        ("email", "+x@example.com", "+x@example.com"),
        ("domain", "@Example.COM.", "example.com"),
        ("domain", "*.example.com", "example.com"),
        ("domain", "bücher.example", "xn--bcher-kva.example"),
        ("network", "203.0.113.7", "203.0.113.7/32"),
        ("network", "203.0.113.7/24", "203.0.113.0/24"),
        ("network", "2001:DB8::1/48", "2001:db8::/48"),
        ("phone", "+1 (416) 555-0142", "+14165550142"),
    ],
)
def test_a_rule_is_kept_in_its_plain_form(kind: str, typed: str, kept: str) -> None:
    assert block(kind, typed).value == kept
    assert Activity.objects.get(what="blocked buyers").detail["value"] == kept
    with pytest.raises(Refusal, match="a rule for this already"):
        block(kind, typed)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("email", "anna"), ("email", "a@b@c"), ("email", ""), ("domain", ""), ("domain", "a b"),
        ("domain", "x" * 300), ("domain", "anna@example.com"), ("network", "203.0.113"),
        ("network", "0.0.0.0/0"), ("network", "::/0"), ("network", "10.0.0.0/40"),
        ("phone", "416"), ("phone", "4165550142"), ("planet", "mars"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(kind: str, typed: str) -> None:
    with pytest.raises(Refusal, match="Nothing was changed"):
        block(kind, typed)
    assert not BlockRule.objects.exists()


@pytest.mark.parametrize(
    ("kind", "value", "buyer", "fits"),
    [
        ("email", "anna@example.com", {"emails": ["ANNA+2@example.com"]}, True),
        ("email", "anna@example.com", {"emails": ["x@y.test", "anna@example.com"]}, True),
        ("email", "anna@example.com", {"emails": ["hanna@example.com"]}, False),
        ("domain", "example.com", {"emails": ["x@example.com"]}, True),
        ("domain", "example.com", {"emails": ["x@mail.EXAMPLE.com"]}, True),
        ("domain", "example.com", {"emails": ["x@myexample.com"]}, False),
        ("domain", "mail.example.com", {"emails": ["x@example.com"]}, False),
        ("network", "203.0.113.0/24", {"network": "203.0.113.9"}, True),
        ("network", "203.0.113.0/24", {"network": "203.0.114.9"}, False),
        ("network", "2001:db8::7", {"network": "2001:db8::/64"}, True),
        ("network", "2001:db8:1::/48", {"network": "2001:db8::/64"}, False),
        ("network", "203.0.113.0/24", {"network": "2001:db8::/64"}, False),
        ("network", "203.0.113.0/24", {"network": ""}, False),
        ("network", "203.0.113.0/24", {"network": "unknown"}, False),
        ("phone", "+14165550142", {"phones": ["", "+14165550142"]}, True),
        ("phone", "+14165550142", {"phones": ["+14165550143"]}, False),
        ("domain", "example.com", {"emails": ["", "nonsense"]}, False),
    ],
)
def test_whom_a_rule_fits(kind: str, value: str, buyer: dict[str, object], fits: bool) -> None:
    rule = block(kind, value)
    found = blocking.rule_for(**({"emails": [], "phones": []} | buyer))  # type: ignore[arg-type]
    assert found == (rule if fits else None)


@pytest.mark.once
def test_an_ipv4_address_that_comes_as_ipv6_is_the_ipv4_one(rf: object) -> None:
    request = rf.get("/", REMOTE_ADDR="::ffff:203.0.113.9")  # type: ignore[attr-defined]
    assert address_of(request) == "203.0.113.9"


def test_a_rule_is_taken_away_once() -> None:
    rule = block("domain", "example.com")
    for _ in range(2):
        blocking.unblock(rule, actor=RINGUP)
    assert Activity.objects.filter(what="unblocked buyers").count() == 1
    assert blocking.rule_for(emails=["x@example.com"], phones=[]) is None
