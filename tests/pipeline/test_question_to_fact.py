"""From a question that nobody could answer, by the console, to a fact that is told: in two languages, at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from bot.console import ConsoleParts, console_routes
from storage import staff, unanswered
from storage.tables import Audit
from tests.pipeline.world import NOW, Person, World

ORIGIN = "https://chat.example"
PASSWORD = "kept in a blue folder"
ASKED = {"en": "may I keep bees in the town", "sq": "a muj me i majt bletët në qytet"}
ANSWER = {"en": "Yes. Ask the municipality first.", "sq": "Po. Pyetni më parë komunën.",
          "sr": "Da. Prvo pitajte opštinu.", "de": "Ja. Fragen Sie zuerst die Gemeinde."}
QUESTION = {"en": "May I keep bees in the town?", "sq": "A mund të mbaj bletë në qytet?",
            "sr": "Smem li da držim pčele u gradu?", "de": "Darf ich in der Stadt Bienen halten?"}
TYPED = {"area": "employment",
         "name": "Bees in town", "state": "verified", "confidence": "high", "source": "Municipality", "seen": "2026",
         "checked": "2026-11-20", "expires": "2027-05-20", "partner": "", "note": "", "do": "save"}


@asynccontextmanager
async def coordinator(world: World) -> AsyncIterator[httpx.AsyncClient]:
    await world.app.store.write(
        lambda connection: staff.add_counsellor(connection, "arben", "Arben", "coordinator", PASSWORD, NOW))
    pages, app = FastAPI(), world.app
    parts = ConsoleParts(
        app.store, world.clock, app.live, world.staff, app.settings, lambda *_: [], lambda: app.office.hours,
        app.translator, app.receive.turns.knowledge.register, coordinators_need_code=False,
        answer_facts=app.answer_facts)
    pages.router.routes += console_routes(parts).routes
    transport = httpx.ASGITransport(pages)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as http:
        await http.post("/console/sign-in", data={"login": "arben", "password": PASSWORD})
        yield http


def filled(page: str, name: str) -> list[str]:
    """What stands in the fields of this name."""
    fields = re.findall(rf'name="{name}"[^>]*?(?: value="([^"]*)">|>([^<]*)</textarea>)', page)
    return [unescape(one or other) for one, other in fields]


async def speaks_albanian(world: World) -> Person:
    dita = world.person("dita")
    await dita.starts()
    await dita.taps("Shqip")
    await dita.taps("Po, ruajeni")
    await dita.taps("Jo tani")
    return dita


async def open_ids(world: World) -> dict[str, int]:
    return {one.text: one.id for one in await world.app.store.read(unanswered.open_ones)}


async def knows(world: World, version: int) -> None:
    facts = "employment.bees-in-town"
    await world.until(lambda: (one := world.app.receive.turns.knowledge.register.facts.get(facts)) is not None
                      and one.version == version, "no news of the fact")


async def test_what_two_people_asked_is_answered_to_the_next_ones(world: World) -> None:
    anna, dita = await world.person().agrees(), await speaks_albanian(world)
    for person, language in ((anna, "en"), (dita, "sq")):
        await person.says(ASKED[language])
        assert ANSWER[language] not in person.last.text
    ids = await open_ids(world)
    assert ids.keys() == set(ASKED.values())
    async with coordinator(world) as http:
        new = (await http.get("/console/facts/new", params={"question": ids[ASKED["en"]]})).text
        assert filled(new, "question.en") == [ASKED["en"]] and filled(new, "asked.en") == ["keep bees town"]
        typed = {**TYPED, "settles": filled(new, "settles"), "asked.en": "keep bees town\nbeehive*"}
        typed |= {f"question.{one}": text for one, text in QUESTION.items()}
        typed |= {f"answer.{one}": text for one, text in ANSWER.items()}
        done = await http.post("/console/facts/new", data=typed)
        assert done.status_code == 303 and done.headers["location"].endswith("/employment.bees-in-town")
        await knows(world, 1)
        assert list(await open_ids(world)) == [ASKED["sq"]], "what it answers is off the list, the rest is not"

        of_dita = {"fact": QUESTION["en"], "question": ids[ASKED["sq"]]}
        page = (await http.get("/console/questions/belongs", params=of_dita)).text
        assert filled(page, "asked.en") == [typed["asked.en"]]
        assert filled(page, "asked.sq") == ["majt bletët qytet"]
        assert filled(page, "answer.sq") == [ANSWER["sq"]]
        typed |= {"settles": filled(page, "settles"), "version": filled(page, "version"), "asked.sq": "blet*"}
        assert (await http.post("/console/facts/of/employment.bees-in-town", data=typed)).status_code == 303
        await knows(world, 2)
        assert await open_ids(world) == {}
    for person, language, other in ((anna, "en", "beehives?"), (dita, "sq", "kom nji pytje per bletari")):
        for text in (ASKED[language], other):
            assert ANSWER[language] in "".join(one.text for one in await person.says(text)), text
    noted = await world.app.store.read(lambda connection: connection.execute(
        select(Audit.action, Audit.detail).where(Audit.action.in_(("change_fact", "settle_questions")))
        .order_by(Audit.id)).all())
    assert [tuple(one) for one in noted] == [("change_fact", {"version": 1}), ("settle_questions", {"count": 1}),
                                            ("change_fact", {"version": 2}), ("settle_questions", {"count": 1})]
