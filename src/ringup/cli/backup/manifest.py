"""The manifest: the first member of every archive, which says what is in it and for whom."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from ringup.core.sentences import Refusal

FORMAT = "ringup-backup"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive. ``kind`` is ``database``, or what later versions add."""

    name: str
    kind: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``vendor`` and ``server`` name the database and its version, ``schema`` is PostgreSQL's;
    ``migrations`` are those applied, by app; ``keys`` the fingerprints of the keys (never the keys)
    with which the database is sealed; ``ringup`` is the version of the program."""

    made: datetime
    ringup: str
    vendor: str
    server: str
    schema: str
    migrations: dict[str, list[str]]
    keys: list[str]
    members: list[Member]

    @property
    def moment(self) -> str:
        return f"{self.made:%Y-%m-%d %H:%M} UTC"

    def member(self, kind: str) -> Member:
        """The one member of this kind."""
        found = [member for member in self.members if member.kind == kind]
        if len(found) != 1:
            raise Refusal(f"The archive holds {len(found)} members of kind {kind}, not one.")
        return found[0]

    def as_bytes(self) -> bytes:
        made = self.made.astimezone(UTC).isoformat(timespec="seconds")
        data = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(self), "made": made}
        return json.dumps(data, indent=1).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> Manifest:
        """The manifest, or a refusal: the file is no archive of ours, or of a newer program."""
        try:
            data = json.loads(text)
            if data["format"] != FORMAT:
                raise ValueError(data["format"])
            version = int(data["format_version"])
            if version > FORMAT_VERSION:
                raise Refusal(
                    f"This archive has format {version}; this program knows {FORMAT_VERSION}. It was "
                    "made by a newer Ringup: upgrade this one first. Nothing was changed."
                )
            return cls._from_data(data)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refusal(
                "The manifest of this archive cannot be read: it is no backup of Ringup, or it is "
                "damaged. Nothing was changed."
            ) from error

    @classmethod
    def _from_data(cls, data: dict[str, Any]) -> Manifest:
        return cls(
            made=datetime.fromisoformat(data["made"]).astimezone(UTC),
            ringup=str(data["ringup"]),
            vendor=str(data["vendor"]),
            server=str(data["server"]),
            schema=str(data["schema"]),
            migrations={str(app): list(names) for app, names in data["migrations"].items()},
            keys=[str(name) for name in data["keys"]],
            members=[
                Member(str(m["name"]), str(m["kind"]), int(m["bytes"]), str(m["sha256"]))
                for m in data["members"]
            ],
        )
