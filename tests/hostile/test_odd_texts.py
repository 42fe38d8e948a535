"""Texts that break careless programs: a right answer or a clean refusal, the same question, and nobody else waits."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from bot.receive.texts import OUR_FAULT
from bot.web import chat
from conversations.events import Media, Message
from storage.tables import Contact, Task
from tests.hostile.ground import OURS, Ground

ODD = {
    "empty-ish": " \u00a0\u200b\ufeff ", "nul": "Ana\0Maria", "half a pair": "Ana \ud83d Maria",
    "other half": "\udc00",
    "rtl": "\u202eaneL\u202c", "isolates": "\u2066Ana\u2069\u2067", "only marks": "\u202e\u202d\u200f",
    "controls": "\x01\x1b[31mAna\x07",
    "combining": "e" + "\u0301" * 4000, "emoji": "😀" * 3000, "digits": "9" * 9999,
    "quotes": "' OR 1=1; DROP TABLE contacts; --",
    "format": "{name}{centre}{0}%s%n{{7*7}}${7*7}", "script": "<script>alert(1)</script>",
    "newlines": "\n" * 9000 + "x",
    "ligature": "\ufdfa" * 5000, "tags": "\U000e0041" * 2000, "noncharacter": "\uffff\ufffe",
    "private": "\ue000" * 50,
    "zalgo": "Z\u0351\u0352\u0357" * 2500, "markdown": "*a* _b_ [c](http://evil.example) `d`",
    "long word": "x" * 10_000,
}


async def test_odd_texts_at_a_question(ground: Ground) -> None:
    await ground.agreed("eve")
    fault, wrong = ground.app.translator.text("en", OUR_FAULT), []
    for name, text in ODD.items():
        began = time.perf_counter()
        said = await ground.says("eve", text)
        took = time.perf_counter() - began
        if not said or any(fault in one.text for one in said):
            wrong.append((name, [one.text[:60] for one in said]))
        if took > 2:
            wrong.append((name, f"{took:.1f} s"))
        for one in said:
            one.text.encode()
            if "\0" in one.text:
                wrong.append((name, "a zero byte goes out"))
        if (await ground.run("eve"))["awaiting"] != "name":
            await ground.says("eve", "back")
    assert wrong == []
    assert [one["kind"] for one in await ground.rows(Task, "eve")] == []
    stored = str(await ground.rows(Contact, "eve")) + str(await ground.messages("eve"))
    assert "\\x00" not in stored and "\\ud83d" not in stored


async def test_odd_texts_to_a_counsellor(ground: Ground) -> None:
    """They reach the counsellor's page, which can be read."""
    ticket = await ground.with_ticket("eve", *ODD.values())
    browser = await ground.signed_in()
    answer = await browser.get(f"/console/tickets/{ticket}")
    assert answer.status_code == 200
    assert answer.text.count('data-state="received"') >= len(ODD)
    assert "\0" not in answer.text
    assert (await browser.get("/console")).status_code == 200


async def test_odd_words_under_a_photo(ground: Ground) -> None:
    """Each photo is kept and answered, whatever its words and its file are called."""
    await ground.agreed("eve")
    fault, wrong = ground.app.translator.text("en", OUR_FAULT), []
    for name, text in ODD.items():
        kept, sent = len(await ground.messages("eve")), len(ground.paper.sent)
        data = {"file_id": text[:50], "name": text[:50]}
        await ground.gives(Media(**ground._common("eve", "paper"), kind="photo", text=text, data=data))
        stored = (await ground.messages("eve"))[kept:]
        said = [message.text for _who, message in ground.paper.sent[sent:]]
        if not any(one["kind"] == "photo" for one in stored) or not said or any(fault in one for one in said):
            wrong.append((name, len(stored), len(said)))
    assert wrong == []


async def test_an_odd_text_holds_up_nobody_else_in_its_batch(ground: Ground) -> None:
    for person in ("eve", "ana", "ben"):
        await ground.agreed(person)
    batch = []
    for text in ODD.values():
        batch.append(Message(**ground._common("eve", "paper"), text=text))
        batch.append(Message(**ground._common("ben", "paper"), text=text))
    batch.append(Message(**ground._common("ana", "paper"), text="Ana"))
    await ground.gives(*batch)
    assert (await ground.run("ana"))["answers"]["name"] == "Ana"


# ------------------------------------------------------------------- over the web chat


async def begun(ground: Ground) -> httpx.AsyncClient:
    browser = ground.browser(**OURS)
    assert (await browser.post("/chat/start", json={"key": "start-key-1"})).status_code == 202
    return browser


def body_of(text: str) -> bytes:
    return b'{"key": "%s", "text": "%s"}' % (str(time.monotonic_ns()).encode(), text.encode())


