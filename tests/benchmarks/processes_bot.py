"""processes_bot.py PORT POSTED COUNT [SHARE]: so many survey bots on one database, as one command for the bench.

With POSTED, a balancer of our own listens there and hands each connection to the next process in turn; with 0 the
processes poll. With SHARE each of them gets so much of a processor (share.py). All of them belong to this process and
end with it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import uvicorn
import uvloop

from bot.app import build, running
from bot.channels.telegram.webhook import Webhook
from bot.clock import Clock
from bot.settings import load
from bot.web.app import web_app
from bot.web.pace import Pace
from bot.web.webhooks import webhook_routes
from tests.benchmarks import harness
from tests.benchmarks.quiet import surveying
from tests.benchmarks.survey import TOKEN, Unpaced

POSTED_TO = Webhook.of(TOKEN, "http://127.0.0.1")
THEIR_SECRET = b"X-Telegram-Bot-Api-Secret-Token: secret\r\n"
OUR_SECRET = f"X-Telegram-Bot-Api-Secret-Token: {POSTED_TO.secret}\r\n".encode()
"""The bench posts with a word of its own; our address wants the one that follows from the token."""


async def one(port: int, listening: int) -> None:
    """One process: the parts, and the address to which Telegram posts."""
    clock, url = Clock(), f"http://127.0.0.1:{listening}" if listening else ""
    channel = Unpaced(TOKEN, f"http://127.0.0.1:{port}", clock.now, public_url=url)
    app = await asyncio.to_thread(lambda: surveying(build(load(), clock, [channel])))
    parent = os.getppid()
    posts = webhook_routes([channel], Pace(at_once=10**9, a_second=1e9))
    server = uvicorn.Server(uvicorn.Config(web_app([posts]), host="127.0.0.1", port=listening, log_level="warning",
                                           access_log=False))
    async with running(app):
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        print("ready", flush=True)
        while os.getppid() == parent:
            await asyncio.sleep(0.5)
        server.should_exit = True
        await serving


async def all_of_them(port: int, posted: int, count: int, share: float) -> None:
    """The first prepares the database, then the others come. Who posts before all are there waits for them."""
    ports = [harness.free_port() if posted else 0 for _ in range(count)]
    ready, turn = asyncio.Event(), itertools.cycle(ports)

    async def balance(*streams: asyncio.StreamReader | asyncio.StreamWriter) -> None:
        await ready.wait()
        await hand_over(streams, next(turn))

    if posted:
        await asyncio.start_server(balance, "127.0.0.1", posted)
    first = await begin(port, ports[0])
    others = await asyncio.gather(*(begin(port, listening) for listening in ports[1:]))
    if share:
        await asyncio.create_subprocess_exec(sys.executable, str(harness.HERE / "share.py"), str(share),
                                             *map(str, (first, *others)))
    ready.set()
    await asyncio.Event().wait()


async def begin(port: int, listening: int) -> int:
    """A process that is ready; its number."""
    process = await asyncio.create_subprocess_exec(sys.executable, __file__, "one", str(port), str(listening),
                                                   stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    return process.pid


async def hand_over(streams: Sequence[asyncio.StreamReader | asyncio.StreamWriter], port: int) -> None:
    """One connection of Telegram's, with one process at its other end."""
    reader, writer = streams
    assert isinstance(reader, asyncio.StreamReader)
    assert isinstance(writer, asyncio.StreamWriter)
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))


async def _copy(source: asyncio.StreamReader, goal: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        goal.write(data.replace(THEIR_SECRET, OUR_SECRET))
        await goal.drain()
    goal.close()


if __name__ == "__main__":
    if sys.argv[1] == "one":
        uvloop.run(one(int(sys.argv[2]), int(sys.argv[3])))
    else:
        port, posted, count, *share = sys.argv[1:]
        uvloop.run(all_of_them(int(port), int(posted), int(count), float(share[0]) if share else 0.0))
