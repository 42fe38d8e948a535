"""Who wants fewer messages says so in few words."""

from __future__ import annotations

import pytest

from conversations.understanding.wishes import news, wish


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


@pytest.mark.parametrize(("text", "what"), [
    ("Gjeta punë në Ferizaj!", "work"), ("gjeta pune", "work"), ("Jo, gjeta punë", "work"), ("kom gjet pun", None),
    ("kom gjet punë", "work"), ("Našla sam posao", "work"), ("нашао сам посао", "work"), ("Zaposlio sam se", "work"),
    ("Ich habe Arbeit gefunden", "work"), ("I started work on Monday", "work"), ("moved to Prizren", "moved"),
    ("Tash jetoj në Prizren", "moved"), ("Preselili smo se u Niš", "moved"), ("Wir sind umgezogen", "moved"),
    ("nuk kam gjetur punë", None), ("s'kam punë tani", None), ("I have not found work", None),
    ("noch keine Arbeit gefunden", None), ("nisam još našla posao", None), ("wenn ich einen Job bekommen würde", None),
    ("Have you found work for me?", None), ("", None)])
def test_news(text: str, what: str | None) -> None:
    assert news(text) == what
