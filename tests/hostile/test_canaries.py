"""A canary word in every field of a whole journey; then everything is searched that somebody else might see: log
lines, figures, addresses, titles, headers, what wakes an open page, the audit."""

from __future__ import annotations

import asyncio
import io
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import select

from bot.channels.base import Blocked, Outgoing
from bot.receive import turns
from conversations.events import Media, Message, Started
from storage import audit
from storage.tables import Audit
from tests.hostile.ground import CODE_SECRET, OURS, PASSWORD, Ground, served
from tests.hostile.test_observed import written
from tests.support import codes

__all__ = ["written"]
WORD = "Kanarienvogel"
PHONE = "044 123 456"
WHO = "383555777"
"""The person's number on the channel."""
NEW_PASSWORD = f"seven lamps {WORD}"


@dataclass
class Seen:
    """What a proxy, a history or a colleague's shoulder would see of each answer."""

    addresses: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    async def note(self, answer: httpx.Response) -> None:
        await answer.aread()
        self.addresses += [str(answer.request.url), answer.headers.get("location", "")]
        for name, value in answer.headers.multi_items():
            if name == "set-cookie":
                token = value.partition("=")[2].partition(";")[0].strip('"')
                self.secrets |= {token} if len(token) > 20 else set()
            else:
                self.headers.append(value)
        self.titles += re.findall(r"<title>(.*?)</title>", answer.text)
        self.addresses += re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)


def watched(browser: httpx.AsyncClient, seen: Seen) -> httpx.AsyncClient:
    browser.event_hooks["response"].append(seen.note)
    return browser


async def person(ground: Ground) -> None:
    """Says it in everything that a person can send."""
    common = {**ground._common(WHO, "paper"), "language": WORD}
    await ground.gives(Started(**common, payload=WORD))
    for line in ("English", "1", "1", f"{WORD} Maria", "1", f"{WORD} 2019", "/plan"):
        await ground.says(WHO, line)
    await ground.taps(WHO, f"!{WORD}")
    await ground.taps(WHO, f"1:{WORD}:{WORD}")
    await ground.gives(Media(**ground._common(WHO, "paper"), kind="document", text=f"papers of {WORD}",
                             data={"file_id": WORD, "name": f"{WORD}.pdf", "mime": WORD}))
    await ground.says(WHO, "/human")
    await ground.says(WHO, f"I am {WORD}, call {PHONE}")


async def counsellor(ground: Ground, seen: Seen) -> None:
    """Writes it wherever a counsellor can write."""
    browser = watched(await ground.signed_in(), seen)
    await browser.post("/console/tickets/1/claim")
    forms: tuple[tuple[str, dict[str, str]], ...] = (
        ("tickets/1/reply", {"text": f"Dear {WORD}", "key": f"key-{WORD}"}), ("tickets/1/note", {"text": WORD}),
        ("tickets/1/close", {"outcome": WORD}), ("tasks/1/done", {"back": WORD}), ("tickets/1/note", {"text": ""}),
        ("account/password", {"current": WORD, "password": WORD}), ("account/code", {"password": WORD, "code": WORD}),
        ("account/sessions", {"key": WORD}), ("team", {"login": WORD, "name": WORD}),
    )
    for path, form in forms:
        await browser.post(f"/console/{path}", data=form)
    for path in ("", "?tab=mine", "/tickets/1", "/tickets/1/messages", "/people/1", "/tasks", "/account", "/queue"):
        assert (await browser.get(f"/console{path}")).status_code == 200


async def coordinator(ground: Ground, seen: Seen) -> str:
    """A colleague with that name and that password; the link that they are given."""
    browser = watched(await ground.coordinator(), seen)
    answer = await browser.post("/console/team", data={"login": WORD, "name": WORD, "role": "counsellor"})
    token = re.findall(r"new-password#([\w-]{43})", answer.text)[0]
    for path in ("/team", "/record", "/report", f"/record?person={quote(WORD)}", "/people/1"):
        assert (await browser.get(f"/console{path}")).status_code == 200
    new = watched(ground.browser("198.51.100.20", **OURS), seen)
    for password in (WORD, NEW_PASSWORD):
        await new.post("/console/new-password", data={"token": token, "password": password})
    for login, password in ((WORD, WORD), (WORD, NEW_PASSWORD), ("drita", PASSWORD)):
        await new.post("/console/sign-in", data={"login": login, "password": password, "next": WORD})
    await new.post("/console/code", data={"code": WORD, "next": WORD})
    return token


