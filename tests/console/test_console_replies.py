"""Canned replies and cards, warnings before something goes out, words that did not arrive, and who is writing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot import cards
from bot.channels.base import Limits
from bot.console import warnings
from bot.console.live import changes, typing_topic
from bot.live import Live
from storage import around, canned
from storage.around import Around
from storage.tables import Run
from tests.support.rows import put

from .conftest import NOW, World, ago, say
from .test_console_actions import said_by_counsellors
from .test_console_codes import another_browser

SQ = "Mirëdita {name}, ju lutem sillni letërnjoftimin."
EN = "Dear {name}, please bring your identity card. {counsellor}, {centre}"


@pytest.fixture
def arben(world: World) -> TestClient:
    browser = another_browser(world)
    world.sign_in("arben", browser)
    return browser


def add(browser: TestClient, name: str = "zq papers", path: str = "", **texts: str) -> Any:
    form = {"name": name, **{f"text-{language}": text for language, text in texts.items()}}
    return browser.post(f"/console/replies{path}", data=form, follow_redirects=False)


def found(world: World, name: str, typed: str) -> list[dict[str, Any]]:
    answer = world.client.get(f"/console/tickets/{world.tickets[name]}/cards", params={"find": typed})
    assert answer.status_code == 200
    return list(answer.json())


def reply(world: World, text: str, key: str = "k1", **more: str) -> Any:
    path = f"/console/tickets/{world.tickets['vesna']}/reply"
    return world.client.post(path, data={"text": text, "key": key, **more}, follow_redirects=False)


# ---------------------------------------------------------------- canned replies


def test_a_canned_reply_is_filled_in_and_in_the_persons_language(desk_of_mira: World, arben: TestClient) -> None:
    world = desk_of_mira
    assert add(arben, sq=SQ, en=EN).status_code == 303
    [card] = found(world, "agon", "zq")
    assert card == {"kind": "canned", "name": "zq papers", "text": "Mirëdita Agon, ju lutem sillni letërnjoftimin.",
                    "language": "sq", "other": False}
    [card] = found(world, "dita", "zq pap")
    assert card["other"] and card["text"] == "Dear Dita, please bring your identity card. Mira Krasniqi, The Centre"
    assert "papers" in world.page("/console/replies") and 'name="text-sq"' not in world.page("/console/replies")


def test_it_is_changed_and_removed(world: World, arben: TestClient) -> None:
    add(arben, sq=SQ)
    [one] = world.change(canned.everything)
    assert add(arben, "papers 2", f"/{one.id}", sq="Sillni letrat").status_code == 303
    [changed] = world.change(canned.everything)
    assert (changed.id, changed.name, changed.texts) == (one.id, "papers 2", {"sq": "Sillni letrat"})
    arben.post(f"/console/replies/{one.id}/remove")
    assert world.change(canned.everything) == []
    assert add(arben, "late", f"/{one.id}", sq="x").status_code == 409


@pytest.mark.parametrize(("name", "texts", "says"), [
    ("", {"sq": "x"}, "Give it a short name"), ("n" * 41, {"sq": "x"}, "Give it a short name"),
    ("papers", {}, "at least one language"), ("papers", {"en": "Hello {salary}"}, "could fill in {salary}"),
    ("papers", {"en": "x" * 3001}, "3001 characters"),
])
def test_what_does_not_fit_is_explained_and_kept(
    world: World, arben: TestClient, name: str, texts: dict[str, str], says: str
) -> None:
    answer = add(arben, name, **texts)
    assert answer.status_code == 422 and says in answer.text
    assert all(text in answer.text for text in texts.values()) and world.change(canned.everything) == []


def test_two_with_one_name_are_not_possible(world: World, arben: TestClient) -> None:
    add(arben, sq="first")
    answer = add(arben, sq="second")
    assert answer.status_code == 409 and "already" in answer.text and "second" in answer.text
    assert [one.texts for one in world.change(canned.everything)] == [{"sq": "first"}]


def test_facts_come_with_their_source_and_partners_with_their_phone(desk_of_mira: World) -> None:
    facts = [one for one in found(desk_of_mira, "dita", "fact") if one["kind"] == "fact"]
    assert facts and all("Quelle: " in one["text"] for one in facts)
    partners = found(desk_of_mira, "dita", "partner")
    assert partners and {one["kind"] for one in partners} == {"partner"}
    assert len(found(desk_of_mira, "dita", "")) == cards.MOST


def test_an_agreed_step_goes_out_with_its_day(desk_of_mira: World) -> None:
    [step] = [one for one in found(desk_of_mira, "vesna", "step birth") if one["kind"] == "step"]
    assert step["name"] == "Bring the birth certificate" and step["text"].endswith(" do 1. decembra 2026.")
    assert not [one for one in found(desk_of_mira, "agon", "step") if one["kind"] == "step"], "another person's plan"


# ------------------------------------------------------------ before it goes out


AROUND = Around("sr", ("Vesna", "044 123 456", "vesna@example.org"), ("Agon Berisha", "Vesna"))


@pytest.mark.parametrize(("text", "says"), [
    ("You can come to us and bring the papers with you.", "looks like English; the person reads Serbian"),
    ("Mund të vini te ne dhe të sillni letrat që keni.", "looks like Albanian"),
    ("Možete da dođete kod nas i da ponesete papire.", ""),
    ("Можете да дођете код нас.", ""), ("OK", ""),
    ("Agon, dođite sutra.", "Agon Berisha stands in it"), ("Vesna, dođite sutra.", ""),
    ("Zovite 049 765 432.", "049 765 432 stands in it"), ("Vaš broj je +383 44 123 456.", ""),
    ("Pišite na agon@example.org.", "agon@example.org stands in it"), ("Pišite na Vesna@example.org", ""),
    ("Termin: 24.11.2026 14:30", ""), ("Zovite 038 200 300 400.", ""),
])
def test_what_is_looked_at_once_more(text: str, says: str) -> None:
    warned = " ".join(warnings.look(text, AROUND, lambda one: one.startswith("038")))
    assert says in warned if says else warned == ""


def test_who_is_sure_sends_it_anyway_and_once(desk_of_mira: World) -> None:
    world = desk_of_mira
    text = "You can come to us and bring the papers with you."
    answer = reply(world, text)
    assert answer.status_code == 409 and "Send it anyway" in answer.text and text in answer.text
    assert said_by_counsellors(world) == []
    for _ in range(2):
        assert reply(world, text, sure="yes").status_code == 303
    assert said_by_counsellors(world) == [text]


def test_words_for_another_person_are_held_back(desk_of_mira: World) -> None:
    """Mira has Agon's chat too, and writes into Vesna's."""
    world = desk_of_mira
    world.client.post(f"/console/tickets/{world.tickets['agon']}/claim")
    answer = reply(world, "Agon, sutra u 9.")
    assert answer.status_code == 409 and "Agon stands in it: another person" in answer.text


# ------------------------------------------------------------ what did not arrive


def test_what_did_not_arrive_says_why_and_goes_out_again_once(desk_of_mira: World) -> None:
    world = desk_of_mira
    failed = world.change(lambda connection: say(
        connection, world.people["vesna"], "counsellor", "Dobro jutro", NOW, state="failed", error="forbidden: blocked",
        counsellor_id=world.mira))
    html = world.page(f"/console/tickets/{world.tickets['vesna']}")
    path = f"/console/tickets/{world.tickets['vesna']}/messages/{failed}/again"
    assert "The person has blocked the bot." in html and path in html
    for _ in range(2):
        assert world.client.post(path, follow_redirects=False).status_code == 303
    assert said_by_counsellors(world) == ["Dobro jutro", "Dobro jutro"]


@pytest.mark.parametrize("which", ["sent", "of somebody else", "nobody's"])
def test_only_what_failed_in_this_chat_goes_out_again(desk_of_mira: World, which: str) -> None:
    world = desk_of_mira
    person = world.people["besa" if which == "of somebody else" else "vesna"]
    state = "sent" if which == "sent" else "failed"
    message = world.change(lambda connection: say(connection, person, "counsellor", "x", NOW, state=state))
    number = 9999 if which == "nobody's" else message
    answer = world.client.post(f"/console/tickets/{world.tickets['vesna']}/messages/{number}/again")
    assert answer.status_code == 409 and "has arrived, or is not there" in answer.text
    assert said_by_counsellors(world) == ["x"]


@pytest.mark.parametrize(("channel", "text", "warns"), [
    ("telegram", "x" * 4096, False), ("telegram", "x" * 4097, True), ("telegram", "🙂" * 2049, True),
    ("web", "x" * 4097, False), ("", "x" * 8000, False),
])
def test_what_a_channel_does_not_take_in_one_piece_is_said_before(channel: str, text: str, warns: bool) -> None:
    limits = {"telegram": Limits(text=4096, label=60), "web": Limits(text=8000, label=200)}
    said = " ".join(warnings.look(text, replace(AROUND, channel=channel), lambda one: False, limits))
    assert ("arrives in several pieces" in said) is warns


def test_where_the_person_was_last_counts(desk_of_mira: World) -> None:
    world = desk_of_mira
    found = world.change(lambda c: around.around(c, world.tickets["vesna"], world.mira))
    assert found.channel == "telegram"


# ---------------------------------------------------------------- a form


def test_the_bot_asks_for_the_counsellor_and_stops(desk_of_mira: World) -> None:
    world = desk_of_mira
    ticket = world.tickets["vesna"]
    assert "Ask the intake’s missing questions" in world.page(f"/console/tickets/{ticket}")
    assert world.client.post(f"/console/tickets/{ticket}/form", follow_redirects=False).status_code == 303
    assert world.desk.asked == [ticket]
    run = world.change(lambda c: put(c, Run, contact_id=world.people["vesna"], conversation="intake", answers={},
                                     touched=9, started_at=NOW, updated_at=NOW))
    world.change(lambda c: c.exec_driver_sql(f"UPDATE tickets SET form_run = {run} WHERE id = {ticket}"))
    page = world.page(f"/console/tickets/{ticket}")
    assert "The bot is asking the intake’s questions here." in page and "missing questions" not in page
    assert world.client.post(f"/console/tickets/{ticket}/form/end", follow_redirects=False).status_code == 303
    assert world.desk.asked == []
    world.desk.fails = "The intake is complete: nothing is missing."
    answer = world.client.post(f"/console/tickets/{ticket}/form")
    assert answer.status_code == 409 and "nothing is missing" in answer.text


def test_the_state_of_each_message_is_shown(desk_of_mira: World) -> None:
    """A sign to see and a word to hear; of those that may still change, an open page asks again."""
    world = desk_of_mira
    words = {"queued": "Waiting to be sent", "sent": "Sent", "delivered": "Delivered", "seen": "Read"}
    made = {(author, state): world.change(lambda c, one=author, state=state: say(
        c, world.people["vesna"], one, state, ago(minutes=1), state=state, counsellor_id=world.mira, channel="viber"))
        for author in ("counsellor", "bot") for state in words}
    html = world.page(f"/console/tickets/{world.tickets['vesna']}")
    for (author, state), key in made.items():
        [article] = re.findall(rf'<article class="message {author}" id="message-{key}".*?</article>', html, re.DOTALL)
        assert f'<span class="fate is-{state}"' in article and f">{words[state]}" in article, (author, state)
        assert ("data-goes-on" in article) is (state != "seen"), (author, state)


def test_where_a_channel_tells_nothing_nothing_is_waited_for(desk_of_mira: World) -> None:
    world = desk_of_mira
    world.change(lambda c: say(c, world.people["vesna"], "counsellor", "Hello", ago(minutes=1)))
    assert "data-goes-on" not in world.page(f"/console/tickets/{world.tickets['vesna']}")


# ---------------------------------------------------------------- changed, and answered


def changed(world: World, key: int, text: str, minutes: int) -> int:
    """The person gives these words to a message of theirs."""
    return int(world.change(lambda c: say(c, world.people["vesna"], "person", text, ago(minutes=minutes), edits=key)))


def test_what_was_changed_says_what_it_says_now_and_what_it_said_before(desk_of_mira: World) -> None:
    world = desk_of_mira
    first = world.change(lambda c: say(c, world.people["vesna"], "person", "I come on Monday", ago(minutes=30)))
    world.change(lambda c: say(c, world.people["vesna"], "counsellor", "Good", ago(minutes=20)))
    news = changed(world, first, "I come on Tuesday", 10)
    changed(world, first, "I come on Friday", 5)
    html = world.page(f"/console/tickets/{world.tickets['vesna']}")
    [article] = re.findall(rf'<article class="message person" id="message-{first}".*?</article>', html, re.DOTALL)
    now, before = article.split("What it said before")
    assert "I come on Friday" in now and "Changed today" in now and "I come on Monday" not in now
    assert "I come on Monday" in before and "I come on Tuesday" in before
    assert html.count(f'has changed <a href="#message-{first}">a message</a>') == 2, "and where it happened"
    part = world.page(f"/console/tickets/{world.tickets['vesna']}/messages?after={news - 1}")
    assert f'id="message-{first}"' in part and "data-old" in part, "an open page gets the one that was changed"
    assert part.count("<h2") == 1


def test_what_an_answer_answers_is_quoted(desk_of_mira: World) -> None:
    world = desk_of_mira
    asked = world.change(lambda c: say(c, world.people["vesna"], "counsellor", "When do you come? " * 20,
                                       ago(minutes=20), counsellor_id=world.mira, external_id="501"))
    world.change(lambda c: say(c, world.people["besa"], "counsellor", "Of somebody else", ago(minutes=19),
                               external_id="502"))
    for number in ("501", "502", "999"):
        world.change(lambda c, number=number: say(c, world.people["vesna"], "person", "Tomorrow", ago(minutes=5),
                                                  reply_to=number))
    html = world.page(f"/console/tickets/{world.tickets['vesna']}")
    assert html.count('<blockquote class="quote">') == 1 and f'href="#message-{asked}"' in html
    assert "When do you come? When" in html and "Of somebody else" not in html


# ---------------------------------------------------------------- who is writing


@pytest.mark.asyncio
async def test_a_colleague_who_writes_is_told_and_only_then() -> None:
    live = Live()
    stream = changes(live, {"queue": "queue"}, {typing_topic(7, 2): "typing Arben"})
    assert await anext(stream) == "queue"
    live.publish(typing_topic(7, 3))
    live.publish(typing_topic(7, 2))
    assert await anext(stream) == "typing Arben", "not at the start, and not somebody else"


def test_writing_is_told_to_whoever_looks(desk_of_mira: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world, heard = desk_of_mira, []
    monkeypatch.setattr(world.live, "publish", heard.append)
    assert world.client.post(f"/console/tickets/{world.tickets['vesna']}/typing").status_code == 204
    assert heard == [typing_topic(world.tickets["vesna"], world.mira)]
