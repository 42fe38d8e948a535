"""What somebody asks for by a command, a button of its own, or in words that are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.receive import asking_less, discreet, effects, fact_forms, one_phone, talk, texts
from bot.receive.visit import Visit
from conversations import ASKING_NAME as ASKING
from conversations import RATING_NAME as RATING
from conversations.asking import WISH
from conversations.engine import Picked
from conversations.languages import LANGUAGE, ROMANI
from conversations.model import Choose

if TYPE_CHECKING:
    from bot.receive.turns import Turns

BEFORE_CONSENT = frozenset({"language", "help"})
"""What can be opened before a person was told what this is, and asked what we may keep."""


def carry_out(turns: Turns, visit: Visit, name: str) -> None:
    wish, _, about = name.partition(":")
    if wish in fact_forms.FORMS:
        fact_forms.give(turns, visit, wish, about)
        return
    match name:
        case "human":
            talk.wanted(turns, visit)
        case "stop":
            ask_otherwise(turns, visit, "stop")
        case "leave":
            talk.leave(turns, visit)
        case "hide":
            discreet.hide(visit)
        case one_phone.DONE:
            one_phone.done(visit)
        case "thanks" | "greeting" if visit.current is not None and visit.current.conversation == RATING:
            turns.say(visit, texts.KIND_WORDS[name])
        case "thanks" | "greeting":
            if "keep" in visit.person.consents and not _asks_with_a_greeting(turns, visit):
                turns.say(visit, texts.SHORT_KIND_WORDS[name])
            turns.resume(visit, greet=False)
        case LANGUAGE.name if _is_asked_which(turns, visit):
            turns.resume(visit, greet=False)
        case _ if name in turns.conversations and ("keep" in visit.person.consents or name in BEFORE_CONSENT):
            turns.open(visit, name)
        case _:
            turns.resume(visit, greet=False)


def ask_otherwise(turns: Turns, visit: Visit, wish: str) -> None:
    """Done at once, said, and offered to be taken back. Where a counsellor has the chat it is only said."""
    before = asking_less.carry_out(visit, wish, {})
    if visit.ticket is None and "keep" in visit.person.consents:
        turns.open(visit, ASKING, begun={WISH: wish, **before})
    else:
        turns.say(visit, texts.STOPPED)


def switch(turns: Turns, visit: Visit, language: str) -> None:
    """To another language."""
    if language not in turns.translator.languages and language != ROMANI:
        turns.resume(visit, greet=False)
        return
    run = visit.current
    if run is not None and _is_asked_which(turns, visit):
        turns.turn(visit, run, Picked(run.awaiting or "", language))
        return
    if language == ROMANI:
        turns.open(visit, LANGUAGE.name, begun={LANGUAGE.steps[0].id: language})
        return
    effects.set_language(visit, language)
    turns.say(visit, texts.SWITCHED)
    turns.resume(visit, greet=False)


def _asks_with_a_greeting(turns: Turns, visit: Visit) -> bool:
    """An open question says hello itself; it may be asked next."""
    steps = (turns.asked(run) for run in visit.runs)
    return any(isinstance(step, Choose) and step.text.startswith(texts.SHORT_KIND_WORDS["greeting"]) for step in steps)


def _is_asked_which(turns: Turns, visit: Visit) -> bool:
    """The question that stands there is already which language somebody wants."""
    step = turns.asked(visit.current) if visit.current is not None else None
    return isinstance(step, Choose) and step.records == "language"
