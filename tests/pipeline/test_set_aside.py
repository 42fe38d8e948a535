"""What always failed is kept, and handled once the mistake is mended: with one effect, and never the wrong one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from bot.console import ConsoleParts, console_routes
from bot.receive import aside
from bot.receive.discreet import FIRST_LINE
from bot.receive.staff import StaffDesk
from bot.receive.turns import Turns
from conversations.events import FromPerson, Media, Message, Started, Stopped, Tap
from storage import staff
from storage.desk import DeskError
from storage.tables import Contact
from tests.pipeline.test_forget import forget, found
from tests.pipeline.test_once import in_form
from tests.pipeline.world import NOW, Person, World
from tests.support.rows import change

MIRA, ARBEN = 1, 2
ORIGIN = "http://testserver"
CANARY = "Zylfijekanarina"
OUR_FAULT = "Something went wrong on our side."


@dataclass
class Mistake:
    """A mistake of ours: every event for which `hits` holds fails, until it is mended."""

    hits: Callable[[FromPerson], bool] = field(default=lambda event: getattr(event, "text", "").startswith("poison"))

    def mend(self) -> None:
        self.hits = lambda event: False


@pytest.fixture
def mistake(monkeypatch: pytest.MonkeyPatch) -> Mistake:
    made, take = Mistake(), Turns.take

    def fails(self: Turns, visit: Any, event: FromPerson, route: Any, unasked: bool = False) -> None:
        take(self, visit, event, route, unasked)
        if made.hits(event):
            raise ZeroDivisionError(f"it came up at {event!r}")

    monkeypatch.setattr(Turns, "take", fails)
    return made


def tasks(world: World, person: Person) -> list[int]:
    """Those that are open, the oldest first."""
    rows = world.rows(
        "SELECT id FROM tasks WHERE contact_id = ? AND kind = 'failed' AND done_at IS NULL ORDER BY id", person.id)
    return [row[0] for row in rows]


async def poisoned(world: World, text: str = "poison") -> tuple[Person, int]:
    """Somebody whose answer to the first question was set aside, and the task."""
    anna = await in_form(world)
    heard = await anna.says(text)
    assert [one.text.startswith(OUR_FAULT) for one in heard] == [True]
    [task] = tasks(world, anna)
    return anna, task


async def refusal(world: World, task: int, counsellor: int = MIRA) -> str:
    with pytest.raises(DeskError) as refused:
        await world.staff.retry(task, counsellor)
    await world.settle()
    return str(refused.value)


def state(world: World) -> list[Any]:
    """Everything but what a try itself notes."""
    tables = ("contacts", "addresses", "runs", "tickets", "reminders", "tasks", "plan_steps")
    said = world.rows("SELECT id, author, kind, text, state, cause_id FROM messages ORDER BY id")
    return [said, *(world.rows(f"SELECT * FROM {one} ORDER BY id") for one in tables)]


def stored(world: World, text: str) -> list[tuple[int, Any]]:
    rows = world.rows("SELECT id, content FROM messages WHERE author = 'person' AND text = ?", text)
    return [(key, json.loads(content) if content else None) for key, content in rows]


# ------------------------------------------------------------------ it is handled


@pytest.mark.usefixtures("mistake")
async def test_who_shares_a_phone_is_answered_late_only_when_it_is_safe(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world)
    for one in [key for (key,) in world.rows("SELECT id FROM contacts")]:
        await world.app.store.write(partial(
            change, table=Contact, key=one, discreet={"silent": True, "hours": [19, 22]}))
    mistake.mend()
    await world.turn(hours=2)
    count = len(anna.heard)
    assert "only from 19:00 to 22:00" in await refusal(world, task)
    assert len(anna.heard) == count and tasks(world, anna) == [task]
    await world.turn(hours=8)
    await world.staff.retry(task, MIRA)
    await world.settle()
    assert anna.last.text == f"{FIRST_LINE}\n\nQuestion 2?" and anna.last.veiled and anna.last.quiet


async def test_mended_and_tried_again_it_is_an_answer(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world)
    [(message, content)] = stored(world, "poison")
    assert content["set_aside"]["tries"] == 3 and content["set_aside"]["event"]["text"] == "poison"
    mistake.mend()
    world.clock.turn(timedelta(hours=2))
    count = len(anna.heard)
    await world.staff.retry(task, MIRA)
    await world.settle()
    assert [one.text for one in anna.heard[count:]] == ["Question 2?"]
    assert anna.answers("form") == {"q1": "poison"} and anna.awaits() == ("form", "q2")
    assert stored(world, "poison") == [(message, None)], "stored once, and kept no longer than needed"
    assert world.one("SELECT cause_id FROM messages WHERE text = ?", "Question 2?") == message
    [done] = world.rows("SELECT done_at, counsellor_id FROM tasks WHERE id = ?", task)
    assert done[0] is not None and done[1] == MIRA
    [(who, whom, detail)] = world.rows(
        "SELECT counsellor_id, contact_id, detail FROM audit WHERE action = 'retry'")
    assert (who, whom, json.loads(detail)) == (MIRA, anna.id, {"task": task, "message": message, "handled": True})
    await anna.says("a2")
    assert anna.answers("form") == {"q1": "poison", "q2": "a2"} and anna.last.text == "Question 3?"


async def test_after_a_restart_too(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world)
    await world.restart()
    await in_form(world, "ben")  # the deploy knows the form
    mistake.mend()
    await world.staff.retry(task, MIRA)
    await world.settle()
    assert anna.last.text == "Question 2?" and anna.answers("form") == {"q1": "poison"}


EVENTS: dict[str, tuple[type[Any], Callable[[Person], FromPerson]]] = {
    "message": (Message, lambda anna: anna.message("an answer")),
    "tap": (Tap, lambda anna: anna.tap_data("!menu")),
    "media": (Media, lambda anna: anna.photo("my papers")),
    "started": (Started, lambda anna: anna.start()),
    "stopped": (Stopped, lambda anna: anna.stop()),
}


@pytest.mark.parametrize("kind", EVENTS)
async def test_it_has_the_effect_that_it_would_have_had(world: World, mistake: Mistake, kind: str) -> None:
    """Beside somebody to whom the same happened without a mistake."""
    only, make = EVENTS[kind]
    anna, ben = await in_form(world, "anna"), await in_form(world, "ben")
    count = len(ben.heard)
    await ben.does(make(ben))
    expected = [one.text for one in ben.heard[count:]]
    mistake.hits = lambda event: isinstance(event, only)
    await anna.does(make(anna))
    [task] = tasks(world, anna)
    mistake.mend()
    count = len(anna.heard)
    await world.staff.retry(task, MIRA)
    await world.settle()
    assert [one.text for one in anna.heard[count:]] == expected
    assert anna.answers("form") == ben.answers("form") and anna.awaits() == ben.awaits()
    assert [one for one in anna.tasks() if one != "failed"] == ben.tasks()
    blocked = "SELECT blocked_at IS NOT NULL FROM addresses WHERE address = ?"
    assert world.one(blocked, "anna") == world.one(blocked, "ben")
    assert tasks(world, anna) == []
    kinds = world.rows("SELECT author, kind, text FROM messages WHERE contact_id = ? AND author = 'person'"
                       " ORDER BY id", ben.id)
    assert world.rows("SELECT author, kind, text FROM messages WHERE contact_id = ? AND author = 'person'"
                      " ORDER BY id", anna.id) == kinds


async def test_the_first_word_of_a_new_person(world: World, mistake: Mistake) -> None:
    anna = world.person("anna")
    await anna.says("poison")
    mistake.mend()
    await world.staff.retry(tasks(world, anna)[0], MIRA)
    await world.settle()
    awaits = anna.awaits()
    assert awaits is not None and awaits[0] == "welcome"


# ------------------------------------------------------------------ it fails again


async def test_it_fails_again_and_nothing_is_lost(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world, f"poison {CANARY}")
    before, heard = state(world), len(anna.heard)
    with capture_logs() as lines:
        assert await refusal(world, task) == aside.FAILED_AGAIN
        assert await refusal(world, task, ARBEN) == aside.FAILED_AGAIN
    assert CANARY not in repr(lines) and len(lines) >= 2
    assert state(world) == before and len(anna.heard) == heard
    [(_, content)] = stored(world, f"poison {CANARY}")
    assert content["set_aside"]["tries"] == 5
    audit = world.rows("SELECT counsellor_id, detail FROM audit WHERE action = 'retry' ORDER BY id")
    assert [(who, json.loads(detail)["handled"]) for who, detail in audit] == [(MIRA, False), (ARBEN, False)]
    mistake.mend()
    await world.staff.retry(task, MIRA)
    await world.settle()
    assert anna.answers("form") == {"q1": f"poison {CANARY}"}


# ------------------------------------------------------------------ two of them, and what was said since


async def test_two_of_one_person_are_two_tasks(world: World, mistake: Mistake) -> None:
    """The second is not hidden behind the first; each answers the question that it was said to, or none."""
    anna, first = await poisoned(world, "poison one")
    await anna.says("a1")
    await anna.says("poison two")
    _, second = tasks(world, anna)
    assert anna.awaits() == ("form", "q2")
    mistake.mend()
    before = state(world)
    assert await refusal(world, first) == aside.WENT_ON
    assert state(world) == before
    await world.staff.retry(second, MIRA)
    await world.settle()
    assert anna.answers("form") == {"q1": "a1", "q2": "poison two"} and anna.last.text == "Question 3?"
    assert tasks(world, anna) == [first]
    await world.staff.finish_task(first, MIRA)
    assert tasks(world, anna) == []
    assert await refusal(world, first) == aside.DONE


async def test_what_is_said_while_it_is_tried_comes_after_it_or_before_it(world: World, mistake: Mistake) -> None:
    """Whichever is first: the questions are answered in order, each once."""
    anna, task = await poisoned(world)
    mistake.mend()
    tried, _ = await asyncio.gather(
        world.staff.retry(task, MIRA), world.handle(anna.message("a1")), return_exceptions=True)
    await world.settle()
    if tried is None:
        assert anna.answers("form") == {"q1": "poison", "q2": "a1"}
        assert anna.texts[-2:] == ["Question 2?", "Question 3?"]
    else:
        assert str(tried) == aside.WENT_ON and anna.answers("form") == {"q1": "a1"}


async def test_two_counsellors_at_once_have_one_effect(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world)
    mistake.mend()
    await one_effect(world, anna, task, [world.staff, world.staff])


@pytest.mark.postgresql_only
async def test_two_counsellors_at_two_processes_have_one_effect(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world)
    mistake.mend()
    other = world.build()
    other.receive.turns = world.app.receive.turns
    try:
        await one_effect(world, anna, task, [world.staff, StaffDesk(other.receive, other.turn_clock)])
    finally:
        await asyncio.to_thread(other.store.close)


async def one_effect(world: World, anna: Person, task: int, desks: list[StaffDesk]) -> None:
    count = len(anna.heard)
    results = await asyncio.gather(
        *(desk.retry(task, who) for desk in desks for who in (MIRA, ARBEN)), return_exceptions=True)
    assert sorted(map(str, results)) == sorted([str(None), *[aside.DONE] * (2 * len(desks) - 1)])
    await world.app.deliver.reload()
    await world.settle()
    assert [one.text for one in anna.heard[count:]] == ["Question 2?"]
    assert anna.answers("form") == {"q1": "poison"}
    assert world.one("SELECT count(*) FROM audit WHERE action = 'retry'") == 1


# ------------------------------------------------------------------ where it would not help


async def test_a_person_who_deleted_everything_meanwhile(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world, f"poison {CANARY}")
    assert "messages.content" in found(world, CANARY)
    await forget(anna)
    assert found(world, CANARY) == [] and tasks(world, anna) == []
    mistake.mend()
    assert await refusal(world, task) == aside.GONE


async def test_the_wish_to_be_deleted_can_be_tried_again(world: World, mistake: Mistake) -> None:
    anna = await in_form(world)
    await anna.says(CANARY)
    mistake.hits = lambda event: isinstance(event, Tap) and event.data.endswith(":yes")
    await forget(anna)
    [task] = tasks(world, anna)
    assert found(world, CANARY) != []
    mistake.mend()
    await world.staff.retry(task, MIRA)
    await world.settle()
    assert found(world, CANARY) == [] and tasks(world, anna) == []
    assert anna.last.text.startswith("Your data is deleted.")


async def test_while_a_counsellor_has_the_chat_it_goes_there(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world)
    await anna.taps("Talk to a counsellor")
    mistake.mend()
    count = len(anna.heard)
    await world.staff.retry(task, MIRA)
    await world.settle()
    assert len(anna.heard) == count, "the bot is silent"
    assert world.one("SELECT unread FROM tickets") == 1
    assert anna.answers("form") == {} and tasks(world, anna) == []


async def test_a_word_to_a_counsellor_is_no_answer_later(world: World, mistake: Mistake) -> None:
    anna = await in_form(world)
    await anna.taps("Talk to a counsellor")
    await anna.says("poison for you only")
    await anna.says("leave")
    assert anna.awaits() == ("form", "q1")
    mistake.mend()
    assert await refusal(world, tasks(world, anna)[0]) == aside.WENT_ON
    assert anna.answers("form") == {}


async def test_a_person_who_blocked_us(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world)
    await anna.does(anna.stop())
    mistake.mend()
    before = state(world)
    assert await refusal(world, task) == aside.BLOCKED
    assert state(world) == before
    await anna.says("menu")  # they are back: it could be tried, but the question is another one
    assert await refusal(world, task) == aside.WENT_ON


async def test_who_said_stop_is_left_alone(world: World, mistake: Mistake) -> None:
    anna, task = await poisoned(world)
    await anna.says("stop")
    mistake.mend()
    before = state(world)
    assert await refusal(world, task) == aside.SAID_STOP
    assert state(world) == before


async def test_danger_is_never_too_late(world: World, mistake: Mistake) -> None:
    anna = await in_form(world)
    mistake.hits = lambda event: "kill" in getattr(event, "text", "")
    await anna.says("I want to kill myself")
    await anna.says("stop")
    mistake.mend()
    await world.staff.retry(tasks(world, anna)[0], MIRA)
    await world.settle()
    assert "112" in anna.texts[-2] and world.one("SELECT urgent FROM tickets") == 1


async def test_somebody_who_came_back_is_not_taken_for_gone(world: World, mistake: Mistake) -> None:
    anna = await in_form(world)
    mistake.hits = lambda event: isinstance(event, Stopped)
    count = len(anna.heard)
    await anna.does(anna.stop())
    assert len(anna.heard) == count, "whoever left is not written to"
    await anna.says("a1")
    mistake.mend()
    assert await refusal(world, tasks(world, anna)[0]) == aside.WENT_ON
    assert (await anna.says("a2"))[-1].text == "Question 3?"


async def test_another_task_cannot_be_tried(world: World) -> None:
    anna = await world.person().agrees()
    await anna.does(anna.photo())
    [(media,)] = world.rows("SELECT id FROM tasks WHERE kind = 'media'")
    assert await refusal(world, media) == aside.GONE
    assert await refusal(world, 999) == aside.GONE


# ------------------------------------------------------------------ by the page


async def test_from_the_page_to_the_phone(world: World, mistake: Mistake) -> None:
    password = "kept in a blue folder"
    await world.app.store.write(
        lambda connection: staff.add_counsellor(connection, "mira", "Mira", "counsellor", password, NOW))
    anna, task = await poisoned(world, f"poison <b>{CANARY}</b>")
    pages = FastAPI()
    parts = ConsoleParts(
        world.app.store, world.clock, world.app.live, world.staff, world.app.settings, lambda *_: [],
        lambda: world.app.office.hours, world.app.translator, world.app.receive.turns.knowledge.register)
    pages.router.routes += console_routes(parts).routes
    transport = httpx.ASGITransport(pages)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as http:
        await http.post("/console/sign-in", data={"login": "mira", "password": password})
        page = (await http.get("/console/tasks")).text
        assert f"poison &lt;b&gt;{CANARY}" in page and "tried 3 times" in page
        assert "set_aside" not in page and "anna-" not in page, "nothing raw"
        again = await http.post(f"/console/tasks/{task}/retry")
        assert again.status_code == 409 and aside.FAILED_AGAIN in again.text and "tried 4 times" in again.text
        foreign = await http.post(f"/console/tasks/{task}/retry", headers={"origin": "http://elsewhere.example"})
        assert foreign.status_code == 403
        mistake.mend()
        back = {"back": f"/console/people/{anna.id}"}
        done = await http.post(f"/console/tasks/{task}/retry", data=back)
        assert (done.status_code, done.headers["location"]) == (303, back["back"])
        assert "Nothing is to do." in (await http.get("/console/tasks")).text
    await world.settle()
    assert anna.last.text == "Question 2?"
