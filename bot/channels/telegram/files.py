"""What people send: fetched from where Telegram says that it lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.base import Gone, Later, TooLarge
from bot.channels.http import TooMuch
from bot.channels.loose import a_number, a_text, an_object
from bot.channels.telegram.api import Api
from bot.channels.telegram.failures import FAILURES, fetch_error


async def fetch(api: Api, data: Mapping[str, Any], most: int) -> bytes:
    """Telegram says where a file lies for an hour, so it is asked each time."""
    try:
        path = await _place_of(api, data, most)
        content = await api.download(path, most)
    except TooMuch as problem:
        raise TooLarge(str(problem)) from problem
    except FAILURES as problem:
        raise fetch_error(problem) from problem
    if content is None:
        raise Later("the file is not there")
    return content


async def _place_of(api: Api, data: Mapping[str, Any], most: int) -> str:
    file_id = data.get("file_id")
    if not isinstance(file_id, str):
        raise Gone("no file came with it")
    told = an_object(await api.call("getFile", {"file_id": file_id}))
    if (a_number(told.get("file_size")) or 0) > most:
        raise TooLarge("it is larger than we keep")
    path = a_text(told.get("file_path"))
    if path is None or path.startswith("/") or ".." in path.split("/"):
        raise Later("it is not told where the file lies")
    return path