def assert_silent(where: str, text: str, secrets: set[str]) -> None:
    for word in (WORD, WORD.lower(), PHONE, PHONE.replace(" ", ""), WHO, CODE_SECRET, PASSWORD, *secrets):
        assert word not in text, (where, word)


async def test_a_whole_journey(ground: Ground, written: io.StringIO, monkeypatch: Any) -> None:
    seen = Seen()
    await person(ground)
    await counsellor(ground, seen)
    token = await coordinator(ground, seen)
    once = [Blocked(f"{WORD} {PHONE}"), RuntimeError(f"{WORD} {PHONE} {WHO}")]

    async def fails(_outgoing: Outgoing) -> str | None:
        if once:
            raise once.pop()
        return "1"

    monkeypatch.setattr(ground.paper, "send", fails)
    await ground.says(WHO, f"{WORD} again")

    def careless(*_: object) -> None:
        raise ValueError(f"{WORD} {PHONE}")

    monkeypatch.setattr(turns, "advance", careless)
    await ground.gives(Message(**ground._common(WHO, "paper"), text=f"{WORD} fails"))
    monkeypatch.undo()
    async with ground.browser("127.0.0.1") as inside:
        figures = (await inside.get("/metrics")).text + (await inside.get("/readyz")).text
    seen.secrets |= {token, codes.shown(CODE_SECRET, ground.clock.at.timestamp())}
    assert len(seen.secrets) >= 5 and len(seen.titles) >= 20 and len(written.getvalue().splitlines()) > 20
    assert_silent("log", written.getvalue(), seen.secrets)
    assert_silent("figures", figures, seen.secrets)
    assert_silent("titles", "\n".join(seen.titles), seen.secrets)
    assert_silent("headers", "\n".join(seen.headers), seen.secrets)
    own = {one for one in seen.addresses if f"person={quote(WORD)}" in one}
    assert_silent("addresses", "\n".join(set(seen.addresses) - own), seen.secrets)


async def test_what_wakes_an_open_page(ground: Ground) -> None:
    """It says which part to fetch again, never what is in it."""
    await person(ground)
    browser = await ground.signed_in()
    heard = b""
    async with (
        served(ground) as url, httpx.AsyncClient(base_url=url, cookies=dict(browser.cookies)) as page,
        page.stream("GET", "/console/events?ticket=1") as stream, asyncio.timeout(20),
    ):
        chunks = stream.aiter_bytes()
        heard += await anext(chunks)
        await ground.app.receive.handle([Message(**ground._common(WHO, "paper"), text=f"{WORD} {PHONE}")])
        while heard.count(b"data:") < 4:
            heard += await anext(chunks)
    assert set(re.findall(rb"data: (\S+)", heard)) <= {b"queue", b"thread", b"alert"}
    assert_silent("notification", heard.decode(), set())


async def test_the_audit_holds_no_words(ground: Ground) -> None:
    await person(ground)
    await counsellor(ground, Seen())
    await coordinator(ground, Seen())
    everything = select(*Audit.__table__.columns)
    rows = await ground.app.store.read(lambda c: [dict(row) for row in c.execute(everything).mappings()])
    assert len(rows) > 15
    for row in rows:
        assert row["action"] in audit.ACTIONS
        assert all(isinstance(one, int) for one in (row["detail"] or {}).values())
        assert isinstance(row["contact_id"], int | None) and isinstance(row["counsellor_id"], int | None)
    assert_silent("audit", json.dumps([{**row, "at": ""} for row in rows]), set())


async def test_a_forgotten_person_leaves_a_number(ground: Ground) -> None:
    """"Delete everything" works with an audit that nobody can change, and is in it."""
    await person(ground)
    await counsellor(ground, Seen())
    await ground.says(WHO, "leave")
    await ground.says(WHO, "my data")
    for label in ("Delete everything", "Yes, delete it"):
        buttons = [one for _, message in ground.paper.sent for one in message.buttons if one.label == label]
        await ground.taps(WHO, buttons[-1].data)
    last = await ground.app.store.read(lambda c: audit.entries(c, contact_id=1))
    assert last[0].action == "forget" and last[0].counsellor_id is None and len(last) > 3
    browser = await ground.coordinator()
    page = (await browser.get("/console/record")).text
    assert "Deleted everything" in page and WORD not in page
