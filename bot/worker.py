"""Work that goes on in a task of its own: done when there is news of it, and looked for every so often without."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

import structlog

from bot.safely import described
from storage.store import StoreError

log = structlog.get_logger()


class Worker(ABC):
    def __init__(
        self, name: str, look_every: float, untold: Callable[[], None] | None = None, gathers: float = 0.0,
        after_trouble: float | None = None,
    ) -> None:
        """`untold()`: it looks without having been told. In seconds: `look_every`, after which it does; `gathers`, for
        what else comes after the first news; `after_trouble`, until it asks again a database that did not answer."""
        self.name, self.look_every, self.untold, self.gathers = name, look_every, untold, gathers
        self.after_trouble = look_every if after_trouble is None else after_trouble
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def works(self) -> bool:
        return self._task is not None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self.name)

    def wake(self) -> None:
        """There may be something to do."""
        self._news.set()

    async def stop(self) -> None:
        """What is under way is given up; whoever looks next does it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    @abstractmethod
    async def work(self) -> float | None:
        """Do some of what there is. Seconds until there may be more; None: with the next news."""

    async def _run(self) -> None:
        while True:
            self._news.clear()
            wait = await self._worked()
            if wait == 0.0:
                continue
            try:
                async with asyncio.timeout(self.look_every if wait is None else wait):
                    await self._news.wait()
                    if self.gathers:
                        await asyncio.sleep(self.gathers)
            except TimeoutError:
                if wait is None and self.untold is not None:
                    self.untold()

    async def _worked(self) -> float | None:
        try:
            return await self.work()
        except StoreError as error:
            log.warning("work waits for the database", work=self.name, reason=str(error))
            return self.after_trouble
        except Exception as error:
            log.error("work failed", work=self.name, **described(error))
            return self.look_every
