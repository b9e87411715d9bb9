"""Run as a program: builds the tenant that stands pickled on standard input, then says so.

A process of its own, so that it can be killed in the middle.
"""

from __future__ import annotations

import pickle
import sys

from ringup.pbx.fusionpbx.adapter import FusionPbx


def main() -> None:
    connection, tenant, key, work = pickle.loads(sys.stdin.buffer.read())
    with FusionPbx(connection) as pbx:
        if work == "build":
            pbx.build_tenant(tenant, run="run-1", digest="d1")
        elif work == "undo":
            pbx.undo(key)
    print("done", flush=True)


if __name__ == "__main__":
    main()
