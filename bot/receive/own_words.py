"""What the bot does with words that answer no open question: a wish, a question with an answer, a long story.

An answer is tried first, a wish second. What is clear is answered with the fact; what could be meant is offered; what
stays unclear is never guessed. After the third time in a row a person takes over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.channels.base import OutgoingMessage
from bot.receive import commands, early, talk, texts
from bot.receive.heard import is_another, read
from bot.receive.visit import Visit
from conversations import ANSWER_NAME as ANSWER
from conversations import HOME
from conversations import OTHER_LANGUAGE_NAME as OTHER_LANGUAGE
from conversations.answer import ASKED, FOUND, NONE, WHICH
from conversations.engine import Back, Record, Said, Turn
from conversations.marking import mark as _
from conversations.model import Ask, Choose, Group, Review
from conversations.understanding import Found, Understood, is_clear, reader_for
from conversations.understanding.spelling import words_of
from conversations.understanding.weighing import CLEAR
from conversations.understanding.wishes import News, Wish, news, wish
from storage import messages, runs, tickets, unanswered
from storage.runs import RunState

if TYPE_CHECKING:
    from bot.receive.turns import Turns

OPENED_FOR_WORDS = frozenset({ANSWER, OTHER_LANGUAGE})
"""What the bot opens for somebody's own words: other words, or going back, leave it."""
NO_HELP = frozenset({"no", NONE})
"""What somebody says where our answer was none."""
MOST_MISSES = 3
"""So often in a row what somebody writes may stay unclear."""
MOST_OFFERED = 3
LONG = 400
"""From so many characters on a text is a story: a person reads it whole."""
ONLY = 0.6
"""So much of a text must be the wish for a person, where any words are an answer."""
WORDS_OF_A_QUESTION = 3
WHAT_ABOUT = frozenset({HOME, ANSWER, "employment", "migration", "reintegration", "psychosocial"})
"""Conversations that ask what somebody needs: there, what it is about is worth asking back."""
WORDS_OF_A_STORY = 12
"""So many different words, or a language that we know: a key that was held down is no story."""
KEPT_OF_A_STORY = 300
KEPT_OF_A_QUESTION = 300
_TELLING = re.compile(r"(?:https?://|www\.)\S+|[^\s,;]+@[^\s,;]+|\+?\d[\d /.-]{3,}\d")
ANSWERED_BY_A_PERSON = frozenset({"photo", "voice", "audio", "video", "document", "contact", "location"})
KEPT_ABOUT_MEDIA = 120
COMMANDS = frozenset({"menu", "human", "language", "my_data", "help", "stop", "pause", "greeting", "thanks"})
NOT_UNDERSTOOD_AGAIN = _("Was not understood three times in a row")
_SENTENCES = re.compile(r"[.!?\n;]+")


def take(turns: Turns, visit: Visit, run: RunState | None, text: str, misses: int = 0) -> bool:
    """True where these words were dealt with; False where the open question should be asked again."""
    found = read(turns, visit, text)
    if found.intent is not None and _follows(turns, visit, run, found.intent):
        return True
    if visit.is_hard:
        return False
    if "keep" not in visit.person.consents and early.question(turns, visit, run, text, found):
        return True
    goes_with_media = _is_about_media(visit, text)
    if "keep" in visit.person.consents and (
            _story(turns, visit, text, found) or _offers_another_language(turns, visit, text, found.language)
            or _question(turns, visit, run, text, found)):
        _is_no_miss(run)
        return True
    if run is not None and run.conversation in OPENED_FOR_WORDS and _left_open(visit, run):
        turns.answer(visit, Said(text))
        return True
    if goes_with_media:
        _is_no_miss(run)
        turns.say(visit, texts.GOES_WITH_IT)
        turns.resume(visit, greet=False)
        return True
    if _asks_what_it_is_about(run):
        note_unanswered(visit, text, found.area)
    if misses >= MOST_MISSES and _is_choice(turns, run):
        _is_no_miss(run)
        talk.hand_off(turns, visit, turns.area(visit), NOT_UNDERSTOOD_AGAIN, text=texts.NOT_UNDERSTOOD_AGAIN)
        return True
    return False


