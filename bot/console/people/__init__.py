"""The page of one person: what is known, what was before, and what counsellors change."""

from bot.console.people.merging import Merging
from bot.console.people.pages import People

__all__ = ["Merging", "People"]
