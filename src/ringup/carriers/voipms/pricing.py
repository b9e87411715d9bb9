"""Rows of what is on sale, as offers at the prices of the account's billing type."""

from __future__ import annotations

from collections.abc import Iterable

from ringup.carriers.port import NumberOffer, NumberType, PlaceOffer
from ringup.carriers.voipms.coercing import Row, amount, flag, text
from ringup.carriers.voipms.numbering import e164_of, ten_digits
from ringup.carriers.voipms.settings import FLAT, Settings
from ringup.core.money import Money

VOICE = frozenset({"voice"})
VOICE_AND_SMS = frozenset({"voice", "sms"})
TOLL_FREE_PLACE = "Toll Free"
SMALL_WORDS = {"Of": "of", "And": "and"}


class Pricing:
    """Reads the rows of one answer. A row whose price or number cannot be read is not offered: a
    price guessed too low would be sold.

    A state may have tens of thousands of rows and has a handful of prices: each amount and each name
    is read once.
    """

    def __init__(self, settings: Settings, *, currency: str) -> None:
        self._is_flat = settings.billing_type == FLAT
        self._currency = currency
        self._amounts: dict[str, Money | None] = {}
        self._names: dict[str, str] = {}

    def numbers(self, rows: Iterable[Row], country: str, region_field: str) -> list[NumberOffer]:
        """Numbers of a state or province, whose code stands in ``region_field``."""
        plan = "flat" if self._is_flat else "perminute"
        monthly_field, setup_field = f"{plan}_monthly", f"{plan}_setup"
        name_field = f"{region_field}_description"
        offers = []
        for row in rows:
            e164 = e164_of(text(row, "did"))
            monthly, setup = self._price(row, monthly_field), self._price(row, setup_field)
            if monthly is None or setup is None or not ten_digits(e164):
                continue
            offers.append(
                NumberOffer(
                    e164=e164,
                    country=country,
                    region=text(row, region_field),
                    rate_centre=text(row, "ratecenter"),
                    monthly=monthly,
                    setup=setup,
                    region_name=self._name(text(row, name_field)),
                    features=VOICE_AND_SMS if flag(row, "sms") else VOICE,
                )
            )
        return offers

    def toll_free(self, rows: Iterable[Row], country: str) -> list[NumberOffer]:
        """Toll-free numbers, which have one price whatever the billing type is."""
        offers = []
        for row in rows:
            e164 = e164_of(text(row, "did"))
            monthly, setup = self._price(row, "monthly"), self._price(row, "setup")
            if monthly is None or setup is None or not ten_digits(e164):
                continue
            offers.append(
                NumberOffer(
                    e164=e164,
                    country=country,
                    region="",
                    rate_centre=TOLL_FREE_PLACE,
                    monthly=monthly,
                    setup=setup,
                    number_type=NumberType.TOLL_FREE,
                )
            )
        return offers

    def places(self, rows: Iterable[Row], country: str, kind: NumberType) -> list[PlaceOffer]:
        """Locations abroad. Whether papers are needed is told nowhere: it is assumed, since most
        countries ask for them and a number without them may be taken away."""
        # Toll-free ones are sold one way only, under the names of the flat price.
        ending = "" if self._is_flat or kind is NumberType.TOLL_FREE else "_per_minute"
        offers = []
        for row in rows:
            key, quantity = text(row, "location_id"), _quantity(row)
            monthly, setup = (
                self._price(row, f"monthly{ending}"),
                self._price(row, f"setup{ending}"),
            )
            if monthly is None or setup is None or not key or quantity == 0:
                continue
            offers.append(
                PlaceOffer(
                    key=key,
                    country=country,
                    region="",
                    rate_centre=_place(row, kind),
                    monthly=monthly,
                    setup=setup,
                    prefix=text(row, "area_code"),
                    quantity=quantity,
                    number_type=kind,
                    needs_papers=True,
                )
            )
        return offers

    def _price(self, row: Row, field: str) -> Money | None:
        written = text(row, field)
        if written not in self._amounts:
            price = amount(written, self._currency)
            is_price = price is not None and price.micros >= 0
            self._amounts[written] = price if is_price else None
        return self._amounts[written]

    def _name(self, capitals: str) -> str:
        if capitals not in self._names:
            self._names[capitals] = in_words(capitals)
        return self._names[capitals]


def in_words(capitals: str) -> str:
    """``District of Columbia`` for ``DISTRICT OF COLUMBIA``."""
    return " ".join(SMALL_WORDS.get(word, word) for word in capitals.title().split())


def _quantity(row: Row) -> int | None:
    """How many a location has; None where it does not say."""
    stock = text(row, "stock")
    return int(stock) if stock.isascii() and stock.isdigit() else None


def _place(row: Row, kind: NumberType) -> str:
    """A national or toll-free number belongs to no place; VoIP.ms writes the kind instead."""
    if kind is NumberType.GEOGRAPHIC:
        return in_words(text(row, "location_name"))
    return TOLL_FREE_PLACE if kind is NumberType.TOLL_FREE else "National"
