"""The rate limit, shared by every thread of a run. Knows headers but no HTTP client."""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Mapping

from loaders.errors import StoppedError

log = logging.getLogger(__name__)

WINDOW = 60.0
DOCUMENTED_LIMIT = 100
LARGEST_LIMIT = 1_000_000
LONGEST_WAIT = 300.0
# Some servers name the end of the window as an epoch: no window lasts for thirty years.
EPOCHS_FROM = 1e9

# The reset header is in whole seconds. If a share is left to others, a slightly early request is
# harmless; otherwise it gets a 429.
EARLY = 0.5
LATE = 1.0


def seconds(text: str | None) -> float | None:
    """The seconds to wait that a header tells, 0 to LONGEST_WAIT; None where it tells none."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return min(max(value - time.time() if value > EPOCHS_FROM else value, 0.0), LONGEST_WAIT)


class Governor:
    """One rate limit for all lists and threads.

    If MaintainX sends its three rate-limit headers, requests pause at the share left to others and
    continue in the next window. Without headers nothing is limited until the first 429; then the
    documented limit applies.

    share: part of the limit to leave to the account's other integrations, 0 to 1.
    """

    def __init__(self, share: float, stop: threading.Event) -> None:
        self._share = share
        self._stop = stop
        self._lock = threading.Lock()
        self._limit: int | None = None
        self._remaining: int | None = None
        self._window_ends = 0.0
        self._paused_until = 0.0
        self._refused_without_headers = False
        self._in_flight = 0
        self._sent: deque[float] = deque()
        self.refusals = 0

    def acquire(self) -> None:
        """Wait until a request is allowed. Raises StoppedError if the run is stopped meanwhile."""
        while True:
            with self._lock:
                wait = self._wait(time.monotonic())
                if wait <= 0:
                    self._in_flight += 1
                    self._sent.append(time.monotonic())
                    if self._remaining is not None:
                        self._remaining -= 1
                    return
            if wait > 2:
                log.info(
                    "rate limit reached (a share is left to other integrations): waiting %.0f s",
                    wait,
                )
            if self._stop.wait(wait):
                raise StoppedError(
                    "stopped while waiting for the rate limit; run the command again to resume"
                )

    def release(self, headers: Mapping[str, str] | None, retry_in: float | None) -> None:
        """Update from an answer; `headers` is None without one, `retry_in` is set by a 429."""
        with self._lock:
            self._in_flight -= 1
            now = time.monotonic()
            if headers is not None:
                self._read(headers, now)
            if retry_in is not None:
                self.refusals += 1
                self._paused_until = max(self._paused_until, now + retry_in)
                self._refused_without_headers = self._limit is None

    def _read(self, headers: Mapping[str, str], now: float) -> None:
        try:
            limit = int(headers["x-rate-limit-limit"])
            remaining = int(headers["x-rate-limit-remaining"])
        except (KeyError, ValueError):
            return
        reset = seconds(headers.get("x-rate-limit-reset"))
        if reset is None or not 0 < limit <= LARGEST_LIMIT:
            return
        if self._remaining is None or remaining - self._in_flight > self._remaining:
            self._remaining = remaining - self._in_flight
        else:
            self._remaining = min(self._remaining, remaining)
        self._window_ends = now + reset
        self._limit = limit

    def _wait(self, now: float) -> float:
        """Seconds to wait before the next request; 0: none. Called with the lock held."""
        if now < self._paused_until:
            return self._paused_until - now
        while self._sent and self._sent[0] <= now - WINDOW:
            self._sent.popleft()
        if self._limit is not None and self._remaining is not None:
            kept = int(self._limit * self._share)
            starts_anew = self._window_ends + (EARLY if kept else LATE)
            if now >= starts_anew:
                self._remaining = self._limit - self._in_flight
                self._window_ends = now + WINDOW
            elif self._remaining <= kept:
                return starts_anew - now
        elif self._refused_without_headers:
            allowed = int(DOCUMENTED_LIMIT * (1 - self._share))
            if len(self._sent) >= allowed:
                return self._sent[-allowed] + WINDOW - now
        return 0.0
