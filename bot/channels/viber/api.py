"""Viber's REST API: a method with its parameters, and the raw JSON of what it answers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson

from bot.channels.http import HttpClient
from bot.channels.loose import Json, a_number, a_text, parsed
from bot.channels.viber.statuses import OK, Overloaded, Refused

DOWNLOAD_WITHIN = 300.0
MEDIA_HOSTS = ".viber.com"
"""Where Viber keeps what people send. No other place is asked: an address comes from outside."""


class Api:
    def __init__(self, token: str, api_url: str, answer_within: float = 20.0) -> None:
        self._http = HttpClient(api_url, answer_within=answer_within, headers={"X-Viber-Auth-Token": token})
        self._path, self._host = f"{urlsplit(api_url).path}/pa/", urlsplit(api_url).netloc

    def open(self) -> None:
        self._http.open()

    async def close(self) -> None:
        await self._http.close()

    async def call(self, method: str, parameters: dict[str, Any]) -> Json:
        """The answer. Raises HttpTrouble; Refused, with Viber's status; Overloaded."""
        code, payload = await self._http.post(self._path + method, orjson.dumps(parameters))
        if code == HTTPStatus.TOO_MANY_REQUESTS or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Overloaded(f"HTTP {code}")
        answer = parsed(payload)
        status = a_number(answer.get("status"))
        if status != OK:
            raise Refused(-1 if status is None else status, a_text(answer.get("status_message")) or "")
        return answer

    def is_ours(self, address: str) -> bool:
        """Whether a file lies where Viber keeps files."""
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            return False
        return parts.netloc == self._host or (parts.scheme == "https" and host.endswith(MEDIA_HOSTS)
                                              and parts.netloc == host)

    async def download(self, address: str, most: int) -> bytes | None:
        """A file that came with a message; None where it is not there (any more). Raises HttpTrouble."""
        parts = urlsplit(address)
        place = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        http = HttpClient(f"{parts.scheme}://{parts.netloc}", connections=1)
        http.open()
        try:
            code, content = await http.get(place, most, DOWNLOAD_WITHIN)
        finally:
            await http.close()
        return content if code == HTTPStatus.OK else None
