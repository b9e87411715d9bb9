"""Which dialled numbers belong to which ``DialPattern``, as regular expressions of our own.

The sets do not overlap, and an expression never matches a number of another set: FusionPBX's
fax, click-to-call and follow-me pages pick a route by its expression alone, without the order
of dialplans and without those that refuse (read in the source of 5.5.13). So the refusals are
for the caller's ear, and the expressions are what keeps a closed prefix closed.

No expression holds a slash or a character that XML would escape: FusionPBX regenerates
dialplans without escaping, and matches some of them between slashes.
"""

from __future__ import annotations

from ringup.pbx.port import DialPattern

# Codes of the North American plan outside the United States and Canada, and the US territories,
# which carriers bill as international. Hawaii (808) and Alaska (907) are states and not here.
_ISLANDS = (
    "242|246|264|268|284|340|345|441|473|649|658|664|670|671|684|721|758|767|784|787"
    "|809|829|849|868|869|876|939"
)
# Pay-per-call, and numbers without a place, which cost extra or go nowhere.
_PREMIUM = "900|5(?:00|2[1-9]|3[23]|44|66|77|88)|6(?:00|22|33|44|55|77|88)|700|710"
_TOLL_FREE = "8(?:00|33|44|55|66|77|88)"
# In any area: exchange 976 is pay-per-call, 555-1212 is charged directory assistance.
_PREMIUM_LINE = r"976\d{4}|5551212"

_HOME = r"(?:\+?1)?"
_ABROAD = r"(?:011|00|\+)"
# Country codes without a country: satellite, shared cost and premium services. Never open.
_PREMIUM_ABROAD = "979|808|87[08]|88[123]"

# Each has one group: the digits for the carrier.
ALLOWED: dict[DialPattern, str] = {
    DialPattern.NANP: (
        rf"^{_HOME}((?!{_TOLL_FREE}|{_ISLANDS}|{_PREMIUM})[2-9]\d{{2}}"
        rf"(?!{_PREMIUM_LINE})[2-9]\d{{6}})$"
    ),
    DialPattern.TOLL_FREE: rf"^{_HOME}({_TOLL_FREE}[2-9]\d{{6}})$",
    DialPattern.INTERNATIONAL: rf"^{_ABROAD}((?!{_PREMIUM_ABROAD})[2-9]\d{{6,14}})$",
    DialPattern.ISLANDS: rf"^{_HOME}((?:{_ISLANDS})(?!{_PREMIUM_LINE})[2-9]\d{{6}})$",
    DialPattern.PREMIUM: (
        rf"^{_HOME}((?:{_PREMIUM})[2-9]\d{{6}}"
        rf"|(?!{_TOLL_FREE}|{_PREMIUM})[2-9]\d{{2}}(?:{_PREMIUM_LINE}))$"
    ),
}

# What is refused with a notice while the pattern is closed. Wider than what would be allowed.
REFUSED: dict[DialPattern, str] = {
    DialPattern.NANP: ALLOWED[DialPattern.NANP],
    DialPattern.TOLL_FREE: ALLOWED[DialPattern.TOLL_FREE],
    DialPattern.INTERNATIONAL: r"^(?:(?:011|00)\d+|\+(?!1\d{10}$)\d+)$",
    DialPattern.ISLANDS: rf"^{_HOME}((?:{_ISLANDS})\d{{7}})$",
    DialPattern.PREMIUM: (
        rf"^(?:{_HOME}(?:(?:{_PREMIUM})\d{{7}}|(?!{_TOLL_FREE})[2-9]\d{{2}}(?:{_PREMIUM_LINE}))"
        rf"|{_ABROAD}(?:{_PREMIUM_ABROAD})\d+)$"
    ),
}

# What goes in front of the digits that are sent to the carrier. International numbers go as
# 011 and the number, as North American carriers take them.
CARRIER_PREFIX: dict[DialPattern, str] = {
    DialPattern.NANP: "",
    DialPattern.TOLL_FREE: "",
    DialPattern.INTERNATIONAL: "011",
    DialPattern.ISLANDS: "",
    DialPattern.PREMIUM: "",
}

EMERGENCY = "^(911|933)$"
CRISIS_LINE = "^(988)$"
# 988 is reached at this number from lines whose carrier does not know the short one.
CRISIS_LINE_NUMBER = "18002738255"
# A tenant has no home area code, so seven digits are nobody's number.
NO_AREA_CODE = r"^\d{7}$"
