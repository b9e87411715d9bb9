"""Which dialled numbers belong to which ``DialPattern``, as regular expressions of our own.

The sets do not overlap, and an expression never matches a number of another set: FusionPBX's
fax, click-to-call and follow-me pages pick a route by its expression alone, without the order
of dialplans and without those that refuse (read in the source of 5.5.13). So the refusals are
for the caller's ear, and the expressions are what keeps a closed prefix closed.

No expression holds a slash or a character that XML would escape: FusionPBX regenerates
dialplans without escaping, and matches some of them between slashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ringup.pbx.home_plan import HomePlan
from ringup.pbx.number_plan import ISLANDS, PREMIUM, PREMIUM_ABROAD, PREMIUM_LINE, TOLL_FREE
from ringup.pbx.port import DialPattern

# In North America its numbers are dialled with or without the 1, and 011 leads abroad.
_HERE, _FROM_HERE = r"(?:\+?1)?", r"(?:011|00|\+)"
# Elsewhere they are abroad, and 011 may be the start of an area's numbers.
_THERE, _FROM_THERE = r"(?:\+|00)1", r"(?:00|\+)"


@dataclass(frozen=True, slots=True)
class DialSets:
    """``allowed`` has one group in each: the digits for the carrier. ``refused`` is what is refused with
    a notice while the set is closed, wider than what would be allowed; ``always_refused`` is never
    open; ``emergency`` are the numbers of police and ambulance."""

    allowed: dict[DialPattern, str]
    refused: dict[DialPattern, str]
    emergency: str
    always_refused: str = ""


@cache
def sets_of(home: HomePlan | None) -> DialSets:
    """The sets of a PBX at home in North America (None), or in another country."""
    if home is None:
        return _sets(_HERE, _FROM_HERE, "2-9", "")
    abroad = _sets(_THERE, _FROM_THERE, "1-9", f"1|{home.calling_code}")
    own = rf"(?:{home.trunk_prefix or ''}(?!0)|(?:00|\+)?{home.calling_code})"
    if not home.trunk_prefix:
        own = rf"(?:(?:00|\+)?{home.calling_code})?"
    return DialSets(
        allowed=abroad.allowed | {DialPattern.HOME: rf"^{own}({home.number})$"},
        refused=abroad.refused | {DialPattern.HOME: rf"^{own}\d{{5,}}$"},
        emergency=f"^({'|'.join(filter(None, ('911|933', home.emergency)))})$",
        always_refused=rf"^{own}(?:{home.costly})$" if home.costly else "",
    )


def _sets(nanp: str, abroad: str, first: str, not_abroad: str) -> DialSets:
    """``nanp`` is dialled before a North American number, ``abroad`` before a country code, whose first
    digit is of ``first`` and which is none of ``not_abroad``."""
    closed = f"{PREMIUM_ABROAD}|{not_abroad}" if not_abroad else PREMIUM_ABROAD
    own = rf"(?!{not_abroad})" if not_abroad else r"(?!1\d{10}$)"
    allowed = {
        DialPattern.NANP: (
            rf"^{nanp}((?!{TOLL_FREE}|{ISLANDS}|{PREMIUM})[2-9]\d{{2}}"
            rf"(?!{PREMIUM_LINE})[2-9]\d{{6}})$"
        ),
        DialPattern.TOLL_FREE: rf"^{nanp}({TOLL_FREE}[2-9]\d{{6}})$",
        DialPattern.INTERNATIONAL: rf"^{abroad}((?!{closed})[{first}]\d{{6,14}})$",
        DialPattern.ISLANDS: rf"^{nanp}((?:{ISLANDS})(?!{PREMIUM_LINE})[2-9]\d{{6}})$",
        DialPattern.PREMIUM: (
            rf"^{nanp}((?:{PREMIUM})[2-9]\d{{6}}"
            rf"|(?!{TOLL_FREE}|{PREMIUM})[2-9]\d{{2}}(?:{PREMIUM_LINE}))$"
        ),
    }
    refused = {
        DialPattern.NANP: allowed[DialPattern.NANP],
        DialPattern.TOLL_FREE: allowed[DialPattern.TOLL_FREE],
        DialPattern.INTERNATIONAL: (
            rf"^{abroad}{own}\d+$" if not_abroad else rf"^(?:(?:011|00)\d+|\+{own}\d+)$"
        ),
        DialPattern.ISLANDS: rf"^{nanp}((?:{ISLANDS})\d{{7}})$",
        DialPattern.PREMIUM: (
            rf"^(?:{nanp}(?:(?:{PREMIUM})\d{{7}}|(?!{TOLL_FREE})[2-9]\d{{2}}(?:{PREMIUM_LINE}))"
            rf"|{abroad}(?:{PREMIUM_ABROAD})\d+)$"
        ),
    }
    return DialSets(allowed, refused, EMERGENCY)


EMERGENCY = "^(911|933)$"
CRISIS_LINE = "^(988)$"
# 988 is reached at this number from lines whose carrier does not know the short one.
CRISIS_LINE_NUMBER = "18002738255"
# A tenant has no home area code, so seven digits are nobody's number.
NO_AREA_CODE = r"^\d{7}$"
ALLOWED, REFUSED = sets_of(None).allowed, sets_of(None).refused
