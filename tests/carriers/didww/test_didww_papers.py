"""Papers at DIDWW beyond the contract: what exactly is sent, and what its answers may look like."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ringup.carriers.didww.adapter import Didww
from ringup.carriers.didww.documents import MOST_BYTES
from ringup.carriers.didww.failing import Rejected, problems_of
from ringup.carriers.didww.ours import sentences
from ringup.carriers.didww.reading import Resource
from ringup.carriers.didww.verifying import read
from ringup.carriers.papers import (
    PersonKind,
    Purpose,
    Requirement,
    Verdict,
)
from ringup.core.failures import NothingHappened, OurFault, OutcomeUnknown, Refused
from tests.carriers.didww.papers_world import CALLBACK_URL, DidwwPapersWorld, papers_world
from tests.carriers.papers_stage import (
    address_of,
    document,
    documents_for,
    fill,
    identity_of,
)

pytestmark = pytest.mark.once
LOST = ["reply_lost_before", "reply_lost_after", "429", "500", "html", "cut"]


@pytest.fixture
def world() -> Iterator[DidwwPapersWorld]:
    with papers_world() as world:
        yield world


@pytest.fixture
def carrier(world: DidwwPapersWorld) -> Iterator[Didww]:
    with world.adapter() as carrier:
        yield carrier


@pytest.fixture
def wanted(world: DidwwPapersWorld, carrier: Didww) -> Requirement:
    return rules(world, carrier, "ZA")


def rules(
    world: DidwwPapersWorld, carrier: Didww, country: str, kind: str = "Local"
) -> Requirement:
    found = carrier.requirement(world.place_in(country, kind))
    assert found is not None
    return found


# -- identities and addresses ---------------------------------------------------------------------


def test_a_telephone_is_sent_as_digits(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    paper = identity_of(wanted, PersonKind.PERSONAL, phone="+27 (10) 555-01 00")
    row = world.row("identities", carrier.submit_identity(paper))
    assert row.attributes["phone_number"] == "27105550100"
    assert row.attributes["birth_date"] == "1990-01-31"
    assert row.attributes["company_name"] is None
    assert row.one("birth_country") is row.one("country") is not None


def test_what_is_cleared_is_cleared_and_the_rest_is_not_sent(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    paper = identity_of(wanted, PersonKind.BUSINESS)
    key = carrier.submit_identity(paper)
    carrier.submit_identity(paper)
    assert world.calls("PATCH identities") == 0
    carrier.submit_identity(replace(paper, vat_id="", birth_country=""))
    row = world.row("identities", key)
    assert row.attributes["vat_id"] is None
    assert row.one("birth_country") is None
    assert row.attributes["first_name"] == "Ann"
    assert world.calls("PATCH identities") == 1


def test_a_person_who_becomes_a_business_is_made_anew(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    person = identity_of(wanted, PersonKind.PERSONAL)
    before = carrier.submit_identity(person)
    address = address_of(carrier, wanted)
    lost = carrier.submit_address(address, identity=before)
    business = replace(person, kind=PersonKind.BUSINESS, company_name="Acme")
    after = carrier.submit_identity(business)
    assert after != before
    assert world.made() | {"submit_identity": 1} == world.made()
    found = carrier.submit_address(address, identity=after)
    assert found != lost
    assert world.made()["submit_address"] == 1


def test_one_with_a_number_does_not_become_another(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    paper, place = identity_of(wanted, PersonKind.BUSINESS), world.place_in("ZA", "Local")
    identity = carrier.submit_identity(paper)
    address = carrier.submit_address(address_of(carrier, wanted), identity=identity)
    rule = wanted.rule(PersonKind.BUSINESS)
    assert rule is not None
    for one in documents_for(wanted, rule):
        carrier.upload(one, identity=identity, address=address)
    sent = carrier.verify(
        uuid.uuid4(),
        number=world.buy(carrier, place),
        address=address,
        service_description="Calls",
    )
    world.decide(sent.key, approved=True)
    with pytest.raises(Refused, match="verified") as refused:
        carrier.submit_identity(replace(paper, kind=PersonKind.PERSONAL))
    assert "another number" in refused.value.user_message
    assert world.row("identities", identity).attributes["verified"]


def test_an_address_that_moves_to_another_identity_is_made_anew(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    one, other = (
        carrier.submit_identity(identity_of(wanted, PersonKind.PERSONAL)) for _ in range(2)
    )
    paper = address_of(carrier, wanted)
    first = carrier.submit_address(paper, identity=one)
    second = carrier.submit_address(paper, identity=other)
    assert first != second
    row = world.row("addresses", second).one("identity")
    assert row is not None
    assert row.id == other
    assert world.made()["submit_address"] == 1


@pytest.mark.parametrize(("country", "relation"), [("DE", "area"), ("FR", "city")])
def test_an_address_lies_in_the_area_or_city_that_was_chosen(
    world: DidwwPapersWorld, carrier: Didww, country: str, relation: str
) -> None:
    wanted = rules(world, carrier, country)
    areas = carrier.address_areas(wanted)
    assert areas
    identity = carrier.submit_identity(identity_of(wanted, PersonKind.BUSINESS))
    paper = address_of(carrier, wanted)
    row = world.row("addresses", carrier.submit_address(paper, identity=identity))
    chosen = row.one(relation)
    assert chosen is not None
    assert f"{chosen.type}/{chosen.id}" == paper.area
    assert chosen.attributes["name"] == areas[0].name
    carrier.submit_address(paper, identity=identity)
    assert world.calls("PATCH addresses") == 0


def test_an_address_in_another_country_is_made_anew_unless_a_number_needs_it(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    identity = carrier.submit_identity(identity_of(wanted, PersonKind.PERSONAL))
    paper = address_of(carrier, wanted)
    first = carrier.submit_address(paper, identity=identity)
    moved = replace(paper, country="DE")
    second = carrier.submit_address(moved, identity=identity)
    assert second != first
    assert world.made()["submit_address"] == 1
    world.row("addresses", second).attributes["verified"] = True
    with pytest.raises(Refused) as refused:
        carrier.submit_address(paper, identity=identity)
    assert "another number" in refused.value.user_message
    assert carrier.submit_address(moved, identity=identity) == second


def test_areas_are_asked_for_once_a_day(world: DidwwPapersWorld, carrier: Didww) -> None:
    wanted = rules(world, carrier, "DE")
    for _ in range(3):
        assert carrier.address_areas(wanted)
    assert world.calls("GET areas") == 1


def test_an_area_that_is_none_of_the_carriers_is_our_fault(
    carrier: Didww, wanted: Requirement
) -> None:
    paper = address_of(carrier, wanted, area="Gauteng")
    with pytest.raises(OurFault, match="area"):
        carrier.submit_address(paper, identity="any")


def test_a_country_that_nobody_knows_is_refused(carrier: Didww, wanted: Requirement) -> None:
    with pytest.raises(Refused) as refused:
        carrier.submit_identity(identity_of(wanted, PersonKind.PERSONAL, country="XX"))
    assert "XX" in refused.value.user_message


def test_what_is_wrong_with_a_field_is_said_of_the_field(
    carrier: Didww, wanted: Requirement
) -> None:
    paper = identity_of(wanted, PersonKind.PERSONAL, last_name="", phone="none")
    with pytest.raises(Refused) as refused:
        carrier.submit_identity(paper)
    assert refused.value.user_message == (
        "Our supplier does not take these papers: Last name can't be blank; Phone number can't be "
        "blank. Nothing was charged."
    )


def test_of_two_under_one_reference_the_older_counts(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    """The carrier keeps nobody from using a reference twice; two processes at once may have."""
    paper = identity_of(wanted, PersonKind.PERSONAL)
    first = carrier.submit_identity(paper)
    facts = dict(world.row("identities", first).attributes)
    world.sandbox.state.store.add(
        type(world.row("identities", first))(
            "identities",
            facts | {"created_at": "2099-01-01T00:00:00.000Z"},
            dict(world.row("identities", first).relations),
        )
    )
    assert carrier.submit_identity(paper) == first
    assert carrier.submitted(identity=paper.reference, address=uuid.uuid4()) == (first, "")


def test_papers_have_no_telling_repr(carrier: Didww, wanted: Requirement) -> None:
    paper = identity_of(wanted, PersonKind.PERSONAL)
    shown = repr(paper) + repr(address_of(carrier, wanted))
    assert "Ann" not in shown
    assert "Main Road" not in shown


# -- documents ------------------------------------------------------------------------------------


def test_a_file_tells_nothing_but_our_reference(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    identity = carrier.submit_identity(identity_of(wanted, PersonKind.PERSONAL))
    rule = wanted.rule(PersonKind.PERSONAL)
    assert rule is not None
    paper = document(Purpose.IDENTITY, rule.types[0].key)
    world.sandbox.faults.add("reply_lost_before", method="POST proofs")
    with pytest.raises(OutcomeUnknown):
        carrier.upload(paper, identity=identity, address="")
    (left,) = world.sandbox.state.store.all("encrypted_files")
    assert left.attributes["description"] == str(paper.reference)
    key = carrier.upload(paper, identity=identity, address="")
    assert world.row("proofs", key).attributes["external_reference_id"] == str(paper.reference)


def test_a_kind_of_proof_that_does_not_fit_is_refused(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    identity = carrier.submit_identity(identity_of(wanted, PersonKind.PERSONAL))
    paper = document(Purpose.IDENTITY, wanted.address_types[0].key)
    with pytest.raises(Refused) as refused:
        carrier.upload(paper, identity=identity, address="")
    assert "Proof type is invalid" in refused.value.user_message


def test_a_file_that_is_too_large_never_leaves_us(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    identity = carrier.submit_identity(identity_of(wanted, PersonKind.PERSONAL))
    paper = document(Purpose.IDENTITY, "any", bytes(MOST_BYTES))
    with pytest.raises(Refused) as refused:
        carrier.upload(paper, identity=identity, address="")
    assert "20 MB" in refused.value.user_message
    assert world.calls("POST encrypted_files") == 0


def test_keys_that_change_all_the_time_are_not_chased(
    world: DidwwPapersWorld, carrier: Didww, wanted: Requirement
) -> None:
    identity = carrier.submit_identity(identity_of(wanted, PersonKind.PERSONAL))
    rule = wanted.rule(PersonKind.PERSONAL)
    assert rule is not None
    world.sandbox.state.keys.fingerprint = lambda: "of tomorrow"  # type: ignore[method-assign]
    with pytest.raises(Refused, match="outdated fingerprint"):
        carrier.upload(document(Purpose.IDENTITY, rule.types[0].key), identity=identity, address="")
    assert world.calls("POST encrypted_files") == 2


def test_keys_are_read_once_for_all_files(world: DidwwPapersWorld, carrier: Didww) -> None:
    fill(carrier, world.place_in("DE", "Local"))
    assert world.calls("GET public_keys") == 1


# -- checks and verifications ---------------------------------------------------------------------


def test_an_answer_without_content_is_a_yes(world: DidwwPapersWorld, carrier: Didww) -> None:
    """The carrier's recorded answers have 201 with the requirement, and 204."""
    filled = fill(carrier, world.place_in("GB", "Mobile"))
    world.sandbox.faults.add("cut", method="POST address_requirement_validations")
    for _ in range(2):
        missing = carrier.missing(
            filled.requirement.key, identity=filled.identity, address=filled.address
        )
        assert missing == []


