"""Where in a rule file something stands. TOML's readers forget it; the files are plain enough to look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Where: TypeAlias = tuple[str | int, ...]
"""The way to a thing: ("scheme", 2, "route", 0, "condition", 1)."""
_HEADER = re.compile(r"\s*\[\[?(\w+)(?:\.(\w+))?\]")
_KEY = re.compile(r"\s*([A-Za-z_]+)(?:\.[A-Za-z_]+)?\s*=")
_CONDITION = re.compile(r"\{")


@dataclass(frozen=True, slots=True)
class Lines:
    file: str
    found: Mapping[Where, int]

    def of(self, where: Where) -> str:
        """File and line of this, or of the nearest thing around it."""
        for length in range(len(where), 0, -1):
            if where[:length] in self.found:
                return f"{self.file}, line {self.found[where[:length]]}"
        return self.file


def lines_of(file: str, text: str) -> Lines:
    found: dict[Where, int] = {}
    here: Where = ()
    counts: dict[Where, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            outer: Where = () if header[2] is None else here[:2]
            name = header[2] or header[1]
            here = (*outer, name, _next(counts, (*outer, name)))
            found[here] = number
            found.setdefault((header[1],), number)
            continue
        if key := _KEY.match(line):
            found.setdefault((*here, key[1]), number)
        if "route" in here and not line.lstrip().startswith(("#", "label")):
            for _ in _CONDITION.finditer(line):
                found[(*here, "condition", _next(counts, (*here, "condition")))] = number
    return Lines(file, found)


def _next(counts: dict[Where, int], of: Where) -> int:
    counts[of] = counts.get(of, -1) + 1
    return counts[of]
