"""Buttons that the bot never made, and buttons of other people: nothing is stored, and the question stays."""

from __future__ import annotations

from typing import Any

import pytest

from bot.receive.texts import OUR_FAULT
from bot.routing import run_mark
from conversations import CONVERSATIONS
from conversations.intake import INTAKE
from storage.tables import Contact, Run, Task, Ticket
from tests.hostile.ground import Ground

FORGED = (
    "999:summary:yes", "1:children/999999/age:5", "1:children/0/age:5", "1:summary:yes", "1:summary:phone",
    "1:area:menu", "1:keep:no", "1:sensitive_ok:yes", "1:health:secret", "1:name:Eve", "1::", "1:::", ":::", "",
    ":", "!", "!!",
    "zzzzzzzzzzzzz:name:x", "\u0661:name:x", "\uff11:name:Eve", "-1:name:x", "0:name:x", "1:name!skip:x",
    "1:summary!skip",
    "1:summary!back", "1:intro:yes", "1:intake:yes", "1:@plan:x", "1:@offered:x", "1:name/0/x:1",
    "1:children/0?:add",
    "1:children?:done", "1:household:done", "1:household:alone", "1:children/-1/age:5", "1:children/0/age/0:5",
    "1:phone:+38344123456", "1:return_date:9999-99-99", "1:return_date:0000", "1:months_abroad:5", "1:land:DE-BY",
    "1:country:DE", "1:__class__:x", "1:{name}:x", "1:name:{centre}", "1:situation:\u202e", "\ud83d:name:x",
    "1:name:" + "x" * 57, "!forget", "!start", "!back", "!skip", "!nonsense", "!__init__", "!menu:1", "!\u202e",
    "! danger",
    "1!name!x", "../../x", "<b>:<i>:<u>", "1:situation:returned:returned", "1:situation:no_such", "a" * 64,
)


async def at_name(ground: Ground, person: str) -> dict[str, Any]:
    await ground.agreed(person)
    run = await ground.run(person)
    assert run["awaiting"] == "name"
    return run


async def test_forged_buttons_change_nothing(ground: Ground) -> None:
    """Sent while the first question of the intake is open; `1` is replaced by the run's own mark as well."""
    before = await at_name(ground, "eve")
    own = run_mark(before["id"])
    fault = ground.app.translator.text("en", OUR_FAULT)
    wrong = []
    for data in FORGED:
        for forged in {data, data.replace("1:", f"{own}:", 1) if data.startswith("1:") else data}:
            said = await ground.taps("eve", forged)
            if any(fault in one.text for one in said):
                wrong.append(("our fault", forged))
            if len(said) > 3:
                wrong.append(("talkative", forged))
            now = await ground.run("eve")
            stored = {path for path in now["answers"] if path[0] != "@"} - {"keep"}
            if stored - {"name"}:
                wrong.append(("stored", forged, now["answers"]))
            if stored:
                await ground.says("eve", "back")  # its own question takes a tap like words: no harm
                await ground.says("eve", "back")
    assert wrong == []
    assert await ground.rows(Ticket, "eve") == []
    assert [one["kind"] for one in await ground.rows(Task, "eve")] == []
    [contact] = await ground.rows(Contact, "eve")
    assert contact["consents"] == {"keep": True}


@pytest.mark.parametrize("data", ["!forget", "!my_data:sure:yes", "1:sure:yes", "!sure", "1:sure:forget"])
async def test_nothing_is_deleted_by_a_forged_button(ground: Ground, data: str) -> None:
    await at_name(ground, "eve")
    await ground.says("eve", "Eve")
    await ground.taps("eve", data)
    [contact] = await ground.rows(Contact, "eve")
    assert contact["known"]["name"] == "Eve"


async def test_tapping_another_persons_run(ground: Ground) -> None:
    """Eve knows the mark of Ana's run: Ana's answers stay, and Eve learns nothing of them."""
    await at_name(ground, "ana")
    await ground.says("ana", "Ana Canary")
    await at_name(ground, "eve")
    await ground.says("eve", "Eve")
    before = await ground.rows(Run, "ana")
    contact = await ground.rows(Contact, "ana")
    sent = [message for who, message in ground.paper.sent if who == "ana"]
    for run in before:
        mark = run_mark(run["id"])
        for data in (f"{mark}:situation:relative", f"{mark}:situation!back", f"{mark}:name!skip", f"{mark}:name:Eve",
                     f"{mark}:keep:no", f"{mark}:language:sr"):
            said = await ground.taps("eve", data)
            assert not any("Canary" in one.text for one in said)
    assert await ground.rows(Run, "ana") == before
    assert await ground.rows(Contact, "ana") == contact
    assert [message for who, message in ground.paper.sent if who == "ana"] == sent


async def test_the_mark_of_another_run_of_ones_own(ground: Ground) -> None:
    """A button of the plan must not answer the intake, and the other way round."""
    await at_name(ground, "eve")
    await ground.says("eve", "Eve")
    intake = await ground.run("eve")
    await ground.says("eve", "/plan")
    plan = await ground.run("eve", "plan")
    await ground.taps("eve", f"{run_mark(plan['id'])}:situation:returned")
    await ground.taps("eve", f"{run_mark(intake['id'])}:step:add")
    await ground.taps("eve", f"{run_mark(plan['id'])}:own_step:Something")
    assert "situation" not in (await ground.run("eve"))["answers"]
    assert (await ground.run("eve", "plan"))["answers"].get("own_step") is None


@pytest.mark.parametrize("name", sorted(CONVERSATIONS))
async def test_any_conversation_as_a_command(ground: Ground, name: str) -> None:
    """A forged command may open a conversation; it may not break, rate, hand off or consent."""
    await at_name(ground, "eve")
    said = await ground.taps("eve", f"!{name}")
    fault = ground.app.translator.text("en", OUR_FAULT)
    assert said
    assert not any(fault in one.text for one in said)
    assert await ground.rows(Ticket, "eve") == []
    assert (await ground.rows(Contact, "eve"))[0]["consents"] == {"keep": True}


async def test_every_question_takes_only_its_own_buttons(ground: Ground) -> None:
    """Each question of the intake, asked, gets the buttons of every other question: none may answer it."""
    run = await at_name(ground, "eve")
    mark = run_mark(run["id"])
    for step in INTAKE.steps:
        if step.id in ("name", "keep"):
            continue
        for choice in ("yes", "no", "add", "done", "returned", "none", step.id):
            await ground.taps("eve", f"{mark}:{step.id}:{choice}")
    now = await ground.run("eve")
    assert now["awaiting"] == "name"
    assert {path for path in now["answers"] if path[0] != "@"} <= {"keep"}


async def test_danger_by_a_forged_button_is_still_taken_seriously(ground: Ground) -> None:
    """Twice, a hundred times: one urgent ticket."""
    await at_name(ground, "eve")
    for _ in range(100):
        await ground.taps("eve", "!danger")
    [ticket] = await ground.rows(Ticket, "eve")
    assert ticket["urgent"] and ticket["state"] == "waiting"


async def test_a_stranger_floods(ground: Ground) -> None:
    """Three hundred taps at once in one batch end, and the next person is answered."""
    from conversations.events import Tap

    await at_name(ground, "eve")
    await ground.gives(*(Tap(**ground._common("eve", "paper"), data=f"{number}:x:y") for number in range(300)))
    await ground.starts("ana")
    assert [who for who, _message in ground.paper.sent][-1] == "ana"
