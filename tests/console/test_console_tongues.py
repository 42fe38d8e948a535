"""The console in four languages: chosen by each counsellor, and nothing of it left in English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import select

from bot.console import labels, message_labels, moments, policy, tongue
from bot.console.pages import Pages
from bot.console.stored import LEFT_THE_TEAM, WITH_PLACES, ours
from bot.receive import alarm, due
from bot.settings import LOCALES
from bot.translate import Catalogue, Language, Translator
from conversations.marking import Phrase
from conversations.readers import municipality as places
from conversations.readers import municipality_names
from conversations.register import seed
from conversations.zones import choices
from storage import audit, canned, closings, desk, facts, moves, tickets, unanswered, walls, ways
from storage.tables import Appointment, Counsellor, PlanStep, Referral, Run, Task
from tests.support.rows import put

from .conftest import NOW, World, ago, say
from .test_console_codes import another_browser

# ------------------------------------------------------------- whose language it is


def language_of(html: str) -> str:
    found = re.search(r'<html lang="(\w+)">', html)
    assert found is not None
    return found[1]


def test_each_counsellor_has_their_own(world: World) -> None:
    """Chosen on the account page, kept with the counsellor, and nobody else's."""
    world.sign_in("mira")
    assert language_of(world.page("/console")) == "en"
    answer = world.client.post("/console/account/language", data={"language": "de"}, follow_redirects=False)
    assert answer.status_code == 303
    page = world.page("/console/day")
    assert language_of(page) == "de" and "<h1>Heute</h1>" in page and "Montag, 23. November 2026" in page
    elsewhere = another_browser(world)
    world.sign_in("mira", elsewhere)
    assert language_of(elsewhere.get("/console").text) == "de"
    world.sign_in("arben", other := another_browser(world))
    assert language_of(other.get("/console").text) == "en"


def test_a_language_that_the_console_has_not_changes_nothing(desk_of_mira: World) -> None:
    for wanted in ("rom", "", "de_AT", "../de"):
        desk_of_mira.client.post("/console/account/language", data={"language": wanted})
    assert desk_of_mira.change(lambda one: one.scalar(select(Counsellor.reads_in))) is None


@pytest.mark.parametrize(("said", "read"), [
    ("sq", "sq"), ("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr,bs;q=0.7", "sr"), ("fr", "en"), ("en-GB,de;q=0.5", "en"),
    ("sr-Cyrl-RS", "sr"), ("", "en"), ("*;q=0.1", "en"),
])
def test_the_door_is_in_the_language_of_the_browser(world: World, said: str, read: str) -> None:
    page = world.client.get("/console/sign-in", headers={"accept-language": said}).text
    assert language_of(page) == read


def test_what_is_chosen_at_the_door_stays_with_who_comes_in(world: World) -> None:
    page = world.client.get("/console/sign-in?language=sq&next=/console/day").text
    assert language_of(page) == "sq" and "Fjalëkalimi" in page and 'value="/console/day"' in page
    wrong = world.client.post("/console/sign-in", data={"login": "mira", "password": "no"})
    assert "nuk është i saktë" in wrong.text
    world.sign_in("mira")
    world.client.cookies.delete(tongue.COOKIE)
    assert language_of(world.page("/console")) == "sq"


def test_words_that_are_refused_are_said_in_their_language(world: World) -> None:
    """Why something was not done comes from deep below; a name in it stays."""
    world.sign_in()
    world.client.post("/console/account/language", data={"language": "sr"})
    world.desk.fails = Phrase("{name} has this chat.", name="Arben Gashi")
    answer = world.client.post(f"/console/tickets/{world.tickets['vesna']}/note", data={"text": "Hm"})
    assert answer.status_code == 409 and "Arben Gashi ima ovaj razgovor." in answer.text


