"""Messages -> the exact calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Button, Outgoing, OutgoingMessage
from bot.channels.telegram.commands import command_calls
from bot.channels.telegram.compose import chat_id, keyboard, requests_for, split, utf16_length

EXPECTED = sorted((Path(__file__).parent / "requests").glob("*.json"))


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_exact_calls(path: Path) -> None:
    case = json.loads(path.read_text())
    stored = {"buttons": [], "columns": 1, "style": "plain", "quiet": False} | case["message"]
    message = OutgoingMessage.from_json(stored.pop("text"), stored)
    assert requests_for(Outgoing(1, case["address"], message)) == case["calls"]


def test_columns_below_one_are_one() -> None:
    assert keyboard([Button("Yes", "a"), Button("No", "b")], 0) == [
        [{"text": "Yes", "callback_data": "a"}],
        [{"text": "No", "callback_data": "b"}],
    ]


def test_an_address_that_is_no_number_is_left_to_telegram() -> None:
    assert (chat_id("-1001"), chat_id("@somewhere")) == (-1001, "@somewhere")


def test_the_buttons_stand_under_the_last_part() -> None:
    message = OutgoingMessage("word " * 2000, (Button("Go on", "1:a:b"),))
    first, *_, last = requests_for(Outgoing(1, "7", message))
    assert "reply_markup" not in first
    assert last["reply_markup"] == {"inline_keyboard": [[{"text": "Go on", "callback_data": "1:a:b"}]]}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("short", ["short"]),
        ("", [""]),
        ("exactly ten"[:10], ["exactly te"]),
        ("one two three", ["one two", "three"]),
        ("One. Two th.", ["One. Two", "th."]),
        ("Aa bb. Cc dd", ["Aa bb.", "Cc dd"]),
        ("Aa bb\n\nc d e f", ["Aa bb", "c d e f"]),
        ("Aa bb\nc d e f", ["Aa bb", "c d e f"]),
        ("abcdefghijklmnopqrstuv", ["abcdefghij", "klmnopqrst", "uv"]),
        ("😀😀😀😀😀😀", ["😀😀😀😀😀", "😀"]),
        ("a😀😀😀😀😀b", ["a😀😀😀😀", "😀b"]),
    ],
)
def test_split_at_ten(text: str, parts: list[str]) -> None:
    assert split(text, 10) == parts


texts = st.text(st.sampled_from("ab .!?\n😀é\ud800"), max_size=200)


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(2, 40))
def test_parts_fit_and_nothing_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(utf16_length(part) <= limit for part in parts)
    assert len(parts) == 1 or all(parts)


@given(st.text(max_size=50))
def test_length_is_in_utf16_units(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


def test_commands_by_language() -> None:
    calls = command_calls(
        {"": [("menu", "Menu")], "sr-Latn": [("/menu", "Meni")], "sr-Cyrl": [("menu", "Мени")]}
    )
    assert calls == [
        {"commands": [{"command": "menu", "description": "Menu"}]},
        {"commands": [{"command": "menu", "description": "Meni"}], "language_code": "sr"},
    ]
