"""Who is too fast is told when to come again; nobody else is held up."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.webhook import chat_in
from bot.web import pace as module
from bot.web.pace import Pace


@dataclass
class Watch:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


def test_so_many_at_once_then_so_many_a_second() -> None:
    watch = Watch()
    pace = Pace(5, 2.0, watch)
    assert [pace.wait("eve") for _ in range(7)] == [0] * 5 + [1, 1]
    watch.at += 0.5
    assert [pace.wait("eve"), pace.wait("eve")] == [0, 1]
    watch.at += 100
    assert [pace.wait("eve") for _ in range(6)] == [0] * 5 + [1]


def test_others_have_their_own() -> None:
    pace = Pace(2, 1.0, Watch())
    assert [pace.wait("eve") for _ in range(50)].count(0) == 2
    assert pace.wait("ana") == pace.wait("ben") == 0


def test_who_comes_when_told_is_let_through() -> None:
    watch = Watch()
    pace = Pace(1, 0.25, watch)
    pace.wait("eve")
    seconds = pace.wait("eve")
    assert seconds == 4
    watch.at += seconds
    assert pace.wait("eve") == 0


def test_knocking_meanwhile_costs_nothing() -> None:
    watch = Watch()
    pace = Pace(1, 1.0, watch)
    for _ in range(10):
        pace.wait("eve")
        watch.at += 0.11
    assert pace.wait("eve") == 0


def test_a_hundred_thousand_senders_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 100)
    watch = Watch()
    pace = Pace(3, 1.0, watch)
    for number in range(20_000):
        watch.at += 0.01
        pace.wait(str(number))
    assert len(pace._senders) <= 700


# ------------------------------------------------------------- whose a post is


@pytest.mark.parametrize(("body", "chat"), [
    (b'{"update_id":1,"message":{"chat":{"id":7,"type":"private"},"from":{"id":8}}}', "7"),
    (b'{"update_id":1,"callback_query":{"from":{"id":8},"message":{"chat":{"first_name":"x","id":-7}}}}', "-7"),
    (b'{"update_id":1,"my_chat_member":{"chat":{"id":7}}}', "7"),
    (b'{"message":{"text":"\\"chat\\":{\\"id\\":9}","chat":{"id":7}}}', "7"),
    (b"", ""), (b"[]", ""), (b"{", ""), (b'{"chat":7}', ""), (b'{"chat":{"id":"7"}}', ""), (b"\xff", ""),
    (b'{"a":' * 2000 + b"1" + b"}" * 2000, ""),
])
def test_the_chat_of_a_post(body: bytes, chat: str) -> None:
    assert chat_in(body) == chat


@given(st.binary(max_size=200))
def test_whatever_is_posted(body: bytes) -> None:
    assert isinstance(chat_in(body), str)
