"""Approved papers, used again: only one's own, only what the carrier approved, only what fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.papers import Area, Level
from ringup.core.sentences import Refusal
from ringup.regulatory import filling, reusing
from ringup.regulatory.models import Address, Identity, RegulatoryFile
from tests.regulatory.requirements import AREA_OF_BOTH, AREAS, COMPANY, FIRM, PERSON, SOMEBODY
from tests.world import make_client


def begin(client: Client, account: CarrierAccount) -> RegulatoryFile:
    return filling.begin(
        client=client, brand=client.brand, account=account, requirement=AREA_OF_BOTH
    )


@pytest.fixture
def verified(client_of_karoo: Client, account: CarrierAccount) -> tuple[Identity, Address]:
    """A person of the client's whom the carrier knows."""
    file = begin(client_of_karoo, account)
    filling.save_answers(file, SOMEBODY)
    for model in (Identity, Address):
        model.objects.update(approved=timezone.now(), carrier_key="known")
    RegulatoryFile.objects.update(state="active")
    return Identity.objects.get(), Address.objects.get()


def test_approved_papers_are_offered_again(
    verified: tuple[Identity, Address], client_of_karoo: Client, account: CarrierAccount
) -> None:
    assert reusing.reusable(client_of_karoo, account, AREA_OF_BOTH) == [verified]
    assert reusing.reusable(client_of_karoo, account, AREA_OF_BOTH, areas=AREAS) == [verified]


@pytest.mark.parametrize(
    "rules",
    [
        replace(AREA_OF_BOTH, identities=(COMPANY,)),
        replace(AREA_OF_BOTH, country="DE"),
        replace(AREA_OF_BOTH, identities=(replace(PERSON, fields=COMPANY.fields),)),
    ],
)
def test_what_does_not_fit_is_not_offered(
    verified: tuple[Identity, Address],
    client_of_karoo: Client,
    account: CarrierAccount,
    rules: object,
) -> None:
    assert reusing.reusable(client_of_karoo, account, rules) == []  # type: ignore[arg-type]


def test_an_address_in_another_area_is_not_offered(
    verified: tuple[Identity, Address], client_of_karoo: Client, account: CarrierAccount
) -> None:
    elsewhere = [Area("a-dur", "Durban")]
    assert reusing.reusable(client_of_karoo, account, AREA_OF_BOTH, areas=elsewhere) == []
    anywhere = replace(AREA_OF_BOTH, address_level=Level.COUNTRY)
    assert reusing.reusable(client_of_karoo, account, anywhere) == [verified]


def test_not_what_was_never_approved_or_is_erased(
    verified: tuple[Identity, Address], client_of_karoo: Client, account: CarrierAccount
) -> None:
    Address.objects.update(erased=timezone.now())
    assert reusing.reusable(client_of_karoo, account, AREA_OF_BOTH) == []
    Address.objects.update(erased=None, approved=None)
    assert reusing.reusable(client_of_karoo, account, AREA_OF_BOTH) == []


def test_nobody_gets_anothers_papers(
    verified: tuple[Identity, Address], account: CarrierAccount
) -> None:
    stranger = make_client("Stranger")
    assert reusing.reusable(stranger, account, AREA_OF_BOTH) == []
    assert reusing.reusable(None, account, AREA_OF_BOTH) == []
    file = begin(stranger, account)
    with pytest.raises(Refusal):
        reusing.reuse(file, *verified)
    guests = filling.begin(
        client=None, brand=stranger.brand, account=account, requirement=AREA_OF_BOTH
    )
    with pytest.raises(Refusal):
        reusing.reuse(guests, *verified)


def test_used_again_they_are_the_same_rows_and_stay_when_the_draft_goes(
    verified: tuple[Identity, Address], client_of_karoo: Client, account: CarrierAccount
) -> None:
    file = begin(client_of_karoo, account)
    filling.save_answers(file, FIRM)
    reusing.reuse(file, *verified)
    assert (file.identity, file.address) == verified
    assert Identity.objects.get() == verified[0], "what was typed before is erased"
    filling.discard(file)
    assert Identity.objects.get() == verified[0]


def test_typing_after_that_does_not_write_over_approved_papers(
    verified: tuple[Identity, Address], client_of_karoo: Client, account: CarrierAccount
) -> None:
    file = begin(client_of_karoo, account)
    reusing.reuse(file, *verified)
    filling.save_answers(file, SOMEBODY | {"last_name": "Dlamini"})
    assert file.identity != verified[0]
    first = RegulatoryFile.objects.exclude(pk=file.pk).get()
    assert filling.answers_of(first)["last_name"] == "Mokoena"
