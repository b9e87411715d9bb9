"""A carrier's own side of one account: it can sell, own and misbehave, and it knows the truth."""

from __future__ import annotations

from typing import Protocol

from ringup.carriers.port import Carrier, SipTrunk


class CarrierWorld(Protocol):
    """The carrier's own side of one account."""

    def open(self, *, reachable: bool = True, right_password: bool = True) -> Carrier:
        """A new adapter; optionally where nobody listens, or with a wrong password."""

    def number_for_sale(self) -> str: ...

    def sell_to_somebody_else(self, e164: str) -> None: ...

    def own_without_us(self, e164: str, note: str) -> None:
        """The number is in the inventory, bought by hand, with ``note`` where our reference goes."""

    def inventory(self) -> dict[str, str]:
        """The truth: number -> what stands where our reference goes."""

    def numbers_charged(self) -> list[str]:
        """Every charge for a new number, as the number."""

    def trunk_passwords(self) -> list[str]: ...

    def register(self, trunk: SipTrunk) -> None:
        """A device registers with the trunk."""

    def entries(self) -> int:
        """How many forwardings and SIP entries there are."""

    def settings_of(self, e164: str) -> object:
        """All that the inventory knows of a number, but for what stands where our reference goes."""

    def empty_area(self) -> str:
        """The key of an area in which nothing is on sale."""

    def cut_next_list(self) -> None:
        """The next list of numbers arrives cut off."""

    def lose_reply_to_order(self, *, acting: bool) -> None: ...

    def lose_reply_to_adoption(self, *, acting: bool) -> None: ...


class KeepingWorld(CarrierWorld, Protocol):
    """The side of a carrier that keeps numbers for its customers."""

    def keep_for_somebody_else(self, e164: str) -> None: ...

    def let_reservations_end(self) -> None:
        """Time passes until every reservation has ended by itself."""

    def lose_reply_to_reservation(self, *, acting: bool) -> None: ...


class PlaceWorld(CarrierWorld, Protocol):
    """The side of a carrier that sells by place."""

    def place_for_sale(self) -> str:
        """The key of a place with some numbers."""

    def sell_out(self, place: str) -> None: ...

    def orders_wait(self) -> None:
        """Orders are taken from now on, and not carried out until ``carry_out_orders``."""

    def carry_out_orders(self) -> None: ...

    def lose_reply_to_order_of(self, *, acting: bool) -> None: ...
