"""A process that Viber posts to, and that calls Viber, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import httpx
import pytest
import pytest_asyncio
import uvicorn

from bot.channels.base import (
    Blocked,
    Button,
    Fate,
    Gone,
    Later,
    Outgoing,
    OutgoingMessage,
    Permanent,
    Retry,
    TokenRefused,
    TooLarge,
    Unknown,
)
from bot.channels.viber import Viber
from bot.web.app import web_app
from bot.web.webhooks import webhook_routes
from conversations.events import Media, Message, Started, Stopped, Tap
from tests.channels.telegram.conftest import Inbox, Naps
from tests.channels.telegram.posted import address_of, bound
from tests.fakes.telegram_api import PHOTO
from tests.fakes.viber_api import FakeViber

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def welcome(language: str | None) -> tuple[str, str]:
    return ("Guten Tag.", "Anfangen") if language == "de" else ("Hello.", "Begin")


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeViber]:
    async with FakeViber() as made:
        yield made


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest_asyncio.fixture
async def viber(fake: FakeViber, inbox: Inbox) -> AsyncIterator[Viber]:
    """Served, and registered with the fake."""
    listening = bound()
    made = Viber(fake.token, fake.url, lambda: NOW, public_url=address_of(listening), sender="The Centre",
                 welcome=welcome, sleep=Naps(), answer_within=2.0)
    await made.start(inbox.handle)
    config = uvicorn.Config(web_app([webhook_routes([made])]), log_level="critical", access_log=False,
                            timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.005)
    await made.begin()
    await fake.until(lambda: any(status == 200 for _, status in fake.posted), lambda: "no webhook")
    yield made
    server.should_exit = True
    await serving
    await made.stop()
    listening.close()


# ------------------------------------------------------------------ coming in


async def test_the_welcome_is_in_the_answer(fake: FakeViber, viber: Viber, inbox: Inbox) -> None:
    anna = fake.person("anna", language="de")
    shown = await anna.opens("poster-7")
    assert shown is not None and (shown.text, shown.buttons) == ("Guten Tag.", ["Anfangen"])
    assert inbox.events == [], "who only looks is not stored"
    anna.taps(shown, "Anfangen")
    [event] = await inbox.gets(1)
    assert isinstance(event, Started) and event.payload == "poster-7" and event.language == "de"


async def test_who_has_been_here_before_just_starts(fake: FakeViber, viber: Viber, inbox: Inbox) -> None:
    anna = fake.person("anna", subscribed=True)
    assert await anna.opens() is None
    [event] = await inbox.gets(1)
    assert isinstance(event, Started)


async def test_words_taps_and_leaving(fake: FakeViber, viber: Viber, inbox: Inbox) -> None:
    anna = fake.person("anna", subscribed=True)
    await viber.send(Outgoing(1, "anna", OutgoingMessage("Ready?", (Button("Yes", "1:0:yes"),))))
    anna.says("Hello")
    anna.taps_last("Yes")
    anna.leaves()
    anna.comes_back()
    kinds = [type(one) for one in await inbox.gets(4)]
    assert kinds == [Message, Tap, Stopped, Started]
    assert inbox.events[1].data == "1:0:yes"


async def test_twice_is_the_same_key(fake: FakeViber, viber: Viber, inbox: Inbox) -> None:
    fake.twice = True
    fake.person("anna").says("Hello")
    first, second = await inbox.gets(2)
    assert isinstance(first, Message) and first.key == second.key


async def test_what_could_not_be_stored_comes_again(fake: FakeViber, viber: Viber, inbox: Inbox) -> None:
    inbox.refusals = 2
    fake.person("anna").says("Hello")
    await inbox.gets(1)
    await fake.settled()
    assert [status for event, status in fake.posted if event["event"] == "message"] == [503, 503, 200]


async def test_a_wrong_signature_gets_nowhere(fake: FakeViber, viber: Viber, inbox: Inbox) -> None:
    fake.wrong_signature = True
    assert await fake.post(fake.event({"event": "message", "sender": {"id": "eve"},
                                       "message": {"type": "text", "text": "x"}})) is None
    assert fake.posted[-1][1] == 403 and inbox.events == []
    async with httpx.AsyncClient() as client:
        for signature in ("", "0" * 64, "x"):
            answer = await client.post(fake.webhook, content=b"{}", headers={"X-Viber-Content-Signature": signature})
            assert answer.status_code == 403


async def test_a_body_that_nobody_can_read_is_passed_over(fake: FakeViber, viber: Viber, inbox: Inbox) -> None:
    assert await fake.post({"event": "hologram", "message_token": 1}) == {}
    assert viber.skipped == {"hologram": 1} and inbox.events == []


async def test_what_became_of_a_message(fake: FakeViber, viber: Viber) -> None:
    told: list[Fate] = []

    async def note(fates: Sequence[Fate]) -> None:
        told.extend(fates)

    viber.note_fates = note
    anna = fake.person("anna", subscribed=True)
    token = await viber.send(Outgoing(1, "anna", OutgoingMessage("Hello")))
    await fake.settled()
    anna.reads()
    fake.push({"event": "failed", "message_token": 7, "user_id": "anna", "desc": "no"})
    await fake.until(lambda: len(told) == 3, lambda: f"{told}")
    assert told == [Fate("viber", str(token), "delivered"), Fate("viber", str(token), "seen"),
                    Fate("viber", "7", "failed", "no")]


async def test_files(fake: FakeViber, viber: Viber, inbox: Inbox) -> None:
    fake.files["photo.png"] = PHOTO
    fake.person("anna").sends_picture(text="my paper")
    [event] = await inbox.gets(1)
    assert isinstance(event, Media) and (event.kind, event.text) == ("photo", "my paper")
    assert await viber.fetch(event.data, 1000) == PHOTO
    with pytest.raises(TooLarge):
        await viber.fetch(event.data, 10)
    with pytest.raises(Later):
        await viber.fetch({"url": f"{fake.url}/media/none"}, 1000)


@pytest.mark.parametrize("address", [
    None, 7, "", "http://127.0.0.1:1/x", "https://viber.com.example.org/x", "https://example.org/x",
    "http://dl-media.viber.com/x", "https://dl-media.viber.com:8443/x", "https://eve@dl-media.viber.com/x",
    "https://[::1/x", "file:///etc/passwd", "https://dl-media.viber.com@127.0.0.1/x",
])
async def test_no_other_place_is_asked(viber: Viber, address: object) -> None:
    with pytest.raises(Gone):
        await viber.fetch({"url": address}, 1000)


async def test_an_address_that_cannot_be_written(viber: Viber, fake: FakeViber) -> None:
    with pytest.raises((Gone, Later)):
        await viber.fetch({"url": f"{fake.url}/media/ë"}, 1000)


# ------------------------------------------------------------------ going out


async def test_a_message_with_buttons(fake: FakeViber, viber: Viber) -> None:
    anna = fake.person("anna", subscribed=True)
    buttons = (Button("Yes", "1:0:yes"), Button("No", "1:0:no"), Button("A person", "!human", "always"))
    token = await viber.send(Outgoing(1, "anna", OutgoingMessage("Ready?", buttons, columns=2)))
    [shown] = await anna.hears()
    assert (token, shown.text, shown.buttons) == (str(shown.token), "Ready?", ["Yes", "No", "A person"])
    assert [key["Columns"] for key in shown.keys] == [3, 3, 6]
    assert fake.refused == []


async def test_after_a_failure_in_the_middle_no_part_comes_twice(fake: FakeViber, viber: Viber) -> None:
    anna = fake.person("anna", subscribed=True)
    text = "\n\n".join(f"{number}. " + "fjalë " * 500 for number in range(6)).strip()
    sends = viber._api.call
    count = 0

    async def third_fails(method: str, parameters: dict[str, object]) -> object:
        nonlocal count
        count += 1
        if count == 3:
            fake.fail_next("send_message", 12)
        return await sends(method, parameters)

    viber._api.call = third_fails
    outgoing = Outgoing(1, "anna", OutgoingMessage(text, (Button("Go on", "1:0:a"),)))
    with pytest.raises(Retry):
        await viber.send(outgoing)
    await viber.send(outgoing)
    assert "".join("".join(shown.text for shown in anna.messages).split()) == "".join(text.split())


async def test_what_goes_wrong(fake: FakeViber, viber: Viber) -> None:
    fake.person("anna", subscribed=True)
    fake.person("ben")
    for address, error in (("ben", Blocked), ("nobody", Blocked)):
        with pytest.raises(error):
            await viber.send(Outgoing(1, address, OutgoingMessage("Hello")))
    for trouble, error in (({"status": 3}, Permanent), ({"status": 12}, Retry), ({"status": 503, "how": "http"}, Retry),
                           ({"how": "drop"}, Unknown)):
        fake.fail_next("send_message", **trouble)
        with pytest.raises(error):
            await viber.send(Outgoing(1, "anna", OutgoingMessage("Hello")))


async def test_a_token_that_viber_does_not_know(fake: FakeViber, inbox: Inbox) -> None:
    other = Viber("x" * 12, fake.url, lambda: NOW, public_url="https://bot.example.org", sender="x", welcome=welcome)
    with pytest.raises(TokenRefused, match=r"^viber token was refused$"):
        await other.start(inbox.handle)


async def test_the_webhook_is_set_once_viber_can_reach_us(fake: FakeViber, inbox: Inbox) -> None:
    naps = Naps()
    fake.fail_next("set_webhook", 1, times=3)
    made = Viber(fake.token, fake.url, lambda: NOW, public_url="http://127.0.0.1:9", sender="x", welcome=welcome,
                 sleep=naps)
    await made.start(inbox.handle)
    await made.begin()
    await fake.until(lambda: len(naps.taken) >= 3, lambda: f"{naps.taken}")
    assert naps.taken[:3] == [1.0, 2.0, 4.0] and made.trouble() == "is not reachable"
    await made.stop()
    assert json.dumps(fake.calls[-1][1]).count("http://127.0.0.1:9/viber/") == 1
