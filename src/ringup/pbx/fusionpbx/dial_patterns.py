"""Which dialled numbers belong to which ``DialPattern``, as regular expressions of our own.

The sets do not overlap, and an expression never matches a number of another set: FusionPBX's
fax, click-to-call and follow-me pages pick a route by its expression alone, without the order
of dialplans and without those that refuse (read in the source of 5.5.13). So the refusals are
for the caller's ear, and the expressions are what keeps a closed prefix closed.

No expression holds a slash or a character that XML would escape: FusionPBX regenerates
dialplans without escaping, and matches some of them between slashes.
"""

from __future__ import annotations

from ringup.pbx.number_plan import ISLANDS, PREMIUM, PREMIUM_ABROAD, PREMIUM_LINE, TOLL_FREE
from ringup.pbx.port import DialPattern

_HOME = r"(?:\+?1)?"
_ABROAD = r"(?:011|00|\+)"

# Each has one group: the digits for the carrier.
ALLOWED: dict[DialPattern, str] = {
    DialPattern.NANP: (
        rf"^{_HOME}((?!{TOLL_FREE}|{ISLANDS}|{PREMIUM})[2-9]\d{{2}}"
        rf"(?!{PREMIUM_LINE})[2-9]\d{{6}})$"
    ),
    DialPattern.TOLL_FREE: rf"^{_HOME}({TOLL_FREE}[2-9]\d{{6}})$",
    DialPattern.INTERNATIONAL: rf"^{_ABROAD}((?!{PREMIUM_ABROAD})[2-9]\d{{6,14}})$",
    DialPattern.ISLANDS: rf"^{_HOME}((?:{ISLANDS})(?!{PREMIUM_LINE})[2-9]\d{{6}})$",
    DialPattern.PREMIUM: (
        rf"^{_HOME}((?:{PREMIUM})[2-9]\d{{6}}"
        rf"|(?!{TOLL_FREE}|{PREMIUM})[2-9]\d{{2}}(?:{PREMIUM_LINE}))$"
    ),
}

# What is refused with a notice while the pattern is closed. Wider than what would be allowed.
REFUSED: dict[DialPattern, str] = {
    DialPattern.NANP: ALLOWED[DialPattern.NANP],
    DialPattern.TOLL_FREE: ALLOWED[DialPattern.TOLL_FREE],
    DialPattern.INTERNATIONAL: r"^(?:(?:011|00)\d+|\+(?!1\d{10}$)\d+)$",
    DialPattern.ISLANDS: rf"^{_HOME}((?:{ISLANDS})\d{{7}})$",
    DialPattern.PREMIUM: (
        rf"^(?:{_HOME}(?:(?:{PREMIUM})\d{{7}}|(?!{TOLL_FREE})[2-9]\d{{2}}(?:{PREMIUM_LINE}))"
        rf"|{_ABROAD}(?:{PREMIUM_ABROAD})\d+)$"
    ),
}

EMERGENCY = "^(911|933)$"
CRISIS_LINE = "^(988)$"
# 988 is reached at this number from lines whose carrier does not know the short one.
CRISIS_LINE_NUMBER = "18002738255"
# A tenant has no home area code, so seven digits are nobody's number.
NO_AREA_CODE = r"^\d{7}$"
