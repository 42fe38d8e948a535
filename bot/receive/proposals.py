"""A step that a counsellor proposes, or would like to change: what the person is shown, and what follows from their
tap. Their yes is to the step as it stood when they read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.channels.base import Button, OutgoingMessage
from bot.receive import asking, plan_steps
from bot.receive.visit import Visit
from bot.render.steps import StepWords
from bot.routing import StepAnswer, step_answer, step_button
from conversations import ANOTHER_DAY_NAME
from conversations.engine import Record, Turn
from conversations.marking import Phrase
from conversations.marking import mark as _
from conversations.marking import mark_for_desk as _d
from storage import steps, tickets, walls
from storage.staff import WALLED
from storage.steps import StepView

if TYPE_CHECKING:
    from bot.receive.turns import Turns

NEW = _("We propose a step for your plan:")
OTHERWISE = _("We would like to change a step of your plan. This is how it stands:")
BETTER = _("And this is how we would like it to be:")
IS_IT_RIGHT = _("Is that all right for you?")
YES, OTHER_DAY, NO = _("Yes, into my plan"), _("Another day"), _("No, thank you")
DAY_IS_OVER = _("This day is over. By when can it be done?")
WHICH_DAY = _("By when can it be done?")
IN_A_WEEK, IN_TWO_WEEKS, IN_A_MONTH = _("In one week"), _("In two weeks"), _("In one month")
WRITE_A_DAY = _("I write a day")
OR_WRITE = _("You can also write to the counsellor here.")
AGREED = _("It is in your plan now: {what}. Until {date}.")
AGREED_WITHOUT_DAY = _("It is in your plan now: {what}.")
DECLINED = _("All right. It does not go into your plan.")
STAYS = _("All right. The step stays as it was.")
BY_ANOTHER_DAY, DOES_NOT_WANT = _d("Does this step by another day, {date}"), _d("Does not want this step")
"""What a colleague has as a task."""
GONE = _("This step is not in your plan any more.")
DAYS = {"7": IN_A_WEEK, "14": IN_TWO_WEEKS, "30": IN_A_MONTH}
LABELS = {"yes": YES, "day": OTHER_DAY, "no": NO, **DAYS, "write": WRITE_A_DAY}


def card(turns: Turns, visit: Visit, step: StepView) -> OutgoingMessage:
    words, text = _words(turns, visit), turns.translator.text
    language = visit.person.language
    parts = [text(language, NEW if step.state == "proposed" else OTHERWISE), "\n".join(words.lines(step))]
    if step.state != "proposed":
        parts += [text(language, BETTER), "\n".join(words.lines(step.offered))]
    parts.append(text(language, IS_IT_RIGHT))
    return OutgoingMessage("\n\n".join(parts), tuple(_buttons(turns, visit, step, ("yes", "day", "no"))))


def _buttons(turns: Turns, visit: Visit, step: StepView, choices: tuple[str, ...]) -> Iterator[Button]:
    for choice in choices:
        label = turns.translator.text(visit.person.language, LABELS[choice])
        yield Button(label, step_button(step.id, step.version, choice))


def label_of(data: str) -> str | None:
    """What stands on such a button."""
    found = step_answer(data)
    return LABELS.get(found.choice) if found is not None else None


# ------------------------------------------------------------- the person says


def answer(turns: Turns, visit: Visit, said: StepAnswer) -> None:
    """The tap of the person. It counts while a counsellor has the chat, too."""
    if visit.ticket is not None:
        visit.ticket.unread, visit.ticket.changed = visit.ticket.unread + 1, True
        visit.news |= {"queue", f"contact:{visit.id}"}
    step = steps.get(visit.connection, visit.id, said.step)
    if step is not None and said.choice == "yes" and step.version == said.version + 1 and step.state == "agreed":
        _say_agreed(turns, visit, step)  # the same button twice
    elif step is None or not step.asks or step.version != said.version:
        _says_now(turns, visit, step)
    elif said.choice == "yes" and step.offered.by is not None and step.offered.by < visit.today:
        _which_day(turns, visit, step, DAY_IS_OVER)
        return
    elif said.choice == "day":
        _which_day(turns, visit, step, WHICH_DAY)
        return
    elif said.choice == "write" and visit.ticket is None:
        turns.open(visit, ANOTHER_DAY_NAME, begun={"@offer": f"{step.id}:{step.version}"})
        return
    elif said.choice == "no":
        _declined(turns, visit, step)
    elif said.choice in DAYS:
        agree(turns, visit, step, visit.today + timedelta(days=int(said.choice)))
    elif said.choice == "yes":
        agree(turns, visit, step)
    if visit.ticket is None:
        turns.resume(visit, greet=visit.current is not None and visit.current.conversation != turns.home)


def by_another_day(turns: Turns, visit: Visit, turn: Turn) -> None:
    """The person has written by which day they do what a counsellor proposed."""
    for one in turn.effects:
        if isinstance(one, Record) and one.what == "plan:offer" and one.item:
            _agree_by_day(turns, visit, one.item, plan_steps.last_day(one.value))


def _agree_by_day(turns: Turns, visit: Visit, offer: str, day: date | None) -> None:
    """The day that the person wrote."""
    step_id, _, version = offer.partition(":")
    step = steps.get(visit.connection, visit.id, int(step_id))
    if step is None or not step.asks or step.version != int(version) or day is None:
        _says_now(turns, visit, step)
    else:
        agree(turns, visit, step, day)


def agree(turns: Turns, visit: Visit, step: StepView, by: date | None = None) -> None:
    other_day = by is not None and by != step.offered.by
    agreed = steps.agree(visit.connection, visit.id, step, visit.now, by)
    if agreed is None:
        _says_now(turns, visit, steps.get(visit.connection, visit.id, step.id))
        return
    visit.look_again_at_plan()
    _say_agreed(turns, visit, agreed)
    asking.plan(visit.connection, visit.person, visit.now)
    if other_day:
        _tell_team(turns, visit, agreed, Phrase(BY_ANOTHER_DAY, date=agreed.by))


def _say_agreed(turns: Turns, visit: Visit, step: StepView) -> None:
    what = _words(turns, visit).what(step)
    if step.by is None:
        turns.say(visit, AGREED_WITHOUT_DAY, what=what)
    else:
        turns.say(visit, AGREED, what=what, date=turns.translator.day(visit.person.language, step.by))


def _declined(turns: Turns, visit: Visit, step: StepView) -> None:
    if steps.decline(visit.connection, visit.id, step, visit.now) is not None:
        turns.say(visit, DECLINED if step.state == "proposed" else STAYS)
        _tell_team(turns, visit, step, DOES_NOT_WANT)


def _which_day(turns: Turns, visit: Visit, step: StepView, text: str) -> None:
    choices = (*DAYS, "write") if visit.ticket is None else tuple(DAYS)
    words = turns.translator.text(visit.person.language, text)
    if visit.ticket is not None:
        words = f"{words}\n{turns.translator.text(visit.person.language, OR_WRITE)}"
    visit.said.append(OutgoingMessage(words, tuple(_buttons(turns, visit, step, choices))))


def _says_now(turns: Turns, visit: Visit, step: StepView | None) -> None:
    """Somebody was quicker: what the step says now, and, if it waits for the person again, the question anew."""
    if step is None:
        turns.say(visit, GONE)
        return
    visit.said.append(OutgoingMessage(plan_steps.says_now(step, _words(turns, visit))))
    if step.asks:
        visit.said.append(card(turns, visit, step))


def _tell_team(turns: Turns, visit: Visit, step: StepView, about: str) -> None:
    """Nobody has the chat: so it is a colleague's task to look."""
    if visit.ticket is not None:
        return
    walled = walls.is_behind(visit.connection, visit.id, step.key)
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": f"step:{step.id}:{step.version}", "kind": "plan",
        "area": WALLED if walled else "general", "about": f"{about}: {turns.translator.text('en', step.what)}",
        "opened_at": visit.now, "due_at": None,
    })
    visit.news |= {"queue", f"contact:{visit.id}"}


def _words(turns: Turns, visit: Visit) -> StepWords:
    return StepWords(visit.person.language, turns.translator, turns.knowledge.register)
