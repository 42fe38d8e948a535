"""The staff group on Telegram: a second view of the ledger that the console shows.

`follower.py` brings the group up to date (`jobs.py` says with what), `inbox.py` takes what is written there, `place.py`
is where they meet."""

from __future__ import annotations

from bot.group.group import Group

__all__ = ["Group"]
