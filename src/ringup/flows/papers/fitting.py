"""Whether the papers of an order are those that another number needs."""

from __future__ import annotations

from ringup.carriers.port import NumberOffer
from ringup.core.sentences import Refusal
from ringup.flows.papers.asking_rules import rules_for
from ringup.numbers.models import OwnedNumber
from ringup.services.models import Service

UNFIT = (
    "This number needs other papers than those of the order. Nothing was changed. Choose one of the "
    "same place, or place a new order for it."
)


def fits(service: Service, number: OwnedNumber, offer: NumberOffer) -> bool:
    """Whether ``offer`` can stand in for the order's ``number``: one without papers for an order without,
    else one with the very same rules. Asks the carrier once a day for each place."""
    file = service.papers
    if file is None or not offer.needs_papers:
        return file is None and not offer.needs_papers
    if offer.place and offer.place == number.place:
        return True
    rules = rules_for(service.account, offer.place, field="e164")
    return bool(rules.key == file.requirement["key"])


def require_fit(service: Service, number: OwnedNumber, offer: NumberOffer) -> None:
    """Refuse a number whose papers nobody has told."""
    if not fits(service, number, offer):
        raise Refusal(UNFIT, field="e164")
