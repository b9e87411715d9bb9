"""One file in, one answer out. The limits are set before the first byte of the file is read."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable

from ringup.regulatory.looking_inside.problems import Looked, Problem, Unsound

# The largest picture that is taken, with transparency, was measured at 760 MB.
MEMORY = 1536 * 1024 * 1024
PROCESSOR_SECONDS = 15
LIMITS = {
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_CPU: PROCESSOR_SECONDS,
    resource.RLIMIT_CORE: 0,
    # It writes no file. A pipe is none.
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_NOFILE: 64,
}


def answer_with(look: Callable[[bytes], Looked]) -> None:
    """Read the file with this reader."""
    for limit, most in LIMITS.items():
        resource.setrlimit(limit, (most, most))
    try:
        looked = look(sys.stdin.buffer.read())
    except Unsound as unsound:
        _answer(problem=unsound.problem)
    except MemoryError:
        _answer(problem=Problem.HEAVY)
    else:
        _answer(looked)


def _answer(looked: Looked | None = None, *, problem: str = "") -> None:
    clean, preview = (looked.clean, looked.preview) if looked else (b"", b"")
    head = {
        "problem": problem,
        "media_type": looked.media_type if looked else "",
        "pages": looked.pages if looked else 0,
        "clean": len(clean),
    }
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + clean + preview)
    sys.stdout.buffer.flush()
