"""The wanted state of a service as typed values, and its form as JSON on the row. No secrets here."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass
from typing import Any

from ringup.core.phones import shown

FIRST_EXTENSION = 1001


@dataclass(frozen=True, slots=True)
class WantedExtension:
    extension: str
    name: str
    email: str = ""

    @property
    def is_named(self) -> bool:
        """Whether somebody's name was given."""
        return self.name not in ("", f"Extension {self.extension}")


@dataclass(frozen=True, slots=True)
class WantedTemplate:
    """A PBX template as it was when the order was placed: later edits of it change nothing here.

    ``kind`` and ``values`` are those of ``pbx.models.PbxTemplate``, ``uid`` is the template's.
    """

    kind: str
    uid: str
    name: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WantedTenant:
    """A hosted PBX. ``main_number`` is the OwnedNumber's uid; it rings ``ring_extension`` first."""

    domain: str
    company: str
    time_zone: str
    language: str
    administrator_username: str
    administrator_name: str
    administrator_email: str
    extensions: tuple[WantedExtension, ...]
    main_number: str
    ring_extension: str
    max_outbound_calls: int
    # What the administrator may do: "admin" in this PBX, or "user" only for himself.
    administrator_group: str = "admin"
    open_patterns: tuple[str, ...] = ("nanp", "toll-free")
    # Empty until staff confirmed a registered address for the number: 911 and 933 play a notice.
    emergency_caller_id: str = ""
    # Gateway, routes and access list; none of a kind: what Ringup does by itself.
    templates: tuple[WantedTemplate, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    def template(self, kind: str) -> WantedTemplate | None:
        """The template of a kind, if one was chosen."""
        return template_of(self.templates, kind)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> WantedTenant:
        known = dict(data)
        known["extensions"] = tuple(WantedExtension(**row) for row in data["extensions"])
        known["open_patterns"] = tuple(data["open_patterns"])
        known["templates"] = templates_from(data)
        return cls(**known)


class Goal(enum.StrEnum):
    """Where the calls of a plain number go."""

    EXTENSION = "extension"
    TELEPHONE = "telephone"
    SIP_URI = "sip-uri"
    SIP_ACCOUNT = "sip-account"


@dataclass(frozen=True, slots=True)
class WantedNumber:
    """A plain number. ``value`` is the extension, the E.164 number or the SIP address; empty for
    its own SIP credentials."""

    goal: Goal
    value: str = ""
    # The inbound template of a number that rings an extension, if one was chosen.
    templates: tuple[WantedTemplate, ...] = ()

    def as_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"goal": self.goal.value, "value": self.value}
        return data | (
            {"templates": [asdict(one) for one in self.templates]} if self.templates else {}
        )

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> WantedNumber:
        return cls(Goal(data["goal"]), str(data["value"]), templates_from(data))

    @property
    def text(self) -> str:
        """For people."""
        return {
            Goal.EXTENSION: f"extension {self.value}",
            Goal.TELEPHONE: f"telephone {shown(self.value)}",
            Goal.SIP_URI: f"SIP address {self.value}",
            Goal.SIP_ACCOUNT: "its own SIP account",
        }[self.goal]


def templates_from(data: dict[str, Any]) -> tuple[WantedTemplate, ...]:
    """The templates in a wanted state's data; what was written before there were any has none."""
    return tuple(WantedTemplate(**row) for row in data.get("templates", ()))


def template_of(templates: tuple[WantedTemplate, ...], kind: str) -> WantedTemplate | None:
    """The template of a kind, if one was chosen."""
    return next((one for one in templates if one.kind == kind), None)
