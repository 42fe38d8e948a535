"""The HTTP under python-telegram-bot: one aiohttp session, at a fifteenth of the CPU of httpx."""

from __future__ import annotations

import json
from typing import Any, cast

import aiohttp
import orjson
from multidict import CIMultiDict
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.safely import storable

ENOUGH = 200
"""More connections than the outbox and the taps use at the same time."""


class NotSent(NetworkError):
    """No connection could be had, so nothing has left this machine."""


class ConnectionLost(NetworkError):
    """The connection broke while a call was under way: nobody knows whether it arrived."""


class AiohttpRequest(BaseRequest):
    """Like HTTPXRequest, except that it tells apart what was never sent.

    A time-out while connecting is a NotSent here, where HTTPXRequest says TimedOut.
    No error text holds an address, since the address holds the token.
    """

    __slots__ = ("_connect_timeout", "_connections", "_pool_timeout", "_read_timeout", "_session", "_usual")

    def __init__(
        self,
        connections: int = 100,
        read_timeout: float | None = 20.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 5.0,
    ) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._connect_timeout = connect_timeout
        self._pool_timeout = pool_timeout
        usual = _timeout(read_timeout, connect_timeout, pool_timeout)
        if connections >= ENOUGH:  # nobody ever waits for a free one: no alarm for that
            usual = aiohttp.ClientTimeout(total=usual.total, sock_connect=usual.sock_connect)
        self._usual = usual
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        return await self._exchange(
            method, url, _body(request_data), _headers(request_data),
            _timeout(
                _chosen(read_timeout, self._read_timeout),
                _chosen(connect_timeout, self._connect_timeout),
                _chosen(pool_timeout, self._pool_timeout),
            ),
        )

    async def fetch(self, url: str, body: bytes, read_timeout: float | None) -> tuple[int, bytes]:
        """Post JSON: status and answer. The way of every message, so as short as can be."""
        within = self._usual if read_timeout is None else _timeout(
            read_timeout, self._connect_timeout, self._pool_timeout
        )
        return await self._exchange("POST", url, body, _JSON, within)

    async def _exchange(
        self, method: str, url: str, body: bytes | aiohttp.FormData | None, headers: CIMultiDict[str],
        within: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:
        if self._session is None or self._session.closed:
            raise NotSent("the connection is closed")
        try:
            async with self._session.request(
                method, URL(url, encoded=True), data=body, headers=headers, timeout=within, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(f"no connection: {type(error).__name__}") from error
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
            raise ConnectionLost(f"connection lost: {type(error).__name__}") from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"aiohttp.{type(error).__name__}") from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            parsed = orjson.loads(payload)
        except orjson.JSONDecodeError:
            parsed = _lenient(payload)
        if not isinstance(parsed, dict):
            raise TelegramError("Invalid server response")
        return parsed


def _lenient(payload: bytes) -> Any:
    """What the strict parser refuses: half characters must not hold up everybody's updates."""
    try:
        return storable(json.loads(payload.decode("utf-8", "replace")))
    except ValueError:
        return None


_USUAL = CIMultiDict({"User-Agent": BaseRequest.USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"})
_JSON = CIMultiDict({**_USUAL, "Content-Type": "application/json"})
"""Complete, so that nothing has to be put together for each call."""


def _chosen(given: Any, default: float | None) -> float | None:
    return default if given is BaseRequest.DEFAULT_NONE else cast("float | None", given)


def _timeout(read: float | None, connect: float | None, pool: float | None) -> aiohttp.ClientTimeout:
    """In aiohttp's words, `connect` is the wait for a free connection and the connecting together, and `total` is
    everything: one alarm for a call instead of one for each piece of its answer."""
    until_sent = None if connect is None or pool is None else connect + pool
    return aiohttp.ClientTimeout(
        total=None if until_sent is None or read is None else until_sent + read,
        connect=until_sent,
        sock_connect=connect,
    )


def _headers(request_data: RequestData | None) -> CIMultiDict[str]:
    return _USUAL if request_data is None or request_data.contains_files else _JSON


def _body(request_data: RequestData | None) -> bytes | aiohttp.FormData | None:
    if request_data is None:
        return None
    if request_data.contains_files:
        return _form(request_data)
    return json_body(request_data.parameters)


def json_body(parameters: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(parameters)
    except TypeError as error:
        raise BadRequest("cannot be written as JSON") from error


def _form(request_data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData(request_data.json_parameters)
    for name, (filename, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form
