"""How FusionPBX's versions differ for whoever writes its tables (reference: sections 1.3 and 7.1)."""

from __future__ import annotations

from dataclasses import dataclass

# What may be asked for, and the release that it means.
RELEASES = {"5.5": "5.5.13", "5.5.7": "5.5.7", "5.4": "5.4.4"}
# Between these two the cache key of a directory entry had the hostname in front.
_HOSTNAME_IN_DIRECTORY_KEY = "5.5.7"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One release: the types of its columns, its cache keys, its defaults."""

    version: str

    @property
    def booleans(self) -> bool:
        """Real booleans; before 5.5 the words 'true' and 'false' as text."""
        major, minor = self.version.split(".")[:2]
        return (int(major), int(minor)) >= (5, 5)

    @property
    def dialplan_mode(self) -> str:
        """The mode of a fresh installation: inbound calls by destination, or by whole context."""
        return "single" if self.booleans else "multiple"

    def sofia_key(self, hostname: str) -> str:
        """The cache key of gateways and SIP profiles."""
        key = "configuration:sofia.conf"
        return f"{hostname}:{key}" if self.booleans else f"{key}:{hostname}"

    def directory_key(self, hostname: str, user: str, domain: str) -> str:
        """The cache key of one extension."""
        key = f"directory:{user}@{domain}"
        return f"{hostname}:{key}" if self.version == _HOSTNAME_IN_DIRECTORY_KEY else key

    def continue_word(self, value: bool | None) -> str:
        """dialplan_continue as it stands in XML: 5.5 prints a PHP boolean, «1» or nothing."""
        if value is None:
            return ""
        if self.booleans:
            return "1" if value else ""
        return "true" if value else "false"


def dialect(name: str) -> Dialect:
    """The dialect called ``5.5``, ``5.5.7`` or ``5.4``; KeyError for another name."""
    return Dialect(RELEASES[name])
