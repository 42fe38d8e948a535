"""What the pages show."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from bot.console import labels, moments
from storage import desk

from .conftest import NOW, World, ago, handed_off, new_world, say, someone


def names(html: str) -> list[str]:
    return re.findall(r'<strong class="name">([^<]+)', html)


def test_queue_is_urgent_first_then_longest_waiting(desk_of_mira: World) -> None:
    html = desk_of_mira.page("/console")
    assert names(html) == ["Luan", "Dita", "Agon"]
    assert "3 h 20 min" in html and "Urgent" in html and "Psychosocial" in html and "German" in html
    assert "Message of agon" in html


def test_every_tab_counts_and_holds_its_own(desk_of_mira: World) -> None:
    for tab, shown in (("mine", ["Vesna"]), ("team", ["Besa"]), ("closed", ["Person 6"])):
        html = desk_of_mira.page(f"/console?tab={tab}")
        assert names(html) == shown
        counts = re.findall(r'<span class="count">(\d+)', html)
        assert counts == ["3", "1", "1", "1"]


def test_title_counts_what_needs_me_and_names_nobody(desk_of_mira: World) -> None:
    world = desk_of_mira
    assert "<title>URGENT – (4) Queue</title>" in world.page("/console")
    vesna = world.page(f"/console/tickets/{world.tickets['vesna']}")
    assert "<title>URGENT – (3) Chat</title>" in vesna, "who looks has read it"
    assert "<title>Person</title>" in world.page(f"/console/people/{world.people['vesna']}")
    assert "<title>Tasks</title>" in world.page("/console/tasks")


def test_only_the_assignees_look_counts_as_read(world: World) -> None:
    world.sign_in("arben")
    world.page(f"/console/tickets/{world.tickets['vesna']}")
    ticket = world.change(lambda connection: desk.ticket(connection, world.tickets["vesna"]))
    assert ticket.unread == 2


ITEM = r'class="item[^"]*" href="/console/tickets/(\d+)\?'


def test_the_queue_comes_in_pages(desk_of_mira: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each chat stands on one of them, in the order of the whole queue; an open page stays where it is."""
    world = desk_of_mira
    for number in range(desk.PAGE + 7):
        world.change(lambda c, n=number: handed_off(c, someone(c, f"New {n:02}"), "general", ago(minutes=n)))
    first, second = world.page("/console"), world.page(f"/console?tab=waiting&skip={desk.PAGE}")
    shown = [re.findall(ITEM, one) for one in (first, second)]
    assert [len(one) for one in shown] == [desk.PAGE, 10] and not set(shown[0]) & set(shown[1])
    assert f"1 to {desk.PAGE} of {desk.PAGE + 10}" in first and f"skip={desk.PAGE}" in first and "← Before" not in first
    assert "← Before" in second and "Next →" not in second
    part = world.page(f"/console/queue?tab=waiting&skip={desk.PAGE}&ticket={shown[1][0]}")
    assert re.findall(ITEM, part) == shown[1]
    assert world.client.get("/console?skip=-1").status_code == 422


def test_snippet_is_short_and_one_line(world: World) -> None:
    world.change(lambda c: say(c, world.people["agon"], "person", "a\n\nlong  story " * 20, NOW))
    items = world.change(lambda connection: desk.queue(connection, world.mira, "waiting")).items
    snippet = next(item.snippet for item in items if item.name == "Agon")
    assert len(snippet) <= desk.SNIPPET and "\n" not in snippet and snippet.endswith("…")


