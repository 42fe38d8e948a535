"""Whether the process lives, whether its parts work, and its numbers."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from time import monotonic
from typing import Generic, TypeAlias, TypeVar

import structlog
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.metrics import Metrics
from bot.safely import described
from storage.health import Figures

T = TypeVar("T")
log = structlog.get_logger()
WITHIN_SECONDS = 2.0
"""Nobody who asks waits longer than this."""
KEEP_SECONDS = 5.0
"""So long the figures from the database are shown again."""
PRIVATE = {"Cache-Control": "no-store"}
PASSED_ON = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
"""Who has one of these came through a proxy: from anywhere."""


@dataclass(frozen=True, slots=True)
class Part:
    """How one part is, in a few words without secrets."""

    words: str = "ok"
    works: bool = True
    needed: bool = True
    """Without it the process is not ready. False where another process would fare no better: the platform is down."""

    @classmethod
    def of(cls, trouble: str | None, needed: bool = True) -> Part:
        """Well, or what is wrong."""
        return cls(trouble, works=False, needed=needed) if trouble is not None else cls()


Check: TypeAlias = Callable[[], Awaitable[Part]]


class Shared(Generic[T]):
    """One call at a time for all who ask. Who would wait too long goes without; the call goes on for the next one."""

    def __init__(self, call: Callable[[], Awaitable[T]], keep: float = 0.0, within: float = WITHIN_SECONDS) -> None:
        self.call, self.keep, self.within = call, keep, within
        self._task: asyncio.Future[T] | None = None
        self._good_until = 0.0

    async def ask(self) -> T:
        """Raises TimeoutError, or what the call raised."""
        if self._task is None or (self._task.done() and monotonic() >= self._good_until):
            self._task = asyncio.ensure_future(self.call())
            self._task.add_done_callback(self._ended)
        async with asyncio.timeout(self.within):
            return await asyncio.shield(self._task)

    def _ended(self, task: asyncio.Future[T]) -> None:
        fine = not task.cancelled() and task.exception() is None
        self._good_until = monotonic() + self.keep if fine else 0.0


@dataclass(frozen=True, slots=True)
class Health:
    """What the three pages are made of."""

    checks: Mapping[str, Shared[Part]]
    figures: Shared[Figures]
    metrics: Metrics
    token: str = ""
    """Who reads the numbers must show it; empty: they are for this machine only."""

    async def parts(self) -> dict[str, Part]:
        """Every part, asked at the same time."""
        said = await asyncio.gather(*(_ask(name, check) for name, check in self.checks.items()))
        return dict(zip(self.checks, said, strict=True))

    async def page(self) -> Response:
        """The numbers of this moment. Without the database the rest of them is shown."""
        parts, figures = await asyncio.gather(self.parts(), self._figures())
        return await asyncio.to_thread(_rendered, self.metrics, parts, figures)

    async def _figures(self) -> Figures | None:
        try:
            return await self.figures.ask()
        except Exception as error:
            log.warning("the queues could not be counted", **described(error))
            return None


async def _ask(name: str, check: Shared[Part]) -> Part:
    try:
        return await check.ask()
    except TimeoutError:
        return Part("does not answer", works=False)
    except Exception as error:
        log.warning("a part could not be asked", part=name, **described(error))
        return Part("could not be asked", works=False)


def _rendered(metrics: Metrics, parts: Mapping[str, Part], figures: Figures | None) -> Response:
    from bot.web.exposition import CONTENT_TYPE_LATEST, Scrape, page

    body = page(Scrape(metrics, {name: part.works for name, part in parts.items()}, figures))
    return Response(body, headers=PRIVATE | {"Content-Type": CONTENT_TYPE_LATEST})


def health_of(checks: Mapping[str, Check], figures: Callable[[], Awaitable[Figures]], metrics: Metrics,
              token: str = "") -> Health:
    return Health({name: Shared(check) for name, check in checks.items()}, Shared(figures, KEEP_SECONDS), metrics,
                  token)


def health_routes(health: Health) -> APIRouter:
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz() -> Response:
        """The process can do its work; which part cannot."""
        parts = await health.parts()
        ready = all(part.works or not part.needed for part in parts.values())
        said = {"ready": ready, "parts": {name: part.words for name, part in parts.items()}}
        return JSONResponse(said, 200 if ready else 503, PRIVATE)

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        """The numbers, for those who may read them."""
        if health.token and not shows(request, health.token):
            return PlainTextResponse("A token is needed.\n", 401, PRIVATE | {"WWW-Authenticate": "Bearer"})
        if not health.token and not is_from_here(request):
            return PlainTextResponse("Only from this machine, or with a token.\n", 403, PRIVATE)
        return await health.page()

    return routes


def shows(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def is_from_here(request: Request) -> bool:
    """Asked by a process of this machine, and not by a proxy for somebody else."""
    if request.client is None or any(name in request.headers for name in PASSED_ON):
        return False
    try:
        peer = ip_address(request.client.host)
    except ValueError:
        return False
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        return peer.ipv4_mapped.is_loopback
    return peer.is_loopback
