"""What adapters of one client share: they are closed with it, and a verb of theirs fails as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from ringup.core.failures import NothingHappened, OurFault, OutcomeUnknown, Refused


class Client(Protocol):
    """``changes`` counts what the carrier has confirmed to this client."""

    changes: int

    def close(self) -> None: ...


Wire = TypeVar("Wire", bound=Client)


class Connected(Generic[Wire]):
    """The part of an adapter that is the same for all of them."""

    label: str
    _client: Wire

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of sockets."""
        self._client.close()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """A verb of several calls fails as a whole: once the carrier has confirmed a change, "nothing
        happened" is no longer true, and "refused" would say that there is nothing to undo."""
        before = self._client.changes
        try:
            yield
        except (NothingHappened, Refused) as failure:
            if self._client.changes == before:
                raise
            kind = OutcomeUnknown if isinstance(failure, NothingHappened) else OurFault
            raise kind(f"{self.label} confirmed a first change; then: {failure}") from failure
