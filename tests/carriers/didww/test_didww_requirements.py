"""Requirements, as they come and as they came: old labels, capitals, unknown words, text with markup."""

from __future__ import annotations

from typing import Any

import pytest

from ringup.carriers.didww.plain import plain
from ringup.carriers.didww.reading import Resource, document
from ringup.carriers.didww.requirements import read
from ringup.carriers.didww.versions import WITH_KEY, WITH_TOKEN, Dialect, number_type, says_demo
from ringup.carriers.papers import IdentityField, Level, PersonKind, Requirement
from ringup.carriers.port import NumberType

pytestmark = pytest.mark.once
FACTS: dict[str, Any] = {
    "identity_type": "any",
    "personal_area_level": "world_wide",
    "business_area_level": "country",
    "address_area_level": "area",
    "personal_proof_qty": 1,
    "business_proof_qty": 2,
    "address_proof_qty": 1,
    "personal_mandatory_fields": ["birth_date", "id_number"],
    "business_mandatory_fields": None,
    "service_description_required": True,
    "restriction_message": "<p>Hello</p>",
}


def requirement(changes: dict[str, Any], *, version: str = WITH_KEY, **group: Any) -> Requirement:
    """What we make of an answer with these attributes."""
    linked = {"country": {"data": {"type": "countries", "id": "c"}}}
    behind = [{"type": "countries", "id": "c", "attributes": {"iso": "es"}}]
    if version == WITH_KEY:
        linked["did_group_type"] = {"data": {"type": "did_group_types", "id": "t"}}
        behind.append({"type": "did_group_types", "id": "t", "attributes": {"name": "Local"}})
    return read(
        resource("address_requirements", FACTS | changes, linked, behind),
        resource("did_groups", group, {}, []),
        Dialect(version),
    )


def resource(kind: str, facts: Any, linked: Any, behind: Any) -> Resource:
    data = {"type": kind, "id": "r", "attributes": facts, "relationships": linked}
    return document({"data": data, "included": behind}).resources[0]


def fields(changes: dict[str, Any], kind: PersonKind) -> tuple[IdentityField, ...]:
    rule = requirement(changes).rule(kind)
    assert rule is not None
    return rule.fields


def test_what_it_says_is_read() -> None:
    found = requirement({})
    assert (found.country, found.number_type) == ("ES", NumberType.GEOGRAPHIC)
    assert found.address_level == Level.AREA
    assert found.needs_service_description
    assert (found.notice, found.proof_months) == ("Hello", 3)
    personal, business = found.identities
    assert (personal.kind, personal.level, personal.proofs) == ("personal", Level.WORLD_WIDE, 1)
    assert personal.fields == (IdentityField.BIRTH_DATE, IdentityField.ID_NUMBER)
    assert (business.kind, business.level, business.proofs) == ("business", Level.COUNTRY, 2)
    assert business.fields == ()


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"personal_area_level": None}, ["business"]),
        ({"business_area_level": None}, ["personal"]),
        ({"identity_type": "business"}, ["business"]),
        ({"identity_type": "Personal"}, ["personal"]),
        ({"identity_type": None}, ["personal", "business"]),
    ],
)
def test_who_is_taken(changes: dict[str, Any], kinds: list[str]) -> None:
    assert [rule.kind for rule in requirement(changes).identities] == kinds


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("World Wide", Level.WORLD_WIDE),
        ("WorldWide", Level.WORLD_WIDE),
        ("Country", Level.COUNTRY),
        ("CITY", Level.CITY),
        (None, Level.WORLD_WIDE),
        ("galaxy", Level.COUNTRY),
    ],
)
def test_levels_in_any_spelling(told: str | None, level: Level) -> None:
    assert requirement({"address_area_level": told}).address_level == level


