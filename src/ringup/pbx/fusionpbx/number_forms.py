"""How one number is written: stored, dialled, looked up and shown to the carrier."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringup.core.failures import OurFault

_E164 = re.compile(r"\+?([1-9]\d{6,14})", re.ASCII)
_NANP = re.compile(r"1([2-9]\d{2}[2-9]\d{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberForms:
    """One E.164 number in the forms that FusionPBX needs.

    North American: prefix ``1`` and ten digits, so that 10-, 11- and +11-digit calls answer
    (reference section 6.1, seen on a live 5.5.13). Others: no country code apart, all digits, so
    that the forms with and without ``+`` answer.
    """

    prefix: str
    number: str

    @property
    def digits(self) -> str:
        """All digits with the country code, without ``+``."""
        return self.prefix + self.number

    @property
    def stored_prefix(self) -> str:
        """What stands in the column: a lone ``+`` where no country code stands apart. Without
        anything there, saving the number in FusionPBX's editor takes the form with ``+`` away."""
        return self.prefix or "+"

    @property
    def expression(self) -> str:
        """The regular expression of an inbound route, as FusionPBX's destination editor makes it of
        prefix and number (saved unchanged on a live 5.5.13): the empty group is its own."""
        return rf"^\+?1?({self.number})$" if self.prefix else rf"^\+?(?:)?({self.number})$"

    @property
    def dialled(self) -> tuple[str, ...]:
        """Every form under which a call for this number may arrive; each has a cache key."""
        forms = (self.number, self.digits, "+" + self.digits)
        return tuple(dict.fromkeys(forms))

    @property
    def caller_id(self) -> str:
        """As outbound caller id: ten digits in North America, else digits with the country code."""
        return self.number


def number_forms(e164: str) -> NumberForms:
    """Take an E.164 number apart; the ``+`` may be missing."""
    match = _E164.fullmatch(e164)
    if match is None:
        raise OurFault(f"{e164!r} is not a telephone number in E.164 form")
    national = _NANP.fullmatch(match[1])
    return NumberForms("1", national[1]) if national else NumberForms("", match[1])


def caller_id(written: str) -> str:
    """What is shown to the carrier: an E.164 number with ``+`` in the form that is usual where it
    belongs; digits without one as they are, since the carrier has a form of its own."""
    forms = number_forms(written)
    return forms.caller_id if written.startswith("+") else written
