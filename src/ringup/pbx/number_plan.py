"""Which codes cost extra, as alternatives of a regular expression."""

from __future__ import annotations

# Codes of the North American plan outside the United States and Canada, and the US territories,
# which carriers bill as international. Hawaii (808) and Alaska (907) are states and not here.
ISLANDS = (
    "242|246|264|268|284|340|345|441|473|649|658|664|670|671|684|721|758|767|784|787"
    "|809|829|849|868|869|876|939"
)
# Pay-per-call, and numbers without a place, which cost extra or go nowhere.
PREMIUM = "900|5(?:00|2[1-9]|3[23]|44|66|77|88)|6(?:00|22|33|44|55|77|88)|700|710"
TOLL_FREE = "8(?:00|33|44|55|66|77|88)"
# In any area: exchange 976 is pay-per-call, 555-1212 is charged directory assistance.
PREMIUM_LINE = r"976\d{4}|5551212"
# Country codes without a country: satellite, shared cost and premium services. Never open.
PREMIUM_ABROAD = "979|808|87[08]|88[123]"
