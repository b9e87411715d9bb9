"""The values of an adapter's declared settings, checked when they are read."""

from __future__ import annotations

from typing import ClassVar

from ringup.carriers.port import CarrierConnection, SettingField
from ringup.core.failures import OurFault


class GivenSettings:
    """Base of an adapter's own. ``OurFault`` names the setting that makes no sense."""

    label: ClassVar[str]
    fields: ClassVar[tuple[SettingField, ...]]

    def __init__(self, connection: CarrierConnection) -> None:
        self._connection = connection
        self._given = connection.identity | connection.options

    def _check_choices(self) -> None:
        for field in self.fields:
            if field.choices:
                self._choice(field.name)

    def _choice(self, name: str) -> str:
        """The chosen value; the first one is what an empty setting means."""
        allowed = [
            value for field in self.fields if field.name == name for value, _ in field.choices
        ]
        value = self._given.get(name) or allowed[0]
        if value not in allowed:
            raise self._bad(name, f"one of {', '.join(allowed)}, not {value!r}")
        return value

    def _bad(self, name: str, wanted: str) -> OurFault:
        return OurFault(f"The setting «{name}» of this {self.label} account must be {wanted}.")