BODIES = {
    "nothing": b"", "not json": b"\xff\xfe", "a list": b"[]", "a number": b"7", "null": b"null", "a string": b'"x"',
    "deep lists": b"[" * 100_000, "deep objects": b'{"a":' * 15_000, "deep and closed": b"[" * 5000 + b"]" * 5000,
    "half a character": b'{"key":"0123456789","text":"\\ud83d"}',
    "raw half": b'{"key":"0123456789","text":"\xed\xa0\xbd"}',
    "nul key": b'{"key":"01234567\\u0000","text":"x"}', "huge key": b'{"key":"' + b"k" * 100_000 + b'","text":"x"}',
    "no key": b'{"text":"x"}', "key is a list": b'{"key":["0123456789"],"text":"x"}',
    "huge number": b'{"key":1e999,"text":"x"}',
    "text is a number": b'{"key":"0123456789","text":7}', "text is a list": b'{"key":"0123456789","text":["x"]}',
    "text is null": b'{"key":"0123456789","text":null}', "only spaces": b'{"key":"0123456789","text":"  \\u0000 "}',
    "tap is a number": b'{"key":"0123456789","tap":7}', "tap is empty": b'{"key":"0123456789","tap":""}',
    "tap is long": b'{"key":"0123456789","tap":"' + b"x" * 65 + b'"}',
    "tap has nul": b'{"key":"0123456789","tap":"!\\u0000"}',
    "ten thousand and one": b'{"key":"0123456789","text":"' + b"x" * 10_001 + b'"}',
    "ten megabytes": b'{"key":"0123456789","text":"' + b"x" * 10_000_000 + b'"}',
    "many keys": b"{" + b",".join(b'"k%d":1' % number for number in range(9000)) + b"}",
    "proto": b'{"__proto__":{"key":"0123456789"},"text":"x"}', "nan": b'{"key":NaN}', "two values": b'{} {}',
}


async def test_bodies_that_are_none(ground: Ground) -> None:
    browser, wrong = await begun(ground), []
    for name, body in BODIES.items():
        for path in ("/chat/messages", "/chat/start"):
            answer = await browser.post(path, content=body, headers={"Content-Type": "application/json"})
            allowed = (400, 413, 422) if path == "/chat/messages" else (202, 400, 413, 422)
            plain = answer.status_code in (202, 413) or answer.text.startswith('{"error"')
            if answer.status_code not in allowed or not plain:
                wrong.append((name, path, answer.status_code, answer.text[:60]))
    assert wrong == []
    thread = (await browser.get("/chat/messages")).json()
    assert {one["author"] for one in thread["messages"]} == {"bot"}, "nothing of it was taken for the person's words"


async def test_ten_thousand_characters(ground: Ground) -> None:
    """Taken, answered in a moment, shown whole after a reload."""
    browser = await begun(ground)
    text = "Kosova është shtëpi. " * 476
    began = time.perf_counter()
    answer = await browser.post("/chat/messages", json={"key": "long-long-key", "text": text[:10_000].strip()})
    assert answer.status_code == 202
    assert time.perf_counter() - began < 2
    await ground.app.deliver.drain()
    thread = (await browser.get("/chat/messages")).json()["messages"]
    assert any(one["text"] == text[:10_000].strip() for one in thread)


async def test_headers_that_lie(ground: Ground) -> None:
    browser = await begun(ground)
    answer = await browser.get("/", headers={"Accept-Language": "de;q=1," * 5000})
    assert answer.status_code in (200, 400, 431)
    for value in ("*", "xx", "de;q=\u0661", "../../etc/passwd", "<script>", ",,,;;;", "\x7f"):
        headers = [(b"accept-language", value.encode())]
        assert (await browser.get("/", headers=headers)).status_code == 200
    for after in ("-1", "99999999999999999999999", "abc", "1e9", "\u0661", "0x10", " 1"):
        assert (await browser.get("/chat/messages", params={"after": after})).status_code == 200
    for code in ("..", "%2e%2e", "xx", "sq%00", "a" * 5000):
        assert (await browser.get(f"/chat/texts/{code}")).status_code == 404


# --------------------------------------------------------------------- static files


TRICKS = (
    "../chat.py", "..%2fchat.py", "%2e%2e/chat.py", "%2e%2e%2fauth.py", "..\\chat.py", "..%5cchat.py",
    "....//chat.py",
    "chat.css/../../chat.py", "chat.css%00.py", "%00", "/etc/passwd", "//etc/passwd", "file:///etc/passwd", "",
    "%252e%252e%252fchat.py", "..%c0%afchat.py", "chat.css/", "CHAT.CSS", "console.css%2f..%2f..%2fauth.py", "*",
    "~",
    "a" * 5000, "%e2%80%a5/chat.py",
)


OWN = Path(chat.__file__).read_text(encoding="utf-8")[:60]


@pytest.mark.parametrize("base", ["/static/", "/console/static/"])
async def test_static_files_lead_nowhere_else(ground: Ground, base: str) -> None:
    browser = ground.browser()
    for trick in TRICKS:
        raw = httpx.URL(f"http://testserver{base}").copy_with(raw_path=(base + trick).encode())
        answer = await browser.get(raw)
        assert answer.status_code in (303, 307, 404, 405), (trick, answer.status_code)
        assert "root:" not in answer.text and OWN not in answer.text
    assert (await browser.get("/static/chat.css")).status_code == 200
    assert (await browser.get("/console/static/console.css")).status_code == 200