def test_numbers_and_plural_forms_follow_the_language(world: World) -> None:
    tongue.speak(Translator(), "sr")
    shown = [tongue.spoken_many("{number} step overdue", "{number} steps overdue", one) for one in (1, 3, 5, 21)]
    assert shown == ["1 korak kasni", "3 koraka kasne", "5 koraka kasni", "21 korak kasni"]
    assert message_labels.file_size(3_400_000) == "3,4 MB"
    assert moments.when(NOW, ago(days=-3), tongue_zone()) == "23. novembra 2026., 11:00"
    tongue.speak(Translator(), "en")


def tongue_zone() -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/Belgrade")


def test_what_was_stored_in_english_is_said_in_the_language_of_the_page() -> None:
    tongue.speak(Translator(), "de")
    try:
        assert ours("Sign of danger (suicide.plan); Wants to talk after a check-in") == (
            "Zeichen von Gefahr (suicide.plan); Möchte sprechen")
        assert ours("The appointment was moved by the person to 01 December 2026, 14:00") == (
            "Die Person hat den Termin verlegt auf 1. Dezember 2026, 14:00")
        assert ours("Does not want this step: Bring the papers") == "Möchte diesen Schritt nicht: Bring the papers"
        assert ours("Does this step by another day, 2026-12-01").startswith("Macht diesen Schritt bis")
        assert ours("Kam dhimbje: e madhe") == "Kam dhimbje: e madhe"
        for one in WITH_PLACES:
            filled = re.sub(r"{\w+}", "X", one)
            assert ours(filled) != filled, one
    finally:
        tongue.speak(Translator(), "en")


# ------------------------------------------------------------- nothing is left in English

OPENS, CLOSES = "⟦", "⟧"
NAMES = (
    "Mira Krasniqi", "Mira", "mira", "Arben Gashi", "Arben", "arben", "Agon", "Dita", "Luan", "Vesna", "Besa", "Ilir",
    "The Centre", "Telegram", "Viber", "CSV", "XLSX", "Ctrl Enter", "Esc", "Europe/Belgrade", "English", "Shqip",
    "Deutsch", "Bosanski", "Srpski", "Српски", "https://t.me/centre_bot?start=", "high, medium, low",
    "verified, verify, ask-counsellor", "for_whom", "name", "what",
    "sq, sr, de, en", "sq, sr, de", "question", "answer", "papers",
)
"""What is called so in every language: people, apps, keys, and the names of fields and languages in a file."""


