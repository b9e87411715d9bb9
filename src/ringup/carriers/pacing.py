"""Not too many calls: one bucket of tokens per account in this process, and a rest when told off.

Several processes do not know of each other.
"""

from __future__ import annotations

import threading
import time

RESERVE = 10.0  # calls that may follow each other at once, where an adapter says nothing else
PATIENCE_SECONDS = 20.0  # nobody waits longer for his turn than this
SLOWEST = 0.01  # calls per second, whatever the settings say


class TooManyCalls(Exception):
    """No call may be sent now. ``seconds`` is how long to wait before asking again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} seconds")
        self.seconds = seconds


class Bucket:
    """Tokens for calls; they come back with time."""

    def __init__(self, calls_per_second: float, reserve: float = RESERVE) -> None:
        self._rate = max(calls_per_second, SLOWEST)
        self._most = reserve
        self._tokens = reserve
        self._since = time.monotonic()
        self._rest_until = 0.0
        self._lock = threading.Lock()

    def take(self, patience: float = PATIENCE_SECONDS) -> None:
        """Wait for this call's turn; ``TooManyCalls`` at once when that is too far away."""
        time.sleep(self._reserve(min(patience, PATIENCE_SECONDS)))

    def rest(self, seconds: float) -> None:
        """No calls for a while."""
        with self._lock:
            self._rest_until = time.monotonic() + seconds

    def change_rate(self, calls_per_second: float) -> None:
        with self._lock:
            self._refill()
            self._rate = max(calls_per_second, SLOWEST)

    def _reserve(self, patience: float) -> float:
        """Take a token, also one that is still to come; the seconds until it is there."""
        with self._lock:
            self._refill()
            resting = self._rest_until - self._since
            if resting > 0:
                raise TooManyCalls(resting)
            wait = max(0.0, (1 - self._tokens) / self._rate)
            if wait > patience:
                raise TooManyCalls(wait)
            self._tokens -= 1
            return wait

    def _refill(self) -> None:
        moment = time.monotonic()
        self._tokens = min(self._most, self._tokens + (moment - self._since) * self._rate)
        self._since = moment


_buckets: dict[tuple[str, str], Bucket] = {}
_lock = threading.Lock()


def bucket_for(url: str, user: str, calls_per_second: float, reserve: float = RESERVE) -> Bucket:
    """The bucket of this account, whoever asks for it; the newest rate counts."""
    with _lock:
        bucket = _buckets.get((url, user))
        if bucket is None:
            bucket = _buckets[(url, user)] = Bucket(calls_per_second, reserve)
        else:
            bucket.change_rate(calls_per_second)
        return bucket
