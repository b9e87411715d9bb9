"""FusionPBX's cache, which never expires: what a change must clear (reference section 7).

In file mode the files themselves are removed: nothing stock listens to the event, which only
tells other nodes. A star in front covers versions that put the host name before the key.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ringup.core.failures import OurFault
from ringup.pbx.fusionpbx.event_socket import EventSocket
from ringup.pbx.fusionpbx.markers import Refresh
from ringup.pbx.fusionpbx.number_forms import number_forms
from ringup.pbx.port import PbxConnection

MEMCACHE = "memcache"


@dataclass(frozen=True, slots=True)
class CacheKeys:
    """``patterns`` are file names with stars, ``exact`` the keys for memcache, ``notices`` what
    other nodes are told, a few however many numbers there are."""

    patterns: tuple[str, ...]
    exact: tuple[str, ...]
    notices: tuple[str, ...]


def stale_keys(refresh: Refresh, hostname: str) -> CacheKeys:
    """Everything that a change made stale, for every version from 5.0 to 5.5."""
    patterns: list[str] = []
    exact: list[str] = []
    notices: list[str] = []
    if refresh.domain:
        patterns += [f"*directory.*@{refresh.domain}", f"*dialplan.{refresh.domain}"]
        accounts = [f"directory:{number}@{refresh.domain}" for number in refresh.extensions]
        # Some releases of 5.5 put the host first here too.
        exact += [*accounts, *(f"{hostname}:{account}" for account in accounts)]
        exact += [f"dialplan:{refresh.domain}"]
        notices += [f"directory.*@{refresh.domain}", f"dialplan.{refresh.domain}"]
    if refresh.numbers:
        patterns += ["*dialplan.public"]
        exact += ["dialplan:public"]
        notices += ["dialplan.public*"]
    for form in _forms(refresh.numbers):
        patterns += [f"*dialplan.public.{form}"]
        exact += [f"dialplan:public:{form}"]
    if refresh.gateway:
        patterns += ["*configuration*sofia.conf*"]
        # 5.5 puts the host first, 5.4 and before last.
        exact += [f"{hostname}:configuration:sofia.conf", f"configuration:sofia.conf:{hostname}"]
        notices += [f"{hostname}.configuration.sofia.conf"]
    if refresh.access_list:
        patterns += ["*configuration*acl.conf*"]
        exact += ["configuration:acl.conf"]
        notices += ["configuration.acl.conf"]
    return CacheKeys(tuple(patterns), tuple(exact), tuple(notices))


def clear(server: PbxConnection, method: str, keys: CacheKeys, events: EventSocket) -> None:
    """Clear ``keys``, and tell other nodes in the way of FusionPBX's pages."""
    command = "cache"
    if method == MEMCACHE:
        command = MEMCACHE
        for key in keys.exact:
            events.api(f"memcache delete {key}")
    else:
        _unlink(server.cache_dir, keys.patterns)
    for notice in keys.notices:
        argument = {"API-Command": command, "API-Command-Argument": f"delete {notice}"}
        events.custom_event(f"fusion::{method}", argument)


def _unlink(cache_dir: str, patterns: Iterable[str]) -> None:
    if not cache_dir or not Path(cache_dir).is_dir():
        raise OurFault(
            "the PBX keeps its cache in files, and its cache directory is not reachable from here: "
            "correct the path, or run Ringup's agent on the PBX"
        )
    place = glob.escape(cache_dir)
    refused = ""
    for pattern in patterns:
        for path in map(Path, glob.glob(f"{place}/{pattern}")):
            try:
                path.unlink(missing_ok=True)
            except PermissionError:
                refused = str(path)
    if refused:
        raise OurFault(f"no right to remove {refused} from the PBX's cache")


def _forms(numbers: Iterable[str]) -> list[str]:
    return [form for number in numbers for form in number_forms(number).dialled]
