"""Errors of the loaders. Each message is one line: what happened, to what, what to do."""


class LoaderError(Exception):
    """Base of all errors of the loaders; `exit_code` is the exit code of the command."""

    exit_code = 1


class SettingsError(LoaderError):
    """A setting or an argument is missing or invalid."""

    exit_code = 2


class NoDataError(LoaderError):
    """There is no raw file or no warehouse yet; the command line adds how to use the demo's."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


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
