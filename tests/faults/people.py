"""People who talk to the bot while it dies and comes back, and the counsellor who answers them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import aiohttp
from sqlalchemy import select

from storage import reminders, sessions
from storage.tables import Address, Counsellor, Message, Ticket
from tests.fakes.telegram_api import FakeTelegram, Person, Shown
from tests.faults.databases import LOGIN, Database

PATIENCE = 60.0
"""Seconds that a person waits for an answer; a database may be restarted meanwhile."""

Script: TypeAlias = list[tuple[str, str, str]]
"""Words of a question; tap or say; what."""

BEFORE: Script = [
    ("Which language", "tap", "English"),
    ("May we keep", "tap", "Yes, keep it"),
    ("Shall we begin", "tap", "Yes, begin"),
    ("What may we call you?", "say", "Person {n}"),
    ("Which of these is you?", "tap", "I live here"),
    ("In which municipality", "say", "Peja"),
    ("What do you need first?", "tap", "Talk to a counsellor"),
    ("You can already write here", "say", "This is about my flat {n}"),
]
AFTER: Script = [
    ("Did it help you?", "tap", "Yes"),
    ("What do you need first?", "say", "Someone to talk to"),
    ("enough to help you", "say", "menu"),
    ("What would you like to do?", "", ""),
]
CHECK_IN: Script = [
    ("We have a short question", "tap", "Go on"),
    ("How is it going with work and money?", "tap", "Good"),
    ("How is it going with people and services", "tap", "Good"),
    ("How are you?", "say", "good"),
    ("Has something changed", "tap", "Nothing new"),
    ("Do you need somebody to talk to?", "tap", "No, thank you"),
    ("When shall we ask you again?", "tap", "Not any more"),
    ("You can write to us at any time", "", ""),
]
"""What each person is asked, and what they do then. The counsellor speaks before AFTER, a reminder before CHECK_IN."""
ANSWERS = {"situation": "resident", "municipality": "peje", "first_need": "psychosocial"}


class Telegram(FakeTelegram):
    """The fake one, with a clock beside it: when did each message arrive? Old calls are forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = deque(maxlen=500)
        self.arrivals: dict[int, list[float]] = {}

    def _send_message(self, parameters: dict[str, Any]) -> dict[str, Any]:
        shown = super()._send_message(parameters)
        self.arrivals.setdefault(int(parameters["chat_id"]), []).append(time.monotonic())
        return shown


class Desk:
    """A counsellor at the console, over HTTP. What does not succeed is done again, as one presses a button again."""

    def __init__(self, database: Database, port: int, now: Callable[[], datetime]) -> None:
        self.database, self.now = database, now
        self.at = f"http://127.0.0.1:{port}/console"
        token = database.at_once(lambda connection: sessions.start_session(
            connection, connection.scalars(select(Counsellor.id).where(Counsellor.login == LOGIN)).one(), now()))
        self.http = aiohttp.ClientSession(
            cookies={"console": token}, headers={"sec-fetch-site": "same-origin"},
            timeout=aiohttp.ClientTimeout(total=5), connector=aiohttp.TCPConnector(force_close=True))

    async def close(self) -> None:
        await self.http.close()

    async def ticket_of(self, person: Person) -> int:
        """The open hand-off of this person, once there is one."""
        wanted = (select(Ticket.id).join(Address, Address.contact_id == Ticket.contact_id)
                  .where(Address.address == str(person.id), Ticket.state != "closed"))
        return int((await self._found(wanted))[0][0])

    async def reads(self, person: Person, text: str) -> None:
        """Wait until this person's message is in the chat."""
        said = select(Message.text).where(Message.address == str(person.id))
        async with asyncio.timeout(PATIENCE):
            while (text,) not in await self.database.rows(said):
                await asyncio.sleep(0.03)

    async def _found(self, wanted: Any) -> list[Any]:
        async with asyncio.timeout(PATIENCE):
            while not (found := await self.database.rows(wanted)):
                await asyncio.sleep(0.03)
        return found

    async def does(self, ticket: int, action: str, **fields: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await self._tried(ticket, action, fields):
                await asyncio.sleep(0.05)

    async def _tried(self, ticket: int, action: str, fields: dict[str, str]) -> bool:
        try:
            async with self.http.post(f"{self.at}/tickets/{ticket}/{action}", data=fields,
                                      allow_redirects=False) as answer:
                if answer.status == 303:
                    return True
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
        return action == "close" and await self._is_closed(ticket)

    async def _is_closed(self, ticket: int) -> bool:
        """It was closed at the first try, of which we heard nothing."""
        return await self.database.rows(select(Ticket.state).where(Ticket.id == ticket)) == [("closed",)]


@dataclass
class Talk:
    """One person who answers what they are asked."""

    person: Person
    did: list[tuple[str, str]] = field(default_factory=list)
    """What must be stored of them: kind and text, in order."""
    seen: int = 0

    @property
    def number(self) -> int:
        return self.person.id

    def starts(self) -> None:
        self.person.starts()
        self.did.append(("started", ""))

    async def goes_through(self, script: Script) -> None:
        for words, how, answer in script:
            shown = await self.sees(words)
            if how == "say":
                self.says(answer.format(n=self.number))
            elif how == "tap":
                self.person.taps(answer, shown)
                self.did.append(("tap", answer))

    async def sees(self, words: str) -> Shown:
        """The next message with these words."""

        def asked(messages: list[Shown]) -> bool:
            return any(words in one.text for one in messages[self.seen:])

        messages = await self.person.waits_for(asked, PATIENCE)
        self.seen = next(at for at in range(self.seen, len(messages)) if words in messages[at].text) + 1
        return messages[self.seen - 1]

    def says(self, text: str) -> None:
        self.person.says(text)
        self.did.append(("text", text))


@dataclass
class Talker(Talk):
    """A person's whole way: first contact, a counsellor, a check-in."""

    finished: bool = False
    stuck: str = ""
    """What they waited for in vain."""

    async def lives(self, desk: Desk) -> None:
        self.starts()
        await self.goes_through(BEFORE)
        await self._talks_with_counsellor(desk)
        await self.goes_through(AFTER)
        await self._is_to_be_reminded(desk)
        await self.goes_through(CHECK_IN)
        self.finished = True

    async def _talks_with_counsellor(self, desk: Desk) -> None:
        ticket = await desk.ticket_of(self.person)
        await desk.does(ticket, "claim")
        for at in (1, 2):
            await desk.does(ticket, "reply", text=f"Good day {self.number}, {at}", key=f"{self.number}-{at}")
        await self.sees(f"Good day {self.number}, 2")
        self.says(thanks := f"Thank you {self.number}")
        await desk.reads(self.person, thanks)
        await desk.does(ticket, "close", outcome="advised")

    async def _is_to_be_reminded(self, desk: Desk) -> None:
        owner = select(Address.contact_id).where(Address.address == str(self.number))
        await desk.database.does(lambda connection: reminders.put(connection, [{
            "contact_id": connection.scalars(owner).one(), "key": "fault", "opens": "check_in",
            "due_at": desk.now()}]))
