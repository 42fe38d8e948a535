"""The reports of coordinators: any period beside the one before, as pages, as files, and a month for the donor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fastapi import APIRouter
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import Response

from bot.clock import local_date
from bot.console import moments
from bot.console.auth import Auth, Me
from bot.console.people.words import CaseWords
from bot.console.reports.charts import drawn
from bot.console.reports.export import as_csv, as_xlsx
from bot.console.reports.tables import Table, tables
from bot.console.tongue import spoken
from conversations.marking import mark_for_desk as _d
from storage import reports
from storage.reports import Period, Waiting
from storage.statistics import LEAST

LONGEST = timedelta(days=5 * 366)
WRONG_DAYS = _d("Write both days as 2026-11-30, the first one not after the last, and at most five years apart.")
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day of a period."""

    first: date
    last: date

    def title(self) -> str:
        return spoken("{first} to {last}", first=moments.plain_day(self.first), last=moments.plain_day(self.last))

    def bold(self) -> Markup:
        return Markup("<strong>{}</strong>").format(self.title())


class Reports:
    def __init__(self, auth: Auth, words: CaseWords) -> None:
        self.auth, self.parts, self.words = auth, auth.parts, words

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/reports", self.page, methods=["GET"])
        router.add_api_route("/reports/csv", self.csv, methods=["GET"])
        router.add_api_route("/reports/xlsx", self.xlsx, methods=["GET"])
        router.add_api_route("/reports/month", self.month, methods=["GET"])

    async def page(self, me: Me, first: str = "", last: str = "", small: bool = False) -> Response:
        """Small numbers only on wish, and only on this page: it is for people who may see everybody's case."""
        days, wrong = self._days(first, last)
        await self.auth.note(me, "see_reports", small=int(small))
        found, now = await self._tables(days, small)
        return self.auth.look.page(
            "reports_page.html", status=422 if wrong else 200, me=me, days=days, tables=found, waiting=now,
            drawn=drawn, small=small, least=LEAST, wrong=wrong, usual=self._usual(), month=f"{days.last:%Y-%m}",
        )

    async def csv(self, me: Me, first: str = "", last: str = "") -> Response:
        return await self._file(me, first, last, as_csv, CSV, "csv")

    async def xlsx(self, me: Me, first: str = "", last: str = "") -> Response:
        return await self._file(me, first, last, as_xlsx, XLSX, "xlsx")

    async def _file(
        self, me: Me, first: str, last: str, made: Callable[[Sequence[Table], str], bytes], kind: str, ending: str
    ) -> Response:
        days, wrong = self._days(first, last)
        if wrong:
            return await self.page(me, first, last)
        await self.auth.note(me, "export_reports")
        found, _ = await self._tables(days, small=False)
        name = f"report-{days.first}-{days.last}.{ending}"
        return Response(made(found, f"{self.parts.settings.centre_name}, {days.title()}"), media_type=kind,
                        headers={"Content-Disposition": f'attachment; filename="{name}"'})

    async def month(self, me: Me, month: str = "") -> Response:
        """One month on paper, without a number that could lead to somebody."""
        try:
            first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC).date()
        except ValueError:
            first = self._today().replace(day=1)
        days = Days(first, _next_month(first) - timedelta(days=1))
        await self.auth.note(me, "see_reports", small=0)
        found, _ = await self._tables(days, small=False)
        return self.auth.look.page("reports_month.html", me=me, days=days, tables=found, drawn=drawn, least=LEAST,
                                   month=moments.month(f"{first:%Y-%m}"))

    # ------------------------------------------------------------- which days

    def _today(self) -> date:
        return local_date(self.parts.clock.now(), self.parts.settings.time_zone)

    def _days(self, first: str, last: str) -> tuple[Days, str]:
        """This month where none are named, or where they cannot be read."""
        today = self._today()
        this_month = Days(today.replace(day=1), today)
        if not first and not last:
            return this_month, ""
        try:
            days = Days(date.fromisoformat(first), date.fromisoformat(last))
        except ValueError:
            return this_month, WRONG_DAYS
        fits = days.first <= days.last and days.last - days.first <= LONGEST and days.first.year >= 2000
        return (days, "") if fits and days.last.year < 2200 else (this_month, WRONG_DAYS)

    def _usual(self) -> list[tuple[str, Days]]:
        """What is asked for most."""
        today = self._today()
        this_month = today.replace(day=1)
        last_month = (this_month - timedelta(days=1)).replace(day=1)
        return [
            (_d("This month"), Days(this_month, today)),
            (_d("Last month"), Days(last_month, this_month - timedelta(days=1))),
            (_d("Last 90 days"), Days(today - timedelta(days=89), today)),
            (_d("This year"), Days(today.replace(month=1, day=1), today)),
        ]

    # ------------------------------------------------------------- the numbers

    async def _tables(self, days: Days, small: bool) -> tuple[list[Table], Waiting]:
        period = Period(self._midnight(days.first), self._midnight(days.last + timedelta(days=1)))
        worked, invented = self.parts.hours().open_between, self.parts.demo

        def look(connection: Connection) -> tuple[reports.Figures, reports.Figures, Waiting]:
            return (reports.load(connection, period, worked, invented),
                    reports.load(connection, period.before(), worked, invented), reports.waiting(connection))

        now, before, waiting = await self.parts.store.read(look)
        return tables(now, before, self.words, small), waiting

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.auth.look.zone).astimezone(UTC)


def _next_month(first: date) -> date:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
