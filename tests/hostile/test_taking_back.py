"""What a counsellor took back is gone from the person's page, from the console, from the person's file and from the
database: it may be somebody else's. That it was taken back is known to all of them."""

from __future__ import annotations

from sqlalchemy import select

from bot.person_file import Reading, load
from bot.web.browser import address_of
from conversations.register import seed
from storage.tables import Message
from tests.hostile.ground import OURS, Ground

CANARY = "Besakanarina"


async def test_its_words_are_nowhere(ground: Ground) -> None:
    anna = ground.browser(**OURS)
    await anna.post("/chat/start", json={"key": "0123456789abcdef"})
    address = address_of(anna.cookies["chat"])
    ticket = await ground.with_ticket(address, channel="web")
    mimoza = await ground.signed_in()
    chat = f"/console/tickets/{ticket}"
    await mimoza.post(f"{chat}/claim")
    sent = await mimoza.post(f"{chat}/reply", data={"text": f"{CANARY}, your papers are here.", "key": "k1",
                                                    "sure": "yes"})
    assert sent.status_code == 303
    await ground.app.deliver.drain()
    shown = (await anna.get("/chat/messages")).json()["messages"][-1]
    assert CANARY in shown["text"]
    arben = await ground.signed_in("arben")
    assert (await arben.post(f"{chat}/messages/{shown['id']}/back")).status_code == 409
    assert (await mimoza.post(f"{chat}/messages/{shown['id']}/back")).status_code == 303
    await ground.app.deliver.drain()
    new = (await anna.get(f"/chat/messages?after={shown['id']}")).json()["messages"]
    assert [one["takes_back"] for one in new] == [shown["id"]], "an open page is told which"
    page = await mimoza.get(chat)
    assert "Taken back by Mimoza" in page.text and "It is gone from the person" in page.text
    for text in (page.text, (await anna.get("/chat/messages")).text, (await arben.get(chat)).text):
        assert CANARY not in text
    assert CANARY not in str(await ground.app.store.read(lambda c: c.execute(select(Message.text, Message.content))
                                                         .all()))
    contact = (await ground.messages(address))[0]["contact_id"]
    file = await ground.app.store.read(lambda c: load(c, contact, ground.clock.now()))
    assert file is not None and CANARY not in file.as_json().decode()
    said = Reading(file, ground.app.translator, seed()).sections()
    words = [row.value for section in said for row in section.rows]
    assert words.count("(taken back: the words are deleted)") == 1 and "take_back" not in words
    drita = await ground.coordinator()
    assert "Took back a message" in (await drita.get("/console/record")).text