class Marked(Mapping[str, tuple[str, ...]]):
    """A language in which all that is ours stands between marks, and what is put into its places does not."""

    def __init__(self, domain: str) -> None:
        self.known = messages_of(domain)

    def __getitem__(self, key: str) -> tuple[str, ...]:
        return tuple(re.sub(r"([^{}]+)(?={|$)", rf"{OPENS}\1{CLOSES}", one) for one in self.known[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


@cache
def messages_of(domain: str) -> dict[str, tuple[str, ...]]:
    found = read_po(BytesIO((LOCALES / f"{domain}.pot").read_bytes()))
    return {one.id if isinstance(one.id, str) else one.id[0]: (one.id,) if isinstance(one.id, str) else tuple(one.id)
            for one in found if one.id}


class Visible(HTMLParser):
    """What somebody sees or hears of a page, without what is marked as another language's."""

    NEVER = frozenset({"script", "style", "tspan"})
    TOLD = frozenset({"title", "aria-label", "placeholder", "alt", "data-what", "label"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.skipping = ""
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        theirs = tag != "html" and ("lang" in given or given.get("translate") == "no")
        if tag not in ("input", "br", "meta", "link", "img", "rect", "line", "circle"):
            self.open.append((tag, theirs or (bool(self.open) and self.open[-1][1])))
        if not theirs and not (self.open and self.open[-1][1]):
            self.found += [value for name, value in attrs if name in self.TOLD and value]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and (self.open[-1][1] or self.open[-1][0] in (*self.NEVER, "textarea")):
            return
        self.found.append(data)


def left_over(html: str, data: re.Pattern[str]) -> list[str]:
    page = Visible()
    page.feed(html)
    rest = [data.sub(" ", re.sub(rf"{OPENS}[^{CLOSES}]*({CLOSES}|$)", " ", one)) for one in page.found]
    return sorted({" ".join(one.split()) for one in rest if re.search(r"[^\W\d_]{2}", one)})


@pytest.fixture
def marked(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """German, in which every text is marked."""
    texts, desk_texts = Marked("messages"), Catalogue(Marked("console"), {})
    monkeypatch.setattr(Language, "texts", property(lambda self: texts if self.code == "de" else {}))
    monkeypatch.setattr(Language, "desk", property(lambda self: desk_texts if self.code == "de" else Catalogue({}, {})))
    monkeypatch.setattr(tongue, "day", lambda of: f"{OPENS}{of.isoformat()}{CLOSES}")
    monkeypatch.setattr(tongue, "day_of_week", lambda of: f"{OPENS}{of.isoformat()}{CLOSES}")
    monkeypatch.setattr(tongue, "month", lambda of: f"{OPENS}{of.isoformat()}{CLOSES}")
    monkeypatch.setattr(Pages, "_intake", lambda self, person: [])  # the rig's own stub
    return world


def test_nothing_on_any_page_is_left_in_english(marked: World) -> None:
    """Every page and every refusal, in a language whose words are all marked: what is not marked is people's own."""
    world = marked
    data = world.change(lambda connection: fill(connection, world))
    pattern = re.compile("|".join(re.escape(one) for one in sorted((*NAMES, *data), key=len, reverse=True)))
    world.sign_in("arben")
    world.client.headers["accept-language"] = "de"
    world.client.post("/console/account/language", data={"language": "de"})
    vesna, chat = world.people["vesna"], world.tickets["vesna"]
    found: dict[str, list[str]] = {}
    ids = {"contact_id": vesna, "ticket_id": chat, "fact_id": next(iter(seed().facts)),
           "slug": next(iter(seed().partners))}

    def look(method: str, path: str, **more: Any) -> None:
        if method == "GET" and ("/file" in path or path.endswith(("/plan", "/letter", "/csv", "/xlsx", "/events"))):
            return
        answer = world.client.request(method, f"/console{path}", **more)
        if answer.headers.get("content-type", "").startswith("text/") and (rest := left_over(answer.text, pattern)):
            found[f"{method} {path} {more or ''}"] = rest

    def filled(path: str) -> str:
        return re.sub(r"{(\w+)}", lambda one: str(ids.get(one[1], 1)), path)

    for method, path in sorted({*policy.OPEN, *policy.ROUTES}):
        if method == "GET" and path not in ("/static/{name}", "/events"):
            look(method, filled(path))
    for tab in labels.TABS:
        look("GET", f"?tab={tab}")
    for name in world.tickets:
        look("GET", f"/tickets/{world.tickets[name]}")
    for name in world.people:
        look("GET", f"/people/{world.people[name]}")
    look("GET", f"/people/{vesna}?change=municipality")
    look("GET", f"/people/{vesna}/merge?other={world.people['agon']}")
    for method, path in sorted(policy.ROUTES):
        if method == "POST" and not path.startswith(("/account/sessions", "/account/language", "/clock", "/tasks",
                                                     "/team/")):
            look(method, filled(path), data={})
    assert not found, "\n".join(f"{page}: {rest}" for page, rest in found.items())


def fill(connection: Any, world: World) -> list[str]:
    """Something of everything; what of it is somebody's own words."""
    vesna, mira, chat = world.people["vesna"], world.mira, world.tickets["vesna"]
    for kind in labels.TASK_KINDS:
        put(connection, Task, contact_id=vesna, key=f"x-{kind}", kind=kind, area="general", opened_at=NOW,
            about=due.SILENT, due_at=ago(hours=1) if kind in ("silent", "pulse") else None)
    for at, one in enumerate(WITH_PLACES):
        put(connection, Task, contact_id=vesna, key=f"y-{at}", kind="question", area="employment", opened_at=NOW,
            about=re.sub(r"{\w+}", "Arben", one))
    tickets.add_reason(connection, chat, f"{alarm.SIGN} (suicide.plan)")
    desk.add_note(connection, vesna, chat, mira, "Ein Wort", NOW)
    for kind in labels.MOVES:
        moves.note(connection, tickets.get(connection, chat), kind, NOW, mira, world.arben, "employment",
                   Phrase(LEFT_THE_TEAM, name="Arben") if kind == "back" else "Arben", NOW if kind == "sleep" else None)
    for action in labels.ACTIONS:
        audit.note(connection, mira, action, vesna, NOW, counsellor=mira)
    for state in labels.APPOINTMENT_STATES:
        put(connection, Appointment, contact_id=vesna, key=state, counsellor_id=mira, state=state, offers=[],
            minutes=45, place="Arben", bring="Arben", created_at=NOW, changed_at=NOW, asks=state == "agreed",
            starts_at=None if state == "offered" else ago(hours=2) if state != "agreed" else ago(hours=-5))
    for state in labels.STEP_STATES:
        put(connection, PlanStep, contact_id=vesna, key=f"s-{state}", what="Arben", created_at=NOW, changed_at=NOW,
            state=state, who="centre", by=date(2026, 11, 20), papers="Arben")
    partner = next(iter(seed().partners))
    for state in labels.REFERRAL_STATES:
        put(connection, Referral, contact_id=vesna, key=f"r-{state}", partner=partner, created_at=NOW, changed_at=NOW,
            state=state, sends={"name": "Arben", "words": "Arben"})
    facts.seed(connection, seed())
    told = next(iter(facts.load(connection, seed()).facts.values()))
    facts.save(connection, replace(told, source="Arben", note="Arben"), mira, NOW)
    closings.close(connection, world.people["besa"], "leaves", "Arben", mira, NOW)
    walls.look_over(connection, vesna, mira, "Arben", NOW)
    canned.add(connection, "Arben", {"sq": "Arben"}, NOW)
    ways.add(connection, "Arben", "sq", mira, NOW)
    unanswered.add(connection, vesna, "sq", "migration", "Arben", NOW)
    for state in ("queued", "delivered", "seen", "failed"):
        say(connection, vesna, "counsellor", "Arben", NOW, state=state, error="Forbidden: bot was blocked",
            counsellor_id=mira)
    for kind in message_labels.KINDS:
        say(connection, vesna, "person", "", NOW, kind=kind)
    for at, answers in enumerate(({"money": "good", "mood": "so_so"}, {"money": "bad", "mood": "good"})):
        put(connection, Run, contact_id=vesna, conversation="check_in", answers=answers, touched=1,
            started_at=ago(days=9 - at), updated_at=ago(days=9 - at), ended_at=ago(days=9 - at))
    return [
        "Is the school place sure?", "Bring the birth certificate", "Employment office", "Gračanica",
        "About the person", "suicide.plan", "Ein Wort",
        *(name for slug in places.codes() for name in municipality_names(slug)),
        *(one.rpartition("/")[2].replace("_", " ") for one in choices("Europe/Belgrade", "Europe/Belgrade")),
        *(name for one in seed().partners.values() for name in one.name.values()),
        *(one.question["de"] for one in seed().facts.values()),
        *(line for text in (*told.question.values(), *told.answer.values(), told.source, told.note, told.id, told.seen)
          for line in text.split("\n")),
    ]


SCRIPTS = Path(tongue.__file__).with_name("static")


def test_every_sentence_of_the_script_is_given_to_it() -> None:
    said = {text for file in SCRIPTS.glob("*.js") for text in re.findall(r'\b_\("([^"]+)"\)', file.read_text("utf-8"))}
    assert len(said) > 10
    for language in ("sq", "de", "sr"):
        assert not said - Translator().languages[language].desk.script.keys()
