"""What the console is built from, and what it expects of the rest of the bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sqlalchemy import Connection

from bot.channels.base import Limits
from bot.clock import Clock
from bot.hours import OfficeHours
from bot.live import Live
from bot.receive.arranging import Offer
from bot.receive.passing_on import Proposal
from bot.receive.staff import Picture
from bot.settings import Settings
from bot.translate import Translator
from conversations.register import Register
from storage.staff import CounsellorView
from storage.steps import StepView
from storage.store import Store

if TYPE_CHECKING:
    from bot.push import Push

IntakeLines: TypeAlias = Callable[[dict[str, Any], str], list[tuple[str, str, str]]]
"""(raw answers, language of the labels) -> (section, label, value)."""
TellFact: TypeAlias = Callable[[str, int], Awaitable[int]]
"""(fact, counsellor) -> how many people are told how it is now."""
AnswerFacts: TypeAlias = Callable[[Collection[str], int], Awaitable[int]]
"""The same for those who asked about one of these while nobody could say it."""


LinksTo: TypeAlias = Callable[[str], list[tuple[str, str]]]
"""A link's code -> (channel, address) where people can come by it."""


def nowhere(code: str) -> list[tuple[str, str]]:
    return []


async def nobody(_of: object, _counsellor_id: int) -> int:
    return 0


AskAbout: TypeAlias = Callable[[Connection, int, StepView, datetime], None]
"""Put a proposed step before its person, in the transaction that stores it."""


def in_the_plan_only(connection: Connection, contact_id: int, step: StepView, now: datetime) -> None:
    """They find it under "My plan"."""


PlanSheet: TypeAlias = Callable[[Connection, int, Collection[str]], dict[str, Any] | None]
"""(person, steps that are left out) -> what their plan on paper is made of, in their language."""


def no_sheet(connection: Connection, contact_id: int, hidden: Collection[str]) -> None:
    return None


class Desk(Protocol):
    """What counsellors do to a chat. Each raises DeskError with the sentence that the page shows."""

    async def claim(self, ticket_id: int, counsellor_id: int) -> str | None:
        """None: it is theirs; otherwise the name of the colleague who has it."""

    async def reply(
        self, ticket_id: int, counsellor_id: int, text: str, key: str, *, pictures: Sequence[Picture] = ()
    ) -> int | None:
        """The message's id; None when this key was stored before (the form was sent twice)."""

    async def take_back(self, ticket_id: int, message_id: int, me: CounsellorView, distributes: bool) -> str:
        """Take back a message; the words that it had."""

    async def close(self, ticket_id: int, counsellor_id: int, outcome: str, reason: str = "") -> None: ...

    async def note(self, ticket_id: int, counsellor_id: int, text: str) -> None: ...

    async def ask_form(self, ticket_id: int, counsellor_id: int) -> None:
        """The bot asks in the chat what the intake does not know yet."""

    async def end_form(self, ticket_id: int, counsellor_id: int) -> None:
        """It asks no more."""

    async def finish_task(self, task_id: int, counsellor_id: int) -> None: ...

    async def of_age(self, task_id: int, counsellor_id: int) -> None:
        """The person of this task is not under age after all."""

    async def confirm_help(self, task_id: int, counsellor_id: int) -> None:
        """The person of this task may ask for the help that it names: they are told, and the task is done."""

    async def propose_referral(self, contact_id: int, counsellor_id: int, what: Proposal, key: str) -> None:
        """Ask a person in the chat whether something may go to a partner."""

    async def move_referral(
        self, contact_id: int, referral_id: int, was: str, state: str, outcome: str, counsellor_id: int
    ) -> None:
        """Note how a referral stands, from the state that the page showed; the person is told."""

    async def offer_times(self, contact_id: int, counsellor_id: int, what: Offer, key: str) -> None:
        """Offer a person times for an appointment; they pick one in the chat."""

    async def offer_other_times(
        self, contact_id: int, appointment_id: int, times: Sequence[datetime], counsellor_id: int
    ) -> None:
        """Other times for an appointment that stays until the person has picked one."""

    async def set_appointment(
        self, contact_id: int, appointment_id: int, changes: int, state: str, counsellor_id: int
    ) -> None:
        """Note that an appointment was held or missed, or cancel it; `changes` is what the page showed."""

    async def close_case(self, contact_id: int, counsellor_id: int, why: str, note: str, tell: bool) -> None:
        """End our regular contact with a person; `tell`: with a last word."""

    async def announce_end(self, contact_id: int, counsellor_id: int, day: date) -> None:
        """Tell a person on which day our regular contact ends."""

    async def reopen_case(self, contact_id: int, counsellor_id: int) -> None:
        """It was a mistake, or they have come back another way."""

    async def retry(self, task_id: int, counsellor_id: int) -> None:
        """Handle again what was set aside."""

    async def turn_clock(self, days: int) -> None:
        """In the demo only."""


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    store: Store
    clock: Clock
    live: Live
    desk: Desk
    settings: Settings
    intake_lines: IntakeLines
    hours: Callable[[], OfficeHours]
    """The office hours that hold now."""
    translator: Translator
    register: Register
    demo: bool = False
    coordinators_need_code: bool = True
    """False in the demo only: a visitor need not fetch a phone."""
    tell_fact: TellFact = nobody
    answer_facts: AnswerFacts = nobody
    limits: Mapping[str, Limits] = field(default_factory=dict)
    """What each channel takes."""
    links: LinksTo = nowhere
    ask_about: AskAbout = in_the_plan_only
    plan_sheet: PlanSheet = no_sheet
    push: Push | None = None
    """What wakes browsers, where they may be woken."""
