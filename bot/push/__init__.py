"""Waking browsers that somebody wants to show a sign: for people, that there is something new in their chat; for the
team, that somebody needs a person now. Nothing of what it is goes out (docs/how-to/show-signs-on-screens.md)."""

from bot.push.places import PUBLIC, Places
from bot.push.push import Push
from bot.push.vapid import Vapid

__all__ = ["PUBLIC", "Places", "Push", "Vapid"]
