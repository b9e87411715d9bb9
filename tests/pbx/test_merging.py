"""PBX templates: what may stand in them, and what comes out when an order's values are put in."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from ringup.pbx.expressions import BadExpression, Expression, written
from ringup.pbx.merging import (
    BadValues,
    OrderValues,
    check_merge_fields,
    checked,
    gateway_label,
    gateway_settings,
    inbound_settings,
    merged,
    networks,
    open_sets,
    outbound_settings,
)
from ringup.pbx.template_fields import (
    ACCESS,
    FIELDS,
    GATEWAY,
    INBOUND,
    MERGE_FIELDS,
    OUTBOUND,
    FieldKind,
)
from ringup.pbx.tenant_settings import GatewaySettings, InboundSettings, OutboundSettings

pytestmark = pytest.mark.once

ORDER = OrderValues(
    domain="acme.pbx.example",
    company='Acme & "Sons" <Ltd> ${x} {domain}',
    username="100000_acme",
    host="sip.example",
    port=5080,
    transport="tcp",
    e164="+12085550100",
    national="2085550100",
)


def errors_of(kind: str, **values: Any) -> dict[str, str]:
    with pytest.raises(BadValues) as caught:
        checked(kind, values)
    return caught.value.errors


# -- defaults -------------------------------------------------------------------------------------


def test_a_template_that_sets_nothing_is_what_is_written_without_one() -> None:
    for values in ({}, checked(GATEWAY, {})):
        assert gateway_settings(values, ORDER) == GatewaySettings()
        assert gateway_label(values, ORDER) == ""
    for values in ({}, checked(INBOUND, {})):
        assert inbound_settings(values, ORDER) == InboundSettings()
    for values in ({}, checked(OUTBOUND, {})):
        assert outbound_settings(values, ORDER) == OutboundSettings()
        assert open_sets(values) == ("nanp", "toll-free")


def test_no_template_has_a_place_for_a_password() -> None:
    names = {one.name for fields in FIELDS.values() for one in fields}
    assert not [name for name in names if "pass" in name or "secret" in name]
    assert {"username", "auth_username", "from_user", "proxy", "realm", "ping"} <= names


def test_a_copy_made_by_another_release_stays_usable() -> None:
    old = {"realm": "{host}", "a_field_of_once": "x"}
    assert gateway_settings(old, ORDER) == GatewaySettings(realm="sip.example")
    assert merged(OUTBOUND, {"order": 120}, ORDER)["international_prefix"] == "011"


# -- merging --------------------------------------------------------------------------------------


def test_merge_fields_are_filled_in_once_and_never_looked_into() -> None:
    values = checked(
        GATEWAY,
        {
            "gateway": "{company} {username}",
            "realm": "{host}:{port}",
            "from_user": "{national}",
            "auth_username": "{e164}_{number}",
            "contact_params": "transport={transport}",
            "context": "public@{domain}",
        },
    )
    settings = gateway_settings(values, ORDER)
    # A company may be called anything; a brace in it is no merge field, and breaks nothing.
    assert gateway_label(values, ORDER) == "Acme and Sons Ltd x domain 100000_acme"
    assert settings.realm == "sip.example:5080"
    assert (settings.from_user, settings.auth_username) == (
        "2085550100", "+12085550100_+12085550100",
    )  # fmt: skip
    assert settings.contact_params == "transport=tcp"
    assert settings.context == "public@acme.pbx.example"


@pytest.mark.parametrize(
    "text",
    ["{domain.__class__}", "{domain!r}", "{domain:>9}", "{0}", "{}", "{ domain}", "{nope}", "{Domain}",
     "{domain", "domain}", "{{domain}}", "}{", "{domain}{", "${domain}", "$${base_dir}", "$1",
     "${{domain}}"],
)  # fmt: skip
def test_what_is_no_merge_field_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\{domain\}"):
        check_merge_fields(text, MERGE_FIELDS)
    for name in ("gateway", "realm", "from_user", "description"):
        assert name in errors_of(GATEWAY, **{name: text})


def test_a_field_takes_only_the_merge_fields_that_mean_something_there() -> None:
    assert (
        "no merge field"
        in errors_of(INBOUND, caller_id_name_prefix="{username}")["caller_id_name_prefix"]
    )
    assert "no merge field" in errors_of(GATEWAY, realm="{company}")["realm"]
    assert "none here" in errors_of(GATEWAY, profile="{domain}")["profile"]


# -- signs, numbers and choices -------------------------------------------------------------------

BREAKING = ["<", ">", "&", '"', "'", "`", "\\", "\x00", "\n", "\x7f", "\u2028", "\u202e"]


@pytest.mark.parametrize("sign", BREAKING)
def test_what_breaks_xml_or_a_dialplan_cannot_be_saved(sign: str) -> None:
    for kind, fields in FIELDS.items():
        for one in fields:
            if one.kind in (FieldKind.TEXT, FieldKind.TOKEN):
                assert one.name in errors_of(kind, **{one.name: f"a{sign}b"}), (kind, one.name)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (GATEWAY, "realm", "with blank"),
        (GATEWAY, "realm", "x" * 151),
        (GATEWAY, "extension", ""),
        (GATEWAY, "context", "default"),
        (GATEWAY, "context", "acme.pbx.example"),
        (GATEWAY, "context", "{domain}"),
        (GATEWAY, "profile", "../external"),
        (GATEWAY, "codec_prefs", "PCMU;PCMA"),
        (GATEWAY, "proxy", "host/path"),
        (GATEWAY, "proxy", "hóst"),
        (GATEWAY, "expire_seconds", None),
        (GATEWAY, "expire_seconds", 10**30),
        (GATEWAY, "expire_seconds", True),
        (GATEWAY, "ping", 0),
        (GATEWAY, "register_transport", "sctp"),
        (GATEWAY, "sip_cid_type", "${x}"),
        (INBOUND, "order", 10),
        (INBOUND, "order", 999),
        (INBOUND, "condition_field", "${caller_id_number}"),
        (INBOUND, "record_format", "exe"),
        (OUTBOUND, "order", 95),
        (OUTBOUND, "order", 301),
        (OUTBOUND, "calls", 0),
        (OUTBOUND, "prefix", "12a"),
        (OUTBOUND, "international_prefix", "0"),
    ],
)
def test_a_value_out_of_bounds_has_a_sentence_at_its_field(
    kind: str, name: str, value: Any
) -> None:
    sentence = errors_of(kind, **{name: value})[name]
    assert sentence[0].isupper() or not sentence[0].isalpha()
    assert sentence.endswith(".")


def test_numbers_that_contradict_each_other_are_refused() -> None:
    assert set(errors_of(GATEWAY, ping=30, ping_min=5, ping_max=3)) == {"ping_max"}


# -- access lists ---------------------------------------------------------------------------------


def test_networks_are_read_from_lines_or_json_and_written_in_one_way() -> None:
    wanted = ["198.51.100.7/32", "203.0.113.0/24", "2001:db8::/32"]
    lines = " 203.0.113.0/24\r\n\n2001:0DB8::/32\n198.51.100.7\n203.0.113.9\n203.0.113.0/24"
    assert networks(lines) == wanted
    assert networks('["2001:db8::/32", "198.51.100.7", "203.0.113.0/24"]') == wanted
    assert checked(ACCESS, {"networks": wanted}) == {"networks": wanted}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "at least one"),
        ("0.0.0.0/0", "too wide"),
        ("10.0.0.0/7", "too wide"),
        ("10.0.0.0/11", "too wide"),
        ("::/0", "too wide"),
        ("203.0.113.7/24", "mean 203.0.113.0/24"),
        ("sip.example", "no address"),
        ("1.2.3.4 5.6.7.8", "no address"),
        ("١.2.3.4", "no address"),
        ("1" * 5000, "no address"),
        ("127.0.0.1", "no carrier"),
        ("224.0.0.1", "no carrier"),
        ("[1]", "texts only"),
        ('["203.0.113.7"', "no JSON list"),
        ("[" * 4000, "no JSON list"),
        ("\n".join(f"203.0.113.{n}" for n in range(201)), "at most 200"),
    ],
)
def test_a_network_that_opens_too_much_or_is_none_is_refused(text: str, sentence: str) -> None:
    assert sentence in errors_of(ACCESS, networks=text)["networks"]


# -- expressions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [r"^(\d{3})$", r"^9(\d{4})$", r"^(?:\+1|1)?([2-9]\d{3})$", r"^(211|311)$", r"^1*(2*3+)4{2,}$",
     r"^(\*\d{2,3})$", r"^([2-46-9]?[^0-7]#)$", r"^0(?:(?:1|2)?3|)(4)$", r"^(.{0,2})$", r"^0{0}(1?)$"],
)  # fmt: skip
def test_an_expression_means_what_regular_expressions_mean(expression: str) -> None:
    language, plain = Expression(expression).dialled, re.compile(expression, re.ASCII)
    dice = random.Random(7)
    for _ in range(1500):
        signs = "0123456789*+#"[: dice.choice([3, 5, 10, 13])]
        number = "".join(dice.choice(signs) for _ in range(dice.randint(0, 7)))
        assert (number in language) == bool(plain.fullmatch(number)), number


@pytest.mark.parametrize(
    "expression",
    ["", "^$", "1", "^1$", "^(1)|2$", "^(1(2))$", "^((1)$", "^(1))$", "^(1)?$", "^(?=1)(2)$",
     "^(?!1)(2)$", "^([)$", "^([])$", "^(a)$", "^(/)$", "^(1{1,99})$", r"^(\w)$", "^(1**)$", "^(1+?)$",
     "^(?:1+)+(2)$",
     "^(1]) $", "^(١)$", "^([9-2])$", "^(1{)$", "^(\\", "^(1\\)$", "^(?:(1))$", "^(1)$\n",
     "^(1){2}$", "^" + "(?:" * 60 + "(1)" + ")" * 60 + "$", "^(" + "." * 250 + ")$"],
)  # fmt: skip
def test_an_expression_that_cannot_be_understood_exactly_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression, match=r"\.$"):
        Expression(expression)


def test_an_expression_that_takes_too_long_is_refused() -> None:
    monster = [{"name": "x", "expression": r"^0([01]*1[01]{25})$", "sent": "$1"}]
    assert "too intricate" in errors_of(OUTBOUND, routes=monster)["routes"]


def test_two_expressions_share_the_number_that_is_named() -> None:
    assert written(r"\d{3}").shared_with(written("9(?:11|33)")) == "911"
    assert written(r"\d{3}").shared_with(written(r"\d{4}")) is None
    assert Expression(r"^8(\d{2})$").sent("20$1#").shared_with(written(r"\d*#")) == "2000#"


# -- routes of one's own --------------------------------------------------------------------------

SEVEN_DIGITS = r"^((?:[2-468]\d\d|5(?:[0-46-9]\d|5[0-46-9])|7\d\d|9(?:[0-689]\d|7[0-57-9]))\d{4})$"


def routes(*lines: tuple[str, str, str]) -> list[dict[str, str]]:
    return [dict(zip(("name", "expression", "sent"), line, strict=True)) for line in lines]


def test_routes_for_numbers_of_nobody_are_taken() -> None:
    mine = routes(
        ("short", r"^7(\d{3})$", "2085557$1"),
        ("services", "^(211|311|411|511|711|811)$", "$1"),
        ("local", SEVEN_DIGITS, "208$1"),
        ("desk", "^(0)$", "2085550100"),
    )
    values = checked(OUTBOUND, {"routes": mine, "open": ["nanp"]})
    assert [one.name for one in outbound_settings(values, ORDER).routes] == [
        "short", "services", "local", "desk",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (("x", "^(911)$", "$1"), "911, which is for emergencies"),
        (("x", r"^(9\d\d)$", "$1"), "911, which is for emergencies"),
        (("x", r"^(\d{3})$", "$1"), "emergencies"),
        (("x", r"^(98\d)$", "$1"), "988, which is for emergencies"),
        (("x", r"^9(\d{3})$", "$1"), "could send 911"),
        (("x", "^(811)$", "911"), "could send 911"),
        (("x", "^(811)$", "+1911"), "could send +1911"),
        (("x", r"^1?(\d{10})$", "$1"), "belongs to the sets"),
        (("x", r"^(011\d+)$", "$1"), "belongs to the sets"),
        (("x", r"^(01144\d{10})$", "$1"), "belongs to the sets"),
        (("x", r"^(\+\d+)$", "$1"), "belongs to the sets"),
        (("x", r"^(\*97)$", "$1"), "feature code"),
        (("x", r"^9([2-9]\d{9})$", "$1"), "Caribbean"),
        (("x", r"^8(\d{7})$", "809$1"), "Caribbean"),
        (("x", r"^8(\d{7})$", "1900$1"), "premium"),
        (("x", r"^([2-7]\d{3})$", "208976$1"), "premium"),
        (("x", r"^77(\d{9})$", "01144$1"), "another country"),
        (("x", r"^77(44\d{9})$", "$1"), "another country"),
        (("x", r"^77(\d{9})$", "011881$1"), "satellite"),
        (("x", r"^(\d*)$", "$1"), "nothing is dialled"),
        (("X y", "^(5)$", "$1"), "small letters"),
        (("x", "^(5)$", ""), "digits to send"),
        (("x", "^(5)$", "$1$1"), "digits to send"),
        (("x", "^(5)$", "$2"), "digits to send"),
        (("x", "^(5)$", "${x}"), "digits to send"),
        (("x", "(5)", "$1"), "begins with ^"),
    ],
)
def test_a_route_for_somebody_elses_number_is_refused(
    line: tuple[str, str, str], sentence: str
) -> None:
    said = errors_of(OUTBOUND, routes=routes(line), open=["nanp", "toll-free"])["routes"]
    assert sentence in said
    assert said.startswith("Route 1 ")


def test_what_a_template_opens_its_own_routes_may_send_too() -> None:
    line = routes(("uk", r"^44(\d{10})$", "01144$1"))
    assert "another country" in errors_of(OUTBOUND, routes=line)["routes"]
    assert checked(OUTBOUND, {"routes": line, "open": ["international"]})
    # Satellite and premium codes abroad are open nowhere.
    never = routes(("sat", r"^55(\d{9})$", "+881$1"))
    everything = ["nanp", "toll-free", "international", "islands", "premium"]
    assert "satellite" in errors_of(OUTBOUND, routes=never, open=everything)["routes"]


def test_no_number_belongs_to_two_routes() -> None:
    two = routes(("a", r"^7(\d{3})$", "208555$1"), ("b", r"^(71\d\d)$", "$1"))
    assert "7100, which is a's" in errors_of(OUTBOUND, routes=two)["routes"]
    same = routes(("a", "^(5)$", "$1"), ("a", "^(6)$", "$1"))
    assert "has this name" in errors_of(OUTBOUND, routes=same)["routes"]
    assert "at most 20" in errors_of(OUTBOUND, routes=routes(*[("a", "^(5)$", "1")] * 21))["routes"]


# -- the documentation ----------------------------------------------------------------------------


def test_every_field_and_merge_field_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "pbx-templates.md").read_text()
    for fields in FIELDS.values():
        for one in fields:
            assert f"| `{one.name}` | {one.label} |" in page, one.name
    for name, words in MERGE_FIELDS.items():
        assert f"| `{{{name}}}` | {words} |" in page
    assert SEVEN_DIGITS in page