def _is_about_media(visit: Visit, text: str) -> bool:
    """Right after a photo or a voice message, words say what it is about: they go to whoever looks at it."""
    if visit.cause is None:
        return False
    kind = messages.kind_before(visit.connection, visit.id, visit.cause)
    return kind in ANSWERED_BY_A_PERSON and tickets.tell_more(
        visit.connection, visit.id, key_of_media(visit, kind), about_media(kind, text))


def key_of_media(visit: Visit, kind: str) -> str:
    """Of the task to look at what was sent: one a day and kind."""
    return f"media:{kind}:{visit.today}"


def about_media(kind: str, text: str) -> str:
    said = " ".join(text.split())[:KEPT_ABOUT_MEDIA]
    return f"{kind}: {said}" if said else kind


def not_helped(turns: Turns, visit: Visit, run: RunState, turn: Turn) -> None:
    """What we said was no answer to what somebody asked: the coordinator sees it."""
    said = (one.value for one in turn.effects if isinstance(one, Record) and one.what == "helped")
    if any(value in NO_HELP for value in said) and ASKED in run.answers:
        fact = turns.knowledge.register.facts.get(run.answers.get(WHICH) or "")
        note_unanswered(visit, run.answers[ASKED], fact.area if fact is not None else None)


def note_unanswered(visit: Visit, text: str, area: str | None = None) -> None:
    """For the coordinator's list, where the person lets us keep what they say: without what tells who it was, and
    nothing about how they feel."""
    if visit.person.consents.get("keep") is True and area != "psychosocial" and len(text.split()) > 1:
        name = visit.person.known.get("name")
        asked = without_names(text, [name] if isinstance(name, str) else [])[:KEPT_OF_A_QUESTION]
        unanswered.add(visit.connection, visit.id, visit.person.language, area, asked, visit.now)


def without_names(text: str, names: Iterable[str]) -> str:
    """Numbers, addresses and the names that we know become dots."""
    text = _TELLING.sub("…", text)
    for name in names:
        text = re.sub(rf"\b{re.escape(name)}\w*", "…", text, flags=re.IGNORECASE)
    return text


def wants_less(turns: Turns, run: RunState | None, text: str) -> Wish | None:
    """A pause of two weeks, or to be asked less often; but not where a question takes any words."""
    step = turns.asked(run) if run is not None else None
    return None if isinstance(step, Ask) else wish(text)


def news_in(turns: Turns, visit: Visit, run: RunState | None, text: str) -> News | None:
    """Work found, or moved; but not where a question takes any words."""
    step = turns.asked(run) if run is not None else None
    return news(text) if "keep" in visit.person.consents and not isinstance(step, Ask) else None


def wants_a_person(turns: Turns, visit: Visit, run: RunState, text: str) -> bool:
    """True where a question takes any words, and these say only that somebody wants to talk to a person."""
    step = turns.asked(run)
    if not isinstance(step, Ask) or step.reads.kind != "plain":
        return False
    if not reader_for(turns.knowledge.register, turns.settings.draft_languages).may_wish(text, "human"):
        return False
    first = next(iter(read(turns, visit, text).intents), None)
    return first is not None and first.name == "human" and first.share >= ONLY and len(first.words) > 1


def _follows(turns: Turns, visit: Visit, run: RunState | None, intent: str) -> bool:
    """Do what somebody wishes, where it is a wish that the bot can fulfil."""
    if intent == "back" and run is not None:
        turns.turn(visit, run, Back())
        return True
    if intent not in COMMANDS:
        return False
    _is_no_miss(run)
    commands.carry_out(turns, visit, intent)
    return True


