"""What goes to a partner about a person: the same lines in the chat, in the console and in the letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.translate import Translator
from conversations.engine import Line, Shown
from conversations.marking import mark as _
from conversations.model import Choose, Conversation
from conversations.register import Partner

NAME, PHONE, MUNICIPALITY, ABOUT = _("Name"), _("Phone"), _("Municipality"), _("What it is about")
NOT_SAID = _("not given")
SERBIAN = frozenset({
    "gracanice", "leposaviq", "zubin-potok", "zvecan", "mitrovice-veriut", "shterpce", "ranillug", "partesh", "kllokot",
    "novoberde",
})
"""Municipalities in which most offices work in Serbian. Both languages are official everywhere."""


def content(known: Mapping[str, Any], topic: str | None = None, words: str = "", official: str = "") -> dict[str, Any]:
    """What would go out about somebody, as it is kept: who they are, and a topic of ours or a counsellor's words.
    `official`: the same words in the partner's language."""
    about = {"topic": topic} if topic else {"words": words, **({"official": official} if official else {})}
    return {**{one: known.get(one) for one in ("name", "phone", "municipality")}, **about}


def topic_of(conversation: Conversation, answers: Mapping[str, Any]) -> str | None:
    """The label of what the person asked about in this talk."""
    for path, value in reversed(list(answers.items())):
        step = conversation.find(path) if path.startswith("about_") else None
        if isinstance(step, Choose):
            return next((one.label for one in step.choices if one.id == value), None)
    return None


def lines(sends: Mapping[str, Any], is_official: bool = False) -> Iterator[Line]:
    """Line by line. `is_official`: for the partner, whose language the counsellor may have written too."""
    name = sends.get("name")
    yield Line("name", NAME, Shown("plain", name) if name else Shown("text", NOT_SAID))
    if sends.get("phone"):
        yield Line("phone", PHONE, Shown("phone", sends["phone"]))
    if sends.get("municipality"):
        yield Line("municipality", MUNICIPALITY, Shown("municipality", sends["municipality"]))
    if sends.get("topic"):
        yield Line("about", ABOUT, Shown("text", sends["topic"]))
    words = (sends.get("official") if is_official else None) or sends.get("words")
    if words:
        yield Line("about", ABOUT, Shown("plain", words))


def shown_to_person(sends: Mapping[str, Any], language: str, translator: Translator) -> str:
    """The lines as a person reads them in the chat; also what a counsellor has written in the partner's language."""
    said = [f"– {translator.text(language, one.label)}: {translator.show(language, one.value)}" for one in lines(sends)]
    if sends.get("official"):
        said.append(f"– {sends['official']}")
    return "\n".join(said)


def official_language(partner: Partner | None) -> str:
    """In which of the two official languages a partner is written to."""
    return "sr" if partner is not None and partner.municipality in SERBIAN else "sq"


def addressee(partner: Partner, language: str, translator: Translator) -> list[str]:
    """To whom, line by line."""
    return [one for one in (translator.pick(language, partner.name), partner.address) if one]
