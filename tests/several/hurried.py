"""The real service without its patience: nobody's pace is minded, and what is due is looked for each moment."""

from __future__ import annotations

from dataclasses import replace

from bot import logs, timers
from bot.channels.telegram import Telegram
from bot.commands.serve import serve
from bot.settings import load


def main() -> None:
    Telegram.limits = replace(Telegram.limits, a_second=1e6, a_second_each=1e6)
    timers.EVERY_SECONDS = 0.1
    logs.begin("info")
    serve(load(), demo=False)


if __name__ == "__main__":
    main()
