"""The register as TOML, so that a centre can share it: written, and read with a sentence for each mistake."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import tomli

from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from conversations.register import Fact, read_fact

ORDER = ("id", "area", "state", "confidence", "source", "seen", "checked", "expires", "partner", "note", "question",
         "answer", "papers", "asked")
LISTS = frozenset({"papers", "asked"})
MUST = frozenset(ORDER) - {"partner", "note"} - LISTS
HEAD = "# Facts of a centre. `returnee-bot facts import FILE` reads them; docs/how-to/keep-facts.md says how.\n"


class BadFile(ValueError):
    """A file that cannot be read as facts; says what to do, with the line or the fact."""


def to_toml(facts: Iterable[Fact]) -> str:
    return HEAD + "".join(f"\n[[fact]]\n{_entry(fact)}" for fact in sorted(facts, key=lambda one: one.id))


def _entry(fact: Fact) -> str:
    lines: list[str] = []
    for name in ORDER:
        value = getattr(fact, name)
        if isinstance(value, Mapping):
            lines += [f"{name}.{language} = {_value(text)}" for language, text in value.items()]
        elif name in MUST or value not in (None, ""):
            lines.append(f"{name} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """Strings and lists of strings are written in JSON as in TOML, but for DEL, which JSON leaves as it is."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def from_toml(text: str) -> list[Fact]:
    """The facts of a file. Raises BadFile."""
    try:
        content = tomli.loads(text)
    except tomli.TOMLDecodeError as wrong:
        raise BadFile(Phrase("Line {number}: it cannot be read ({why}). Correct this line.", number=wrong.lineno,
                             why=wrong.msg)) from None
    entries = content.get("fact")
    if not isinstance(entries, list) or not entries:
        raise BadFile(_d("There is no [[fact]] in this file. Is it the right one?"))
    facts = [_read(number, one) for number, one in enumerate(entries, 1)]
    twice = {one.id for one in facts if sum(other.id == one.id for other in facts) > 1}
    if twice:
        raise BadFile(Phrase("{names}: it is there more than once. Leave one of them.",
                             names=", ".join(sorted(twice))))
    return facts


def _read(number: int, stored: Any) -> Fact:
    if not isinstance(stored, dict):
        raise BadFile(Phrase("Fact {number}: begin it with [[fact]].", number=number))
    name = stored.get("id", f"fact {number}")
    if missing := sorted(MUST - stored.keys()):
        raise BadFile(Phrase("{name}: {fields} is missing. Add it.", name=name, fields=", ".join(missing)))
    if unknown := sorted(stored.keys() - set(ORDER)):
        raise BadFile(Phrase("{name}: {fields} is not known. Remove it.", name=name, fields=", ".join(unknown)))
    for key in ("question", "answer", *LISTS):
        _check_texts(name, key, stored.get(key, {}))
    for key in set(stored) - {"question", "answer", *LISTS, "checked", "expires"}:
        if not isinstance(stored[key], str):
            raise BadFile(Phrase("{name}: {field} must be a text in quotation marks.", name=name, field=key))
    try:
        return read_fact({"asked": {}, **stored})
    except (TypeError, ValueError):
        raise BadFile(Phrase("{name}: checked and expires must be days such as 2026-12-31.", name=name)) from None


def _check_texts(name: str, key: str, texts: Any) -> None:
    def fits(value: Any) -> bool:
        if key in LISTS:
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        return isinstance(value, str)

    if not isinstance(texts, dict) or not all(fits(value) for value in texts.values()):
        text = (_d("{name}: {field} must be a list of texts for each language, such as {field}.en = …")
                if key in LISTS else _d("{name}: {field} must be a text for each language, such as {field}.en = …"))
        raise BadFile(Phrase(text, name=name, field=key))