@pytest.mark.parametrize("kind", ["reply_lost_before", "reply_lost_after", "500", "html"])
def test_a_check_that_is_lost_changed_nothing(
    world: DidwwPapersWorld, carrier: Didww, kind: str
) -> None:
    filled = fill(carrier, world.place_in("GB", "Mobile"))
    world.sandbox.faults.add(kind, method="POST address_requirement_validations")
    with pytest.raises(NothingHappened):
        carrier.missing(filled.requirement.key, identity=filled.identity, address=filled.address)


def test_papers_that_are_gone_are_missing(carrier: Didww, wanted: Requirement) -> None:
    gone = str(uuid.uuid4())
    missing = carrier.missing(wanted.key, identity=gone, address=gone)
    assert missing
    assert all("is invalid" in sentence for sentence in missing)


def test_verifications_call_back_where_somebody_hears(world: DidwwPapersWorld) -> None:
    with world.adapter(callback_url=CALLBACK_URL) as carrier:
        place = world.place_in("GB", "Mobile")
        filled = fill(carrier, place)
        sent = carrier.verify(
            uuid.uuid4(), number=world.buy(carrier, place), address=filled.address
        )
    facts = world.row("address_verifications", sent.key).attributes
    assert (facts["callback_url"], facts["callback_method"]) == (CALLBACK_URL, "post")


