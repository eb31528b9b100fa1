"""The HTTP client: key, organization header, rate limit, retries."""

import contextlib
import json
import logging
import os
import queue
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlencode

import httpx

from loaders.errors import (
    ApiError,
    BadAnswerError,
    BadRequestError,
    ForbiddenError,
    LoaderError,
    NotFoundError,
    SettingsError,
    StoppedError,
    UnauthorizedError,
)
from loaders.maintainx.quota import Governor, seconds
from loaders.maintainx.records import answer_text
from loaders.settings import Settings

log = logging.getLogger(__name__)

Query = Mapping[str, str | tuple[str, ...]]
T = TypeVar("T")
Sender = queue.SimpleQueue[Callable[[], None] | None]

ATTEMPTS = 6
WAITS_FOR_QUOTA = 12
DEFAULT_WAIT = 10.0
# The timeout restarts with each byte, so a slow server could hold a request for ever. A request may
# take this many times the timeout, or these seconds after a stop.
LONGEST_REQUEST = 4
SECONDS_AFTER_STOP = 5.0
# Bytes of a body, unpacked: 200 records of 1 MB, where the largest seen have some 10 kB.
LARGEST_ANSWER = 200_000_000
# What the network does to a request; UnicodeError: a host or a cursor that no URL can hold. Any
# other error is a defect of the loaders.
NETWORK = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError)
PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY")
# Seconds, ten years: a Date header that differs by more from this machine's clock is ignored.
WRONG_CLOCK = 10 * 366 * 86400


@dataclass(frozen=True)
class _Request:
    """One request; with a body it is a POST."""

    path: str
    query: Query
    organization_id: int | None
    body: Mapping[str, str] | None = None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


@dataclass(frozen=True)
class _Answer:
    """An answer with its body, unpacked. location: where it redirects to."""

    status_code: int
    headers: httpx.Headers
    content: bytes
    location: str | None


