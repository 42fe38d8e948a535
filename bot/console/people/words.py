"""What is stored of a person, in words for counsellors: never an id, never a code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.console import tongue
from bot.console.tongue import spoken
from bot.translate import Translator
from conversations import CONVERSATIONS
from conversations.engine import Shown, shown
from conversations.model import Ask, Choose, Conversation, Group
from conversations.register import Register, in_language

GAPS = re.compile(r"\s*[«“\"(]?\{\w+\}[»”\")]?[.:,]?")
"""What a question was filled with when it was asked is not kept."""

ASKING = re.compile(r"[^.!?\n]+\?")


class CaseWords:
    def __init__(self, translator: Translator, register: Register) -> None:
        self.translator, self.register = translator, register

    def say(self, text: str) -> str:
        return self.translator.text(tongue.now().code, text)

    def show(self, value: Shown) -> str:
        return self.translator.show(tongue.now().code, value)

    def value(self, step: Ask | Choose, value: Any) -> str:
        """An answer; one that the question would not take today is made readable as it is."""
        if isinstance(step, Choose) and value is not None:
            return self._chosen(step, value)
        if isinstance(step, Ask) and value is not None and not step.reads.accepts(value):
            return readable(str(value))
        return self.translator.show(tongue.now().code, shown(step, value))

    def _chosen(self, step: Choose, value: Any) -> str:
        picked = value.get("picked", ()) if isinstance(value, dict) else (value,)
        names = {one.id: self.say(one.label) for one in step.choices}
        return "; ".join(names.get(one) or readable(str(one)) for one in picked) or self.say("–")

    def question(self, step: Ask | Choose) -> str:
        """Its label; without one, the sentence that asks."""
        if step.label:
            return self.say(step.label)
        asks = ASKING.findall(GAPS.sub("", self.say(step.text)))
        return str(asks[-1]).strip() if asks else self.say(step.text)

    def answer(self, conversation: str, path: str, value: Any, steps: Mapping[str, str]) -> tuple[str, str]:
        """Question and answer of one run. `steps`: the plan's steps by key, for what was asked about each."""
        known = CONVERSATIONS.get(conversation)
        step = known.find(path) if known is not None else None
        if not isinstance(step, Ask | Choose):
            return readable(path.rpartition("/")[2]), readable(str(value))
        item = self._item(known, path, steps)
        question = self.question(step)
        if item:
            question = item if step.records == "plan" else f"{item}: {question}"
        return question, self.value(step, value)

    def _item(self, conversation: Conversation | None, path: str, steps: Mapping[str, str]) -> str:
        """The step of the plan, or the number of the child, that a question was about."""
        group, _, rest = path.partition("/")
        key = rest.rpartition("/")[0]
        found = conversation.find(group) if conversation is not None and key else None
        if not isinstance(found, Group):
            return ""
        if found.over is not None:
            return steps.get(key, spoken("A step that is gone"))
        return spoken("No. {number}", number=int(key) + 1) if key.isdigit() else ""

    def conversation(self, name: str) -> str:
        known = CONVERSATIONS.get(name)
        return self.say(known.title) if known is not None and known.title else readable(name)

    def partner_named(self, name: str) -> str | None:
        """The partner that is called so, in whichever language; None where none is."""
        wanted = name.strip().casefold()
        return next((slug for slug, one in self.register.partners.items()
                     if wanted == slug or any(wanted == each.casefold() for each in one.name.values())), None)

    def partner(self, slug: str) -> str:
        known = self.register.partners.get(slug)
        return str(in_language(known.name, tongue.now().code)) if known is not None else readable(slug)


def readable(key: str) -> str:
    """ "employment_office" -> "Employment office"."""
    return key.replace("_", " ").replace("-", " ").strip().capitalize()
