"""Become another program that ends when its parent does: ``leash.py PARENT UID GID PROGRAM …``.

Run by its path, as a process of its own: asking for this between fork and exec of a threaded
process would risk a deadlock. Imports the standard library only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> None:
    """Give up the user (UID -1: keep it), tie the process to PARENT and become PROGRAM."""
    parent, uid, gid = (int(text) for text in arguments[:3])
    program = arguments[3:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After setuid: the kernel forgets the tie whenever the user changes.
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
    if os.getppid() == parent:
        os.execv(program[0], list(program))  # noqa: S606 - the caller names the program by its path


if __name__ == "__main__":
    main(sys.argv[1:])
