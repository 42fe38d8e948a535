"""broadcast_bot.py PORT [COUNT]: people chat, and three seconds after the start so many messages to others are due.

The product's pipeline with its Telegram channel and that channel's limits. The harness answers at 127.0.0.1:PORT.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import uvloop
from sqlalchemy import Connection, insert

from bot.app import App, running
from bot.channels.base import OutgoingMessage
from bot.settings import load
from conversations.model import Ask, Conversation, Go
from storage import messages
from storage.messages import REMINDER
from storage.tables import Address, Contact
from tests.benchmarks.survey import Limited, Words, survey_bot

FIRST_CONTACT, FIRST_CHAT = 1_000_000, 1_000_000
WAITS = 3.0
IN_ONE = 100
TALK = Conversation("survey", (Ask("more", "Q01 Tell us more", reads=Words(1)), Go("again", "survey")))


def invite(connection: Connection, count: int, now: datetime) -> None:
    """The people who will get the broadcast."""
    connection.execute(insert(Contact), [
        {"id": FIRST_CONTACT + one, "created_at": now, "language": "en", "chose_language": True, "demo": False,
         "time_zone": "Europe/Belgrade", "known": {}, "consents": {"keep": True}} for one in range(count)])
    connection.execute(insert(Address), [
        {"contact_id": FIRST_CONTACT + one, "channel": "telegram", "address": str(FIRST_CHAT + one),
         "last_used_at": now} for one in range(count)])


async def broadcast(app: App, count: int) -> None:
    """Into the outbox, a hundred at a time, and from there on their way."""
    await asyncio.sleep(WAITS)
    for first in range(0, count, IN_ONE):
        now = app.clock.now()
        some = range(first, min(first + IN_ONE, count))
        rows = [_row(FIRST_CONTACT + one, str(FIRST_CHAT + one), now) for one in some]
        await app.store.write(partial(messages.queue, rows=rows))
    await app.deliver.reload()


def _row(contact: int, chat: str, now: datetime) -> dict[str, Any]:
    return {"contact_id": contact, "channel": "telegram", "address": chat, "author": "bot", "counsellor_id": None,
            "kind": "text", "text": "Time for your check-in", "lane": REMINDER, "state": "queued", "attempts": 0,
            "content": OutgoingMessage("").as_json(), "due_at": now, "at": now}


async def main(port: int, count: int) -> None:
    app = await asyncio.to_thread(survey_bot, load(), port, Limited)
    app.receive.turns = replace(app.receive.turns, conversations={"survey": TALK})
    await app.store.write(lambda connection: invite(connection, count, app.clock.now()))
    parent = os.getppid()
    async with running(app):
        sending = asyncio.create_task(broadcast(app, count))
        while os.getppid() == parent:  # the harness does not end its bot where it is interrupted itself
            await asyncio.sleep(0.5)
        sending.cancel()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5000))
