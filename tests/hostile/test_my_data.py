"""The file with everything about a person: all of it, for them alone, once, and for an hour."""

from __future__ import annotations

import html
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.channels.base import OutgoingMessage
from bot.receive import alarm
from bot.receive.staff import StaffDesk
from storage import dossier
from storage.tables import FileLink, Message, Ticket
from tests.hostile.ground import ORIGIN, OURS, Ground, open_ground

CANARY = "Zylfijekanarina"
ATTACHED = {"page": 'attachment; filename="my-data.html"', "data": 'attachment; filename="my-data.json"'}


@pytest_asyncio.fixture
async def public(tmp_path: Path, prepared_ground: str) -> AsyncIterator[Ground]:
    async with open_ground(tmp_path, prepared_ground, public_url=ORIGIN) as made:
        yield made


async def told_everything(ground: Ground, person: str = "anna") -> None:
    """Words in every place that keeps any."""
    await ground.agreed(person)
    await ground.says(person, f"{CANARY}-name")
    await ground.says(person, "my plan")
    for line in ("1", f"{CANARY}-step", "/skip"):
        await ground.says(person, line)
    await ground.says(person, "/human")
    await ground.says(person, f"{CANARY}-message <b>")
    desk, counsellor = StaffDesk(ground.app.receive, ground.app.turn_clock), await ground.counsellor("mimoza")
    ticket = int((await ground.rows(Ticket, person))[-1]["id"])
    await desk.claim(ticket, counsellor)
    await desk.reply(ticket, counsellor, f"{CANARY}-reply", "r1")
    await desk.note(ticket, counsellor, f"{CANARY}-note")
    await desk.close(ticket, counsellor, "advised")


async def asks_for(ground: Ground, form: str, person: str = "anna") -> str:
    """Go through "My data" to the link."""
    await ground.says(person, "my data")
    await ground.says(person, "Take it with me")
    said = await ground.says(person, {"page": "To read", "data": "For a computer program"}[form])
    return link_in(said)


def link_in(said: list[OutgoingMessage]) -> str:
    [link] = [button.data for message in said for button in message.buttons if button.kind == "link"]
    return link


@pytest.mark.parametrize("form", ATTACHED)
async def test_everything_is_in_it(public: Ground, form: str) -> None:
    await told_everything(public)
    link = await asks_for(public, form)
    answer = await public.browser().post(link)
    assert answer.status_code == 200 and answer.headers["content-disposition"] == ATTACHED[form]
    assert answer.headers["cache-control"] == "no-store"
    for what in ("name", "step", "message", "reply", "note"):
        assert f"{CANARY}-{what}" in html.unescape(answer.text), what
    if form == "data":
        content = json.loads(answer.text)
        assert {one.name for one in dossier.tables()} | {"contacts", "made_at"} == content.keys()
    else:
        assert "<b>" not in answer.text


async def test_a_link_works_once_and_looking_at_it_is_not_using_it(public: Ground) -> None:
    await public.agreed("anna")
    link = await asks_for(public, "data")
    for _ in range(3):
        seen = await public.browser().get(link)
        assert seen.status_code == 200 and "Fetch my file" in seen.text and CANARY not in seen.text
    assert (await public.browser().post(link)).status_code == 200
    assert (await public.browser().post(link)).status_code == 410
    assert (await public.browser().get(link)).status_code == 410


@pytest.mark.parametrize("language", ["English", "shqip", "srpski", "deutsch"])
async def test_why_there_was_a_talk_is_said_in_plain_words(public: Ground, language: str) -> None:
    """Not with the name of a rule, and not in the team's language."""
    await public.agreed("anna")
    await public.says("anna", language)
    await public.taps("anna", "!danger")
    await public.says("anna", "My husband is beating me right now, he has a knife")
    await public.says("anna", "/leave")
    answer = await public.browser().post(await asks_for(public, "page"))
    page = html.unescape(answer.text)
    code = {"English": "en", "shqip": "sq", "srpski": "sr", "deutsch": "de"}[language]
    for reason in (alarm.TAPPED, alarm.SIGN):
        assert public.app.translator.text(code, reason) in page, reason
    assert "violence." not in page


async def test_no_style_but_its_own_is_taken(public: Ground) -> None:
    await public.agreed("anna")
    link = await asks_for(public, "page")
    for page in (await public.browser().get(link), await public.browser().post(link)):
        policy = page.headers["content-security-policy"]
        style = page.text.partition("<style>")[2].partition("</style>")[0]
        digest = b64encode(sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}';" in policy and "unsafe" not in policy and "<script" not in page.text