def verification(**facts: Any) -> Any:
    return read(Resource("address_verifications", "v", facts, {}, {}, {}))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("approved", Verdict.APPROVED),
        ("Rejected", Verdict.REJECTED),
        ("pending", Verdict.PENDING),
        ("in_review", Verdict.PENDING),
        (None, Verdict.PENDING),
    ],
)
def test_a_status_that_nobody_knows_is_no_decision(status: str | None, verdict: Verdict) -> None:
    assert verification(status=status).verdict == verdict


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({"reject_reasons": ["a", "b"]}, ("a", "b")),
        ({"reject_reasons": []}, ()),
        ({"reject_reasons": None}, ()),
        ({"reject_reason": "of old"}, ("of old",)),
    ],
)
def test_reasons_come_in_several_forms(facts: dict[str, Any], reasons: tuple[str, ...]) -> None:
    assert verification(**facts).reasons == reasons


def test_sentences_are_said_once_and_whole() -> None:
    rows = [
        {"title": "1 Address Proof(s) (Utility Bill) required", "source": {"pointer": "/data"}},
        {"title": "1 Address Proof(s) (Utility Bill) required", "source": {"pointer": "/data"}},
        {
            "title": "is too long (maximum is 100 characters)",
            "detail": "external_reference_id - is too long",
            "source": {"pointer": "/data/attributes/external_reference_id"},
        },
        {"detail": "no title here."},
    ]
    assert sentences(Rejected("", problems_of({"errors": rows}))) == [
        "1 Address Proof(s) (Utility Bill) required",
        "External reference id is too long (maximum is 100 characters)",
        "no title here",
    ]


