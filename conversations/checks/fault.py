"""One thing that is wrong, with where it is and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.marking import Phrase


@dataclass(frozen=True)
class Fault:
    conversation: str
    step: str
    rule: str
    says: str

    def __str__(self) -> str:
        where = f"{self.conversation}, {self.step}" if self.step else self.conversation
        return f"{where}: {self.says} [{self.rule}]"


def in_each_language(
    where: str, step: str, languages: Collection[str], /, **texts: Mapping[str, Any]
) -> Iterator[Fault]:
    """A text that is missing in some language; papers may be missing in all of them."""
    for attribute, wordings in texts.items():
        missing = [language for language in languages if not wordings.get(language)]
        if missing and (wordings or attribute != "papers"):
            yield Fault(where, step, "language", Phrase(
                "Its {attribute} is missing in {languages}. Translate it.", attribute=attribute,
                languages=", ".join(missing)))
