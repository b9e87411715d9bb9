"""What stands outside, read from the sandboxes themselves and never from our own records."""

from __future__ import annotations

from collections import Counter

from tests.world import World


class Outside:
    """The carrier's inventory and the PBX's tables."""

    def __init__(self, world: World) -> None:
        self.voipms = world.peers.voipms.state
        self.pbx = world.peers.fusionpbx

    def numbers(self) -> dict[str, str]:
        """E.164 to note, for every number in the carrier's inventory."""
        return {f"+1{did}": row["note"] for did, row in self.voipms.dids.items()}

    def purchases(self) -> int:
        """How many set-up or first-month charges the carrier booked, per number at most one kind."""
        return len({charge.type for charge in self.voipms.ledger})

    def charges(self) -> Counter[str]:
        return Counter(f"{charge.type} {charge.description}" for charge in self.voipms.ledger)

    def sub_accounts(self) -> list[str]:
        return list(self.voipms.sub_accounts)

    def routing_kind(self, e164: str) -> str:
        return self.voipms.dids[e164[2:]]["routing"].partition(":")[0]

    def leftovers(self) -> dict[str, int]:
        """What costs or answers at the carrier."""
        return {
            "dids": len(self.voipms.dids),
            "sub_accounts": len(self.voipms.sub_accounts),
            "forwardings": len(self.voipms.forwardings),
            "sip_uris": len(self.voipms.sip_uris),
        }

    def who_answers(self, e164: str) -> str:
        """The extension that rings when the carrier sends a call, in every dialled form alike."""
        forms = {e164, e164[1:], e164[2:]}
        answers = {self.pbx.lookup_inbound(form).answered_by for form in forms}
        assert len(answers) == 1, answers
        return answers.pop()

    def pbx_rows(self) -> dict[str, dict[str, int]]:
        """Rows by tenant and table, less the carriers' access list: it serves every tenant."""
        return {
            tenant: {table: n for table, n in rows.items() if table != "v_access_control_nodes"}
            for tenant, rows in self.pbx.state().items()
        }
