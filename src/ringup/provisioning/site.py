"""The outside of one service: its carrier and its PBX, opened when first asked for."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self, cast

from ringup.carriers.opening import carrier_for
from ringup.carriers.papers import TakesPapers
from ringup.carriers.port import Capability, Carrier
from ringup.core.failures import OurFault
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import pbx_for
from ringup.pbx.port import Pbx
from ringup.services.models import Service


class Site:
    """Open ports for as long as a ``with`` block lasts; each is opened at most once."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._stack = ExitStack()
        self._carrier: Carrier | None = None
        self._pbx: Pbx | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def carrier(self) -> Carrier:
        """The carrier that serves this service."""
        if self._carrier is None:
            account = self.service.account
            if not account.is_enabled:
                raise OurFault(
                    f"the carrier account {account.name} is switched off: enable it, resume"
                )
            self._carrier = self._stack.enter_context(carrier_for(account))
        return self._carrier

    @property
    def papers(self) -> TakesPapers:
        """The same carrier, for the papers that its number needs."""
        carrier = self.carrier
        if Capability.PAPERS not in carrier.capabilities:
            raise OurFault(
                f"{self.service.account.name} takes no papers, and {self.service} has some"
            )
        return cast("TakesPapers", carrier)

    @property
    def server(self) -> PbxServer:
        """The PBX server's row."""
        if self.service.server is None:
            raise OurFault(f"{self.service} has no PBX server: map its product to one")
        return self.service.server

    @property
    def pbx(self) -> Pbx:
        """The PBX on which this service lives."""
        if self._pbx is None:
            if self.server.is_sandbox != self.service.account.is_sandbox:
                raise OurFault("a sandbox carrier and a production PBX never serve one order")
            self._pbx = self._stack.enter_context(pbx_for(self.server))
        return self._pbx
