"""The parameters of a call: text under a name, as PHP sees them, and the refusals for bad ones."""

from __future__ import annotations

from collections.abc import Collection

from ringup.sandbox.voipms.statuses import StatusError

TRUE = frozenset({"1", "true", "yes"})


class Parameters(dict[str, str]):
    """Missing and empty are the same for a required parameter."""

    def text(self, name: str, default: str = "") -> str:
        return self.get(name, default).strip()

    def required(self, name: str, status: str) -> str:
        """The value; ``missing_<status>`` when there is none."""
        value = self.text(name)
        if not value:
            raise StatusError(f"missing_{status}")
        return value

    def one_of(self, name: str, status: str, allowed: Collection[str]) -> str:
        """A required value out of ``allowed``; ``invalid_<status>`` when it is another one."""
        value = self.required(name, status)
        if value not in allowed:
            raise StatusError(f"invalid_{status}")
        return value

    def optional_one_of(
        self, name: str, status: str, allowed: Collection[str], default: str
    ) -> str:
        value = self.text(name)
        if value and value not in allowed:
            raise StatusError(f"invalid_{status}")
        return value or default

    def whole(self, name: str, status: str, low: int, high: int) -> str:
        """A required whole number between ``low`` and ``high``."""
        value = self.required(name, status)
        if not value.isdigit() or not low <= int(value) <= high:
            raise StatusError(f"invalid_{status}")
        return value

    def flag(self, name: str) -> bool:
        """``test`` and ``portout`` are documented as true and sent as 1 by some clients."""
        return self.text(name).lower() in TRUE
