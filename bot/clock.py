"""The only clock. Tests and the demo turn it; nothing else asks the machine for the time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


class Clock:
    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self.ahead = ahead
        """How far this clock has been turned."""

    def now(self) -> datetime:
        """This moment in UTC."""
        return datetime.now(UTC) + self.ahead

    def turn(self, by: timedelta) -> None:
        self.ahead += by


class StoppedClock(Clock):
    """A clock for tests: it moves only when it is turned."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at + self.ahead


@lru_cache(256)
def local_date(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()
