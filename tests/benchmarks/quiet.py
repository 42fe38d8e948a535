"""The survey bot without a network: what the parts themselves cost."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from datetime import datetime

from bot.app import App, build
from bot.channels.base import Handle, Limits, Outgoing
from bot.clock import Clock
from bot.settings import Settings
from conversations.events import Message
from tests.benchmarks.survey import SURVEY

NUMBERS = itertools.count(time.time_ns())


class Quiet:
    """A platform that takes everything at once and says nothing."""

    name, title = "telegram", "Telegram"

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits(text=4096, label=60, a_second=1e6, a_second_each=1e6)
        self.taken = 0

    async def start(self, handle: Handle) -> None: ...
    async def begin(self) -> None: ...
    async def cease(self) -> None: ...
    async def stop(self) -> None: ...

    async def send(self, outgoing: Outgoing) -> str | None:
        self.taken += 1
        return str(self.taken)


def quiet_app(settings: Settings, clock: Clock, *extra: str) -> App:
    """All parts, and a platform without a network."""
    return surveying(build(settings, clock, [Quiet()]), *extra)


def surveying(app: App, *extra: str) -> App:
    """With the survey instead of the product's conversations; `extra`: names that open the survey too."""
    known = {"survey": SURVEY, **{name: replace(SURVEY, name=name) for name in extra}}
    app.receive.turns = replace(app.receive.turns, conversations=known, first="survey", home="survey")
    return app


def said(chat: int, text: str, at: datetime) -> Message:
    return Message(channel="telegram", address=str(chat), key=str(next(NUMBERS)), at=at, language="en", text=text)
