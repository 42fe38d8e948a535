"""The picture of the plan: right in every language and script, made once, kept locked, and for nobody else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select, text

from bot import plan_picture
from bot.receive import plan_view
from bot.translate import Translator
from conversations.checks.texts import texts_of
from conversations.model import all_steps
from conversations.plan import PLAN
from storage.tables import Medium, MediumPart
from tests.support.world import World, new_world

LETTERS = "abcčćdđefghijklmnoprsštuvzžëçäöüßабвгдђежзијклљмнњопрстћуфхцчџш„“”–…•0123456789"


def made_of(lines: list[str], **more: Any) -> dict[str, Any]:
    return {"title": "Plani im", "progress": "U krye: 1 nga 2", "done": 1, "all": 2,
            "sections": [{"title": "Sot", "mark": "today", "lines": lines}], **more}


def test_there_is_a_picture_of_every_letter_that_we_write() -> None:
    import fontpkg_fira_sans

    translator = Translator()
    told = [one for step in all_steps(PLAN) for one in texts_of(step)]
    told += [plan_view.TODAY, plan_view.NEXT, plan_view.DONE, plan_view.PROGRESS, plan_view.OVERDUE]
    written = {letter for code in translator.languages for one in told for letter in translator.text(code, one)}
    for style in ("Regular", "Bold"):
        font = TTFont(Path(fontpkg_fira_sans.ROOT) / "files" / f"FiraSans-{style}.ttf")
        missing = {one for one in {*written, *LETTERS, *LETTERS.upper()} - {"\n"} if ord(one) not in font.getBestCmap()}
        assert not missing - {"ẞ"}, style


def test_more_to_say_makes_it_taller() -> None:
    short, long = (Image.open(BytesIO(plan_picture.draw(made_of(lines)))) for lines in (["A"], ["A"] * 6))
    assert short.size[0] == long.size[0] == plan_picture.WIDE and short.size[1] < long.size[1] < 4000
    assert short.format == "PNG"


@settings(max_examples=20, deadline=None)
@given(lines=st.lists(st.text(max_size=300), max_size=6), done=st.integers(0, 9))
def test_whatever_a_step_is_called_there_is_a_picture(lines: list[str], done: int) -> None:
    picture = Image.open(BytesIO(plan_picture.draw(made_of(lines, done=done, all=9))))
    assert picture.size[1] / picture.size[0] < 20, "Telegram takes no longer ones"


@pytest_asyncio.fixture
async def world(databases: None) -> AsyncIterator[World]:
    async with new_world() as made:
        yield made


async def with_a_plan(world: World, person: str = "ana") -> None:
    await world.starts(person)
    for choice in ("en", "yes", "later"):
        await world.picks(person, choice)
    for line in ("my plan", "Add a step", "Write the CV", "in two weeks"):
        await world.says(person, line)


@pytest.mark.database
async def test_it_goes_out_with_the_words_and_is_kept_locked(world: World) -> None:
    await with_a_plan(world)
    said = await world.says("ana", "my plan")
    assert [one.medium.kind for one in said if one.medium is not None] == ["photo"]
    assert "Write the CV by 7 December 2026" in said[0].text, "the words say the same"
    [medium] = await world.read(lambda connection: connection.execute(select(Medium.__table__)).all())
    [part] = await world.read(lambda connection: connection.execute(select(MediumPart.content)).scalars().all())
    content = world.paper.files[medium.message_id]
    assert (medium.state, medium.type, medium.size, part) == ("stored", "image/png", len(content), content)
    raw = await world.read(lambda connection: connection.execute(text("SELECT content FROM media_parts")).scalar_one())
    assert b64encode(content).decode()[:12] not in str(raw), "it is locked"


@pytest.mark.database
async def test_it_is_made_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_a_plan(world)
    await world.says("ana", "my plan")
    [message_id] = await world.read(lambda connection: connection.execute(select(Medium.message_id)).scalars().all())
    monkeypatch.setattr(world.app.our_media, "makers", {})
    found = await world.app.our_media.of(message_id)
    assert found is not None
    assert found.content == world.paper.files[message_id]


@pytest.mark.database
async def test_words_are_sent_where_the_picture_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_a_plan(world)

    def fails(_made_of: Any) -> bytes:
        raise RuntimeError("no picture today")

    monkeypatch.setattr(world.app.our_media, "makers", {"plan": fails})
    said = await world.says("ana", "my plan")
    assert "Write the CV" in said[0].text and not world.paper.files
