"""The wire: one call, its envelope, and which of the four failures came of it."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection

import httpx

from ringup.carriers.pacing import TooManyCalls, bucket_for
from ringup.carriers.port import CarrierConnection
from ringup.carriers.reaching import unreachable
from ringup.carriers.receiving import (
    BAD_ADDRESS,
    NEVER_SENT,
    WHOLE_ANSWER,
    Answer,
    Endless,
    trusted,
)
from ringup.carriers.voipms import sending
from ringup.carriers.voipms.coercing import Row, text
from ringup.carriers.voipms.settings import Settings
from ringup.carriers.voipms.statuses import (
    EMPTY,
    LIMIT_EXCEEDED,
    NOT_READ,
    REST_SECONDS,
    SUCCESS,
    Refusals,
    failure_of,
)
from ringup.core.failures import NothingHappened, OurFault, OutcomeUnknown, PortFailure

USER_AGENT = "Ringup (VoIP.ms adapter)"
NO_ROWS: Row = {}

log = logging.getLogger(__name__)


class VoipMsClient:
    """Calls for one account. Nothing here repeats a call that might have been carried out."""

    def __init__(self, connection: CarrierConnection, settings: Settings) -> None:
        self.url = connection.url
        self.user = settings.user
        self.changes = 0  # that VoIP.ms has confirmed to this client
        self._password = connection.secrets.get("password", "")
        self._settings = settings
        self._bucket = bucket_for(self.url, self.user, connection.calls_per_second)
        self._patience = connection.read_timeout_seconds
        self._connect_seconds = connection.connect_timeout_seconds
        timeout = httpx.Timeout(
            connection.read_timeout_seconds, connect=connection.connect_timeout_seconds
        )
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        self._http = httpx.Client(timeout=timeout, headers=headers, verify=trusted())

    def close(self) -> None:
        self._http.close()

    def read(self, method: str, *, none: Collection[str] = (), **params: str) -> Row:
        """Ask for something. Empty parameters are left out, as VoIP.ms expects of readings.

        "There are none" gives an empty answer; ``none`` names further statuses that mean it. Any
        fault on the way is ``NothingHappened``.
        """
        given = {name: value for name, value in params.items() if value}
        return self._call(method, given, writing=False, fine=EMPTY | set(none), refusals={})

    def write(
        self,
        method: str,
        params: dict[str, str],
        *,
        fine: Collection[str] = (),
        refusals: Refusals | None = None,
    ) -> Row:
        """Change something. A lost reply is ``OutcomeUnknown``.

        ``fine`` names statuses that mean that all is as wanted, ``refusals`` what others mean for
        this method.
        """
        return self._call(method, params, writing=True, fine=fine, refusals=refusals or {})

    def _call(
        self,
        method: str,
        params: dict[str, str],
        *,
        writing: bool,
        fine: Collection[str],
        refusals: Refusals,
    ) -> Row:
        answer = self._answer(method, params, writing=writing)
        status = text(answer, "status")
        if status == SUCCESS:
            self.changes += writing
            return answer
        if status in fine:
            return NO_ROWS
        if status == LIMIT_EXCEEDED:
            self._bucket.rest(REST_SECONDS)
        message = self._without_secrets(text(answer, "message"), params)
        raise failure_of(method, status, message, writing=writing, refusals=refusals)

    def _answer(self, method: str, params: dict[str, str], *, writing: bool) -> Row:
        """The envelope. A form that VoIP.ms did not read was refused unseen and is sent again."""
        wanted = self._settings.sending
        way = sending.way_for(self.url, wanted)
        answer = self._exchange(method, params, way, writing=writing)
        not_read = way == sending.FORM and text(answer, "status") in NOT_READ
        if not_read and wanted == sending.AUTO and self.user and self._password:
            sending.forms_are_not_read(self.url)
            answer = self._exchange(method, params, sending.QUERY, writing=writing)
        return answer

    def _exchange(self, method: str, params: dict[str, str], way: str, *, writing: bool) -> Row:
        login = {"api_username": self.user, "api_password": self._password, "method": method}
        self._wait_for_turn(method)
        began = time.monotonic()
        response = self._sent(method, login | params, way, writing=writing)
        answer = _envelope(method, response)
        seconds = time.monotonic() - began
        # Neither parameters nor answers are ever logged: both carry passwords.
        status = text(answer, "status") if answer else f"HTTP {response.status_code}, no JSON"
        log.info("VoIP.ms %s: %s in %.2f s", method, status, seconds)
        if not answer or not text(answer, "status"):
            raise _unreadable(method, response, writing=writing)
        return answer

    def _wait_for_turn(self, method: str) -> None:
        try:
            # Who asked for short answers, a page, does not wait long for his turn either.
            self._bucket.take(self._patience)
        except TooManyCalls as pause:
            raise NothingHappened(
                f"{method} was not sent: VoIP.ms counts calls, and the next one may leave in "
                f"{pause.seconds:.0f} seconds.",
                retry_seconds=pause.seconds,
            ) from None

    def _sent(self, method: str, fields: dict[str, str], way: str, *, writing: bool) -> Answer:
        # Raised outside the handlers: an httpx exception knows the request with all its secrets.
        failure: PortFailure
        lost = OutcomeUnknown if writing else NothingHappened
        within = self._patience * WHOLE_ANSWER
        try:
            return sending.request(self._http, way, self.url, fields, within=within)
        except BAD_ADDRESS:
            failure = OurFault("The address of the VoIP.ms API is no valid URL. Correct it.")
        except NEVER_SENT as error:
            failure = unreachable("VoIP.ms", error, connect_seconds=self._connect_seconds)
        except httpx.TimeoutException:
            failure = lost(f"No reply of VoIP.ms to {method} within {self._patience:g} seconds.")
        except Endless:
            failure = lost(
                f"The answer of VoIP.ms to {method} does not end within {within:g} seconds."
            )
        except httpx.HTTPError as error:
            failure = lost(f"No reply of VoIP.ms to {method} ({type(error).__name__}).")
        log.warning("VoIP.ms %s: %s", method, failure)
        raise failure

    def _without_secrets(self, message: str, params: dict[str, str]) -> str:
        for secret in (self._password, params.get("password", "")):
            if secret:
                message = message.replace(secret, "…")
        return message


def _envelope(method: str, response: Answer) -> Row:
    """The JSON object of an answer; empty when there is none that could be trusted.

    Deletions may succeed with an empty body. From any other method it proves nothing: an empty
    inventory would read as "we do not own this number".
    """
    if response.status_code != httpx.codes.OK:
        return NO_ROWS
    if not response.content.strip():
        return {"status": SUCCESS} if method.startswith("del") else NO_ROWS
    try:
        content = json.loads(response.content)
    except ValueError:
        return NO_ROWS
    return content if isinstance(content, dict) else NO_ROWS


def _unreadable(method: str, response: Answer, *, writing: bool) -> PortFailure:
    code = response.status_code
    if code == httpx.codes.TOO_MANY_REQUESTS:
        detail = f"VoIP.ms refused {method}: too many calls (HTTP 429)."
        return NothingHappened(detail, retry_seconds=REST_SECONDS)
    if 300 <= code < 500 and code != httpx.codes.REQUEST_TIMEOUT:
        return OurFault(
            f"VoIP.ms answered {method} with HTTP {code}. Check the address of the API, and "
            "whether a firewall stands between."
        )
    kind = OutcomeUnknown if writing else NothingHappened
    return kind(f"VoIP.ms answered {method} with HTTP {code} and nothing that can be read.")
