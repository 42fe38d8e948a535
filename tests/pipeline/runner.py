"""The bot as a process of its own, for tests that kill it. Without the pace of the real Telegram."""

from __future__ import annotations

import asyncio
import signal

import structlog

from bot.app import build, running
from bot.channels.base import Limits
from bot.channels.telegram import Telegram
from bot.settings import load


class Quick(Telegram):
    limits = Limits(text=4096, label=60, a_second=2000, a_second_each=2000)


async def main() -> None:
    settings = load()
    from bot.clock import Clock

    clock = Clock()
    app = build(settings, clock, [Quick(settings.telegram_token, settings.telegram_api_url, clock.now)])
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with running(app):
        print("ready", flush=True)
        await over.wait()


if __name__ == "__main__":
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()],
                        logger_factory=structlog.PrintLoggerFactory())
    asyncio.run(main())
