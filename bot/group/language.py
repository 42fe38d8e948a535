"""Whose language is spoken in the group."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from bot.console import tongue
from bot.translate import Translator
from storage.staff import CounsellorView


@dataclass(frozen=True, slots=True)
class Speaks:
    translator: Translator
    centre: str
    """What all of them read."""

    def to_all(self) -> AbstractContextManager[None]:
        return tongue.speaking(self.translator, self.centre)

    def to(self, one: CounsellorView | None) -> AbstractContextManager[None]:
        """What this colleague reads in the console; the centre's, where they have not chosen or nobody knows them."""
        return tongue.speaking(self.translator, (one.reads_in if one else None) or self.centre)
