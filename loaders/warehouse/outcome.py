"""The result of one read of a list, and what earlier reads tell the next one."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Outcome:
    """A row of `raw._run_resources`: the result of one read of one list of one organization.

    state: done; failed; forbidden (403, not on this plan); refused (more deletions than allowed);
    stopped; unseen (of `organizations`: the key no longer sees this one); retired. Watermarks are
    UTC, `seconds` is wall time, counts are records.
    """

    run_id: str
    organization_id: int
    resource: str
    walk: str
    started_at: datetime
    state: str = "done"
    watermark_from: datetime | None = None
    watermark_to: datetime | None = None
    requests: int = 0
    records_read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    rejected: int = 0
    ended_at: datetime | None = None
    seconds: float = 0.0
    error: str | None = None

    @property
    def is_partial(self) -> bool:
        """Whether it loaded, but not all that MaintainX listed."""
        return self.state == "done" and self.error is not None

    def note(self, what: str) -> None:
        """Add to what is said of it."""
        self.error = f"{self.error}; {what}" if self.error else what

    def note_untold(self, count: int, why: str) -> None:
        """Say that the own addresses of `count` records could not be read."""
        self.note(
            f"{count} record(s) could not be read and stay as they are until the next time: {why}"
        )


@dataclass(frozen=True)
class Known:
    """The state of one list of one organization in the raw file before a run.

    watermark: the greatest updatedAt read so far. ended: the last end of each kind of read.
    """

    watermark: datetime | None = None
    ended: dict[str, datetime] = field(default_factory=dict)
