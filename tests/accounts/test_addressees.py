"""To whom mails about a client go."""

from __future__ import annotations

import pytest

from ringup.accounts.addressees import addressees
from ringup.accounts.member_roles import MemberRole, Topic
from ringup.accounts.models import Client, Membership, User
from tests.world import make_client, make_user


@pytest.fixture
def acme(db: None) -> Client:
    client = make_client("Acme")
    make_user("alice", client)
    make_user("bob", client, role=MemberRole.TECHNICAL)
    make_user("bella", client, role=MemberRole.BILLING)
    return client


def names(client: Client, topic: Topic, *, must: bool = False) -> list[str]:
    return [one.email.partition("@")[0] for one in addressees(client, topic, must=must)]


def test_each_role_hears_what_it_is_there_for(acme: Client) -> None:
    assert names(acme, Topic.ORDERS) == ["office", "alice", "bob"]
    assert names(acme, Topic.SERVICE) == ["office", "alice", "bob"]
    assert names(acme, Topic.BILLING) == ["office", "alice", "bella"]


def test_a_choice_counts_and_a_login_that_is_off_hears_nothing(acme: Client) -> None:
    Membership.objects.filter(user__first_name="Bella").update(topics=["orders"])
    Membership.objects.filter(user__first_name="Bob").update(topics=[])
    User.objects.filter(first_name="Alice").update(is_active=False)
    assert names(acme, Topic.ORDERS) == ["office", "bella"]


def test_a_mailbox_gets_a_mail_once(acme: Client) -> None:
    """After a checkout the company's address is its owner's."""
    acme.email = "Alice@Example.com"
    acme.save()
    found = addressees(acme, Topic.ORDERS)
    assert (found[0].email, found[0].suffix) == ("Alice@Example.com", "")
    assert found[0].user == User.objects.get(first_name="Alice")
    assert names(acme, Topic.ORDERS) == ["Alice", "bob"]


def test_who_wants_nothing_gets_only_what_waits_for_him(acme: Client) -> None:
    acme.email = "alice@example.com"
    acme.save()
    Membership.objects.update(topics=[])
    assert names(acme, Topic.ORDERS) == []
    assert names(acme, Topic.ORDERS, must=True) == ["alice"]
