"""The forms of the plan: propose a step, propose to change one, say how one is going."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console import labels, moments
from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.pages import Trouble
from bot.console.people import asking
from bot.console.people.forms import (
    LONGEST_LINE,
    Seen,
    Shown,
    Text,
    form_key,
    read_day,
    read_text,
    why_too_long,
    why_unfit,
)
from bot.console.tongue import spoken
from bot.plan_sheet import as_pdf
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import audit, case, walls
from storage.case import TooLate
from storage.desk import DeskError
from storage.steps import WHO, StepView

if TYPE_CHECKING:
    from bot.console.people.pages import People

STATES = ("agreed", "under_way", "stuck", "done", "dropped")
LONGEST_PAPERS = 500
NO_DAY = _d("Choose a day: without one, nobody is asked how it went.")
NO_OFFICE = _d("No office is called so. Write it as its page under Facts does, or leave it empty.")
DAY_IS_OVER = _d("This day is over. Choose today or a later day.")


@dataclass(frozen=True, slots=True)
class Steps:
    people: People

    def add_to(self, router: APIRouter) -> None:
        for path, action in (("steps", self.propose), ("steps/{step_id}", self.state),
                             ("steps/{step_id}/offer", self.offer)):
            router.add_api_route(f"/people/{{contact_id}}/{path}", action, methods=["POST"])
        router.add_api_route("/people/{contact_id}/plan", self.sheet, methods=["GET"])

    async def sheet(self, me: Me, contact_id: Number) -> Response:
        """The plan as the person has it on paper, without what stands behind the wall for who looks."""
        parts, now = self.people.parts, self.people.parts.clock.now()

        def work(connection: Connection) -> dict[str, Any] | None:
            hidden = walls.hidden_steps(connection, contact_id, walls.sight(connection, me, now))
            audit.note(connection, me.id, "print_plan", contact_id, now)
            return parts.plan_sheet(connection, contact_id, hidden)

        made_of = await parts.store.write(work)
        if made_of is None:
            return await self.people.show(me, contact_id, Shown())
        return Response(await to_thread(as_pdf, made_of), media_type="application/pdf", headers={
            "Content-Disposition": f'attachment; filename="plan-{contact_id}.pdf"',
            "Cache-Control": "private, no-store"})

    async def propose(
        self, me: Me, contact_id: Number, what: Text = "", by: Text = "", who: Text = "person", papers: Text = "",
        partner: Text = "", key: Text = "", back: Text = "",
    ) -> Response:
        content = self._content(what, by, who, papers, partner)
        shown = Shown(trouble=Trouble("step", self._unfit(content, by, partner), content["what"]))

        def change(connection: Connection, now: datetime) -> None:
            step = case.propose_step(connection, contact_id, form_key(key), content, me.id, now)
            self._ask(connection, contact_id, step, now)

        return await self.people.changed(me, contact_id, "add_step", change, shown, back)

    async def offer(
        self, me: Me, contact_id: Number, step_id: Number, version: Seen = 0, what: Text = "", by: Text = "",
        who: Text = "person", papers: Text = "", partner: Text = "",
    ) -> Response:
        content = self._content(what, by, who, papers, partner)
        shown = Shown(trouble=Trouble("step", self._unfit(content, by, partner), content["what"]))

        def change(connection: Connection, now: datetime) -> None:
            step = case.offer_step(connection, contact_id, step_id, version, content, me.id, now)
            self._ask(connection, contact_id, step, now)

        return await self.people.changed(me, contact_id, "offer_step", self._told(change), shown)

    async def state(
        self, me: Me, contact_id: Number, step_id: Number, state: Text = "", version: Seen = 0, reason: Text = ""
    ) -> Response:
        reason = read_text(reason)
        wrong = "" if state in STATES else _d("Choose how it is going.")
        shown = Shown(trouble=Trouble("step", wrong or why_too_long(reason, LONGEST_LINE)))

        def change(connection: Connection, now: datetime) -> None:
            case.set_step(connection, contact_id, step_id, version, state, reason, me.id, now)
            asking.plan_of(connection, contact_id, now)

        return await self.people.changed(me, contact_id, "change_step", self._told(change), shown)

    def _ask(self, connection: Connection, contact_id: int, step: StepView | None, now: datetime) -> None:
        if step is not None and step.asks:
            self.people.parts.ask_about(connection, contact_id, step, now)

    # ------------------------------------------------------------- what was typed

    def _content(self, what: str, by: str, who: str, papers: str, partner: str) -> dict[str, Any]:
        return {
            "what": read_text(what), "who": who if who in WHO else "person", "by": read_day(by),
            "papers": read_text(papers) or None, "partner": self.people.words.partner_named(partner),
        }

    def _unfit(self, content: dict[str, Any], by: str, partner: str) -> str:
        day: date | None = content["by"]
        if by and day is None:
            return _d("Write the day as 2027-01-31.")
        when = NO_DAY if day is None else DAY_IS_OVER if day < self.people.today() else ""
        where = NO_OFFICE if partner.strip() and content["partner"] is None else ""
        too_much = why_too_long(content["papers"] or "", LONGEST_PAPERS)
        return why_unfit(content["what"], LONGEST_LINE) or too_much or when or where

    # ------------------------------------------------------------- who came too late

    def _told(self, change: Callable[[Connection, datetime], None]) -> Callable[[Connection, datetime], None]:
        """The writer's thread speaks English: this page's language goes with it."""
        return partial(self._try, change, copy_context())

    def _try(
        self, change: Callable[[Connection, datetime], None], page: Context, connection: Connection, now: datetime
    ) -> None:
        """What was typed is kept on the page, with what the step says now."""
        try:
            change(connection, now)
        except TooLate as late:
            says = page.run(self._says, late.step)
            raise DeskError(Phrase("{why} It says now: {step}. Look at it, then change it.", why=late.args[0],
                                   step=says)) from None

    def _says(self, step: StepView) -> str:
        state = labels.inside(labels.word(labels.STEP_STATES, step.state))
        until = f", {spoken('until {time}', time=moments.plain_day(step.by))}" if step.by else ""
        return f"“{self.people.words.say(step.what)}”, {state}{until}"