# -- rules ----------------------------------------------------------------------------------------


def test_papers_that_are_wanted_without_saying_which_stop_everything(
    world: DidwwPapersWorld, carrier: Didww
) -> None:
    place = world.place_in("ZA", "Local")
    world.row("did_groups", place).relations["address_requirement"] = None
    with pytest.raises(OurFault, match="does not say which"):
        carrier.requirement(place)


@pytest.mark.parametrize(
    "place", ["00000000-0000-4000-8000-000000000000", "", "../balance", "a/b?c=d#e"]
)
def test_a_place_that_is_not_there_is_refused(carrier: Didww, place: str) -> None:
    with pytest.raises(Refused) as refused:
        carrier.requirement(place)
    assert "no longer sold" in refused.value.user_message


def test_rules_for_numbers_that_need_none_are_passed_over(
    world: DidwwPapersWorld, carrier: Didww
) -> None:
    place = world.place_in("ZA", "Local")
    world.row("did_groups", place).meta["needs_registration"] = False
    assert carrier.requirement(place) is None


def test_demo_numbers_are_told(world: DidwwPapersWorld, carrier: Didww) -> None:
    assert rules(world, carrier, "DE", "National").shows_demo_numbers
    assert not rules(world, carrier, "DE", "Local").shows_demo_numbers


READS = {
    "GET did_groups": lambda carrier, place: carrier.requirement(place),
    "GET identities": lambda carrier, _: carrier.submitted(
        identity=uuid.uuid4(), address=uuid.uuid4()
    ),
    "GET address_verifications": lambda carrier, _: carrier.verification(uuid.uuid4()),
}


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("call", READS)
def test_a_fault_while_reading_is_nothing_happened(
    world: DidwwPapersWorld, carrier: Didww, call: str, kind: str
) -> None:
    world.sandbox.faults.add(kind, method=call)
    with pytest.raises(NothingHappened):
        READS[call](carrier, world.place_in("ZA", "Local"))
    assert world.calls(call) == 1, "nothing is repeated"


def test_the_settings_of_papers_are_declared() -> None:
    fields = {field.name: field for field in Didww.connection_fields}
    assert fields["callback_secret"].secret
    assert not fields["callback_secret"].required
    assert [value for value, _ in fields["api_version"].choices] == ["2026-04-16", "2026-11-19"]
