"""In the group everybody reads the centre's language, and who is answered alone their own. Where neither is chosen it
is English, as in all the other tests of the group."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from storage import staff
from tests.fakes.telegram_forum import Topic
from tests.group.team import GROUP, Team, open_team, said
from tests.group.test_group_commands import answer_to
from tests.journey.town import Phone

CONSOLE = "https://bot.example.org/console/tickets/1"


@pytest_asyncio.fixture
async def abroad(tmp_path: Path, prepared: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Team]:
    """The centre reads Albanian, Mimoza German; Driton has chosen nothing."""
    async with open_team(tmp_path, prepared, monkeypatch, telegram_staff_group=GROUP, console_language="sq") as made:
        await made.town.app.store.write(lambda c: staff.set_reads_in(c, made.counsellor, "de"))
        yield made


async def topic_of(team: Team, anna: Phone) -> Topic:
    ticket = await team.town.ticket(anna)
    await team.settle()
    return team.forum.topic(f"Biseda {ticket['id']} ")


async def answered(team: Team, topic: Topic, *texts: str) -> list[str]:
    """What the bot says to Mimoza about each."""
    return [await answer_to(team, await team.writes(team.mimoza, one, topic), topic) for one in texts]


async def test_what_stands_there_for_all_is_in_the_centres_language(abroad: Team) -> None:
    anna = await abroad.person()
    topic = await topic_of(abroad, anna)
    assert topic.name == "Biseda 1 · Të përgjithshme"
    await abroad.writes(abroad.mimoza, "/take", topic)
    posted = await abroad.writes(abroad.mimoza, "Come at nine", topic)
    await abroad.writes(abroad.mimoza, "/back", topic, answers=posted)
    await abroad.town.desk.note((await abroad.town.ticket(anna))["id"], abroad.counsellor, "Ruf sie an")
    await abroad.settle()
    await abroad.writes(abroad.mimoza, "/transfer_employment Es geht um Arbeit", topic)
    told = [one for one in said(topic) if not one.startswith("/")]
    assert told[0].startswith("Biseda 1 · Të përgjithshme\n") and told[0].endswith(f"\n{CONSOLE}")
    assert told[0].splitlines()[1:-1] == [
        "Personi 1, gjuha: Anglisht", "Kërkoi të flasë me një njeri", "Në pritje"]
    assert told[1].startswith("Thënë më parë, me botin\nPersoni: Hapi bisedën\nBoti: Which language")
    assert told[2:] == [
        "Mimoza e mori bisedën", "Mimoza tërhoqi një mesazh për personin.", "Shënim nga Mimoza\nRuf sie an",
        "Mimoza e kaloi bisedën te Punësim\nEs geht um Arbeit"]
    assert topic.name == "Biseda 1 · Punësim"


async def test_who_is_answered_alone_reads_their_own(abroad: Team) -> None:
    anna = await abroad.person()
    topic = await topic_of(abroad, anna)
    assert await answered(abroad, topic, "/nonsense", "/note", "/close", "/close_advised") == [
        "Diesen Befehl gibt es nicht, und nichts wurde gesendet.", "Nicht gesendet. Schreiben Sie zuerst etwas.",
        "Wie hat der Chat geendet?\n/close_advised Beraten\n/close_referred An einen Partner vermittelt\n"
        "/close_appointment Termin vereinbart\n/close_not_reached Person nicht erreicht\n"
        "/close_no_answer Keine Antwort mehr\n/close_other Anderes\nDahinter kann stehen, was das Team wissen soll.",
        "Nehmen Sie den Chat zuerst an."]
    driton = await abroad.writes(abroad.driton, "/nonsense", topic)
    assert await answer_to(abroad, driton, topic) == "Nuk ka komandë të tillë, dhe asgjë nuk u dërgua."
    stranger = await abroad.writes(abroad.stranger, "Hello", topic)
    assert (await answer_to(abroad, stranger, topic)).startswith("Kjo nuk i shkoi personit: këtu askush nuk e di")
    wrong = await abroad.writes(abroad.mimoza, "Wir haben das für Sie und Ihre Kinder.", topic)
    assert await answer_to(abroad, wrong, topic) == (
        "Noch nicht gesendet.\nDas sieht nach Deutsch aus; die Person liest Englisch. Um sie trotzdem zu senden, "
        "antworten Sie mit /send auf Ihre Nachricht.")
