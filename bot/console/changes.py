"""What is different between two versions of a fact or a partner, field by field and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from difflib import SequenceMatcher
from typing import Any, Literal, TypeAlias

from conversations.register import Fact, Partner

Entry: TypeAlias = Fact | Partner
Part: TypeAlias = tuple[Literal["same", "gone", "new"], str]


@dataclass(frozen=True, slots=True)
class Change:
    field: str
    parts: tuple[Part, ...]


def changes(before: Entry | None, after: Entry) -> list[Change]:
    """Each field that differs; of the first version nothing, everything is new in it."""
    if before is None:
        return []
    old, new = _flat(before), _flat(after)
    names = dict.fromkeys([*old, *new])
    return [Change(name, tuple(words(old.get(name, ""), new.get(name, "")))) for name in names
            if old.get(name, "") != new.get(name, "")]


def words(before: str, after: str) -> Iterator[Part]:
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield "same", "".join(old[a:b])
            continue
        if gone := "".join(old[a:b]):
            yield "gone", gone
        if added := "".join(new[c:d]):
            yield "new", added


def _flat(entry: Entry) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in fields(entry):
        value = getattr(entry, one.name)
        if one.name == "version":
            continue
        if isinstance(value, Mapping):
            found |= {f"{one.name}, {language}": _text(text) for language, text in value.items()}
        else:
            found[one.name] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "; ".join(value) if isinstance(value, list | tuple) else str(value or "")
