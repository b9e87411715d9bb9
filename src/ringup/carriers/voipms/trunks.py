"""Sub-accounts: SIP credentials of their own, one per reference.

The name is ``<main account>_<ten letters and digits of the reference>``; the whole reference
stands at the beginning of the description and proves that a sub-account of that name is ours.
The list of sub-accounts shows passwords in clear, so none of its rows leaves this module.
"""

from __future__ import annotations

import re
import uuid

from ringup.carriers.port import SipTrunk
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.coercing import Row, flag, readable_list, text
from ringup.carriers.voipms.servers import Servers
from ringup.carriers.voipms.settings import PORTS, TLS, Settings
from ringup.core.failures import NothingHappened, NotOurs, OutcomeUnknown, PortFailure
from ringup.core.ids import letters

SIP, BY_PASSWORD, IP_PBX = "1", "1", "1"
LONGEST_LABEL = 40
# Fields that a change replaces as a whole: what is left out is lost.
KEPT = (
    "description",
    "auth_type",
    "device_type",
    "callerid_number",
    "canada_routing",
    "lock_international",
    "allow225",
    "international_route",
    "music_on_hold",
    "language",
    "record_calls",
    "allowed_codecs",
    "dtmf_mode",
    "nat",
    "sip_traffic",
    "max_expiry",
    "rtp_timeout",
    "rtp_hold_timeout",
    "ip_restriction",
    "enable_ip_restriction",
    "pop_restriction",
    "enable_pop_restriction",
    "send_bye",
    "internal_extension",
    "internal_voicemail",
    "internal_dialtime",
    "reseller_client",
    "reseller_package",
    "reseller_nextbilling",
    "parking_lot",
    "enable_internal_cnam",
    "internal_cnam",
    "default_e911",
    "call_pickup_behavior",
    "dialing_mode",
    "tfcarrier",
    "internal_extension_location",
)
NOT_SET = frozenset({"", "-1", "0000-00-00"})


class Trunks:
    """The sub-accounts made by us, found by their references."""

    def __init__(self, client: VoipMsClient, servers: Servers, settings: Settings) -> None:
        self._client = client
        self._servers = servers
        self._settings = settings

    def find(self, reference: uuid.UUID) -> SipTrunk | None:
        row = self._row(reference)
        if row is None or not _is_ours(row, reference):
            return None
        return self._trunk(reference, text(row, "account"))

    def is_registered(self, reference: uuid.UUID) -> bool | None:
        """From ``getRegistrationStatus``, as its documentation describes it; unverified live."""
        trunk = self.find(reference)
        if trunk is None:
            return None
        answer = self._client.read("getRegistrationStatus", account=trunk.username)
        return flag(answer, "registered")

    def create(self, reference: uuid.UUID, *, password: str, label: str) -> SipTrunk:
        self._servers.host()  # asked before anything is made: without it there is no trunk
        row = self._row(reference)
        if row is None:
            account = self._make(reference, password, label)
        elif _is_ours(row, reference):
            account = text(row, "account")
            self._set_password(row, password)
        else:
            raise NotOurs(
                f"The sub-account {text(row, 'account')} exists at VoIP.ms, and its description "
                f"does not carry our reference {reference}. Nothing was changed."
            )
        return self._trunk(reference, account, password)

    def delete(self, reference: uuid.UUID) -> None:
        row = self._row(reference)
        if row is not None and _is_ours(row, reference):
            self._client.write("delSubAccount", {"id": text(row, "id")}, fine=("invalid_id",))

    def _row(self, reference: uuid.UUID) -> Row | None:
        """The sub-account with the name of this reference, whoever made it."""
        ending = f"_{letters(reference)}"
        # Only the full name is understood as a filter, and it needs the main account's number. A
        # miss proves nothing: then all are listed.
        filters = [f"{self._settings.account}{ending}", ""] if self._settings.account else [""]
        for account in filters:
            answer = self._client.read("getSubAccounts", account=account)
            for row in readable_list(answer, "accounts", "account"):
                if text(row, "account").endswith(ending):
                    return row
        return None

    def _make(self, reference: uuid.UUID, password: str, label: str) -> str:
        """The name of a new sub-account."""
        wanted = {
            "username": letters(reference),
            "description": f"{reference} {_plain(label)}".strip(),
            "protocol": SIP,
            "auth_type": BY_PASSWORD,
            "password": password,
            "device_type": IP_PBX,
            "lock_international": "1" if self._settings.locks_international else "0",
            "international_route": self._settings.international_route,
            "canada_routing": self._settings.canada_routing,
            # Whoever dials *225 would hear the reseller's balance.
            "allow225": "0",
            # «none» is refused; this is called "No Music".
            "music_on_hold": "default",
            "allowed_codecs": self._settings.codecs,
            "dtmf_mode": "auto",
            "nat": "yes",
            "sip_traffic": "1" if self._settings.transport == TLS else "0",
        }
        if self._settings.caller_id:
            # Without it VoIP.ms shows what the PBX sends: the tenant's own number.
            wanted["callerid_number"] = self._settings.caller_id
        # The name is taken although the look before did not show it: the next look decides whose.
        refusals = {"used_username": _name_taken}
        answer = self._client.write("createSubAccount", wanted, refusals=refusals)
        if not (account := text(answer, "account")):
            raise OutcomeUnknown("VoIP.ms took createSubAccount and does not name the account.")
        return account

    def _set_password(self, row: Row, password: str) -> None:
        """Full replace of everything else by itself. Setting the same one again might count as
        reuse, so it is not sent."""
        if text(row, "password") == password:
            return
        kept = {name: text(row, name) for name in KEPT}
        if not flag(row, "enable_pop_restriction"):
            # Without a restriction the whole list of servers comes back.
            del kept["pop_restriction"]
        change = {name: value for name, value in kept.items() if value not in NOT_SET}
        self._client.write("setSubAccount", change | {"id": text(row, "id"), "password": password})

    def _trunk(self, reference: uuid.UUID, account: str, password: str = "") -> SipTrunk:
        return SipTrunk(
            reference=reference,
            username=account,
            host=self._settings.sip_host or self._servers.host(),
            port=PORTS[self._settings.transport],
            transport=self._settings.transport,
            password=password,
        )


def _name_taken(detail: str) -> PortFailure:
    return NothingHappened(f"{detail} Looking again tells whose it is.")


def _is_ours(row: Row, reference: uuid.UUID) -> bool:
    return str(reference) in text(row, "description").lower()


def _plain(label: str) -> str:
    """Letters, digits and spaces: what the description takes besides is not known."""
    return " ".join(re.sub(r"[^A-Za-z0-9 ]+", " ", label).split())[:LONGEST_LABEL].strip()
