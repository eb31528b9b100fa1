"""Errors of the loaders. Each message is one line: what happened, to what, what to do."""

import errno
from collections.abc import Iterable

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_TEXTS = (
    *("No space left", "quota exceeded", "File too large", "not enough disk space"),
    *("disk is full", "could not extend file"),
)
TO_FREE = "free disk space, then run again (nothing is lost)"


class LoaderError(Exception):
    """Base of all errors of the loaders; `exit_code` is the exit code of the command."""

    exit_code = 1


class SettingsError(LoaderError):
    """A setting or an argument is missing or invalid."""

    exit_code = 2


class NoDataError(LoaderError):
    """There is no raw file or no warehouse yet; the command line adds how to use the demo's."""

    exit_code = 2


class WarehouseHeldError(LoaderError):
    """Another run or program holds the warehouse file."""

    exit_code = 3


class CutOffError(LoaderError):
    """A checkpoint of the raw file was cut off; the next run that writes the file undoes it."""


class StoppedError(LoaderError):
    """SIGTERM or Ctrl-C stopped the run; the next run resumes there."""


class ApiError(LoaderError):
    """MaintainX could not be read; `status` is the HTTP status of the last answer, if any."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class BadRequestError(ApiError):
    """400: this account's API does not support the query."""


class UnauthorizedError(ApiError):
    """401: MaintainX refused the key."""

    exit_code = 2


class ForbiddenError(ApiError):
    """403: not on the account's plan, or not allowed to the user of the key."""


class NotFoundError(ApiError):
    """404: the record does not exist."""


class BadAnswerError(ApiError):
    """The answer does not match the API description: truncated, HTML, or without its list."""


class EndlessListingError(ApiError):
    """Page after page has a next cursor and contains nothing new."""


def explained(error: Exception, what: str = "", to_do: str = "") -> LoaderError | None:
    """What the system or DuckDB raised, as one line; a LoaderError as it is.

    None for anything else, which is a defect of the loaders. what: what could not be done, where
    the error does not tell. to_do: what helps if the disk is not full.
    """
    # Half of the commands need no DuckDB, which is slow to import.
    import duckdb  # noqa: PLC0415

    if isinstance(error, LoaderError):
        return error
    said = first_line(error)
    if isinstance(error, OSError):
        said = error.strerror or said
        if error.filename is not None:
            said = f"{error.filename}: {said}"
        is_full = error.errno in FULL
        to_do = to_do or "check the path and its permissions, then run again"
    elif isinstance(error, duckdb.Error):
        is_full = any(text in said for text in FULL_TEXTS)
        to_do = to_do or "run again; if it stays, put a backup in the place of the file"
    else:
        return None
    return LoaderError(": ".join(filter(None, (what, said))) + f"; {TO_FREE if is_full else to_do}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The known name that is nearest to a mistyped one, to put after it; '' where none is near."""
    # Only a command that fails needs it.
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(name, list(known), 1)
    return f" (did you mean {near[0]}?)" if near else ""


def first_line(error: BaseException) -> str:
    """The message of an error without what follows its first line, such as a query."""
    return str(error).strip().split("\n")[0] or type(error).__name__