@pytest.mark.parametrize("path", ["/console", "/console/tickets/1", "/console/people/1", "/console/tasks"])
def test_a_longer_queue_needs_no_more_queries(desk_of_mira: World, path: str) -> None:
    world = desk_of_mira

    seen: list[str] = []
    event.listen(world.store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    world.page(path)
    first = len(seen)
    for number in range(30):
        world.change(lambda c, n=number: handed_off(c, someone(c, f"New {n}"), "general", NOW))
    seen.clear()
    world.page(path)
    assert len(seen) == first


def test_thread_tells_the_voices_apart(desk_of_mira: World) -> None:
    world = desk_of_mira
    vesna, ticket = world.people["vesna"], world.tickets["vesna"]
    world.change(lambda c: say(c, vesna, "bot", "Someone will write", ago(hours=4)))
    world.change(lambda c: say(c, vesna, "person", "Talk to a person", ago(hours=4), kind="tap"))
    world.change(lambda c: say(c, vesna, "person", "", ago(hours=3), kind="voice"))
    world.change(lambda c: say(
        c, vesna, "counsellor", "Good morning", ago(hours=2), counsellor_id=world.mira, state="failed",
        error="Forbidden: bot was blocked by the user"))
    world.change(lambda c: desk.add_note(c, vesna, ticket, world.arben, "School 12 has places", ago(hours=1)))
    html = world.page(f"/console/tickets/{ticket}")
    for part in ("message person", "message bot", "message counsellor failed", "message note", 'class="tap"'):
        assert part in html
    assert "Not delivered. The person has blocked the bot." in html
    assert "Voice message" in html
    assert "by Arben Gashi, not seen by the person" in html


def test_long_threads_come_in_pages(desk_of_mira: World) -> None:
    world = desk_of_mira
    agon, ticket = world.people["agon"], world.tickets["agon"]
    for number in range(desk.MOST + 5):
        world.change(lambda c, n=number: say(c, agon, "person", f"text {n}.", ago(minutes=900 - n)))
    html = world.page(f"/console/tickets/{ticket}")
    assert "text 204." in html and "text 4." not in html
    earlier = re.search(r"\?before=\d+", html)
    assert earlier
    html = world.page(f"/console/tickets/{ticket}{earlier[0]}")
    assert "text 4." in html and "text 5." not in html
    assert "data-events" not in html


def test_fragment_has_only_what_is_new(desk_of_mira: World) -> None:
    world = desk_of_mira
    vesna, ticket = world.people["vesna"], world.tickets["vesna"]
    old = world.change(lambda c: say(c, vesna, "person", "old words", ago(hours=1)))
    old_note = world.change(lambda c: desk.add_note(c, vesna, ticket, world.mira, "old note", ago(hours=1)))
    world.change(lambda c: say(c, vesna, "person", "new words", NOW))
    world.change(lambda c: desk.add_note(c, vesna, ticket, world.arben, "new note", NOW))
    html = world.page(f"/console/tickets/{ticket}/messages?after={old}&note={old_note}")
    assert "new words" in html and "new note" in html
    assert "old" not in html and "<html" not in html
    assert f'data-status="assigned {world.mira} awake reintegration"' in html


def test_what_people_write_is_text_never_markup(desk_of_mira: World) -> None:
    world = desk_of_mira
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\" onmouseover='x'"
    contact = world.change(lambda c: someone(c, evil))
    ticket = world.change(lambda c: handed_off(c, contact, evil[:20], NOW, reason=evil))
    world.change(lambda c: say(c, contact, "person", evil, NOW))
    world.change(lambda c: desk.add_note(c, contact, ticket, world.mira, evil, NOW))
    paths = ["/console", f"/console/tickets/{ticket}", f"/console/people/{contact}", "/console/queue"]
    for path in [*paths, f"/console/tickets/{ticket}/messages"]:
        html = world.page(path)
        assert "&lt;script&gt;" in html
        assert "<script>" not in html and "<img" not in html and '" onmouseover' not in html


def test_person_page_shows_the_whole_story(desk_of_mira: World) -> None:
    world = desk_of_mira
    html = world.page(f"/console/people/{world.people['vesna']}")
    for part in (
        "Gračanica", "Bring the birth certificate", "until 1 December 2026", "Is the school place sure?", "overdue",
        "Employment office", "Agreed, not sent yet", "Keep answers about work and family", "Telegram",
    ):
        assert part in html, part


def test_tasks_say_what_is_overdue(desk_of_mira: World) -> None:
    html = desk_of_mira.page("/console/tasks")
    assert "Is the school place sure?" in html and "Overdue since 22 November 2026" in html


@pytest.mark.parametrize("path", ["/console/tickets/999", "/console/people/999"])
def test_what_does_not_exist_is_said_plainly(desk_of_mira: World, path: str) -> None:
    answer = desk_of_mira.client.get(path)
    assert answer.status_code == 404
    assert "does not exist" in answer.text


def test_the_demo_has_a_clock_to_turn(desk_of_mira: World) -> None:
    assert "The clock says" not in desk_of_mira.page("/console")
    assert desk_of_mira.client.post("/console/clock", data={"days": 1}).status_code == 404
    with new_world(demo=True) as demo:
        demo.sign_in()
        assert "The clock says 23 November 2026, 11:00" in re.sub(r"<[^>]+>", "", demo.page("/console"))
        for days in (1, 7, 400):
            assert demo.client.post("/console/clock", data={"days": days}, follow_redirects=False).status_code == 303
        assert demo.desk.turned == [1, 7]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "under 1 min"), (12, "12 min"), (200, "3 h 20 min"), (60, "1 h 0 min"), (1440, "1 d"), (3200, "2 d 5 h")],
)
def test_waiting_time_in_words(minutes: int, words: str) -> None:
    assert moments.waited(NOW - timedelta(minutes=minutes), NOW) == words


def test_languages_and_unknown_keys_are_readable() -> None:
    assert labels.language("sr-Cyrl") == "Serbian (Cyrillic)"
    assert labels.language("sq") == "Albanian"
    assert labels.word(labels.AREAS, "new_area") == "New area"
