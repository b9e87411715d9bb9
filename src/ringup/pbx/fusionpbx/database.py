"""The connection to the PBX's PostgreSQL: deadlines, transactions, and errors in the port's words.

No error of the driver leaves this module: its text can quote a whole row, passwords included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed

from ringup.core.failures import NothingHappened, PortFailure
from ringup.pbx.fusionpbx.database_errors import before_commit, of_commit, of_connecting
from ringup.pbx.fusionpbx.deadline import Deadline
from ringup.pbx.fusionpbx.dialect import READ_COLUMNS, Dialect
from ringup.pbx.port import PbxConnection

Statement = SQL | Composed
Record = dict[str, Any]
Result = TypeVar("Result")

_SETTINGS = SQL(
    "SELECT set_config('statement_timeout', %(statement)s, false),"
    " set_config('lock_timeout', %(statement)s, false),"
    " set_config('idle_in_transaction_session_timeout', %(statement)s, false),"
    " set_config('search_path', 'public', false)"
)


class Database:
    """One connection at a time, opened when first needed and again when it was lost.

    ``statements`` counts what was sent, for the benchmark. Not for several threads at once.
    """

    def __init__(self, connection: PbxConnection) -> None:
        self._dsn = connection.dsn
        self._connect_timeout = max(2, round(connection.connect_timeout_seconds))
        self._statement_timeout = connection.statement_timeout_seconds
        self._deadline = Deadline(self._statement_timeout + self._connect_timeout)
        self._link: psycopg.Connection[Record] | None = None
        self._dialect: Dialect | None = None
        self._inside = False
        self.statements = 0

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._deadline.close()
        self._link = None

    @property
    def dialect(self) -> Dialect:
        """The tables as this server has them, read once per connection."""
        self._open()
        assert self._dialect is not None
        return self._dialect

    def rows(self, statement: Statement, parameters: Record | None = None) -> list[Record]:
        """Run one statement and return its rows."""
        link = self._open()
        return self._safely(lambda: self._execute(link, statement, parameters))

    def row(self, statement: Statement, parameters: Record | None = None) -> Record | None:
        """Run one statement and return its first row."""
        return next(iter(self.rows(statement, parameters)), None)

    def batch(self, statements: Sequence[tuple[Statement, Record]]) -> None:
        """Send several statements at once and wait once for all of them."""
        link = self._open()

        def send() -> None:
            with link.pipeline():
                for statement, parameters in statements:
                    self.statements += 1
                    link.execute(statement, parameters)

        self._safely(send)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. ``OutcomeUnknown`` when the connection is lost around COMMIT."""
        self._begin()
        self._inside = True
        try:
            yield
        except BaseException:
            self._inside = False
            self._roll_back()
            raise
        self._inside = False
        self._commit()

    # -- inside -------------------------------------------------------------------------------

    def _begin(self) -> None:
        again = self._link is not None
        try:
            self.rows(SQL("BEGIN"))
        except NothingHappened:
            # The server may have closed an idle connection; nothing was under way on it.
            if not again:
                raise
            self.close()
            self.rows(SQL("BEGIN"))

    def _commit(self) -> None:
        link = self._link
        if link is None:
            raise NothingHappened("the connection to the PBX's database was lost before COMMIT")
        failure: PortFailure | None = None
        try:
            with self._deadline.of(link):
                self.statements += 1
                done = link.execute("COMMIT").statusmessage == "COMMIT"
        except psycopg.Error as error:
            failure = of_commit(error, broken=link.broken or link.closed)
            self.close()
        else:
            if not done:
                failure = NothingHappened("the PBX's database rolled the transaction back")
        if failure is not None:
            raise failure

    def _roll_back(self) -> None:
        link = self._link
        if link is None or link.closed:
            self.close()
            return
        try:
            with self._deadline.of(link):
                self.statements += 1
                link.execute("ROLLBACK")
        except psycopg.Error:
            # A closed connection rolls back by itself.
            self.close()

    def _execute(
        self, link: psycopg.Connection[Record], statement: Statement, parameters: Record | None
    ) -> list[Record]:
        self.statements += 1
        cursor = link.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []

    def _safely(self, work: Callable[[], Result]) -> Result:
        link = self._open()
        try:
            with self._deadline.of(link):
                return work()
        except psycopg.Error as error:
            failure = before_commit(error)
            if link.closed:
                self.close()
        # Outside of the handler, so that the driver's error is not even its context.
        raise failure

    def _open(self) -> psycopg.Connection[Record]:
        if self._link is not None and not self._link.closed:
            return self._link
        if self._inside:
            # A new connection would write outside of the transaction.
            raise NothingHappened("the connection to the PBX's database was lost")
        failure: PortFailure | None = None
        try:
            self._link = psycopg.connect(
                self._dsn,
                autocommit=True,
                connect_timeout=self._connect_timeout,
                application_name="ringup",
                row_factory=dict_row,
            )
        except psycopg.Error as error:
            failure = of_connecting(error)
        if failure is not None:
            raise failure
        assert self._link is not None
        self._greet()
        return self._link

    def _greet(self) -> None:
        milliseconds = str(round(self._statement_timeout * 1000))
        try:
            self.rows(_SETTINGS, {"statement": milliseconds})
            self._dialect = Dialect.of(self.row(READ_COLUMNS))
        except PortFailure:
            self.close()
            raise
