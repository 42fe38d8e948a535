"""Updates that break careless readers: the person is answered, and the next person too."""

from __future__ import annotations

import asyncio

import pytest

from tests.journey.town import Phone, Town

NASTY = {
    "half a character": {"text": "Ana \ud83d Maria"}, "nul": {"text": "Ana\0Maria"}, "empty": {"text": ""},
    "right to left": {"text": "\u202eanA"}, "a list": {"text": ["Ana"]}, "an object": {"text": {"a": 1}},
    "four thousand": {"text": "Kosova " * 585}, "nothing": {}, "photo of nothing": {"photo": []},
    "file with half a name": {"document": {"file_id": "x", "file_name": "\udc00.pdf"}},
    "place nowhere": {"location": {"latitude": "north", "longitude": None}}, "unknown": {"hologram": {"depth": 3}},
}


@pytest.mark.parametrize("name", NASTY)
async def test_a_nasty_update_holds_up_nobody(town: Town, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nap(_seconds: float) -> None:
        await asyncio.sleep(0.05)

    monkeypatch.setattr(town.app.channels["telegram"], "_sleep", nap)
    eve, ana = Phone(town, town.fake.person(1, "de")), Phone(town, town.fake.person(2, "de"))
    town.fake.files["x"] = b"%PDF-1.7"
    await eve.starts()
    eve.person.sends(**NASTY[name])
    ana.person.starts()
    await ana.person.waits_for(lambda seen: bool(seen))
    await town.settle()
    ana.is_asked("welcome", "language")
    eve.new()
    await eve.says("/start")
    eve.is_asked("welcome", "language")
    town.assert_strict()


@pytest.mark.parametrize("data", ["", "x" * 64, "999:summary:yes", "\u0000", "1:children/999999/age:5", "!forget"])
async def test_a_forged_tap_is_answered_once(town: Town, data: str) -> None:
    """Whatever the button carries, the person's phone stops waiting."""
    eve = Phone(town, town.fake.person(1, "de"))
    await eve.starts()
    town.tapped.append(town.fake.tapped(eve.person, eve.last, data))
    await town.settle()
    await eve.says("/start")
    eve.is_asked("welcome", "language")
    town.assert_strict()
