"""What a turn says -> messages in the person's language, within the channel's limits. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from bot.channels.base import Button, OutgoingMessage
from bot.render import forms
from bot.render.base import PAPERS, Knowledge, Reader, base_of, line_of, source_name
from bot.render.suggestions import suggestions
from bot.translate import Translator
from conversations.engine import FactCard, FileLink, Heading, Kept, Output, PlanShown, Prompt, Suggestions, Words
from conversations.marking import mark as _
from conversations.register import Certainty, Fact

__all__ = [
    "Knowledge", "Link", "Reader", "fact_card", "finish", "no_link", "render", "shorten", "source_name", "source_note",
]
HUMAN, DANGER = _("Talk to a counsellor"), _("I need help now")
NEUTRAL = (_("Contact"), _("Assistance"), _("Close"))
"""A person, help now, and the way out of a talk, where somebody else may read it."""
CLOSE_MINE = _("Close my chat")
"""On a phone that several people use."""
SKIP, BACK, LEAVE, MENU = _("Skip"), _("Back"), _("Leave the talk"), _("Menu")
FETCH = _("Fetch my file")
SHOW_LINK = _("Show the link")
SOURCE = _("Source: {source}. Last checked: {date}. This can change, so ask before you go.")
UNCONFIRMED = _("Source: {source}, {date}. Our team has not confirmed it yet. Please let a counsellor confirm it.")
UNCONFIRMED_UNDATED = _("Source: {source}, without a date. Our team has not confirmed it yet. "
                        "Please let a counsellor confirm it.")
UNCONFIRMED_EMERGENCY = _("Source: {source} ({date}). Our team has not confirmed it yet. You can call 112 at any time.")
UNDATED_EMERGENCY = _("Source: {source}, without a date. Our team has not confirmed it yet. "
                      "You can call 112 at any time.")
EMERGENCY = re.compile(r"\b(112|192|0800)\b")
NOT_STATED = _("We have to check this again before we say it. A counsellor will find out and write to you here.")
PRACTICE = _("counselling practice")
PART = _("{number} of {of}: {title}")
LEFT_OUT = _("Not answered: {labels}")
JOINED = 350
"""Up to this many characters, what is said before a question stands in one message with it."""


Link: TypeAlias = Callable[[str], str]
"""The address at which a person fetches their file in this form."""


ShowPlan: TypeAlias = Callable[[bool], Iterable[OutgoingMessage]]
"""How the plan stands, as messages; or the sheet to print."""


def no_plan(printed: bool) -> tuple[OutgoingMessage, ...]:
    return ()


def no_link(form: str) -> str:
    raise LookupError(f"there is no link to a file as {form}")


def render(
    output: Iterable[Output], reader: Reader, translator: Translator, knowledge: Knowledge, link: Link = no_link,
    plan: ShowPlan = no_plan,
) -> list[OutgoingMessage]:
    """The messages of one turn, without the ways out that the last of them gets (`finish`)."""
    return [one for item in output for one in (
        plan(item.printed) if isinstance(item, PlanShown) else _messages(item, reader, translator, knowledge, link))]


def finish(
    messages: list[OutgoingMessage], reader: Reader, translator: Translator, in_talk: bool = False,
    menu: bool = False, done: bool = False,
) -> list[OutgoingMessage]:
    """What is sent: short words joined with the question, and a person and help one tap away from the last. `done`:
    several people use the phone, and the next one is one tap away too."""
    joined = _join(messages)
    if not joined:
        return joined
    ways = _ways_out(reader, translator, in_talk, menu and _asks(joined[-1]), done)
    last = replace(joined[-1], buttons=(*joined[-1].buttons, *ways))
    return [*joined[:-1], last]


def _asks(message: OutgoingMessage) -> bool:
    """True for a question that does not lead to the menu by itself."""
    return bool(message.buttons) and not any(one.data.endswith(":menu") for one in message.buttons)


def _ways_out(reader: Reader, translator: Translator, in_talk: bool, asks: bool, done: bool) -> Iterator[Button]:
    language, shown = reader.language, reader.limits.always_visible
    human, danger, leave = NEUTRAL if reader.neutral else (HUMAN, DANGER, LEAVE)
    if done:
        yield Button(translator.text(language, CLOSE_MINE), "!done", "move")
    if in_talk:
        yield Button(translator.text(language, leave), "!leave", "move")
    elif not shown:
        if asks:
            yield Button(translator.text(language, MENU), "!menu", "move")
        yield Button(translator.text(language, human), "!human", "always")
    if not shown:
        yield Button(translator.text(language, danger), "!danger", "always")


def _messages(
    item: Output, reader: Reader, translator: Translator, knowledge: Knowledge, link: Link
) -> Iterator[OutgoingMessage]:
    match item:
        case Words():
            yield OutgoingMessage(translator.words(reader.language, item))
        case Heading(number=number, of=of, title=title):
            title = translator.text(reader.language, title)
            text = translator.text(reader.language, PART, number=str(number), of=str(of), title=title)
            yield OutgoingMessage(text, style="heading")
        case Prompt():
            yield _prompt(item, reader, translator)
        case FactCard(fact=name, title=title):
            fact = knowledge.register.facts.get(name)
            if fact is not None:
                yield fact_card(fact, reader, translator, knowledge, title)
        case Kept(lines=lines, text=text):
            shown = [line_of(line, reader.language, translator) for line in lines]
            yield OutgoingMessage("\n".join([translator.text(reader.language, text), *shown]))
        case FileLink(text=text, form=form):
            label = SHOW_LINK if form == "link" else FETCH
            fetch = Button(translator.text(reader.language, label), link(form), "link")
            yield OutgoingMessage(translator.text(reader.language, text), (fetch,))
        case Suggestions():
            yield from suggestions(item, reader, translator, knowledge)


def _join(messages: list[OutgoingMessage]) -> list[OutgoingMessage]:
    """Short words before a question become one message with it: one sound on the phone, one thing to read."""
    joined: list[OutgoingMessage] = []
    for message in messages:
        before = joined[-1] if joined else None
        if (before is not None and before.style in ("plain", "heading") and not before.buttons
                and message.style == "plain" and message.medium is None
                and len(before.text) + len(message.text) <= JOINED):
            joined[-1] = replace(message, text=f"{before.text}\n\n{message.text}", medium=before.medium)
        else:
            joined.append(message)
    return joined


def _prompt(prompt: Prompt, reader: Reader, translator: Translator) -> OutgoingMessage:
    language = reader.language
    parts = [translator.words(language, prompt.text)]
    parts += [translator.text(language, prompt.why)] if prompt.why else []
    lines = [line_of(line, language, translator) for line in prompt.lines]
    parts += ["\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))] if lines else []
    if prompt.skipped:
        labels = ", ".join(translator.text(language, label) for label in prompt.skipped)
        parts.append(translator.text(language, LEFT_OUT, labels=labels))
    return OutgoingMessage("\n\n".join(parts), tuple(_buttons(prompt, reader, translator)), prompt.columns)


def _buttons(prompt: Prompt, reader: Reader, translator: Translator) -> Iterator[Button]:
    def data(choice: str) -> str:
        return f"{reader.run}:{prompt.path}:{choice}"

    language, most = reader.language, reader.limits.label
    for option in prompt.options:
        yield Button(shorten(translator.words(language, option.label), most), data(option.id))
    for number, line in enumerate(prompt.lines, 1):
        label = f"{number}. {translator.text(language, line.label)}"
        yield Button(shorten(label, most), data(line.path), "line")
    if prompt.skippable:
        yield Button(translator.text(language, SKIP), f"{reader.run}:{prompt.path}!skip", "move")
    if prompt.back:
        yield Button(translator.text(language, BACK), f"{reader.run}:{prompt.path}!back", "move")


def shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def fact_card(
    fact: Fact, reader: Reader, translator: Translator, knowledge: Knowledge, title: str | None = None
) -> OutgoingMessage:
    """A fact as it may be told today: stated, given as unconfirmed, or only what to have ready."""
    language = reader.language
    certainty = fact.certainty(reader.today, knowledge.show_unverified)
    base = base_of(language)
    heading = translator.text(base, title) if title else translator.pick(base, fact.question)
    parts = [heading, translator.pick(base, fact.answer)]
    if certainty == Certainty.UNKNOWN and fact.state != "ask-counsellor":
        parts[1] = translator.text(base, NOT_STATED)
    if fact.state != "ask-counsellor" and fact.papers and (papers := translator.pick(base, fact.papers)):
        parts.append(translator.text(base, PAPERS, papers=", ".join(papers)))
    source = source_note(fact, certainty, base, translator)
    text = "\n\n".join(part for part in (*parts, source) if part)
    ways = tuple(forms.buttons(fact, reader, translator)) if source else ()
    return OutgoingMessage(translator[language].in_script(text), ways, style="fact" if source else "plain")


def source_note(fact: Fact, certainty: str, language: str, translator: Translator) -> str:
    """Where a fact comes from and how sure it is; nothing where it is not told."""
    if certainty == Certainty.UNKNOWN:
        return ""
    source = PRACTICE if fact.source == "practice" else source_name(fact.source)
    source = translator.text(language, source) if source == PRACTICE else source
    if certainty == Certainty.STATED:
        return translator.text(language, SOURCE, source=source, date=translator.day(language, fact.checked))
    dated, undated = UNCONFIRMED, UNCONFIRMED_UNDATED
    if EMERGENCY.search(translator.pick(language, fact.answer)):
        dated, undated = UNCONFIRMED_EMERGENCY, UNDATED_EMERGENCY
    if not fact.seen[:4].isdigit():
        return translator.text(language, undated, source=source)
    return translator.text(language, dated, source=source, date=translator.partial_date(language, fact.seen))
