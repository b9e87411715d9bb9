"""What an adapter would write, without a server: reading only, no connection is opened."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from ringup.pbx.models import PbxServer
from ringup.pbx.port import Pbx


def adapter_of(server: PbxServer | None) -> type[Pbx]:
    """The adapter of the server's kind, or the first one where there is no server yet. For its
    static methods only; ``pbx.opening`` opens one."""
    table = settings.RINGUP_PBXES
    kind = next(iter(table)) if server is None else server.kind
    return cast("type[Pbx]", import_string(table[kind]))
