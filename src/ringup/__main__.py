"""``ringup COMMAND``: sandboxes and demo run without Django, all else is a Django command."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from ringup.core.env import BadSetting

# Nothing of ours may import the sandbox, and neither needs settings: become them.
OWN_PROGRAMS = {"sandbox": "ringup.sandbox", "demo": "ringup.cli.demo"}


def main() -> None:
    """The entry point of the ``ringup`` script and of ``python -m ringup``."""
    module = OWN_PROGRAMS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if module is not None:
        arguments = [sys.executable, "-m", module, *sys.argv[2:]]
        os.execv(sys.executable, arguments)  # noqa: S606 - our own module, no shell
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ringup.config.settings")
    try:
        execute_from_command_line(sys.argv)
    except BadSetting as error:
        # Most often a shell without the settings that the units read: a sentence, no traceback.
        raise SystemExit(
            f"{error}\ndocs/install.md shows how to run it with its settings."
        ) from None


if __name__ == "__main__":
    main()
