"""One thing that is wrong, with where it is and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    conversation: str
    step: str
    rule: str
    says: str

    def __str__(self) -> str:
        where = f"{self.conversation}, {self.step}" if self.step else self.conversation
        return f"{where}: {self.says} [{self.rule}]"
