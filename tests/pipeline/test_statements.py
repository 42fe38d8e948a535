"""A batch asks the database once for everybody: an ordinary answer brings no statement of its own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, event

from conversations.events import FromPerson
from storage.prepared import _Ready
from tests.pipeline.test_once import in_form
from tests.pipeline.world import World


class Counter:
    """How many statements were run, whichever way they went to the driver."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.said = world, 0
        run = _Ready.run

        def counted(ready: _Ready, *given: Any) -> Any:
            self.said += 1
            return run(ready, *given)

        monkeypatch.setattr(_Ready, "run", counted)
        event.listen(world.app.store.engine, "before_cursor_execute", self._usual)

    def _usual(self, *_: Any) -> None:
        self.said += 1

    async def of(self, *events: FromPerson) -> int:
        """The statements of one batch; not those of what rides on its transaction."""

        def batch(connection: Connection) -> int:
            before = self.said
            self.world.app.receive._batch(connection, events)
            return self.said - before

        return await self.world.app.store.write(batch)


async def test_many_ordinary_answers_take_as_many_statements_as_a_few(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await in_form(world, f"person-{number}") for number in range(10)]
    await world.settle()
    counter = Counter(world, monkeypatch)
    few = await counter.of(*(one.message("first") for one in people[:3]))
    many = await counter.of(*(one.message("first") for one in people[3:]))
    assert 0 < few == many
