"""What can go wrong, as a hierarchy a caller can catch; each message is one line that helps."""


class LoaderError(Exception):
    """Anything the loaders raise on purpose; `exit_code` is what the command line ends with."""

    exit_code = 1


class SettingsError(LoaderError):
    """A setting or an argument is missing or unusable."""

    exit_code = 2


class WarehouseHeldError(LoaderError):
    """Another run, or another program, holds the warehouse file."""

    exit_code = 3


class CutOffError(LoaderError):
    """A checkpoint of the raw file was cut off; the next run that writes the file undoes it."""


class StoppedError(LoaderError):
    """SIGTERM or Ctrl-C came; what was read so far is kept and the next run goes on from there."""


class ApiError(LoaderError):
    """MaintainX could not be read; `status` is the last answer's HTTP status, if one came."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class BadRequestError(ApiError):
    """400: the query is not one that this account's API understands."""


class UnauthorizedError(ApiError):
    """401: the key is refused."""

    exit_code = 2


class ForbiddenError(ApiError):
    """403: not on this account's plan, or not allowed to this key's user."""


class NotFoundError(ApiError):
    """404: the record is gone."""


class BadAnswerError(ApiError):
    """The answer is not what the description promises: cut short, HTML, without its list."""


class EndlessListingError(ApiError):
    """Page after page names a next one and holds nothing new."""
