"""Dying with one's parent: a worker process must never outlive the one that watches over it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have this process killed as soon as its parent is gone, whatever it is doing then.

    Standard input must be a pipe that the parent alone holds open: its end is the parent's end.
    On Linux the kernel sees to it as well, even while we are stopped or hold the interpreter.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, name="tether", daemon=True).start()


def _watch() -> None:
    while os.read(0, 64):
        pass
    os.kill(os.getpid(), signal.SIGKILL)
