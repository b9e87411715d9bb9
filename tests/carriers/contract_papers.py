"""The part of the carriers' contract for those that want papers: ``Capability.PAPERS``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from ringup.carriers.papers import (
    Hint,
    Level,
    Purpose,
    Requirement,
    TakesPapers,
    Verdict,
)
from ringup.carriers.port import Capability, Standing
from ringup.core.failures import NothingHappened, OurFault, OutcomeUnknown, Refused
from tests.carriers.papers_stage import (
    LOSSES,
    MAKING,
    PDF,
    PapersWorld,
    Stage,
    address_of,
    document,
    fill,
    forms_of,
    identity_of,
    place_with_most_forms,
    standing_of,
)


class PapersContract:
    """Subclass it beside ``CarrierContract`` or alone, with a fixture ``papers_world``."""

    @pytest.fixture
    def carrier(self, papers_world: PapersWorld) -> Iterator[TakesPapers]:
        carrier = papers_world.open_patient()
        yield carrier
        carrier.close()

    @pytest.fixture
    def stage(self, papers_world: PapersWorld, carrier: TakesPapers) -> Stage:
        """With one-time forms, where any place wants some: most can go wrong there."""
        place = place_with_most_forms(papers_world, carrier)
        filled = fill(carrier, place)
        requirement = filled.requirement
        return Stage(
            world=papers_world,
            place=place,
            requirement=requirement,
            identity=identity_of(requirement, requirement.identities[0].kind),
            address=address_of(carrier, requirement),
            paper=document(Purpose.IDENTITY, requirement.identities[0].types[0].key),
            number=papers_world.buy(carrier, place),
            reference=uuid.uuid4(),
            filled=filled,
        )

    # -- what is wanted ---------------------------------------------------------------------------

    def test_it_declares_that_it_takes_papers(self, carrier: TakesPapers) -> None:
        assert Capability.PAPERS in carrier.capabilities

    def test_a_free_place_needs_nothing(
        self, papers_world: PapersWorld, carrier: TakesPapers
    ) -> None:
        assert carrier.requirement(papers_world.free_place()) is None

    def test_what_is_wanted_can_be_frozen_and_makes_sense(
        self, papers_world: PapersWorld, carrier: TakesPapers
    ) -> None:
        for place in papers_world.places():
            found = carrier.requirement(place)
            assert found is not None
            assert Requirement.from_data(found.as_data()) == found
            assert found == carrier.requirement(place)
            assert found.key
            assert len(found.country) == 2
            assert found.identities
            assert "<" not in found.notice
            assert found.address_types or not found.address_proofs
            for rule in found.identities:
                assert rule.types or not rule.proofs
                assert all(form.url for form in rule.forms)

    def test_areas_are_told_where_an_address_must_lie_in_one(
        self, papers_world: PapersWorld, carrier: TakesPapers
    ) -> None:
        for place in papers_world.places():
            found = carrier.requirement(place)
            assert found is not None
            areas = carrier.address_areas(found)
            assert bool(areas) is (found.address_level in (Level.AREA, Level.CITY))
            assert [area.name for area in areas] == sorted(area.name for area in areas)

    def test_papers_that_are_complete_miss_nothing(
        self, papers_world: PapersWorld, carrier: TakesPapers
    ) -> None:
        for place in papers_world.places():
            wanted = carrier.requirement(place)
            assert wanted is not None
            for rule in wanted.identities:
                filled = fill(carrier, place, rule.kind)
                missing = carrier.missing(
                    wanted.key, identity=filled.identity, address=filled.address
                )
                assert missing == []

    def test_what_is_missing_is_said_in_sentences(
        self, papers_world: PapersWorld, carrier: TakesPapers
    ) -> None:
        wanted = carrier.requirement(papers_world.places()[0])
        assert wanted is not None
        identity = carrier.submit_identity(identity_of(wanted, wanted.identities[0].kind))
        address = carrier.submit_address(address_of(carrier, wanted), identity=identity)
        for _ in range(2):
            missing = carrier.missing(wanted.key, identity=identity, address=address)
            assert missing
            assert all(" " in sentence for sentence in missing)

    # -- sending ----------------------------------------------------------------------------------

    def test_sending_twice_makes_one_of_each(self, stage: Stage, carrier: TakesPapers) -> None:
        before = stage.world.made()
        for verb in MAKING:
            assert stage.do(carrier, verb) == stage.do(carrier, verb) != ""
        assert stage.world.made() == {verb: count + 1 for verb, count in before.items()}

    def test_what_stands_there_is_found_by_our_references(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        identity, address = stage.identity.reference, stage.address.reference
        assert carrier.submitted(identity=identity, address=address) == ("", "")
        key = carrier.submit_identity(stage.identity)
        assert carrier.submitted(identity=identity, address=address) == (key, "")
        other = carrier.submit_address(stage.address, identity=key)
        assert carrier.submitted(identity=identity, address=address) == (key, other)

    def test_what_changed_is_changed_there(self, stage: Stage, carrier: TakesPapers) -> None:
        before = stage.world.made()
        identity, address = stage.filled.identity, stage.filled.address
        key = carrier.submit_identity(stage.identity)
        later = replace(stage.identity, last_name="Carter", contact_email="")
        assert carrier.submit_identity(later) == key
        assert key != identity
        made = carrier.submit_address(stage.address, identity=key)
        moved = replace(stage.address, street="2 Side Street")
        assert carrier.submit_address(moved, identity=key) == made != address
        after = stage.world.made()
        assert after["submit_identity"] == before["submit_identity"] + 1
        assert after["submit_address"] == before["submit_address"] + 1

    def test_files_travel_under_the_carriers_keys(self, stage: Stage, carrier: TakesPapers) -> None:
        content = PDF + uuid.uuid4().bytes * 1000
        paper = replace(stage.paper, content=content)
        carrier.upload(paper, identity=stage.filled.identity, address=stage.filled.address)
        assert content in stage.world.opened_files()
        assert "made up" not in repr(paper)

    def test_a_better_document_takes_the_place_of_another(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        dark, clear = PDF + b" too dark", PDF + b" clear"
        keys = {"identity": stage.filled.identity, "address": stage.filled.address}
        first = replace(stage.paper, content=dark)
        old = carrier.upload(first, **keys)
        before = stage.world.made()
        better = replace(document(Purpose.IDENTITY, first.type_key, clear))
        better = replace(better, replaces=(uuid.uuid4(), first.reference))
        for _ in range(2):
            assert carrier.upload(better, **keys) != old
        assert stage.world.made() == before
        assert clear in stage.world.opened_files()
        assert dark not in stage.world.opened_files()

    def test_keys_that_change_meanwhile_are_read_anew(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        stage.do(carrier, "upload")  # with the keys of now
        before = stage.world.made()["upload"]
        stage.world.rotate_keys()
        other = document(Purpose.IDENTITY, stage.paper.type_key)
        carrier.upload(other, identity=stage.filled.identity, address=stage.filled.address)
        assert stage.world.made()["upload"] == before + 1

    def test_a_form_for_one_verification_is_not_uploaded_before(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        with pytest.raises(OurFault):
            carrier.upload(
                document(Purpose.ONE_TIME_FORM, "any"),
                identity=stage.filled.identity,
                address=stage.filled.address,
            )

    # -- faults -----------------------------------------------------------------------------------

    @pytest.mark.parametrize("how", LOSSES)
    @pytest.mark.parametrize("verb", MAKING)
    def test_after_a_lost_reply_doing_it_again_makes_it_once(
        self, stage: Stage, carrier: TakesPapers, verb: str, how: str
    ) -> None:
        before = stage.world.made()[verb]
        hasty = stage.world.open_patient(patience=0.3)
        stage.world.lose_reply(verb, how)
        with pytest.raises(OutcomeUnknown):
            stage.do(hasty, verb)
        hasty.close()
        assert stage.world.made()[verb] == before + (how != "before")
        key = stage.do(carrier, verb)
        assert key == stage.do(carrier, verb)
        assert stage.world.made()[verb] == before + 1

    @pytest.mark.parametrize("verb", MAKING)
    def test_one_call_too_many_makes_nothing(
        self, stage: Stage, carrier: TakesPapers, verb: str
    ) -> None:
        before = stage.world.made()
        stage.world.hold_back(verb)
        with pytest.raises(NothingHappened) as held:
            stage.do(carrier, verb)
        assert held.value.retry_seconds
        assert stage.world.made() == before
        stage.world.forget_holding_back()
        stage.do(carrier, verb)
        assert stage.world.made()[verb] == before[verb] + 1

    def test_where_nobody_listens_nothing_happens(self, stage: Stage) -> None:
        carrier, filled = stage.world.open_patient(reachable=False), stage.filled
        verbs: list[Callable[[], object]] = [
            *(lambda verb=verb: stage.do(carrier, verb) for verb in MAKING),  # type: ignore[misc]
            lambda: carrier.requirement(stage.place),
            lambda: carrier.missing("any", identity=filled.identity, address=filled.address),
            lambda: carrier.verification(stage.reference),
            lambda: carrier.withdraw(identity=filled.identity, address=filled.address),
            lambda: carrier.submitted(identity=uuid.uuid4(), address=uuid.uuid4()),
        ]
        for verb in verbs:
            with pytest.raises(NothingHappened):
                verb()
        carrier.close()

    # -- verifying --------------------------------------------------------------------------------

    def test_a_rejection_is_told_and_another_attempt_is_approved(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        assert carrier.verification(stage.reference) is None
        first = stage.do(carrier, "verify")
        found = carrier.verification(stage.reference)
        assert found is not None
        assert (found.key, found.verdict, found.reasons) == (first, Verdict.PENDING, ())
        assert found.label
        assert found.sent
        assert standing_of(carrier, stage.number) == Standing.AWAITING_REGISTRATION

        stage.world.decide(first, approved=False)
        found = carrier.verification(stage.reference)
        assert found is not None
        assert found.verdict == Verdict.REJECTED
        assert found.reasons
        assert found.comment
        assert standing_of(carrier, stage.number) == Standing.AWAITING_REGISTRATION

        rejected, stage.reference = stage.reference, uuid.uuid4()
        second = stage.do(carrier, "verify")
        assert second != first
        stage.world.decide(second, approved=True)
        found = carrier.verification(stage.reference)
        assert found is not None
        assert (found.verdict, found.reasons) == (Verdict.APPROVED, ())
        before = carrier.verification(rejected)
        assert before is not None
        assert before.verdict == Verdict.REJECTED
        assert standing_of(carrier, stage.number) == Standing.ACTIVE
        number = carrier.find_reference(stage.number)
        assert number is not None
        assert number.e164.startswith("+")

    def test_papers_that_are_incomplete_are_refused_in_the_carriers_words(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        identity = carrier.submit_identity(stage.identity)
        address = carrier.submit_address(stage.address, identity=identity)
        missing = carrier.missing(stage.requirement.key, identity=identity, address=address)
        before = stage.world.made()
        with pytest.raises(Refused) as refused:
            carrier.verify(
                stage.reference,
                number=stage.number,
                address=address,
                forms=stage.filled.forms,
                service_description=stage.filled.description,
            )
        assert all(sentence in refused.value.user_message for sentence in missing)
        assert "Nothing was charged" in refused.value.user_message
        assert stage.world.made() == before

    def test_forms_that_nobody_asked_for_are_refused(
        self, papers_world: PapersWorld, carrier: TakesPapers
    ) -> None:
        place = min(papers_world.places(), key=lambda key: forms_of(carrier, key))
        filled = fill(carrier, place)
        with pytest.raises(Refused, match="not needed"):
            carrier.verify(
                uuid.uuid4(),
                number=papers_world.buy(carrier, place),
                address=filled.address,
                forms=(document(Purpose.ONE_TIME_FORM, "any"),),
                service_description=filled.description,
            )

    def test_a_description_that_nobody_asked_for_stays_here(
        self, papers_world: PapersWorld, carrier: TakesPapers
    ) -> None:
        for place in papers_world.places():
            filled = fill(carrier, place)
            sent = carrier.verify(
                uuid.uuid4(),
                number=papers_world.buy(carrier, place),
                address=filled.address,
                forms=filled.forms,
                service_description="Calls of an office",
            )
            assert sent.verdict == Verdict.PENDING

    def test_a_number_that_was_never_bought_is_our_fault(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        stage.number = uuid.uuid4()
        with pytest.raises(OurFault):
            stage.do(carrier, "verify")

    # -- taking back ------------------------------------------------------------------------------

    def test_unused_papers_are_taken_back_for_good(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        before = stage.world.made()
        identity = carrier.submit_identity(stage.identity)
        address = carrier.submit_address(stage.address, identity=identity)
        carrier.upload(stage.paper, identity=identity, address=address)
        for _ in range(2):
            assert carrier.withdraw(identity=identity, address=address)
        assert stage.world.made() == before

    def test_what_never_stood_there_is_no_error_and_nothing_else_goes(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        before = stage.world.made()
        assert carrier.withdraw(identity="", address="")
        assert stage.world.made() == before
        identity = carrier.submit_identity(stage.identity)
        assert carrier.withdraw(identity=identity, address="")
        assert stage.world.made() == before

    def test_papers_of_a_number_stay(self, stage: Stage, carrier: TakesPapers) -> None:
        key = stage.do(carrier, "verify")
        before, filled = stage.world.made(), stage.filled
        assert not carrier.withdraw(identity=filled.identity, address=filled.address)
        stage.world.decide(key, approved=True)
        assert not carrier.withdraw(identity=filled.identity, address=filled.address)
        assert stage.world.made() == before

    def test_an_identity_stays_while_another_address_needs_it(
        self, stage: Stage, carrier: TakesPapers
    ) -> None:
        other = carrier.submit_address(stage.address, identity=stage.filled.identity)
        assert not carrier.withdraw(identity=stage.filled.identity, address=other)
        reference = stage.address.reference
        assert carrier.submitted(identity=uuid.uuid4(), address=reference) == ("", "")
        assert not carrier.missing(
            stage.requirement.key, identity=stage.filled.identity, address=stage.filled.address
        )

    # -- callbacks --------------------------------------------------------------------------------

    @pytest.mark.parametrize("kind", ["order", "verification"])
    def test_a_callback_is_a_hint(
        self, papers_world: PapersWorld, carrier: TakesPapers, kind: str
    ) -> None:
        told = papers_world.callback(kind, "0d5a-1")
        assert carrier.read_callback(**told) == [Hint(kind, "0d5a-1")]
        assert carrier.read_callback(**told) == [Hint(kind, "0d5a-1")], "and may come again"

    def test_a_callback_of_somebody_else_is_refused(
        self, papers_world: PapersWorld, carrier: TakesPapers
    ) -> None:
        told = papers_world.callback("order", "0d5a-1")
        headers: Mapping[str, str] = told["headers"]
        wrong: list[dict[str, Any]] = [
            {"body": told["body"].replace(b"0d5a-1", b"0d5a-2")},
            {"url": told["url"].replace("hooks", "crooks")},
            {"headers": {name: value[::-1] for name, value in headers.items()}},
            {"headers": {}},
        ]
        for change in wrong:
            with pytest.raises(Refused):
                carrier.read_callback(**(told | change))
