"""The plan on paper: whole, in the person's language and script, for the person and for who may see it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Limits
from bot.plan_sheet import as_pdf
from bot.receive import plan_view
from bot.render.sheet import Sheet, sheet_of
from bot.render.steps import StepWords
from bot.translate import Translator
from conversations.eligibility import schemes
from conversations.eligibility.steps import PLAN_STEPS
from conversations.register import seed
from storage.steps import StepView
from tests.media.test_our_media import with_a_plan
from tests.support.world import World, new_world

DOOR = "https://chat.example.org/?from=plan"
ABOUT = Sheet("Ana Gashi", date(2026, 11, 23), ("The Centre", "Rruga e Shembullit 1", "+383 38 000 000"), DOOR)


def step(number: int, what: str, **more: Any) -> StepView:
    values = {"id": number, "key": str(number), "what": what, "who": "person", "by": date(2026, 12, 10),
              "state": "agreed", "reason": None, "papers": None, "partner": None, "source": None, "version": 1,
              "offer": None, **more}
    return StepView(**values)


def made_of(language: str, *found: StepView, about: Sheet = ABOUT) -> dict[str, Any]:
    return sheet_of(found, StepWords(language, Translator(), seed()), about)


def pages(content: bytes) -> int:
    return content.count(b"/Type /Page\n")


@pytest.mark.parametrize(("language", "words"), [
    ("sq", ["Plani im", "10 dhjetor 2026", "Dokumentet që duhen marrë", "Ku"]),
    ("sr", ["Moj plan", "10. decembra 2026.", "Papiri koje treba poneti", "Gde"]),
    ("sr_Cyrl", ["Мој план", "10. децембра 2026.", "Папири које треба понети", "Где"]),
    ("de", ["Mein Plan", "10. Dezember 2026", "Papiere zum Mitbringen", "Wo"]),
    ("en", ["My plan", "10 December 2026", "Papers to bring", "Where"]),
])
def test_everything_is_on_it_in_the_persons_language(language: str, words: list[str]) -> None:
    register = seed()
    fact = next(one for one in register.facts.values() if one.papers and one.partner and one.state != "ask-counsellor")
    found = made_of(language, step(1, "A"), step(2, "B", papers="Passport\nPhoto", partner=fact.partner),
                    step(3, "C", source=fact.id), step(4, "D", state="done"), step(5, "E", state="dropped"))
    told = [found["title"], *(part for pair in found["head"] for part in pair),
            *(part for one in found["steps"] for pair in one["rows"] for part in pair)]
    for word in words:
        assert word in told, word
    assert [one["what"] for one in found["steps"]] == [Translator().text(language, one) for one in "ABC"]
    assert len(found["done"]) == 1 and "• Passport\n• Photo" in told
    of_fact = dict(found["steps"][2]["rows"])
    assert any(one.startswith("• ") for one in of_fact.values()), "the fact knows the papers"
    content = as_pdf(found)
    assert content.startswith(b"%PDF-") and f"/URI ({DOOR})".encode() in content


def test_what_a_scheme_knows_of_papers_and_place_is_on_it() -> None:
    """A deadline that eligibility has put into the plan."""
    scheme = next(one for one in schemes() if one.id in PLAN_STEPS and one.papers and one.where)
    rows = dict(made_of("en", step(1, PLAN_STEPS[scheme.id].what, source=scheme.id))["steps"][0]["rows"])
    assert rows["Papers to bring"].splitlines() == [f"• {one}" for one in scheme.papers["en"]]
    assert rows["Where"].splitlines()[0] == seed().partners[scheme.where[0]].name["en"]


def test_nothing_of_it_is_loaded_before_it_is_needed() -> None:
    heavy = ("PIL", "fpdf", "fontTools", "segno", "fontpkg_fira_sans")
    ask = f"import sys, bot.site, bot.web.my_data, bot.console; print([one for one in {heavy} if one in sys.modules])"
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_without_a_door_there_is_no_square() -> None:
    nowhere = Sheet("", date(2026, 11, 23), ("The Centre",))
    with_door, without = as_pdf(made_of("sq", step(1, "A"))), as_pdf(made_of("sq", step(1, "A"), about=nowhere))
    assert b"/URI" in with_door and b"/URI" not in without


@settings(max_examples=15, deadline=None)
@given(what=st.lists(st.text(max_size=400), max_size=8), papers=st.text(max_size=500))
def test_whatever_stands_in_a_plan_it_can_be_printed(what: list[str], papers: str) -> None:
    found = [step(number, one, papers=papers) for number, one in enumerate(what)]
    assert as_pdf(made_of("sq", *found)).startswith(b"%PDF-")


# ------------------------------------------------------------- in the chat


async def prints(world: World) -> Any:
    await with_a_plan(world)
    await world.says("ana", "my plan")
    return await world.taps("ana", "Print my plan")


@pytest.mark.database
async def test_it_comes_as_a_file(databases: None) -> None:
    async with new_world() as world:
        said = await prints(world)
        [medium] = [one.medium for one in said if one.medium is not None]
        assert (medium.kind, medium.type, medium.name) == ("document", "application/pdf", "plan.pdf")
        newest = world.paper.files[max(world.paper.files)]
        assert newest.startswith(b"%PDF-") and BytesIO(newest).read(8)


@pytest.mark.database
async def test_where_no_file_can_go_it_is_told_in_words(databases: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async with new_world() as world:
        monkeypatch.setitem(world.app.receive.turns.limits, "paper", Limits(text=4096, label=60))
        said = await prints(world)
        assert all(one.medium is None for one in said)
        assert plan_view.IN_WORDS in said[0].text and "Write the CV\nUntil: 7 December 2026" in said[0].text
