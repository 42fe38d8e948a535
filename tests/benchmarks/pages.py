"""How long the console's pages take on the server, with many people and with a hundredth of them.

pages.py [--people 100000] [--database sqlite|postgresql] [--folder FOLDER]

Exit status 1 where a page takes more than twice as long with the many."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import Connection, Engine, func, insert, select, text
from starlette.testclient import TestClient

from bot.clock import Clock
from bot.settings import Settings
from bot.site import site
from storage import drawers, staff
from storage.database import connect
from storage.tables import Contact, Drawer, Ticket
from tests.benchmarks.fill import _table
from tests.benchmarks.growth import in_a_file, on_a_server
from tests.benchmarks.postgres import server
from tests.benchmarks.quiet import quiet_app

MOST = 2.0
"""So much longer a page may take."""
ROUNDS, EACH = 5, 7
"""The two databases in turn, so often; each page so often in a round."""
PASSWORD = "kept in a blue folder"
IN_TWENTY = 20
"""One of so many people has an open chat."""
PLACES = ("gjilan", "peje", "prizren", "ferizaj", "gjakove")
PORTION = 500


def names(one: int) -> dict[str, str]:
    """What this person is found by: some share a first name, nobody shares the second."""
    first = ("Arta", "Besnik", "Dafina", "Gent", "Shpresa")[one % 5]
    second = "".join(chr(97 + int(digit)) for digit in f"{one * 7919 % 1_000_000:06}")
    return {"name": f"{first} {second}", "phone": f"+38344{one:06}", "municipality": PLACES[one % 5],
            "first_need": staff.AREAS[one % 4], "situation": "returned"}


def prepare(url: str, people: int) -> None:
    """Chats, a counsellor and the drawers, once in the life of a database."""
    engine = connect(url, Settings(database_url=url).keys)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if not staff.count_counsellors(connection):
            now = Clock().now()
            mira = staff.add_counsellor(connection, "mira", "Mira", "counsellor", PASSWORD, now, staff.AREAS)
            _tickets(connection, people, mira, now)
            _drawers(connection, people)
    _analysed(engine)
    engine.dispose()


def _tickets(connection: Connection, people: int, mira: int, now: Any) -> None:
    rows = []
    for number, one in enumerate(range(IN_TWENTY, people + 1, IN_TWENTY)):
        mine = number % 50 == 0
        rows.append({"contact_id": one, "area": staff.AREAS[number % 4], "reason": "",
                     "opened_at": now, "waiting_since": now,
                     "state": "assigned" if mine else "waiting", "counsellor_id": mira if mine else None})
    for begin in range(0, len(rows), PORTION):
        connection.execute(insert(Ticket), rows[begin : begin + PORTION])


def _drawers(connection: Connection, people: int) -> None:
    connection.execute(text("DELETE FROM drawers"))

    def rows() -> Iterator[Sequence[Any]]:
        yield "word", "contact_id"
        for one in range(1, people + 1):
            for word in drawers.hashed(connection, drawers.labels_of(names(one))):
                yield word, one

    _table(connection, Drawer.__table__, rows())


def _analysed(engine: Engine) -> None:
    """PostgreSQL does it by itself, in a while; SQLite gathers no figures."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


@contextmanager
def console(url: str) -> Iterator[TestClient]:
    app = quiet_app(Settings(database_url=url), Clock())
    client = TestClient(site(app, doors=("console",)), base_url="http://testserver",
                        headers={"origin": "http://testserver"})
    answer = client.post("/console/sign-in", data={"login": "mira", "password": PASSWORD}, follow_redirects=False)
    assert answer.headers["location"] == "/console", answer.text
    try:
        yield client
    finally:
        app.store.close()


def asked(client: TestClient, url: str) -> dict[str, str]:
    """Page -> its address. Searches are kept first: their addresses name nothing."""
    engine = connect(url, Settings(database_url=url).keys)
    with engine.connect() as connection:
        people = connection.scalar(select(func.max(Contact.id))) or 0
        ticket = connection.scalar(select(func.max(Ticket.id)).where(Ticket.state == "waiting"))
    engine.dispose()
    middle = people // 2
    searches = {
        "search by a whole name": {"words": names(middle)["name"]},
        "search by a first name": {"words": "shpresa"},
        "search by phone": {"words": names(middle)["phone"]},
        "search by place and need": {"municipality": PLACES[middle % 5], "need": staff.AREAS[0]},
        "search by area": {"area": "psychosocial"},
        "nobody is found": {"words": "zzzzzz"},
    }
    return {
        "queue": "/console", "chat": f"/console/tickets/{ticket}", "person": f"/console/people/{middle}",
        "people": "/console/people", "my day": "/console/day",
        **{name: _kept(client, name, form) for name, form in searches.items()},
    }


def _kept(client: TestClient, name: str, form: dict[str, str]) -> str:
    last = client.post("/console/people", data=form, follow_redirects=False).headers["location"]
    kept = client.post("/console/people/views", data={"name": name, "view": last.partition("=")[2]},
                       follow_redirects=False)
    return str(kept.headers["location"])


def timed(client: TestClient, path: str) -> float:
    took = []
    for _ in range(EACH):
        began = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, (path, answer.status_code)
    return median(took) * 1000


def measure(few: str, many: str) -> list[tuple[str, float, float]]:
    """Page, and the median of its times in ms with the few and with the many."""
    with console(few) as small, console(many) as large:
        pages = [(small, asked(small, few)), (large, asked(large, many))]
        found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in pages[0][1]}
        for _ in range(ROUNDS):
            for at, (client, paths) in enumerate(pages):
                for name, path in paths.items():
                    found[name][at].append(timed(client, path))
    return [(name, median(one), median(two)) for name, (one, two) in found.items()]


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--people", type=int, default=100_000)
    given.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    given.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "pages")
    options = given.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    sizes = (options.people // 100, options.people)
    if options.database == "sqlite":
        return compared([in_a_file(options.folder, one, print) for one in sizes], sizes)
    with server(options.folder / "server") as one:
        return compared([on_a_server(one, people, print) for people in sizes], sizes)


def compared(urls: Sequence[str], sizes: Sequence[int]) -> int:
    for url, people in zip(urls, sizes, strict=True):
        prepare(url, people)
    worst = 0.0
    for name, few, many in measure(*urls):
        worst = max(worst, many / few)
        print(f"{name:28} {few:8.1f} ms {many:8.1f} ms   {many / few:.2f}{'  TOO SLOW' if many / few > MOST else ''}")
    print(f"{sizes[0]:,} and {sizes[1]:,} people; at most {MOST} times: {worst:.2f}")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