def test_labels_of_old_are_the_fields_that_they_stand_for() -> None:
    told = [
        "Birth Date", "Country", "Place of Birth", "Proof of ID", "VAT Number / TAX Code",
        "Company ID", "Representative Tax ID", "Contact Email", "Personal Tax ID",
    ]  # fmt: skip
    assert set(fields({"business_mandatory_fields": told}, PersonKind.BUSINESS)) == {
        IdentityField.BIRTH_DATE,
        IdentityField.COUNTRY,
        IdentityField.BIRTH_COUNTRY,
        IdentityField.ID_NUMBER,
        IdentityField.VAT_ID,
        IdentityField.COMPANY_REG_NUMBER,
        IdentityField.PERSONAL_TAX_ID,
        IdentityField.CONTACT_EMAIL,
    }


def test_a_field_that_nobody_knows_is_passed_over_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = ["shoe_size", "birth_date", "Birth Date"]
    changes = {"personal_mandatory_fields": told}
    assert fields(changes, PersonKind.PERSONAL) == (IdentityField.BIRTH_DATE,)
    assert "shoe_size" in caplog.text


def test_the_newer_version_says_some_things_otherwise() -> None:
    told = {"number_type": "toll_free", "business_mandatory_fields": ["tax_id"]}
    found = requirement(told, version=WITH_TOKEN, is_demo=True)
    assert found.number_type == NumberType.TOLL_FREE
    assert found.shows_demo_numbers
    rule = found.rule(PersonKind.BUSINESS)
    assert rule is not None
    assert rule.fields == (IdentityField.VAT_ID,)
    assert (
        Dialect(WITH_TOKEN).including("country", "did_group_type", "a.did_group_type") == "country"
    )
    assert Dialect(WITH_KEY).including("country", "did_group_type") == "country,did_group_type"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Toll-free", NumberType.TOLL_FREE),
        ("toll free", NumberType.TOLL_FREE),
        ("Local", NumberType.GEOGRAPHIC),
        ("Shared Cost", None),
        (None, None),
    ],
)
def test_types_of_numbers(name: str | None, kind: NumberType | None) -> None:
    assert number_type(name) == kind


def test_demo_numbers_are_guessed_from_the_text_where_nothing_better_is_told() -> None:
    text = "<p>The number is a DEMO number</p>"
    assert says_demo({}, text)
    assert not says_demo({}, "Hello")
    assert not says_demo({}, None)
    assert not says_demo({"is_demo": False}, text)
    assert requirement({"restriction_message": text}).shows_demo_numbers


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("<p>One &amp; two</p><p>three</p>", "One & two\nthree"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<script>alert(1)</script>ok<style>p{}</style>", "ok"),
        ('<a href="javascript:alert(1)">link</a>', "link"),
        ("&lt;b&gt; stays a text", "<b> stays a text"),
        ("<script>never closed", ""),
        ("a\u202eb\x00c\u200bd", "abcd"),
        ("South&nbsp;Africa", "South Africa"),
        (None, ""),
        (["no"], ""),
    ],
)
def test_only_the_words_of_a_text_are_kept(markup: object, text: str) -> None:
    assert plain(markup) == text


def test_a_text_has_an_end() -> None:
    assert len(plain("x" * 100_000)) == 4_000


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://carrier.example/form.pdf", "https://carrier.example/form.pdf"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
    ],
)
def test_only_what_a_browser_may_open_is_a_link(told: str, kept: str) -> None:
    linked = {"personal_permanent_document": {"data": {"type": "templates", "id": "f"}}}
    form = {"type": "templates", "id": "f", "attributes": {"name": "Form", "url": told}}
    country = {"type": "countries", "id": "c", "attributes": {"iso": "es"}}
    linked |= {"country": {"data": {"type": "countries", "id": "c"}}}
    row = resource(
        "address_requirements", FACTS | {"number_type": "local"}, linked, [form, country]
    )
    rule = read(row, resource("did_groups", {}, {}, []), Dialect(WITH_TOKEN)).rule(
        PersonKind.PERSONAL
    )
    assert rule is not None
    assert [one.url for one in rule.forms] == [kept]
