"""What is wrong with conversations, texts, facts and rules, as sentences; on wish, with the open runs too."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock, local_date
from bot.commands.database import WHERE_KEYS_ARE
from bot.commands.wording import wording_faults
from bot.hours import OfficeHours
from bot.receive.staff import RATING
from bot.settings import LOCALES, PREFIX, Settings
from bot.translate import Language, Translator
from conversations import (
    ANOTHER_DAY_NAME,
    ANSWER_NAME,
    CONVERSATIONS,
    DISTRESS_NAME,
    FACT_NEWS_NAME,
    FIRST,
    HELP_NEWS_NAME,
    HOME,
    JOIN_NAME,
    LEAVING_NAME,
    OTHER_LANGUAGE_NAME,
    OUTCOME_NAME,
    REFERRAL_NAME,
    STEP_SOON_NAME,
    WHO_NAME,
)
from conversations.appointments import ANOTHER, MINE, PICK, SOON
from conversations.checks import (
    Fault,
    Texts,
    Wording,
    check_all,
    check_lines,
    check_register,
    check_rules,
    check_safety,
    check_schemes,
    check_terms,
    check_wordings,
)
from conversations.checks.texts import texts_of
from conversations.eligibility import FOLDER as RULES
from conversations.eligibility import read as read_rules
from conversations.engine import migrate, walk
from conversations.model import Conversation, all_steps
from conversations.one_phone import SIGNS
from conversations.register import Register, seed
from conversations.understanding import INTENTS
from storage import contacts, facts, plans, runs, schema
from storage.database import engine_for
from storage.runs import RunState
from storage.sealed.box import SealError

OPENED = (RATING, DISTRESS_NAME, ANSWER_NAME, OTHER_LANGUAGE_NAME, REFERRAL_NAME, OUTCOME_NAME, ANOTHER_DAY_NAME,
          JOIN_NAME, WHO_NAME, STEP_SOON_NAME, FACT_NEWS_NAME, HELP_NEWS_NAME, LEAVING_NAME, PICK.name, MINE.name,
          SOON.name, ANOTHER.name)
STARTS = frozenset({FIRST, HOME, *OPENED, *(INTENTS.keys() & CONVERSATIONS.keys())})
"""What a person begins with, what a word opens, and what the bot opens by itself."""


def check(settings: Settings, against_database: bool) -> list[str]:
    """A sentence for each thing that is wrong; none where all is well."""
    translator = Translator(default=settings.default_language, waiting=None)
    today = local_date(Clock().now(), settings.time_zone)
    found = [str(fault) for fault in faults(translator, seed(), today)]
    return found + list(_database(settings, translator, today)) if against_database else found


def faults(translator: Translator, register: Register, today: date, rules_in: Path = RULES) -> list[Fault]:
    """Everything that can be found without a database."""
    rules = read_rules(rules_in)
    texts = texts_for_checks(translator)
    stored = [code for code, language in translator.languages.items() if not language.cyrillic and not language.draft]
    return [
        *check_all(CONVERSATIONS, STARTS, register.facts, register.partners, texts),
        *check_wordings("the bot's own texts", _others(texts), texts.languages),
        *check_wordings("the console", sorted(extracted(LOCALES, "console")), _for_desk(translator)),
        *check_register(register, stored, today),
        *check_lines(register, stored),
        *check_rules(rules.bad),
        *check_schemes(rules.schemes, register.partners, CONVERSATIONS, stored, today),
        *_hours(register),
        *check_safety(),
        *check_terms(register.facts),
        *wording_faults(translator, register, rules.schemes, texts.extracted),
    ]


def drafts(translator: Translator) -> list[str]:
    """Of each language that is a draft, how much is said in another one meanwhile."""
    known = extracted()
    found = ((one, len(known - one.texts.keys())) for one in translator.languages.values() if one.draft)
    return [f"{one.name} is a draft: {count} texts are said in {translator[(*one.next, 'en')[0]].name} meanwhile."
            for one, count in found if count and not one.cyrillic]


def _hours(register: Register) -> Iterator[Fault]:
    """When a partner's phone is answered can be read."""
    for partner in register.partners.values():
        try:
            OfficeHours.parse(partner.hours, ZoneInfo("UTC"))
        except ValueError as wrong:
            yield Fault("partners", partner.slug, "hours", f"Its hours cannot be read: {wrong}.")


# ------------------------------------------------------------------------ texts


def texts_for_checks(translator: Translator, folder: Path = LOCALES) -> Texts:
    """The real catalogues, as the checks read them."""
    languages = {code: wording(translator, language) for code, language in translator.languages.items()}
    return Texts(extracted(folder), languages)


def extracted(folder: Path = LOCALES, domain: str = "messages") -> frozenset[str]:
    """Every text that Babel has found, of plurals the singular."""
    template = read_po(BytesIO((folder / f"{domain}.pot").read_bytes()))
    ids = (one.id[0] if isinstance(one.id, tuple | list) else one.id for one in template)
    return frozenset(str(one) for one in ids if one)


def wording(translator: Translator, language: Language) -> Wording:
    """How a text reads in this language; None where it has no translation. The texts in the code are English."""

    def read(text: str) -> str | None:
        if text in language.texts or language.code == "en" or language.draft:
            return translator.text(language.code, text)
        return None

    return cache(read)


def _for_desk(translator: Translator) -> dict[str, Wording]:
    """How counsellors read a text, in each language that has a catalogue for them."""
    found = [one for one in translator.languages.values() if not one.cyrillic and one.desk.texts]
    return {one.code: partial(_read_at_desk, one) for one in found}


