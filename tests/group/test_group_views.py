"""One chat answered by turns from console and group, by two colleagues, in any order, while the person writes: the
console's thread, the group's topic and the person's chat tell the same, in the same order, each thing once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from bot.console import labels
from bot.receive.moves import Moves
from storage import desk, moves, staff
from storage.desk import DeskError
from storage.moves import MoveView
from storage.tables import Message, StaffTopic
from tests.fakes.telegram_forum import Posted, Topic
from tests.group.team import Team
from tests.journey.town import Phone

Who: TypeAlias = Literal["Mimoza", "Driton"]
Told: TypeAlias = tuple[str, str]
"""Who, and what; of a move, what was done, and nothing."""
WHO = st.sampled_from(["Mimoza", "Driton"])
ACTS = st.one_of(
    st.tuples(st.just("person"), st.just("")),
    st.tuples(st.sampled_from(["console", "group", "console note", "group note", "console takes", "group takes"]), WHO),
    st.tuples(st.sampled_from(["it comes again", "topic deleted", "follower restarts"]), st.just("")),
)
NUMBERS = itertools.count(8000)


@dataclass
class Talk:
    """A chat, and what the three must tell of it."""

    team: Team
    anna: Phone
    ticket: int
    ids: dict[str, int]
    holder: str | None = None
    told: list[Told] = field(default_factory=list)
    heard: list[tuple[int, Told]] = field(default_factory=list)
    """What the person wrote, with its number on their phone."""
    texts: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def next_text(self) -> str:
        return f"What is said {next(self.texts)}"

    @property
    def topic(self) -> Topic:
        return self.team.forum.topic(f"Chat {self.ticket} ")

    async def act(self, what: str, who: str) -> None:
        self.team.town.clock.turn(timedelta(seconds=1))
        text = self.next_text()
        match what:
            case "person":
                self.anna.person.says(text)
                self.heard.append((self.team.town.fake.next_message_id(), ("Person", text)))
                self.told.append(("Person", text))
            case "console":
                await self.in_console(who, text)
            case "console note":
                await self.team.town.desk.note(self.ticket, self.ids[who], text)
                self.told.append((f"Note by {who}", text))
            case "console takes":
                await self.takes_in_console(who)
            case "it comes again":
                self.team.town.fake.redeliver()
            case "topic deleted":
                await self.team.settle()
                self.team.forum.deletes(self.topic)
                await self.act("person", "")  # with the next word it is known
            case "follower restarts":
                await self.team.settle()
                group = self.team.town.app.group
                assert group is not None
                await group.stop()
                await group.start()
            case _:
                await self.in_group(what, who, text)
        await self.team.town.settle()
        while await self.team.town.app.store.read(_is_under_way):
            await self.team.town.turn(seconds=30)

    async def in_console(self, who: str, text: str) -> None:
        me = self.ids[who]
        if self.holder is None:
            assert await self.team.town.desk.claim(self.ticket, me) is None
            self.takes(who, f"{who} took the chat")
            self.team.town.clock.turn(timedelta(seconds=1))
        if self.holder == who:
            await self.team.town.desk.reply(self.ticket, me, text, f"{self.ticket}-{text}")
            self.told.append((who, text))
            return
        with pytest.raises(DeskError, match="has this chat"):
            await self.team.town.desk.reply(self.ticket, me, text, f"{self.ticket}-{text}")

    async def takes_in_console(self, who: str) -> None:
        store, me = self.team.town.app.store, self.ids[who]
        view = await store.read(lambda connection: staff.get_counsellor(connection, me))
        assert view is not None
        if self.holder is None:
            await self.team.town.desk.claim(self.ticket, me)
            self.takes(who, f"{who} took the chat")
        elif self.holder != who:
            await Moves(store, self.team.town.clock).take_over(self.ticket, view, self.ids[self.holder])
            self.takes(who, f"{who} took the chat over")

    async def in_group(self, what: str, who: str, text: str) -> None:
        """Who types there sees what there is so far."""
        await self.team.settle()
        member = self.team.mimoza if who == "Mimoza" else self.team.driton
        if what == "group note":
            member.says(f"/note {text}", self.topic)
            self.told.append((f"Note by {who}", text))
        elif what == "group takes":
            member.says("/take", self.topic)
            if self.holder != who:
                self.takes(who, f"{who} took the chat{' over' if self.holder else ''}")
        else:
            member.says(text, self.topic)
            if self.holder in (None, who):
                self.told.append((who, text))
            if self.holder is None:
                self.takes(who, f"{who} took the chat")

    def takes(self, who: str, what: str) -> None:
        self.holder = who
        self.told.append((what, ""))

    async def ends(self) -> None:
        holder = self.ids[self.holder] if self.holder else self.team.counsellor
        await self.team.town.desk.claim(self.ticket, holder)
        await self.team.town.desk.close(self.ticket, holder, "advised")
        await self.team.settle()
        assert self.topic.is_closed

    # ------------------------------------------------------------------ the three views

    async def console(self) -> list[Told]:
        def look(connection: Connection) -> list[Told]:
            after = connection.scalars(select(StaffTopic.after_id).where(StaffTopic.ticket_id == self.ticket)).one()
            ticket = desk.ticket(connection, self.ticket)
            assert ticket is not None
            said = desk.thread(connection, ticket.contact_id, after_id=after)
            beside = [*desk.notes(connection, ticket.contact_id), *moves.history(connection, ticket.contact_id)]
            found: list[Told] = []
            for one in sorted([*said, *beside], key=lambda entry: entry.at):
                if isinstance(one, MoveView):
                    found.append((labels.move(one), ""))
                elif one.author == "note":
                    found.append((f"Note by {one.counsellor}", one.text))
                else:
                    found.append((one.counsellor or one.author.capitalize(), one.text))
            return found

        return await self.team.town.app.store.read(look)

    def group(self) -> list[Told]:
        """Without the card, what was said before, and what the bot answers to colleagues."""
        found: list[Told] = []
        names = {self.team.mimoza.id: "Mimoza", self.team.driton.id: "Driton"}
        done = set(self.told)
        for one in self.topic.messages:
            if one.sender:
                note = one.text.startswith("/note ")
                typed = (f"Note by {names[one.sender]}" if note else names[one.sender], one.text.removeprefix("/note "))
                found += [typed] if typed in done else []
            elif one.answers is None:
                found += [told for told in told_in(one) if not told[0].startswith(("Chat ", "Said before", "https:"))]
        return found

    def person(self) -> list[Told]:
        seen = [(one.id, (self.holder_of(one.text), one.text)) for one in self.anna.person.messages
                if one.text.startswith("What is said")]
        return [told for _, told in sorted([*self.heard, *seen])]

    def holder_of(self, text: str) -> str:
        """Who said it: a person does not see which of us it was."""
        return next((who for who, said in self.told if said == text), "nobody")


def _is_under_way(connection: Connection) -> bool:
    """Whether something has not reached a person: a try of it may have failed on a busy machine."""
    return connection.execute(select(Message.id).where(Message.state == "queued")).first() is not None


def told_in(posted: Posted) -> list[Told]:
    """Heading and covered words of each thing in a message."""
    found: list[Told] = []
    units, end = posted.text.encode("utf-16-le"), 0
    covers = [(one["offset"] * 2, (one["offset"] + one["length"]) * 2) for one in posted.entities]
    for begins, ends in covers:
        *bare, heading = units[end:begins].decode("utf-16-le").split("\n\n")
        found += [(one.strip(), "") for one in bare if one.strip()]
        found.append((heading.strip(), units[begins:ends].decode("utf-16-le")))
        end = ends
    rest = units[end:].decode("utf-16-le").split("\n\n")
    return [*found, *((one.strip(), "") for one in rest if one.strip())]


async def begin(team: Team) -> Talk:
    team.town.clock.turn(timedelta(minutes=1))
    anna = await team.person(next(NUMBERS))
    ticket = (await team.town.ticket(anna))["id"]
    await team.settle()
    people = await team.town.app.store.read(staff.list_counsellors)
    return Talk(team, anna, ticket, {one.name: one.id for one in people})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=3, max_size=12))
async def test_three_views_of_one_chat(team: Team, acts: list[tuple[str, str]]) -> None:
    talk = await begin(team)
    for what, who in acts:
        await talk.act(what, who)
    await team.settle()
    assert await talk.console() == talk.told
    assert talk.group() == talk.told
    assert talk.person() == [one for one in talk.told if one[0] in ("Person", "Mimoza", "Driton")]
    await talk.ends()
    assert team.town.fake.refused == [] or all("thread not found" in why for _, why in team.town.fake.refused)
