"""Faults: rules for failing answers, and the rate limit."""

import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The kind of failing answer."""

    STATUS = "status"
    RESET = "reset"
    HANG = "hang"
    TRUNCATE = "truncate"
    HTML = "html"
    EMPTY = "empty"
    SLOW = "slow"


@dataclass
class Fault:
    """One rule. The first that matches a request decides its answer.

    kind: STATUS answers `status` with `body` (None: a typical one) and `headers`; RESET closes
      the connection with a TCP reset; HANG sends nothing for `seconds`, then closes; TRUNCATE
      sends half of the true answer under its full length, then closes; HTML sends a login page
      with 200; EMPTY sends no body with 200; SLOW waits `seconds`, then answers normally.
    where: regular expression, searched for in the path below /v1 with its decoded query, such as
      `/workorders\\?.*cursor=`; empty: every request.
    after: number of matching requests that pass first. times: number of faults, None: all.
    probability: of a fault, drawn from `seed`.
    struck: number of faults so far.
    """

    kind: Kind | str = Kind.STATUS
    where: str = ""
    after: int = 0
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    status: int = 500
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    struck: int = 0

    def __post_init__(self) -> None:
        self.kind = Kind(self.kind)
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()
        self._passed = 0

    def strikes(self, target: str) -> bool:
        """Whether the rule matches this request; counts it."""
        if not re.search(self.where, target):
            return False
        with self._lock:
            if self.times is not None and self.struck >= self.times:
                return False
            if self._passed < self.after:
                self._passed += 1
                return False
            if self._random.random() >= self.probability:
                return False
            self.struck += 1
            return True


class Quota:
    """Rate limit per key in a fixed window that starts with its first request.

    limit: requests per window. window: seconds. headers: whether answers carry the three rate-limit
    headers. retry_after: whether a 429 carries Retry-After as well.
    """

    def __init__(
        self,
        limit: int = 1_000_000,
        window: float = 60.0,
        *,
        headers: bool = True,
        retry_after: bool = False,
    ) -> None:
        self.limit = limit
        self.window = window
        self.headers = headers
        self.retry_after = retry_after
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, key: str) -> tuple[bool, int, int]:
        """Count a request. Returns: is it allowed, requests left, seconds to the next window."""
        now = time.monotonic()
        with self._lock:
            began, used = self._windows.get(key, (now, 0))
            if now >= began + self.window:
                began, used = now, 0
            allowed = used < self.limit
            used = min(used + 1, self.limit)
            self._windows[key] = (began, used)
        left = began + self.window - now
        return allowed, self.limit - used, max(1, int(-(-left // 1)))
