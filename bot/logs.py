"""The log: one line an event, JSON for machines and readable on a terminal. Never what somebody wrote, nor who.

One message can be followed by its `trace`: the stored message's id in short. What it led to has the same trace, up
to the delivery. Lines of each turn are for looking into a fault: they are written at level "debug" only, and the
hot path asks `logs.detailed` first.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO, TypeAlias

import orjson
import structlog

from bot.safely import described

Level: TypeAlias = Literal["debug", "info", "warning", "error"]
Line: TypeAlias = MutableMapping[str, Any]

detailed = False
"""Whether each turn and each delivery gets a line. Ask before putting one together: `if logs.detailed: …`."""

TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
LONGEST = 300
"""In characters; of a value. What is longer was not meant to be logged."""
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
log = structlog.get_logger()


def begin(level: Level = "info", to: TextIO | None = None) -> None:
    """Set the log up for the whole process; on standard error where nothing else is said."""
    global detailed
    stream = to if to is not None else sys.stderr
    detailed = level == "debug"
    processors = [structlog.processors.add_log_level, structlog.processors.TimeStamper("iso"), without_words,
                  _renderer(stream)]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Foreign(processors[1:]))
    root = logging.getLogger()
    root.handlers[:] = [*(one for one in root.handlers if not isinstance(one.formatter, Foreign)), handler]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # its own way of logging tells errors with all they say
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
        logging.getLogger(name).setLevel(logging.NOTSET)


def trace(message_id: int | None) -> str:
    """A stored message's id in short; empty where nothing came in, as with a reminder."""
    digits, rest = "", message_id or 0
    while rest:
        rest, digit = divmod(rest, 36)
        digits = DIGITS[digit] + digits
    return digits


def turn(cause: int | None, channel: str, kind: str, route: str, replies: int) -> None:
    """What one event led to."""
    log.debug("turn", trace=trace(cause), channel=channel, kind=kind, route=route, replies=replies)


def sent(cause: int | None, channel: str, message: int, seconds: float, tries: int) -> None:
    """One message was taken by the platform."""
    log.debug("sent", trace=trace(cause), channel=channel, message=message, seconds=round(seconds, 4), tries=tries)


# ---------------------------------------------------------------------- how a line is made


def without_words(_logger: Any, _method: str, line: Line) -> Line:
    """Of an error only its kind and place: its own words may quote what somebody wrote. No token, nothing long."""
    error = _error_of(line.pop("exc_info", None))
    if error is not None:
        line.update(described(error))
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = TOKEN.sub("(token)", value)[:LONGEST]
    return line


def _error_of(given: Any) -> BaseException | None:
    if given is True:
        return sys.exception()
    if isinstance(given, tuple):
        return given[1] if len(given) > 1 else None
    return given if isinstance(given, BaseException) else None


def _renderer(stream: TextIO) -> Any:
    if stream.isatty():
        return structlog.dev.ConsoleRenderer()
    return lambda _logger, _method, line: orjson.dumps(line, default=_kind).decode()


def _kind(value: object) -> str:
    """What is no plain value is not spelled out."""
    return type(value).__name__


class Foreign(logging.Formatter):
    """A library's warning as one of our lines: the first line of its pattern, without what it filled in.

    Values and tracebacks can quote anything: asyncio spells out the error of a lost task, uvicorn that of a page."""

    def __init__(self, processors: list[Any]) -> None:
        super().__init__()
        self.processors = processors

    def format(self, record: logging.LogRecord) -> str:
        pattern = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        first = pattern.splitlines()[0] if pattern else ""
        line: Any = {"event": first, "logger": record.name, "level": record.levelname.lower(),
                     "exc_info": record.exc_info}
        for processor in self.processors:
            line = processor(None, record.levelname.lower(), line)
        return str(line)