def _offers_another_language(turns: Turns, visit: Visit, text: str, language: str | None) -> bool:
    """Once: in the language that the person writes in. What they wrote is looked at when they have chosen."""
    if language is None or not is_another(turns, visit, language):
        return False
    if not visit.person.consents.get("keep") or runs.last_begun(visit.connection, visit.id, OTHER_LANGUAGE) is not None:
        return False
    visit.said.append(OutgoingMessage(turns.translator.text(language, texts.OTHER_LANGUAGE)))
    turns.open(visit, OTHER_LANGUAGE, begun={ASKED: text})
    return True


def asked_before(turns: Turns, visit: Visit, asked: RunState) -> None:
    """The language is chosen: now what they wrote in it."""
    if not take(turns, visit, visit.current, asked.answers[ASKED]):
        turns.resume(visit, greet=False)


def _left_open(visit: Visit, run: RunState) -> bool:
    """End what these words do not answer; True where another question waits, which they may answer."""
    if len(visit.runs) < 2 or visit.runs[-2].awaiting is None:
        return False
    visit.end(run)
    return True


def _question(turns: Turns, visit: Visit, run: RunState | None, text: str, found: Understood) -> bool:
    """Answer it, or offer what could be meant; with no more than an area, ask which it is.

    Where we have asked for something else, only what is surely a question of their own comes in between."""
    facts = found.facts
    if not _asks_what_it_is_about(run):
        facts = facts if facts and facts[0].score >= CLEAR and len(text.split()) >= WORDS_OF_A_QUESTION else ()
    elif not facts and found.area is not None:
        _offer(turns, visit, text, found.candidates[:MOST_OFFERED])
        return True
    if not facts:
        return False
    clear = is_clear(found, turns.knowledge.register.facts)
    _offer(turns, visit, text, facts[:1] if clear else facts[:MOST_OFFERED], clear)
    return True


def _asks_what_it_is_about(run: RunState | None) -> bool:
    return run is None or run.conversation in WHAT_ABOUT


def _offer(turns: Turns, visit: Visit, text: str, facts: tuple[Found, ...], clear: bool = False) -> None:
    language, known = visit.person.language, turns.knowledge.register.facts
    spoken = turns.translator[language]
    listed = [{"key": one.name, "what": spoken.in_script(turns.translator.pick(language, known[one.name].question))}
              for one in facts]
    visit.found = listed
    begun: dict[str, Any] = {WHICH: facts[0].name} if clear else {}
    turns.open(visit, ANSWER, begun={**begun, f"@{FOUND}": listed, ASKED: text[:KEPT_OF_A_QUESTION]})


def _story(turns: Turns, visit: Visit, text: str, found: Understood) -> bool:
    """A person reads it whole; the questions in it that we know an answer to are offered meanwhile."""
    if len(text) < LONG or (found.language is None and len(set(words_of(text))) < WORDS_OF_A_STORY):
        return False
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": f"story:{visit.cause}", "kind": "question", "area": turns.area(visit),
        "about": f"{text[:KEPT_OF_A_STORY].strip()} …", "opened_at": visit.now, "due_at": None,
    })
    visit.news.add("queue")
    turns.say(visit, texts.LONG_STORY)
    facts = _facts_in(turns, visit, text)
    if facts:
        _offer(turns, visit, text, facts)
    else:
        turns.resume(visit, greet=False)
    return True


def _facts_in(turns: Turns, visit: Visit, text: str) -> tuple[Found, ...]:
    """The best fact of each sentence that has a clear one, the most certain first."""
    best: dict[str, Found] = {}
    for sentence in _SENTENCES.split(text):
        for one in read(turns, visit, sentence).facts[:1]:
            if one.score >= CLEAR and one.score > (best[one.name].score if one.name in best else 0.0):
                best[one.name] = one
    return tuple(sorted(best.values(), key=lambda one: (-one.score, one.name))[:MOST_OFFERED])


def _is_choice(turns: Turns, run: RunState | None) -> bool:
    return run is not None and isinstance(turns.asked(run), Choose | Group | Review)


def _is_no_miss(run: RunState | None) -> None:
    if run is not None:
        run.misses, run.changed = 0, True
