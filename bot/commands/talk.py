"""One person at a keyboard: the whole bot with a database that is thrown away."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from bot.app import App, build, running
from bot.channels.base import OutgoingMessage
from bot.channels.terminal import Terminal
from bot.clock import Clock
from bot.settings import load

HOW = "#3 taps the third button. /clock 7 turns the clock by 7 days. /quit or Ctrl+D ends."


@dataclass
class Talk:
    """What is printed, and what is kept of it."""

    keep: TextIO | None = None

    def show(self, message: OutgoingMessage) -> None:
        print("\n".join(printed(message)), end="\n\n", flush=True)
        self._note(transcript(message))

    def said(self, line: str, terminal: Terminal) -> None:
        self._note(["", f"> {as_written(line, terminal)}"])

    def turned(self, days: int) -> None:
        self._note(["", f"! clock +{days} days"])

    def _note(self, lines: list[str]) -> None:
        if self.keep is not None:
            self.keep.write("".join(f"{line}\n" for line in lines))
            self.keep.flush()


def printed(message: OutgoingMessage) -> list[str]:
    """A message as it stands in the terminal, its buttons numbered."""
    medium = [f"  (Elsewhere, {message.medium.name} would be shown here.)"] if message.medium is not None else []
    return [message.text, *medium, *(f"  [{number}] {one.label}" for number, one in enumerate(message.buttons, 1))]


def transcript(message: OutgoingMessage) -> list[str]:
    """A message as it stands in a transcript."""
    first, *more = message.text.split("\n")
    return [f"< {first}", *(f"  {line}".rstrip() for line in more), *(f"  [{one.label}]" for one in message.buttons)]


def as_written(line: str, terminal: Terminal) -> str:
    """What the person typed; for `#3`, the label of the third button: `[Yes, begin]`."""
    number = line[1:] if line.startswith("#") else ""
    tapped = number.isdigit() and 1 <= int(number) <= len(terminal.buttons)
    return f"[{terminal.buttons[int(number) - 1].label}]" if tapped else line


def talk(save: Path | None, language: str) -> None:
    """Talk until /quit or the end of the input. With `save`, the talk is kept as a transcript."""
    with tempfile.TemporaryDirectory(prefix="returnee-bot-") as folder:
        if save is None:
            asyncio.run(_talk(Path(folder), Talk(), language))
        else:
            with save.open("w", encoding="utf-8") as keep:
                asyncio.run(_talk(Path(folder), Talk(keep), language))


async def _talk(folder: Path, talk: Talk, language: str) -> None:
    settings = replace(load(), data_dir=folder, database_url="", telegram_token="", viber_token="")
    clock = Clock()
    terminal = Terminal(talk.show, clock.now)
    app = build(settings, clock, [terminal])
    print(HOW, end="\n\n")
    async with running(app):
        talk.said("(start)", terminal)
        await terminal.opened(language)
        await app.deliver.drain()
        while (line := await _read()) is not None:
            if not await _obeyed(app, talk, line):
                talk.said(line, terminal)
                await terminal.typed(line)
            await app.deliver.drain()


async def _read() -> str | None:
    """The next line that says something; None at the end."""
    while True:
        print("> ", end="", flush=True)
        line: str = await asyncio.to_thread(sys.stdin.readline)
        if not line or line.strip() == "/quit":
            print()
            return None
        if line.strip():
            return line.strip()


async def _obeyed(app: App, talk: Talk, line: str) -> bool:
    """True where the line is for this program and not for the bot."""
    command, _, days = line.partition(" ")
    if command != "/clock":
        return False
    if not days.strip().isdigit():
        print("/clock 7 turns the clock by 7 days.\n")
        return True
    talk.turned(int(days))
    await app.turn_clock(int(days))
    print(f"It is {app.clock.now():%d %B %Y, %H:%M} UTC now.\n")
    return True
