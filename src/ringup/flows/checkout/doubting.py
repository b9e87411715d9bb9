"""Why staff should look twice before it approves an order: sentences, computed when it is placed.

A doubt keeps nobody from ordering. It never names what a buyer could learn from: clients do not see it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringup.core.money import Money
from ringup.core.phones import country_name
from ringup.core.sentences import counted

# Mail domains that give anybody a mailbox for some minutes. Block what is missing by a rule.
THROW_AWAY = frozenset(
    {
        "10minutemail.com", "discard.email", "dispostable.com", "emailondeck.com", "fakeinbox.com",
        "getnada.com", "grr.la", "guerrillamail.com", "mail-temp.com", "mailcatch.com",
        "maildrop.cc", "mailinator.com", "mailnesia.com", "mintemail.com", "moakt.com",
        "mohmal.com", "sharklasers.com", "spambog.com", "temp-mail.org", "tempail.com",
        "tempmail.dev", "tempr.email", "throwawaymail.com", "trashmail.com", "yopmail.com",
    }
)  # fmt: skip
MARKUP = re.compile(r"[<>]|https?:|www\.|\[/?url|\{\{|\.(?:com|net|org|ru|xyz|top)/", re.IGNORECASE)
# Orders of one network in a day, from which on they are many.
MANY_ORDERS = 4
# Units of the order's currency at once, of who has never paid here.
LARGE_FIRST_PAYMENT = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an order's buyer when he places it. Countries are ISO 3166, empty: unknown."""

    email: str = ""
    names: tuple[str, ...] = ()
    phone_country: str = ""
    company_country: str = ""
    # Countries of the ordered numbers for which the authority asks for papers.
    regulated_countries: tuple[str, ...] = ()
    # Today, with this one; of staff, which orders for others, none.
    orders_of_network: int = 0
    # The login that has the buyer's address, where the order is a new client's.
    known_login: str = ""
    # Names of other clients with the same e-mail address or telephone.
    blocked_relatives: tuple[str, ...] = ()
    rejected_relatives: tuple[str, ...] = ()
    other_waiting: int = 0
    # Names of all of them, and what the order gets that a client gets once.
    relatives: tuple[str, ...] = ()
    given_once: tuple[str, ...] = ()
    is_first: bool = False
    first_payment: Money | None = None


def doubts(facts: Facts) -> list[str]:
    """The sentences for staff; none for most orders."""
    return [
        *_about_identity(facts),
        *_about_places(facts),
        *_about_relatives(facts),
        *_about_what_is_given_once(facts),
        *_about_size(facts),
    ]


def _about_identity(facts: Facts) -> list[str]:
    found = []
    domain = facts.email.rpartition("@")[2].lower()
    labels = domain.split(".")
    if any(".".join(labels[place:]) in THROW_AWAY for place in range(len(labels))):
        found.append(f"The e-mail address is of {domain}, which gives away mailboxes for minutes.")
    found += [
        f"A name reads like an address or like markup: {name[:60]}"
        for name in facts.names
        if MARKUP.search(name)
    ]
    if facts.known_login:
        found.append(
            f"This address has an account already: {facts.known_login}. Its owner was invited to "
            "this client by mail. Until he accepts, the client belongs to nobody."
        )
    return found


def _about_places(facts: Facts) -> list[str]:
    found = []
    phone, company = facts.phone_country, facts.company_country
    if phone and company and phone != company:
        found.append(
            f"The telephone is of {country_name(phone)}, the company of {country_name(company)}."
        )
    home = company or phone
    for country in dict.fromkeys(facts.regulated_countries):
        if home and country != home:
            found.append(
                f"A number of {country_name(country)} needs papers there, and the client is in "
                f"{country_name(home)}."
            )
    return found


def _about_relatives(facts: Facts) -> list[str]:
    found = [
        f"{name}, a client with the same e-mail address or telephone, is blocked."
        for name in facts.blocked_relatives
    ]
    found += [
        f"An order of {name}, a client with the same e-mail address or telephone, was rejected."
        for name in facts.rejected_relatives
    ]
    if facts.other_waiting:
        orders = counted(facts.other_waiting, "order")
        found.append(
            f"{orders} of other clients with the same e-mail address or telephone "
            f"{'waits' if facts.other_waiting == 1 else 'wait'}, too."
        )
    return found


def _about_what_is_given_once(facts: Facts) -> list[str]:
    """Under another address anybody is a new client once more."""
    if not facts.given_once:
        return []
    perks = " and ".join(facts.given_once)
    found = []
    if facts.relatives:
        found.append(
            f"It has what a client gets once ({perks}), and other clients have the same e-mail address "
            f"or telephone: {', '.join(facts.relatives)}."
        )
    if facts.orders_of_network > 1:
        found.append(
            f"It has what a client gets once ({perks}), and {facts.orders_of_network} orders came from "
            "this network today."
        )
    return found


def _about_size(facts: Facts) -> list[str]:
    found = []
    if facts.orders_of_network >= MANY_ORDERS:
        found.append(f"{facts.orders_of_network} orders came from this network today.")
    payment = facts.first_payment
    if facts.is_first and payment and payment.micros > LARGE_FIRST_PAYMENT * 1_000_000:
        found.append(f"It is the client's first order, and begins with {payment}.")
    return found