@dataclass
class Client:
    """Reads MaintainX, and makes subscriptions. Thread-safe. Use it in a `with`.

    settings: base URL and key. governor: the shared rate limit. stop: set to end the run.
    timeout: seconds without data after which a request fails, and the longest pause between two
    attempts.
    `requests` counts answers and failures; `clock` is the server's time (UTC epoch seconds).
    """

    settings: Settings
    governor: Governor
    stop: threading.Event
    timeout: float = 30.0
    requests: int = 0
    clock: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _idle: list[Sender] = field(default_factory=list)

    def __post_init__(self) -> None:
        try:
            self._http = httpx.Client(
                headers={
                    "authorization": f"Bearer {self.settings.api_key}",
                    "accept": "application/json",
                    "user-agent": "maintainx-warehouse",
                },
                timeout=httpx.Timeout(self.timeout, connect=min(10.0, self.timeout)),
            )
        except OSError as error:
            raise SettingsError(
                "the certificates cannot be read"
                f" ({error.strerror or type(error).__name__}): correct or unset SSL_CERT_FILE and"
                " SSL_CERT_DIR"
            ) from None
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            named = [name for name in sorted(os.environ) if name.upper() in PROXIES]
            raise SettingsError(
                f"the proxy of {' or '.join(named)} cannot be used ({type(error).__name__}): name"
                " an http:// or https:// proxy, or set NO_PROXY to the host of MAINTAINX_BASE_URL."
                " For socks5:// run .venv/bin/python -m pip install socksio"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._idle:
            self._idle.pop().put(None)
        self._http.close()

    def get(
        self,
        path: str,
        query: Query,
        organization_id: int | None,
        read: Callable[[bytes], T],
        counted: Callable[[], None] = lambda: None,
    ) -> T:
        """GET `path` and return `read(content)`; `counted` is called for each request.

        Retries 429, 5xx, time-outs, resets, truncated answers and BadAnswerError from `read` with
        exponential backoff and jitter. Raises the errors of any other status at once, ApiError when
        the retries are used up, StoppedError when the run is stopped.
        """
        failures = waits = 0
        while True:
            try:
                return self._once(_Request(path, query, organization_id), read, counted)
            except ApiError as error:
                if not _may_pass(error.status):
                    raise
                if error.status == 429:
                    waits += 1
                    if waits < WAITS_FOR_QUOTA:
                        continue
                    raise
                failures += 1
                if failures >= ATTEMPTS:
                    raise
                pause = random.uniform(0.5, 1) * min(self.timeout, 2.0 ** (failures - 1))
                log.info("%s (attempt %d of %d)", error, failures, ATTEMPTS)
                if self.stop.wait(pause):
                    raise StoppedError(
                        "stopped between two attempts; run the command again to resume"
                    ) from None

    def post(self, path: str, body: Mapping[str, str], read: Callable[[bytes], T]) -> T:
        """POST `body` as JSON and return `read(content)`. It is not sent twice: raises ApiError."""
        return self._once(_Request(path, {}, None, body), read, lambda: None)

    def _once(
        self, request: _Request, read: Callable[[bytes], T], counted: Callable[[], None]
    ) -> T:
        self.governor.acquire()
        counted()
        with self._lock:
            self.requests += 1
        path = request.path
        answer: _Answer | None = None
        retry_in: float | None = None
        started = time.monotonic()
        try:
            answer = self._answer(request)
            retry_in = _retry_in(answer) if answer.status_code == 429 else None
        finally:
            self.governor.release(answer.headers if answer is not None else None, retry_in)
        log.debug(
            "%s %s %s -> %d in %.2f s",
            request.method,
            path,
            dict(request.query),
            answer.status_code,
            time.monotonic() - started,
        )
        self._read_clock(answer)
        if answer.status_code not in (200, 201):
            raise self._refused(path, answer)
        try:
            return read(answer.content)
        except BadAnswerError as error:
            if answer.content.lstrip()[:1] == b"<":
                raise BadAnswerError(
                    f"{path} returned HTML instead of JSON, probably from a login page or a proxy:"
                    " check MAINTAINX_BASE_URL and the network" + self._about_base_url(),
                    200,
                ) from None
            raise BadAnswerError(f"{path}: {error}", 200) from None

    def _answer(self, request: _Request) -> _Answer:
        """Send one request in another thread, which is abandoned if it takes too long."""
        path, organization_id = request.path, request.organization_id
        headers = {} if organization_id is None else {"x-organization-id": str(organization_id)}
        given: queue.SimpleQueue[_Answer | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                # In the address, because httpx would take that apart again to add parameters.
                query = urlencode(request.query, doseq=True)
                url = self.settings.base_url + path + (query and f"?{query}")
                with self._http.stream(
                    request.method, url, json=request.body, headers=headers
                ) as answer:
                    given.put(_whole(path, answer))
            except Exception as error:
                given.put(error)

        sender = self._sender()
        sender.put(ask)
        longest = LONGEST_REQUEST * self.timeout
        ends = time.monotonic() + longest
        is_stopping = False
        while time.monotonic() < ends:
            with contextlib.suppress(queue.Empty):
                answer = given.get(timeout=min(0.5, self.timeout))
                self._idle.append(sender)
                if isinstance(answer, NETWORK):
                    raise self._unreachable(path, answer) from None
                if isinstance(answer, Exception):
                    raise answer
                return answer
            if self.stop.is_set() and not is_stopping:
                is_stopping = True
                ends = min(ends, time.monotonic() + SECONDS_AFTER_STOP)
        # Its thread ends with the request.
        sender.put(None)
        raise ApiError(
            f"{path}: the answer took longer than {longest:g} s; run the command again, with a"
            " longer --timeout if the network is slow"
        )

    def _sender(self) -> Sender:
        """The queue of a thread that waits for a request."""
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        requests: Sender = queue.SimpleQueue()

        def send() -> None:
            while (request := requests.get()) is not None:
                request()

        threading.Thread(target=send, daemon=True).start()
        return requests

    def _read_clock(self, answer: _Answer) -> None:
        with contextlib.suppress(KeyError, ValueError, OverflowError):
            clock = parsedate_to_datetime(answer.headers["date"]).timestamp()
            if abs(clock - time.time()) < WRONG_CLOCK:
                self.clock = clock

    def redacted(self, text: str) -> str:
        """`text` on one line, without the key, at most 300 characters."""
        return " ".join(text.replace(self.settings.api_key, "***").split())[:300]

    def _unreachable(self, path: str, error: Exception) -> ApiError:
        kind = type(error).__name__
        what = self.redacted(str(error)) or kind
        if isinstance(error, httpx.TimeoutException):
            what = f"no answer within {self.timeout:.0f} s"
        return ApiError(
            f"{path} could not be read from {self.settings.base_url}: {what};"
            " check the network, the proxy and MAINTAINX_BASE_URL, then run the command again"
        )

    def _about_base_url(self) -> str:
        """What is likely wrong with the base URL, to end a message with; '' if nothing is."""
        if re.search(r"/v\d+$", self.settings.base_url):
            return ""
        return f"; is MAINTAINX_BASE_URL {self.settings.base_url}/v1?"

    def _refused(self, path: str, answer: _Answer) -> LoaderError:
        said = self.redacted(_said(answer))
        if answer.location:
            target = self.redacted(answer.location.partition("?")[0])
            said = (
                f"redirected to {target}, where the key is not sent; set MAINTAINX_BASE_URL to the"
                " address that answers"
            )
        match answer.status_code:
            case 400:
                return BadRequestError(f"{path} refused the query (HTTP 400): {said}", 400)
            case 401:
                return UnauthorizedError(
                    f"MaintainX refused the key ({said}): check MAINTAINX_API_KEY, or create a new"
                    " key under Settings > Integrations > API Keys",
                    401,
                )
            case 403:
                return ForbiddenError(
                    f"{path} is not on this account's plan or not allowed to this key: {said}", 403
                )
            case 404:
                return NotFoundError(
                    f"{path} was not found (HTTP 404): {said}{self._about_base_url()}", 404
                )
            case 429:
                return ApiError(
                    f"{path}: the rate limit is used up ({said}); run the command again later", 429
                )
            case status:
                return ApiError(
                    f"{path} returned HTTP {status}: {said}; run the command again to resume",
                    status,
                )


def _whole(path: str, answer: httpx.Response) -> _Answer:
    """An answer with its body. Raises ApiError where that is too large to hold."""
    parts, size = [], 0
    for part in answer.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise ApiError(
                f"{path}: the answer is larger than {LARGEST_ANSWER // 1_000_000} MB; run the"
                " command again, and ask MaintainX if it stays",
                answer.status_code,
            )
    location = answer.headers["location"] if answer.has_redirect_location else None
    return _Answer(answer.status_code, answer.headers, b"".join(parts), location)


def _may_pass(status: int | None) -> bool:
    """Whether a retry can succeed."""
    return status is None or status in (200, 408, 425, 429) or status >= 500


def _said(answer: _Answer) -> str:
    """The message of an error answer: `{"error": ...}`, `{"errors": [...]}` or its text."""
    try:
        body = json.loads(answer.content)
        if isinstance(body, dict):
            errors = body.get("errors")
            if isinstance(errors, list):
                return "; ".join(
                    str(one.get("error", one)) if isinstance(one, dict) else str(one)
                    for one in errors
                )
            return str(body.get("error") or body.get("message") or body)
    except (ValueError, RecursionError):
        pass
    return re.sub(r"<[^>]*>", " ", answer_text(answer.content))


def _retry_in(answer: _Answer) -> float:
    """Seconds to wait after a 429: from the message, `Retry-After` or the reset header, else 10."""
    said = answer_text(answer.content)
    told = re.search(r"retry in (\d+(?:\.\d+)?)\s*(?:s|sec)", said, re.IGNORECASE)
    for text in (
        answer.headers.get("retry-after"),
        told and told[1],
        answer.headers.get("x-rate-limit-reset"),
    ):
        if (wait := seconds(text)) is not None:
            return wait + random.uniform(0.1, 0.5)
    return DEFAULT_WAIT
