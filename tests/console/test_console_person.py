"""The page of one person: all of it in words, changed with its history, and the wall around the psychosocial area."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from storage import case, changes, desk, staff, walls
from storage.tables import Audit, Change, Consent, Contact, Override, PlanStep, Referral, Reminder, Run, Task, Ticket
from tests.support.rows import change, put

from .conftest import NOW, World, ago, handed_off, someone
from .test_console_codes import another_browser

WORD = "Zonkelwort"
"""Stands in everything that is behind the wall."""


@pytest.fixture
def drin(desk_of_mira: World) -> int:
    """Somebody with something in every part, psychosocial too."""
    return int(desk_of_mira.change(lambda connection: _drin(connection, desk_of_mira)))


def _drin(connection: Any, world: World) -> int:
    known = {"name": "Drin", "situation": "returned", "country": "DE", "municipality": "peje", "return_date": "2026-03",
             "household": {"picked": ["alone"], "done": True}, "first_need": "psychosocial", "left_year": None}
    drin = someone(connection, None, known=known, consents={"keep": True})
    when = {"touched": 1, "started_at": ago(days=20), "updated_at": ago(days=19), "ended_at": ago(days=19)}
    put(connection, Run, contact_id=drin, conversation="intake", answers={**known, "housing": "rent"}, **when)
    put(connection, Run, contact_id=drin, conversation="employment", **when,
        answers={"subject": "work", "about_work": "other", "own_question": "Can I drive a bus?"})
    felt = put(connection, Run, contact_id=drin, conversation="psychosocial", **when,
               answers={"subject": "self", "about_self": "other", "own_question": f"{WORD} one"})
    put(connection, Run, contact_id=drin, conversation="wellbeing", **when,
        answers=dict.fromkeys(("mood", "calm", "energy", "rest", "interest"), "never"))
    put(connection, PlanStep, contact_id=drin, key="p9", what="Go to the employment office", by=date(2026, 12, 1),
        created_at=ago(days=19), changed_at=ago(days=19))
    put(connection, PlanStep, contact_id=drin, key=f"{felt}.plan_step", what=f"{WORD} two", by=None,
        created_at=ago(days=19), changed_at=ago(days=19))
    put(connection, Run, contact_id=drin, conversation="check_in", touched=2, started_at=ago(days=5),
        updated_at=ago(days=5), ended_at=ago(days=5), answers={
            "ready": "now", "steps/p9/how": "stuck", "steps/p9/obstacle": "paper", "mood": "bad", "someone": "no",
            "next": "week"})
    put(connection, Referral, contact_id=drin, key="r9", partner="krct", created_at=ago(days=9), changed_at=ago(days=9),
        state="consented", sends={"name": "Drin", "phone": "+38344123456", "topic": "Register for work"})
    put(connection, Referral, contact_id=drin, key=f"{felt}.refer", partner="labyrinth", created_at=ago(days=9),
        changed_at=ago(days=9), state="consented", sends={"name": "Drin", "words": f"{WORD} five"})
    put(connection, Task, contact_id=drin, key="t9", kind="question", area="psychosocial", about=f"{WORD} three",
        opened_at=ago(days=3))
    put(connection, Reminder, contact_id=drin, key="check_in", opens="check_in", due_at=NOW + timedelta(days=2))
    put(connection, Reminder, contact_id=drin, key="old", opens="check_in", due_at=ago(days=12), state="unanswered")
    ticket = handed_off(connection, drin, "psychosocial", ago(days=18), state="closed", closed_at=ago(days=17),
                        counsellor_id=world.arben, outcome="advised")
    desk.add_note(connection, drin, ticket, world.arben, f"{WORD} four", ago(days=17))
    desk.add_note(connection, drin, None, world.arben, "Has a cousin in Peja", ago(days=16), "reintegration")
    for partner in ("krct", "labyrinth"):
        connection.execute(insert(Consent).values(contact_id=drin, purpose="referral", about=partner, given=True,
                                                  version="2026-11", language="sq", at=ago(days=9)))
    world.people["drin"] = drin
    return drin


STEP = {"what": "x", "who": "person", "by": date(2026, 12, 1), "papers": None, "partner": None}


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def works_in(world: World, login: str, *areas: str) -> None:
    world.change(lambda connection: staff.set_work(
        connection, staff.find_counsellor(connection, login).id, areas, ()))


# ------------------------------------------------------------- all of it, in words


def test_everything_is_on_the_page_in_words(desk_of_mira: World, drin: int) -> None:
    works_in(desk_of_mira, "mira", "psychosocial")
    words = words_of(desk_of_mira.page(f"/console/people/{drin}"))
    for part in (
        "I came back to Kosovo", "Germany", "March 2026", "I live alone", "We pay rent", "Left Kosovo skipped",
        "Not asked yet: State in Germany", "Psychosocial named first", "Can I drive a bus?", f"{WORD} one",
        "Go to the employment office", f"{WORD} two", "The next one: 25 November 2026",
        "Not answered: 11 November 2026",
        "Go to the employment office I am stuck", "office: What is in the way? A paper is missing",
        "How are you? Not good",
        f"{WORD} three", f"{WORD} four", "0 of 100: very low", "asked in Albanian", "Finished 4 November 2026",
        "A check-in was not answered", "Wrote for the first time", "Asked about: Employment",
    ):
        assert part in words, part


def test_nothing_on_the_page_is_an_id_or_a_code(desk_of_mira: World, drin: int) -> None:
    works_in(desk_of_mira, "mira", "psychosocial")
    words = words_of(desk_of_mira.page(f"/console/people/{drin}"))
    for code in ("sq", "DE", "…", "p9", "krct", "labyrinth", "own_question", "about_self", "under_way", "returned",
                 "picked", "None"):
        assert not re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", words), code
    for one in world_partners(desk_of_mira, "krct", "labyrinth"):
        assert one in words


def world_partners(world: World, *slugs: str) -> list[str]:
    from conversations.register import seed

    return [seed().partners[slug].name["en"] for slug in slugs]


def test_an_answer_that_there_is_no_choice_for_any_more(desk_of_mira: World, drin: int) -> None:
    desk_of_mira.change(lambda connection: change(connection, Contact, drin, known={"housing": "with_friends_now"}))
    assert "With friends now" in words_of(desk_of_mira.page(f"/console/people/{drin}"))


# ------------------------------------------------------------- changed, with its history


def post(world: World, path: str, /, **form: Any) -> Any:
    return world.client.post(f"/console/people/{path}", data=form, follow_redirects=False)


def test_an_answer_is_changed_and_says_from_what_by_whom_and_when(desk_of_mira: World, drin: int) -> None:
    world = desk_of_mira
    assert 'name="text"' in world.page(f"/console/people/{drin}?change=municipality")
    assert post(world, f"{drin}/answers", path="municipality", text="Prizren").status_code == 303
    words = words_of(world.page(f"/console/people/{drin}"))
    assert "Municipality Prizren" in words
    assert "Changed from “Pejë / Peć” by Mira Krasniqi on 23 November 2026" in words
    assert "Changed an answer: Municipality: from Pejë / Peć to Prizren (Mira Krasniqi)" in words
    noted = world.change(lambda connection: connection.execute(
        select(Audit.action, Audit.contact_id, Audit.detail).order_by(Audit.id.desc()).limit(2)).all())
    assert ("change_answer", drin, None) in [tuple(one) for one in noted]


@pytest.mark.parametrize(("path", "picked", "shown"), [
    ("situation", "resident", "I live here"),
    ("household", ["partner", "newborn"], "Wife, husband or partner; A newborn"),
    ("housing", "shelter", "In a shelter"),
])
def test_choices_are_changed(desk_of_mira: World, drin: int, path: str, picked: Any, shown: str) -> None:
    assert post(desk_of_mira, f"{drin}/answers", path=path, picked=picked).status_code == 303
    assert shown in words_of(desk_of_mira.page(f"/console/people/{drin}"))


def test_an_answer_is_taken_out(desk_of_mira: World, drin: int) -> None:
    assert post(desk_of_mira, f"{drin}/answers", path="municipality", text="").status_code == 303
    assert "Municipality skipped Change" in words_of(desk_of_mira.page(f"/console/people/{drin}"))


@pytest.mark.parametrize("form", [
    {"path": "municipality", "text": "Atlantis"}, {"path": "situation", "picked": "king"},
    {"path": "household", "picked": ["alone", "partner"]}, {"path": "mood", "picked": "bad"},
    {"path": "health", "text": "none"}, {"path": "nothing", "text": "x"}, {"path": "children/0/age", "text": "3"},
    {"path": "return_date", "text": "x" * 5000},
])
def test_what_is_no_answer_is_not_taken_and_says_why(desk_of_mira: World, drin: int, form: dict[str, Any]) -> None:
    answer = post(desk_of_mira, f"{drin}/answers", **form)
    assert answer.status_code == 422 and 'class="error"' in answer.text
    assert desk_of_mira.change(lambda connection: connection.scalars(select(Change.id)).all()) == []


def test_several_places_with_one_name_are_offered(desk_of_mira: World, drin: int) -> None:
    answer = post(desk_of_mira, f"{drin}/answers", path="municipality", text="Mitrovica")
    assert answer.status_code == 422 and "Choose one." in answer.text
    [first, *_] = re.findall(r'type="radio" name="picked" value="([^"]+)"', answer.text)
    assert post(desk_of_mira, f"{drin}/answers", path="municipality", picked=first).status_code == 303


def test_somebody_elses_newer_change_is_not_written_over(desk_of_mira: World, drin: int) -> None:
    world = desk_of_mira
    post(world, f"{drin}/answers", path="municipality", text="Prizren")
    late = post(world, f"{drin}/answers", path="municipality", text="Gjakova", last="0")
    assert late.status_code == 409 and "changed this meanwhile" in late.text
    [seen] = re.findall(r'name="last" value="(\d+)"', late.text)
    assert post(world, f"{drin}/answers", path="municipality", text="Gjakova", last=seen).status_code == 303
    post(world, f"{drin}/answers", path="municipality", text="Prizren", last=str(int(seen) + 1))
    assert "Gjakova" in late.text, "nothing is lost"
    assert "Municipality Prizren" in words_of(world.page(f"/console/people/{drin}"))


def test_without_the_persons_yes_nothing_is_kept(desk_of_mira: World, drin: int) -> None:
    desk_of_mira.change(lambda connection: connection.execute(update(Contact).values(consents={"keep": False})))
    answer = post(desk_of_mira, f"{drin}/answers", path="municipality", text="Prizren")
    assert answer.status_code == 409 and "not agreed that we keep" in answer.text


def test_steps_referrals_and_promises(desk_of_mira: World, drin: int) -> None:
    world = desk_of_mira
    form = {"what": "Ask for a school place", "by": "2026-11-27", "who": "counsellor", "papers": "Passport\nPhoto",
            "partner": world_partners(world, "krct")[0], "key": "k"}
    for _ in range(2):
        assert post(world, f"{drin}/steps", **form).status_code == 303
    words = words_of(world.page(f"/console/people/{drin}"))
    proposed = "Ask for a school place Waits for their answer by their counsellor until 27 November 2026"
    assert len(re.findall(proposed, words)) == 1
    assert "Papers: Passport, Photo" in words and world_partners(world, "krct")[0] in words
    step = world.change(lambda connection: connection.scalar(select(PlanStep.id).where(PlanStep.key == "p9")))
    assert post(world, f"{drin}/steps/{step}", state="done", version="1").status_code == 303
    referral = world.change(lambda connection: connection.scalar(select(Referral.id).where(Referral.key == "r9")))
    for was, state, said in (("consented", "sent", ""), ("sent", "done", "Has a first date")):
        form = {"was": was, "state": state, "outcome": said}
        assert post(world, f"{drin}/referrals/{referral}", **form).status_code == 303
    assert post(world, f"{drin}/referrals/{referral}", was="sent", state="rejected").status_code == 409
    promise = {"about": "Call about the lawyer", "due": "2026-11-24T09:30", "key": "k"}
    assert post(world, f"{drin}/promises", **promise).status_code == 303
    words = words_of(world.page(f"/console/people/{drin}"))
    for part in ("Changed: from “Agreed” to “Done”, by Mira Krasniqi",
                 "Changed from “Agreed, not sent yet” by Mira Krasniqi",
                 "Changed from “Sent” by Mira Krasniqi", "Torture Victims Name Drin Phone +383 44 123 456",
                 "Has a first date", "Call about the lawyer Promised until 24 November 2026, 09:30"):
        assert part in words, part


def test_a_counsellor_asks_whether_something_may_go_to_a_partner(desk_of_mira: World, drin: int) -> None:
    world, form = desk_of_mira, {"partner": "ura", "words": "Needs advice", "official": "I duhet këshillë", "key": "k"}
    page = world.page(f"/console/people/{drin}")
    assert '<option value="ura">' in page and "Nothing is sent before" in page
    for _ in range(2):
        assert post(world, f"{drin}/referrals", **form).status_code == 303
    words = words_of(world.page(f"/console/people/{drin}"))
    assert words.count("Asked, no answer yet 23 November 2026") == 1 and "What it is about Needs advice" in words
    assert "The same in their language I duhet këshillë" in words
    world.desk.fails = "They said no to this partner."
    answer = post(world, f"{drin}/referrals", **form)
    assert answer.status_code == 409 and "Needs advice" in answer.text
    assert "They said no to this partner." in answer.text


@pytest.mark.parametrize(("path", "form"), [
    ("steps", {"what": ""}), ("steps", {"what": "x" * 500}), ("steps", {"what": "x", "by": "soon"}),
    ("steps", {"what": "x"}), ("steps", {"what": "x", "by": "2026-11-22"}), ("steps/1/offer", {"what": "x"}),
    ("steps", {"what": "x", "by": "2026-12-01", "partner": "The moon"}),
    ("promises", {"about": "x"}), ("promises", {"about": "x", "due": "never"}), ("notes", {"text": " "}),
    ("override", {"reason": "why"}), ("override", {"reason": "x" * 500}), ("steps/1", {"state": "king"}),
    ("referrals/1", {"state": ""}), ("referrals/1", {"was": "proposed", "state": "sent"}),
    ("referrals", {"partner": "krct", "words": " "}), ("referrals", {"partner": "krct", "words": "x" * 700}),
])
def test_a_wrong_form_says_what_to_do(desk_of_mira: World, drin: int, path: str, form: dict[str, str]) -> None:
    answer = post(desk_of_mira, f"{drin}/{path}", **form)
    assert answer.status_code == 422 and 'class="error"' in answer.text


@pytest.mark.parametrize("path", ["answers", "notes", "steps", "steps/1", "steps/1/offer", "referrals/1", "promises",
                                  "override"])
def test_nobody_is_there(desk_of_mira: World, path: str) -> None:
    form = {"path": "name", "text": "x", "what": "x", "state": "done", "about": "x", "due": "2026-12-01T10:00",
            "reason": "a long enough reason", "was": "done", "by": "2026-12-01"}
    answer = desk_of_mira.client.post(f"/console/people/999/{path}", data=form, follow_redirects=False)
    assert answer.status_code in (404, 409) and "Traceback" not in answer.text


def test_of_two_who_change_a_step_the_later_one_is_told_what_it_says_now(desk_of_mira: World, drin: int) -> None:
    world = desk_of_mira
    step = world.change(lambda connection: connection.scalar(select(PlanStep.id).where(PlanStep.key == "p9")))
    other = {"what": "Go to the office in Peja", "by": "2026-12-03", "version": "1"}
    assert post(world, f"{drin}/steps/{step}", state="stuck", version="1").status_code == 303
    for path, form in ((f"steps/{step}/offer", other), (f"steps/{step}", {"state": "done", "version": "1"})):
        late = post(world, f"{drin}/{path}", **form)
        assert late.status_code == 409
        assert "It says now: “Go to the employment office”, stuck, until 1 December 2026" in words_of(late.text)
    assert post(world, f"{drin}/steps/{step}/offer", **{**other, "version": "2"}).status_code == 303
    words = words_of(world.page(f"/console/people/{drin}"))
    assert "Waits for their answer: What: Go to the office in Peja; Until: 3 December 2026" in words
    assert "Go to the employment office Stuck" in words, "it holds only once the person agrees"


def test_the_plan_is_printed_without_what_one_may_not_see(desk_of_mira: World, drin: int) -> None:
    world = desk_of_mira
    assert f'href="/console/people/{drin}/plan"' in world.page(f"/console/people/{drin}")
    answer = world.client.get(f"/console/people/{drin}/plan")
    assert answer.headers["content-type"] == "application/pdf" and answer.content.startswith(b"%PDF-")
    noted = select(Audit.contact_id).where(Audit.action == "print_plan")
    assert world.change(lambda c: c.scalars(noted).all()) == [drin]
    for is_open, hidden in ((False, 1), (True, 0)):
        sight = walls.Sight(world.mira, is_open)
        assert len(world.change(lambda c, s=sight: walls.hidden_steps(c, drin, s))) == hidden
    assert world.client.get("/console/people/999/plan").status_code == 404


def test_a_step_is_dropped_with_a_reason(desk_of_mira: World, drin: int) -> None:
    step = desk_of_mira.change(lambda connection: connection.scalar(select(PlanStep.id).where(PlanStep.key == "p9")))
    form = {"state": "dropped", "version": "1", "reason": "Has work"}
    assert post(desk_of_mira, f"{drin}/steps/{step}", **form).status_code == 303
    words = words_of(desk_of_mira.page(f"/console/people/{drin}"))
    assert "Dropped until 1 December 2026 Has work" in words
    over = post(desk_of_mira, f"{drin}/steps/{step}/offer", what="x", by="2026-12-03", version="2")
    assert over.status_code == 409 and "This step is over" in over.text


def test_a_step_proposed_from_the_chat_comes_back_to_the_chat(desk_of_mira: World, drin: int) -> None:
    ticket = next(iter(desk_of_mira.tickets.values()))
    form = {"what": "Write the CV", "by": "2026-12-01", "back": f"/console/tickets/{ticket}"}
    assert post(desk_of_mira, f"{drin}/steps", **form).headers["location"] == f"/console/tickets/{ticket}"
    away = post(desk_of_mira, f"{drin}/steps", **{**form, "back": "https://elsewhere.example/"})
    assert away.headers["location"] == f"/console/people/{drin}"


def test_somebody_elses_step_is_not_changed_through_this_page(desk_of_mira: World, drin: int) -> None:
    step = desk_of_mira.change(lambda connection: connection.scalar(select(PlanStep.id).where(PlanStep.key == "p9")))
    assert post(desk_of_mira, f"{desk_of_mira.people['vesna']}/steps/{step}", state="done").status_code == 409


# ------------------------------------------------------------- the wall


PAGES = ("/console/people/{drin}", "/console/tickets/{ticket}", "/console/tickets/{ticket}/messages", "/console/tasks")


def see(world: World, drin: int, browser: Any = None) -> str:
    """All of it but the list of every partner there is, which says nothing of anybody."""
    ticket = world.change(lambda connection: connection.scalar(
        select(Ticket.id).where(Ticket.contact_id == drin)))
    pages = [(browser or world.client).get(path.format(drin=drin, ticket=ticket)) for path in PAGES]
    assert all(one.status_code == 200 for one in pages)
    return re.sub(r'<select id="partner".*?</select>', "", " ".join(one.text for one in pages), flags=re.S)


def test_who_does_not_work_there_reads_nothing_of_it_on_any_page(desk_of_mira: World, drin: int) -> None:
    world, labyrinth = desk_of_mira, world_partners(desk_of_mira, "labyrinth")[0]
    hidden = see(world, drin)
    for part in (WORD, "of 100", "Not good", labyrinth):
        assert part not in hidden, part
    assert "Not shown: psychosocial" in hidden and "Has a cousin in Peja" in hidden
    works_in(world, "mira", "psychosocial")
    shown = see(world, drin)
    for part in (f"{WORD} one", f"{WORD} two", f"{WORD} three", f"{WORD} four", "of 100", "Not good", labyrinth):
        assert part in shown, part
    assert "Not shown" not in shown


def test_one_reads_what_one_wrote(desk_of_mira: World, drin: int) -> None:
    assert post(desk_of_mira, f"{drin}/notes", text="Mine to read", area="psychosocial").status_code == 303
    assert "Mine to read" in desk_of_mira.page(f"/console/people/{drin}")
    arben = another_browser(desk_of_mira)
    desk_of_mira.sign_in("arben", arben)
    assert "Mine to read" not in arben.get(f"/console/people/{drin}").text


def test_an_emergency_opens_one_person_to_one_counsellor_for_an_hour(desk_of_mira: World, drin: int) -> None:
    world = desk_of_mira
    assert post(world, f"{drin}/override", reason="She calls from the bridge").status_code == 303
    shown = see(world, drin)
    assert f"{WORD} four" in shown and f"{WORD} three" in shown
    assert "Open to you because of an emergency, until 12:00" in words_of(shown)
    vesna = world.people["vesna"]
    world.change(lambda connection: desk.add_note(connection, vesna, None, world.arben, WORD, NOW, "psychosocial"))
    assert WORD not in world.page(f"/console/people/{vesna}"), "of nobody else"
    arben = another_browser(world)
    world.sign_in("arben", arben)
    assert f"{WORD} three" not in see(world, drin, arben), "to nobody else"
    world.clock.turn(walls.LASTS)
    world.sign_in()
    assert WORD not in see(world, drin)


def test_the_coordinator_sees_who_looked_and_why(desk_of_mira: World, drin: int) -> None:
    world = desk_of_mira
    post(world, f"{drin}/override", reason="She calls from the bridge")
    world.sign_in("arben")
    record = words_of(world.page("/console/record"))
    assert "Mira Krasniqi , person" in record and "She calls from the bridge" in record
    assert "Looked over the psychosocial wall" in record
    [one] = world.change(lambda connection: connection.scalars(select(Override.id)).all())
    assert world.client.post(f"/console/record/overrides/{one}", follow_redirects=False).status_code == 303
    assert "She calls from the bridge" not in world.page("/console/record")
    story = world.page(f"/console/people/{drin}")
    assert "Looked over the wall in an emergency" in story
    assert "She calls from the bridge" not in story, "a reason may tell what is behind it"


def test_what_was_said_before_goes_with_the_yes_to_keeping(world: World) -> None:
    contact = world.people["agon"]
    world.change(lambda c: changes.note(c, contact, "answer:municipality", "peje", "prizren", NOW, world.mira))
    world.change(lambda c: changes.note(c, contact, "step:p1", "agreed", "done", NOW, world.mira))
    world.change(lambda c: changes.forget_answers(c, contact))
    assert [one.what for one in world.change(lambda c: changes.history(c, contact))] == ["step:p1"]


def test_the_whole_case_costs_as_many_questions_however_much_there_is(world: World) -> None:
    from sqlalchemy import event

    contact, seen = world.people["vesna"], []
    event.listen(world.store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    sight = walls.Sight(world.mira, True)
    world.change(lambda c: case.load(c, contact, sight))
    first = len(seen)
    for number in range(20):
        world.change(lambda c, n=number: desk.add_note(c, contact, None, world.mira, f"note {n}", NOW))
        world.change(lambda c, n=number: case.propose_step(c, contact, f"k{n}", STEP, world.mira, NOW))
    seen.clear()
    world.change(lambda c: case.load(c, contact, sight))
    assert len(seen) == first