async def test_a_link_lasts_an_hour(public: Ground) -> None:
    await public.agreed("anna")
    link = await asks_for(public, "page")
    public.clock.turn(timedelta(minutes=61))
    assert (await public.browser().get(link)).status_code == 410
    assert (await public.browser().post(link)).status_code == 410


async def test_the_key_is_not_stored_and_another_link_ends_the_first(public: Ground) -> None:
    await public.agreed("anna")
    first, second = await asks_for(public, "page"), await asks_for(public, "page")
    stored = await public.app.store.read(lambda c: c.execute(select(FileLink.token_hash)).scalars().all())
    assert len(stored) == 1 and stored[0] not in (first, second)
    assert (await public.browser().post(first)).status_code == 410
    assert (await public.browser().post(second)).status_code == 200


@pytest.mark.parametrize("key", ["x", "a" * 43, "..%2f..%2fetc", "%00", "a" * 5000])
async def test_made_up_keys_open_nothing(public: Ground, key: str) -> None:
    await public.agreed("anna")
    await asks_for(public, "data")
    answers = [await public.browser().get(f"/my-data/{key}"), await public.browser().post(f"/my-data/{key}")]
    assert all(one.status_code in (404, 410) for one in answers), answers


async def test_after_forgetting_no_link_opens_anything(public: Ground) -> None:
    await told_everything(public)
    link = await asks_for(public, "data")
    for line in ("my data", "Delete everything", "Yes, delete it"):
        await public.says("anna", line)
    assert (await public.browser().post(link)).status_code == 410


async def test_on_the_web_chat_it_is_ones_own(ground: Ground) -> None:
    anna, ben = ground.browser(**OURS), ground.browser(**OURS)
    for browser in (anna, ben):
        assert (await browser.post("/chat/start", json={"key": "0123456789abcdef"})).status_code == 202
    for number, text in enumerate(("English", f"{CANARY}-web")):
        await anna.post("/chat/messages", json={"key": f"0123456789abcde{number}", "text": text})
    for form, attached in ATTACHED.items():
        mine, theirs = await anna.get(f"/chat/my-data/{form}"), await ben.get(f"/chat/my-data/{form}")
        assert mine.headers["content-disposition"] == attached and f"{CANARY}-web" in mine.text
        assert theirs.status_code == 200 and CANARY not in theirs.text
    assert (await ground.browser().get("/chat/my-data/page")).status_code == 401
    assert (await anna.get("/chat/my-data/other")).status_code == 404


async def test_the_plan_by_a_link_is_a_pdf_once(public: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a channel that carries no files."""
    limits = public.app.receive.turns.limits
    monkeypatch.setitem(limits, "paper", replace(limits["paper"], media=""))
    await told_everything(public)
    await public.says("anna", "my plan")
    link = link_in(await public.says("anna", "Print my plan"))
    page = await public.browser().get(link)
    assert page.status_code == 200 and "My plan" in page.text and CANARY not in page.text
    answer = await public.browser().post(link)
    assert answer.headers["content-type"] == "application/pdf" and answer.content.startswith(b"%PDF-")
    assert answer.headers["cache-control"] == "no-store"
    assert (await public.browser().post(link)).status_code == 410


async def test_a_platform_fetches_a_picture_by_its_link_and_nothing_else(
    public: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = public.app.receive.turns.limits
    monkeypatch.setitem(limits, "paper", replace(limits["paper"], media="link"))
    await told_everything(public)
    await public.says("anna", "my plan")
    [message_id] = [one["id"] for one in await public.rows(Message, "anna") if one["kind"] == "photo"]
    link = await public.app.our_media.address(message_id)
    assert link.startswith(f"{ORIGIN}/media/")
    answer = await public.browser().get(link)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    for other in (link.replace("/media/", "/my-data/"), f"{link}x", f"{ORIGIN}/media/nothing"):
        assert (await public.browser().get(other)).status_code in (404, 410)
    assert (await public.browser().post(link.replace("/media/", "/my-data/"))).status_code == 410
    again = await public.app.our_media.address(message_id)
    assert (await public.browser().get(link)).status_code == 404, "a newer link ends the older"
    public.clock.turn(timedelta(hours=2))
    assert (await public.browser().get(again)).status_code == 404
