"""The passphrase that protects a file of keys: from a file, or typed at the terminal."""

from __future__ import annotations

import getpass
import os
import stat
import sys
from pathlib import Path

from ringup.core.sentences import Refusal

SHORTEST = 12
VARIABLE = "RINGUP_BACKUP_PASSPHRASE_FILE"


def new_passphrase(file: str = "") -> str:
    """One to protect a new file with: typed twice, at least twelve characters."""
    found = _from_file(file)
    if found is None:
        _require_terminal()
        found = getpass.getpass("Passphrase for the file of keys: ")
        if len(found) >= SHORTEST and getpass.getpass("Once more: ") != found:
            raise Refusal("The two passphrases differ. Nothing was written.")
    if len(found) < SHORTEST:
        raise Refusal(f"Give a passphrase of at least {SHORTEST} characters. Nothing was written.")
    return found


def known_passphrase(file: str = "") -> str:
    """The one that a file was protected with."""
    found = _from_file(file)
    if found is None:
        _require_terminal()
        found = getpass.getpass("Passphrase of the file of keys: ")
    return found


def _from_file(file: str) -> str | None:
    name = file or os.environ.get(VARIABLE, "")
    if not name:
        return None
    path = Path(name)
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"The passphrase file {path} cannot be read: {error}.") from error
    if stat.S_ISREG(mode) and mode & 0o077:
        raise Refusal(f"The passphrase file {path} is readable by others: chmod 600 {path}")
    return text.rstrip("\r\n")


def _require_terminal() -> None:
    if not sys.stdin.isatty():
        raise Refusal(
            f"There is no terminal to type a passphrase at. Name a file that holds it: "
            f"--passphrase-file FILE, or {VARIABLE}."
        )
