"""A process that enqueues and looks at the database, as the web server does beside the workers.

It takes one JSON command a line and answers with one line: ``{"answer": …}`` or ``{"error": …}``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django
from django.core.management import call_command
from django.db import connection, connections, transaction

from ringup.jobs import waking
from ringup.jobs.enqueuing import enqueue
from tests.jobs.settings import database_at

_SEEN = """
    CREATE TABLE seen (
        id {serial}, kind varchar(10) NOT NULL, what varchar(200) NOT NULL, pid integer NOT NULL)
"""
_SERIAL = {
    "sqlite": "integer PRIMARY KEY AUTOINCREMENT",
    "postgresql": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}


class ChangedMind(Exception):
    pass


def turn_to(url: str) -> None:
    """Have all that follows happen in the empty database at this address."""
    leave()
    del connections["default"]
    connections.databases["default"] = connections.configure_settings(
        {"default": database_at(url)}
    )["default"]
    waking.forget()
    call_command("migrate", "jobs", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(_SEEN.format(serial=_SERIAL[connection.vendor]))


def leave() -> None:
    """Nobody is in the database any more."""
    connection.close()


def put(name: str, options: dict[str, Any], times: int = 1) -> None:
    with transaction.atomic():
        for _ in range(times):
            enqueue(name, **options)


def put_and_roll_back(name: str, options: dict[str, Any]) -> None:
    try:
        with transaction.atomic():
            enqueue(name, **options)
            raise ChangedMind
    except ChangedMind:
        pass


def query(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


COMMANDS = {
    "turn_to": turn_to,
    "leave": leave,
    "put": put,
    "put_and_roll_back": put_and_roll_back,
    "query": query,
}


def main() -> None:
    django.setup()
    for line in sys.stdin:
        command, arguments = json.loads(line)
        try:
            answer = {"answer": COMMANDS[command](*arguments)}
        except Exception as error:
            connection.close()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main()
