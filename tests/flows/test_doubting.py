"""Doubts about an order: a pure function over facts, row by row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ringup.core.money import Money
from ringup.core.phones import country_of
from ringup.flows.checkout.doubting import Facts, doubts

pytestmark = pytest.mark.once


def usd(amount: int) -> Money:
    return Money.of(Decimal(amount), "USD")


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (Facts(), ""),
        (Facts(email="anna@example.com", names=("Karoo (Pty) Ltd", "Anna O'Neill")), ""),
        (Facts(email="x@mailinator.com"), "of mailinator.com"),
        (Facts(email="x@eu.Mailinator.com"), "of eu.mailinator.com"),
        (Facts(email="x@notmailinator.com"), ""),
        (Facts(names=("Acme", "<b>Anna</b>")), "like markup: <b>Anna</b>"),
        (Facts(names=("Win at https://evil.example",)), "reads like an address"),
        (Facts(names=("www.win.example",)), "reads like an address"),
        (Facts(names=("evil.com/win",)), "reads like an address"),
        (Facts(names=("Yahoo.com Ltd", "Smith & Sons")), ""),
        (Facts(known_login="anna@example.com"), "has an account already: anna@example.com"),
        (Facts(phone_country="US", company_country="US"), ""),
        (Facts(phone_country="US", company_country="CA"), "of United States, the company of Canada"),
        (Facts(phone_country="", company_country="CA"), ""),
        (Facts(phone_country="US", regulated_countries=("DE", "DE")), "number of Germany needs papers"),
        (Facts(company_country="DE", phone_country="DE", regulated_countries=("DE",)), ""),
        (Facts(regulated_countries=("DE",)), ""),
        (Facts(blocked_relatives=("Acme",)), "Acme, a client with the same e-mail"),
        (Facts(rejected_relatives=("Acme",)), "An order of Acme"),
        (Facts(other_waiting=1), "1 order of other clients with the same e-mail"),
        (Facts(other_waiting=2), "2 orders of other clients"),
        (Facts(given_once=("the code HI",)), ""),
        (Facts(given_once=("the code HI",), orders_of_network=1), ""),
        (Facts(given_once=("the code HI",), orders_of_network=2), "gets once (the code HI), and 2"),
        (Facts(relatives=("Acme",)), ""),
        (Facts(given_once=("the code HI",), relatives=("Acme", "Old")), "or telephone: Acme, Old."),
        (Facts(orders_of_network=3), ""),
        (Facts(orders_of_network=4), "4 orders came from this network today"),
        (Facts(is_first=True, first_payment=usd(500)), ""),
        (Facts(is_first=True, first_payment=usd(501)), "first order, and begins with"),
        (Facts(is_first=False, first_payment=usd(5000)), ""),
    ],
)  # fmt: skip
def test_each_doubt_and_what_gives_none(facts: Facts, says: str) -> None:
    found = doubts(facts)
    assert len(found) == (1 if says else 0), found
    assert says in "".join(found)


def test_all_doubts_stand_side_by_side() -> None:
    assert len(doubts(Facts(email="x@yopmail.com", other_waiting=3, orders_of_network=9))) == 3


@pytest.mark.parametrize(
    ("e164", "country"),
    [("+14165550142", "CA"), ("+12125550142", "US"), ("+493012345678", "DE"), ("+18005550142", ""),
     ("+80012345678", ""), ("", ""), ("nonsense", "")],
)  # fmt: skip
def test_the_country_of_a_telephone(e164: str, country: str) -> None:
    assert (
        country_of(e164) in {country, "US"}
        if e164.startswith("+1800")
        else country_of(e164) == country
    )
