"""Files that people send: fetched in the background, told apart by their content."""

from bot.media.fetch import Fetch

__all__ = ["Fetch"]
