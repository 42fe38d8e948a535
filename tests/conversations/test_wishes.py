"""Who wants fewer messages says so in few words."""

from __future__ import annotations

import pytest

from conversations.understanding.wishes import wish


@pytest.mark.parametrize("text", [
    "less often", "Not so often please", "më rrallë", "me rralle ju lutem", "jo aq shpesh", "ređe", "redje molim",
    "Не тако често", "manje poruka", "seltener bitte", "nicht so oft", "weniger Nachrichten!"])
def test_less(text: str) -> None:
    assert wish(text) == "less"


@pytest.mark.parametrize("text", [
    "pause for two weeks", "a break of 2 weeks", "pauzë dy javë", "pauze 2 jave", "pauza dve nedelje",
    "паузу две недеље", "zwei Wochen Pause", "Pause für 2 Wochen"])
def test_pause(text: str) -> None:
    assert wish(text) == "pause"


@pytest.mark.parametrize("text", [
    "", "in two weeks", "pause", "I cry often", "I feel bad too often", "shumë shpesh jam keq", "oft",
    "My children go to school less often since we came back and I do not know why", "për dy javë", "dve nedelje"])
def test_neither(text: str) -> None:
    assert wish(text) is None
