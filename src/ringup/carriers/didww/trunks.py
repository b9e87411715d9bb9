"""Trunks: where a PBX or a device gets its calls, and the credentials for its own.

DIDWW makes all passwords itself. A PBX has two trunks under one reference: an inbound one, which calls
it at its address, and an outbound one with credentials that work from its addresses only; nobody
registers. A lone device has an inbound trunk at which it registers, with that trunk's credentials.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.failing import AccountProblem, Rejected
from ringup.carriers.didww.ours import REFERENCE, oldest, standing
from ringup.carriers.didww.paging import every
from ringup.carriers.didww.reading import Resource
from ringup.carriers.didww.settings import PORTS, TRANSPORTS, UDP, Settings
from ringup.carriers.port import SipPeer, SipTrunk
from ringup.core.failures import NotOurs, OutcomeUnknown, Refused

IN, OUT = "voice_in_trunks", "voice_out_trunks"
SIP = "sip_configurations"
LONGEST_LABEL = 60
# The number that was called, where the address of a PBX has its user.
CALLED_NUMBER = "{DID}"
RFC2833, OUT_RFC2833 = 1, 2


class Trunks:
    """The trunks made by us, found by their references."""

    def __init__(self, client: DidwwClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def inbound(self, reference: uuid.UUID) -> Resource | None:
        """DIDWW's row of the inbound trunk."""
        return oldest(self._client, IN, reference)

    def outbound(self, reference: uuid.UUID) -> Resource | None:
        """DIDWW's row of the outbound trunk, with its numbers."""
        return oldest(self._client, OUT, reference, include="dids")

    def find(self, reference: uuid.UUID) -> SipTrunk | None:
        """Whole or not at all: a PBX's trunk that lacks its other half is made again."""
        row = self.inbound(reference)
        if row is None:
            return None
        if _registers(row):
            return self._lone(reference, row)
        out = self.outbound(reference)
        return None if out is None else self._of_pbx(reference, out)

    def create(self, reference: uuid.UUID, label: str, peer: SipPeer | None) -> SipTrunk:
        name = _name(label, reference)
        self._settings.check()  # asked before anything is made
        if peer is not None and not peer.addresses:
            raise AccountProblem(
                "DIDWW takes calls of a PBX from known addresses only, and none is entered for it.",
                "Enter the addresses from which the PBX calls out on the PBX server's page, then "
                "resume.",
            )
        if peer is None:
            return self._lone(reference, self._made_in(reference, name, self._registering()))
        known = self.outbound(reference)  # refused here where the account may not call out
        self._made_in(reference, name, self._calling(peer))
        return self._of_pbx(reference, self._made_out(reference, name, peer, known))

    def delete(self, reference: uuid.UUID) -> None:
        inbound = standing(self._client, IN, reference)
        for row in inbound:
            if every(self._client, "dids", {"filter[voice_in_trunk.id]": row.id}):
                raise Refused(
                    f"Numbers still use the trunk {row.text('name')} at DIDWW.",
                    user_message="Numbers still use these SIP credentials.",
                )
        for row in standing(self._client, OUT, reference):
            self._client.delete(OUT, row.id)
        for row in inbound:
            self._client.delete(IN, row.id)

    # -- making -----------------------------------------------------------------------------------

    def _made_in(self, reference: uuid.UUID, name: str, configuration: dict[str, Any]) -> Resource:
        row = self.inbound(reference)
        attributes = {"configuration": {"type": SIP, "attributes": configuration}}
        if row is None:
            whole = {"name": name, "cli_format": "e164", REFERENCE: str(reference), **attributes}
            return self._create(IN, whole)
        if all(_fact(row, key) == value for key, value in configuration.items()):
            return row
        return self._client.change(IN, row.id, attributes)

    def _made_out(
        self, reference: uuid.UUID, name: str, peer: SipPeer, row: Resource | None
    ) -> Resource:
        method = {
            "type": "credentials_and_ip",
            "attributes": {"allowed_sip_ips": list(peer.addresses), "tech_prefix": None},
        }
        if row is not None:
            known = row.inner("authentication_method")
            if known is not None and _plain(known.texts("allowed_sip_ips")) == _plain(
                peer.addresses
            ):
                return row
            return self._client.change(OUT, row.id, {"authentication_method": method})
        whole = {
            "name": name,
            REFERENCE: str(reference),
            "authentication_method": method,
            "on_cli_mismatch_action": self._settings.mismatch,
            "threshold_amount": self._settings.threshold,
            "default_dst_action": "reject_all" if self._settings.prefixes else "allow_all",
            "dst_prefixes": self._settings.prefixes,
        }
        return self._create(OUT, whole)

    def _create(self, kind: str, attributes: dict[str, Any]) -> Resource:
        try:
            return self._client.create(kind, attributes)
        except Rejected as refusal:
            if refusal.speaks_of("name"):
                raise NotOurs(
                    f"A trunk of the name {attributes['name']} exists at DIDWW and does not carry "
                    f"our reference. Nothing was changed. ({refusal})"
                ) from refusal
            raise

    def _calling(self, peer: SipPeer) -> dict[str, Any]:
        """DIDWW calls the PBX at its address."""
        return {
            "enabled_sip_registration": False,
            "use_did_in_ruri": False,
            "username": CALLED_NUMBER,
            "host": peer.host,
            "port": peer.port,
            "transport_protocol_id": TRANSPORTS.get(peer.transport, TRANSPORTS[UDP]),
            **self._media(),
        }

    def _registering(self) -> dict[str, Any]:
        """DIDWW calls whoever has registered, by the number that was called."""
        return {
            "enabled_sip_registration": True,
            "use_did_in_ruri": True,
            "host": None,
            "port": None,
            "transport_protocol_id": TRANSPORTS[self._settings.transport],
            **self._media(),
        }

    def _media(self) -> dict[str, Any]:
        return {
            "codec_ids": self._settings.codec_ids,
            "rx_dtmf_format_id": RFC2833,
            "tx_dtmf_format_id": OUT_RFC2833,
        }

    # -- in our words -----------------------------------------------------------------------------

    def _lone(self, reference: uuid.UUID, row: Resource) -> SipTrunk:
        user, password = _credentials(row.inner("configuration"), "incoming_auth_")
        return self._trunk(reference, self._settings.registrar, user, password, registers=True)

    def _of_pbx(self, reference: uuid.UUID, out: Resource) -> SipTrunk:
        user, password = _credentials(out.inner("authentication_method"))
        return self._trunk(reference, self._settings.out_host, user, password, registers=False)

    def _trunk(
        self, reference: uuid.UUID, host: str, user: str, password: str, *, registers: bool
    ) -> SipTrunk:
        if not user or not password:
            raise OutcomeUnknown("DIDWW has the trunk and does not show its credentials.")
        return SipTrunk(
            reference=reference,
            username=user,
            host=host,
            port=PORTS[self._settings.transport],
            transport=self._settings.transport,
            password=password,
            registers=registers,
            is_e164=True,
        )


def _credentials(facts: Resource | None, prefix: str = "") -> tuple[str, str]:
    if facts is None:
        return "", ""
    return facts.text(f"{prefix}username"), facts.text(f"{prefix}password")


def _registers(row: Resource) -> bool:
    facts = row.inner("configuration")
    return facts is not None and facts.flag("enabled_sip_registration")


def _fact(row: Resource, name: str) -> object:
    facts = row.inner("configuration")
    return None if facts is None else facts.attributes.get(name)


def _plain(addresses: tuple[str, ...]) -> set[str]:
    """DIDWW writes ``192.0.2.1/32`` for ``192.0.2.1``."""
    return {address.removesuffix("/32").removesuffix("/128") for address in addresses}


def _name(label: str, reference: uuid.UUID) -> str:
    """Names are unique at DIDWW: the end of the reference tells two of one label apart."""
    words = " ".join(re.sub(r"[^\w .,&'()-]+", " ", label).split())[:LONGEST_LABEL].strip()
    return f"{words or 'Ringup'} {str(reference)[-12:]}"