def _read_at_desk(language: Language, text: str) -> str | None:
    forms = language.desk.texts.get(text)
    return forms[0] if forms else None


def _others(texts: Texts) -> list[str]:
    """What is said outside of conversations."""
    inside = {text for one in CONVERSATIONS.values() for step in all_steps(one) for text in texts_of(step)}
    return sorted(set(texts.extracted) - inside - {one.title for one in CONVERSATIONS.values()})


# -------------------------------------------------------------------- open runs


def _database(settings: Settings, translator: Translator, today: date) -> Iterator[str]:
    """Walk every open run with this code."""
    url = make_url(settings.database)
    if url.drivername == "sqlite" and not Path(url.database or "").exists():
        yield f"There is no database at {url.database}. Set RETURNEE_BOT_DATABASE_URL or RETURNEE_BOT_DATA_DIR."
        return
    with engine_for(settings.database, settings.keys) as engine:
        try:
            with engine.connect() as connection:
                yield from open_run_faults(connection, settings, translator, today)
        except DBAPIError as error:
            yield _unreadable(engine, type(error.orig).__name__)
        except SealError as error:
            yield f"{PREFIX}ENCRYPTION_KEY_FILE: {str(error).rstrip('.')}. {WHERE_KEYS_ARE}."


def _unreadable(engine: Engine, why: str) -> str:
    """What to do about it. A database that others work on is not changed for a check."""
    try:
        there = schema.current(engine)
    except DBAPIError:
        return f"The database cannot be reached ({why}). Look at RETURNEE_BOT_DATABASE_URL."
    if there is None:
        return "The database is empty. Run `returnee-bot migrate` first."
    return (f"The database is at schema {there}, this version reads schema {schema.head()}, and something of that "
            f"is not there ({why}). Put the newest backup into an empty place with `returnee-bot restore`, and run "
            "`returnee-bot migrate` and this check there.")


def open_run_faults(
    connection: Connection, settings: Settings, translator: Translator, today: date,
    conversations: Mapping[str, Conversation] = CONVERSATIONS,
) -> Iterator[str]:
    """Open runs that this code would leave without a question."""
    register = facts.load(connection, seed())
    codes = [code for code, language in translator.languages.items() if not language.cyrillic and not language.draft]
    yield from (str(fault) for fault in check_register(register, codes, today))
    found = runs.all_open(connection)
    ids = {run.contact_id for run in found}
    people, steps = contacts.load(connection, ids), plans.open_steps(connection, ids)
    for run in found:
        person = people.get(run.contact_id)
        purposes = ("keep", "sensitive", "check_in")
        known = {"known": person.known, **{one: person.consents.get(one) for one in purposes}} if person else {}
        plan = steps[run.contact_id]  # who was reminded of a step has one
        given = {**_given(settings, translator, today), **known, "plan": plan, "plan_now": plan, "soon": tuple(plan)}
        if wrong := run_fault(run, conversations, given):
            yield wrong


def _given(settings: Settings, translator: Translator, today: date) -> dict[str, Any]:
    """Every value of model.GIVEN, as somebody has it of whom nothing is known."""
    return {
        "today": today, "open_run": None, "plan": [], "keep": None, "sensitive": None, "known": {}, "kept": (),
        "check_in": None, "is_minor": None, "minor_age": settings.minor_age, "referred": [], "agreed": (),
        "counted": (), "soon": (), "pulse": (), "pulse_before": None, "can_fetch": True,
        "unverified": settings.show_unverified_facts,
        "partner": "", "gone_offices": (), "letter": "", "is_open": True, "times": [],
        "free_times": (), "meeting_place": "", "bring": None, "appointments": [], "appointment_lines": (),
        "next_time": None, "carried": {}, "subject": "", "offers": [], "has_unlikely": False,
        "asked_already": False, "as_planned": "", "news_of_facts": (),
        "is_expected": False, "confirmed": "",
        "how_it_ended": None, "outcome": None,
        "plan_now": [], "offer": None, "other_apps": "", "app_code": "",
        "signs": [], "is_shared": False, "is_alone": False,
        "free_signs": [{"key": one, "what": label} for one, label in SIGNS.items()], "own_page": True,
        "again": False, "found": [], "by_company": True, "channel": "", "taken_away": "all", "covers": False,
        "languages": [{"key": code, "what": name} for code, name in translator.names().items()],
        "centre": settings.centre_name, "centre_address": settings.centre_address,
        "centre_phone": settings.centre_phone, "retention_days": settings.retention_case_days,
    }


def run_fault(run: RunState, conversations: Mapping[str, Conversation], given: Mapping[str, Any]) -> str | None:
    """What would leave the person of this run without a question, or None."""
    conversation = conversations.get(run.conversation)
    where = f"{run.conversation}, run {run.id}"
    if conversation is None:
        return (f"{where}: somebody is in this conversation, and it does not exist any more. "
                "Keep it until its runs have ended; otherwise the person is brought to the menu.")
    try:
        found = walk(conversation, migrate(conversation, run.answers), given)
    except Exception as error:
        print(f"{where}: {type(error).__name__}: {error}", file=sys.stderr)
        return (f"{where}, shown “{run.awaiting}”: its answers cannot be walked ({type(error).__name__}). "
                "Look for a condition that takes an answer which was not asked, and give it a default.")
    if found.awaiting is None:
        last = found.last.id if found.last else "nothing"
        return (f"{where}, shown “{run.awaiting}”: its answers lead to “{last}” without a question. "
                "Declare the step in `renamed`, or keep a question on this path.")
    return None
