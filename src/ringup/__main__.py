"""``ringup COMMAND``: sandboxes and demo run without Django, all else is a Django command."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from ringup.cli.demo.running import main as demo


def main() -> None:
    """The entry point of the ``ringup`` script and of ``python -m ringup``."""
    if sys.argv[1:2] == ["sandbox"]:
        # Nothing of ours may import the sandbox, and it needs no settings: become it.
        os.execv(sys.executable, [sys.executable, "-m", "ringup.sandbox", *sys.argv[2:]])  # noqa: S606
    if sys.argv[1:2] == ["demo"]:
        sys.exit(demo(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ringup.config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
