"""What somebody answers, by a tap, in words or with a file: to the question that stands open, or to one of before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.receive import asking, commands, form, linking, own_words, talk, texts
from bot.receive.visit import Visit
from bot.routing import asked_by
from conversations import CHECK_IN_NAME as CHECK_IN
from conversations import NEWS_NAME as NEWS
from conversations.engine import Action, Back, Said, Sent, Skip
from conversations.events import FromPerson, Media, Tap
from storage import tickets
from storage.runs import RunState

if TYPE_CHECKING:
    from bot.receive.turns import Turns


def take(turns: Turns, visit: Visit, event: FromPerson, action: Action, run_id: int | None) -> None:
    run, is_another = visit.current, False
    if visit.ticket is not None and not form.is_open(visit):
        turns.to_counsellor(visit)
    if run_id is not None:
        run = next((one for one in visit.runs if one.id == run_id), None)
        if run is None or _is_late(run, event, action):
            turns.say(visit, texts.OLD_BUTTON)
            turns.resume(visit, greet=False)
            return
        if run is not visit.current:
            visit.touch(run)
            is_another = True
    if isinstance(action, Sent) and _is_about_a_file(turns, visit, event):
        turns.say(visit, texts.GOES_WITH_IT)
        turns.resume(visit, greet=False)
        return
    if isinstance(action, Said) and linking.is_code(turns, visit, action.text):
        return
    if isinstance(action, Said) and (changed := own_words.news_in(turns, visit, run, action.text)) is not None:
        _tells_news(turns, visit, changed)
        return
    if run is None:
        if not (isinstance(action, Said) and own_words.take(turns, visit, None, action.text)):
            turns.begin(visit)
        return
    if run.conversation not in turns.conversations:
        turns.resume(visit, greet=False)
        return
    if run.awaiting is None and isinstance(action, Said):
        turns.resume(visit, greet=False)
        return
    if isinstance(action, Said) and (wish := own_words.wants_less(turns, run, action.text)) is not None:
        commands.ask_otherwise(turns, visit, wish)
        return
    if isinstance(action, Said) and own_words.wants_a_person(turns, visit, run, action.text):
        talk.wanted(turns, visit)
        return
    turns.answer(visit, action)
    if is_another and not visit.said and visit.current is run:  # the same again: but another question is shown
        turns.resume(visit, greet=False)


def _is_late(run: RunState, event: FromPerson, action: Action) -> bool:
    """True for the skip or back button of a question that is not the one shown now."""
    return isinstance(action, Skip | Back) and isinstance(event, Tap) and asked_by(event.data) != run.awaiting


def _is_about_a_file(turns: Turns, visit: Visit, event: FromPerson) -> bool:
    """A person is asked to look at what was sent; True where words under it say what it is about."""
    if isinstance(event, Media) and event.kind in own_words.ANSWERED_BY_A_PERSON:
        tickets.add_task(visit.connection, {
            "contact_id": visit.id, "key": own_words.key_of_media(visit, event.kind), "kind": "media",
            "area": turns.area(visit),
            "about": own_words.about_media(event.kind, event.text), "opened_at": visit.now, "due_at": None,
        })
        visit.news.add("queue")
        return bool(event.text.strip())
    return False


def _tells_news(turns: Turns, visit: Visit, changed: str) -> None:
    """It answers a check-in that waits: nobody is said to be silent, and its questions about how it was before do
    not come back. Then answers and plan are brought up to date."""
    for run in [one for one in visit.runs if one.conversation == CHECK_IN]:
        run.answers = {**run.answers, "news": changed}
        visit.end(run)
        asking.answered(visit.connection, visit.person, visit.now)
    turns.open(visit, NEWS)
