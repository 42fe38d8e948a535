"""survey_bot.py PORT [--keep]: the real pipeline under the bench's survey, on a Telegram at 127.0.0.1:PORT.

The database is made anew in RETURNEE_BOT_DATA_DIR; with --keep the one that is there is used.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import uvloop


async def main(port: int) -> None:
    from bot.app import running
    from bot.collector import settle
    from bot.settings import load
    from tests.benchmarks.survey import survey_bot

    app = await asyncio.to_thread(survey_bot, load(), port)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    settle()
    async with running(app):
        await ended.wait()


if __name__ == "__main__":
    gc.disable()  # as the service does, before the bot is loaded
    if "--keep" not in sys.argv:
        folder = Path(os.environ.get("RETURNEE_BOT_DATA_DIR", "data"))
        for old in folder.glob("returnee-bot.db*"):
            old.unlink()
    uvloop.run(main(int(sys.argv[1])))
