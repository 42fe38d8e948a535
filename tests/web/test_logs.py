"""The log: what a line looks like, at which level, and what never stands in one."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
import structlog

from bot import logs
from bot.routing import run_mark

WORDS = "Kanarienvogel"
TOKEN = "4242:AAFakeTokenFakeTokenFakeTokenFakeTok"
Begin: TypeAlias = Callable[..., io.StringIO]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Sets the log up as the service does; afterwards all is as it was."""
    root = logging.getLogger()
    before = structlog.get_config(), root.handlers[:], root.level

    def start(level: logs.Level = "info", to: io.StringIO | None = None) -> io.StringIO:
        stream = to if to is not None else io.StringIO()
        logs.begin(level, stream)
        return stream

    yield start
    config, handlers, level = before
    structlog.configure(**config)
    root.handlers[:], logs.detailed = handlers, False
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json(begin: Begin) -> None:
    stream = begin()
    structlog.get_logger().warning("not sent", channel="telegram", message=7, tries=2)
    [line] = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "not sent", "level": "warning", "channel": "telegram", "message": 7, "tries": 2}


def test_a_line_on_a_terminal_is_for_reading(begin: Begin) -> None:
    stream = begin(to=Terminal())
    structlog.get_logger().warning("not sent", channel="telegram")
    assert "not sent" in stream.getvalue() and not stream.getvalue().startswith("{")


def test_one_message_is_followed_by_its_trace(begin: Begin) -> None:
    stream = begin("debug")
    assert logs.detailed
    logs.turn(99_999, "telegram", "message", "Answer", 2)
    logs.sent(99_999, "telegram", 100_001, 0.123456, 1)
    first, second = lines(stream)
    assert first["trace"] == second["trace"] == logs.trace(99_999) == "255r"
    assert (first["event"], first["route"], first["replies"]) == ("turn", "Answer", 2)
    assert (second["event"], second["message"], second["seconds"], second["tries"]) == ("sent", 100_001, 0.1235, 1)


@pytest.mark.parametrize("number", [1, 35, 36, 46_655, 2**62])
def test_a_trace_is_written_as_other_ids_are(number: int) -> None:
    assert logs.trace(number) == run_mark(number)
    assert int(logs.trace(number), 36) == number


def test_what_nobody_caused_has_no_trace() -> None:
    assert logs.trace(None) == ""


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_turns_have_lines_only_where_details_are_wanted(begin: Begin, level: logs.Level) -> None:
    stream = begin(level)
    assert not logs.detailed
    logs.turn(1, "web", "tap", "Answer", 1)
    assert stream.getvalue() == ""


def test_an_errors_own_words_are_not_repeated(begin: Begin) -> None:
    stream = begin("debug")
    log = structlog.get_logger()
    try:
        int(WORDS)
    except ValueError as error:
        log.exception("could not read")
        log.warning("could not read", exc_info=error)
    log.warning("no error here", exc_info=True)
    first, second, third = lines(stream)
    assert first["error"] == second["error"] == "ValueError"
    assert first["where"].rsplit("/", 1)[-1].startswith("test_logs.py:")
    assert "error" not in third
    assert WORDS not in stream.getvalue()


def test_a_token_in_a_value_is_not_repeated(begin: Begin) -> None:
    stream = begin()
    structlog.get_logger().warning("polling failed", reason=f"https://api.example.org/bot{TOKEN}/getMe", count=1)
    assert TOKEN not in stream.getvalue()
    assert lines(stream)[0]["reason"] == "https://api.example.org/bot(token)/getMe"


def test_what_is_no_plain_value_is_not_spelled_out(begin: Begin) -> None:
    stream = begin()
    structlog.get_logger().warning("odd", given=ValueError(WORDS), other=io.StringIO(WORDS))
    assert lines(stream)[0]["given"] == "ValueError"
    assert WORDS not in stream.getvalue()


# ---------------------------------------------------------------------------- libraries


def test_a_librarys_warning_is_one_of_our_lines(begin: Begin) -> None:
    stream = begin()
    logging.getLogger("telegram.ext").warning("Network trouble with %s", WORDS)
    logging.getLogger("uvicorn").info("said at info")
    [line] = lines(stream)
    assert (line["event"], line["logger"], line["level"]) == ("Network trouble with %s", "telegram.ext", "warning")
    assert WORDS not in stream.getvalue()


def test_a_librarys_lines_stay_at_warning_when_we_want_details(begin: Begin) -> None:
    """At their level "debug", libraries write down whole requests."""
    stream = begin("debug")
    for name in ("telegram", "httpx", "aiohttp.client", "sqlalchemy.engine", "asyncio", "psycopg"):
        logging.getLogger(name).info(WORDS)
        logging.getLogger(name).debug(WORDS)
    assert stream.getvalue() == ""


def test_a_page_that_fails(begin: Begin) -> None:
    stream = begin()
    try:
        raise ValueError(WORDS)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    [line] = lines(stream)
    assert (line["event"], line["error"]) == ("Exception in ASGI application", "ValueError")
    assert WORDS not in stream.getvalue()


async def test_a_task_that_nobody_waited_for(begin: Begin) -> None:
    """asyncio spells out the lost error, and so what was in it."""
    stream = begin()

    async def lost() -> None:
        raise ValueError(WORDS)

    task = asyncio.create_task(lost())
    await asyncio.wait([task])
    error = task.exception()
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": error, "future": task})
    [line] = lines(stream)
    assert (line["event"], line["error"]) == ("Task exception was never retrieved", "ValueError")
    assert WORDS not in stream.getvalue()
