"""My day: what needs one counsellor, and for coordinators what the team has on its hands."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import event, insert, text, update

from storage import staff
from storage.tables import Contact, Fact, PlanStep, Referral, Run, Task
from tests.support.rows import put

from .conftest import NOW, World, ago, someone
from .test_console_person import words_of, works_in


def test_chats_tasks_and_who_waits(desk_of_mira: World) -> None:
    words = words_of(desk_of_mira.page("/console/day"))
    assert "My chats 1 Vesna Reintegration Serbian waits for 5 h 0 min 2 new" in words
    assert "Waiting for somebody 3 Luan ! Urgent Psychosocial" in words
    assert "Vesna : Is the school place sure? Open question overdue since 22 November 2026" in words
    assert "The team" not in words and "Besa" not in words


def test_only_what_is_due_today_and_in_my_areas(desk_of_mira: World) -> None:
    world, agon = desk_of_mira, desk_of_mira.people["agon"]
    due = {"today": NOW + timedelta(hours=3), "tomorrow": NOW + timedelta(days=1), "open": None}
    for about, at in due.items():
        world.change(lambda c, a=about, t=at: put(c, Task, contact_id=agon, key=a, kind="call_back", area="general",
                                                  about=f"Call {a}", opened_at=NOW, due_at=t))
    world.change(lambda c: put(c, Task, contact_id=agon, key="m", kind="question", area="migration",
                               about="About a visa", opened_at=NOW))
    html = world.page("/console/day")
    assert "Call today" in html and "Call open" in html and "About a visa" in html
    assert "Call tomorrow" not in html and "1 later" in html
    works_in(world, "mira", "employment")
    assert "About a visa" not in world.page("/console/day")
    done = world.change(lambda c: c.execute(text("SELECT id FROM tasks WHERE key = 'today'")).scalar())
    answer = world.client.post(f"/console/tasks/{done}/done", data={"back": "/console/day"}, follow_redirects=False)
    assert answer.headers["location"] == "/console/day" and "Call today" not in world.page("/console/day")


def test_referrals_without_an_outcome_and_what_stands_behind_the_wall(desk_of_mira: World) -> None:
    world, agon = desk_of_mira, desk_of_mira.people["agon"]
    felt = world.change(lambda c: put(c, Run, contact_id=agon, conversation="psychosocial", answers={}, touched=1,
                                      started_at=NOW, updated_at=NOW))
    for key, partner, days in (("a", "ura", 20), ("b", "cel-kosova", 3), (f"{felt}.refer", "krct", 30)):
        world.change(lambda c, k=key, p=partner, d=days: put(
            c, Referral, contact_id=agon, key=k, partner=p, created_at=ago(days=d), changed_at=ago(days=d),
            state="sent"))
    words = words_of(world.page("/console/day"))
    assert "Agon : Not shown: psychosocial Sent since 24 October 2026" in words and "Torture" not in words
    assert words.count("Sent since") == 2, "the one of three days ago has time"
    works_in(world, "mira", "psychosocial")
    assert "Torture" in words_of(world.page("/console/day"))


def test_facts_that_end_are_told_by_their_question(desk_of_mira: World) -> None:
    world = desk_of_mira
    today = NOW.date()
    rows = [{"id": f"f{days}", "area": "migration", "state": "verify", "expires": today + timedelta(days=days),
             "content": {"question": {"en": f"How is it in {days} days?"}}, "seed": "", "edited": False}
            for days in (-2, 5, 40)]
    world.change(lambda c: c.execute(insert(Fact), rows))
    words = words_of(world.page("/console/day"))
    assert "How is it in -2 days? Migration not told any more since 21 November 2026" in words
    assert "How is it in 5 days? Migration told until 28 November 2026" in words and "in 40 days" not in words


def test_people_not_heard_from_for_long(desk_of_mira: World) -> None:
    """Those with open steps; a counsellor sees the ones whom they have talked with."""
    world = desk_of_mira
    quiet = {"last_seen_at": ago(days=45)}
    for name, more in (("vesna", quiet), ("besa", quiet), ("agon", {"last_seen_at": ago(days=2)})):
        world.change(lambda c, n=name, m=more: c.execute(
            update(Contact).where(Contact.id == world.people[n]).values(**m)))
        world.change(lambda c, n=name: put(c, PlanStep, contact_id=world.people[n], key="q", what="x", by=None,
                                           created_at=NOW, changed_at=NOW))
    words = words_of(world.page("/console/day"))
    assert "Vesna last contact 9 October 2026 2 steps open" in words and "Besa last contact" not in words
    world.sign_in("arben")
    words = words_of(world.page("/console/day"))
    assert "Besa last contact 9 October 2026 1 step open" in words and "Agon last contact" not in words


def test_the_coordinator_sees_the_teams_hands(world: World) -> None:
    world.sign_in("arben")
    words = words_of(world.page("/console/day"))
    assert re.search(r"Mira Krasniqi Employment, Migration, Reintegration 1 1 5 h 0 min 0 0", words)
    assert "Arben Gashi Employment, Migration, Reintegration 1 0 2 h 0 min 0 0" in words
    assert "Nobody works in Psychosocial" in words
    world.change(lambda c: staff.set_work(c, world.mira, ["psychosocial"], ()))
    assert "Nobody works in Psychosocial" not in words_of(world.page("/console/day"))


def test_a_damaged_row_does_not_fail_the_day(desk_of_mira: World) -> None:
    world = desk_of_mira
    world.change(lambda c: c.execute(text("UPDATE tasks SET about = 'AAAA' || about")))
    assert "Cannot be read" in world.page("/console/day")


def test_more_of_everything_needs_no_more_questions(desk_of_mira: World) -> None:
    world, seen = desk_of_mira, []
    event.listen(world.store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    world.page("/console/day")
    first = len(seen)
    for number in range(20):
        contact = world.change(lambda c, n=number: someone(c, f"New {n}", last_seen_at=ago(days=40)))
        world.change(lambda c, p=contact: put(c, Task, contact_id=p, key="k", kind="silent", area="general",
                                              about="No answer", opened_at=NOW))
    seen.clear()
    world.page("/console/day")
    assert len(seen) == first
