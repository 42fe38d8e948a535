"""Recorded updates -> the expected events."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Update

from bot.channels.telegram.parse import kind_of, parse
from bot.channels.telegram.taps import keyboard_of, taps_in
from conversations import events
from conversations.events import FromPerson

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RECORDED = sorted((Path(__file__).parent / "updates").glob("*.json"))


def as_json(event: FromPerson) -> dict[str, Any]:
    values = {field.name: getattr(event, field.name) for field in fields(event) if field.name != "at"}
    return {"type": type(event).__name__, **values}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded(path: Path) -> None:
    recorded = json.loads(path.read_text())
    found = parse(recorded["update"], AT)
    assert [as_json(event) for event in found] == recorded["events"]
    assert all(event.at == AT for event in found)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_updates_are_what_the_library_takes_for_updates(path: Path) -> None:
    update = json.loads(path.read_text())["update"]
    assert Update.de_json(update).update_id == update["update_id"]


def test_every_type_is_recorded() -> None:
    seen = {event["type"] for path in RECORDED for event in json.loads(path.read_text())["events"]}
    assert seen == {"Message", "Tap", "Started", "Stopped", "Media"}
    assert all(hasattr(events, name) for name in seen)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("text_in_group", "message:supergroup:text"),
        ("edited_text", "edited_message:private:text"),
        ("tap_in_group", "callback_query:supergroup:data"),
        ("service_message", "message:private:pinned_message"),
        ("added_to_group", "my_chat_member:supergroup:new_chat_member"),
        ("unknown", "some_future_thing"),
    ],
)
def test_kind_says_nothing_that_a_person_wrote(name: str, kind: str) -> None:
    path = next(path for path in RECORDED if path.stem == name)
    assert kind_of(json.loads(path.read_text())["update"]) == kind


# Anything at all


def _keys() -> set[str]:
    """All words that stand in the recorded updates, so that made-up ones come near to real ones."""

    def words(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value) | set().union(*map(words, value.values()), set())
        return set().union(*map(words, value)) if isinstance(value, list) else set()

    return set().union(*(words(json.loads(path.read_text())["update"]) for path in RECORDED))


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["private", "group", "kicked", "member", "/start x", "/start"]),
)
keys = st.one_of(st.sampled_from(sorted(_keys())), st.text(max_size=5))
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=6)),
    max_leaves=12,
)
private_chat = st.one_of(anything, st.fixed_dictionaries({"id": leaves, "type": st.just("private")}))
message_like = st.dictionaries(keys, anything, max_size=6).flatmap(
    lambda rest: st.fixed_dictionaries({"chat": private_chat, "from": anything}).map(
        lambda fixed: rest | fixed
    )
)
update_like = st.one_of(
    anything,
    st.fixed_dictionaries(
        {"update_id": st.one_of(st.integers(), anything)},
        optional={
            "message": st.one_of(message_like, anything),
            "callback_query": st.fixed_dictionaries(
                {"data": anything, "from": anything}, optional={"message": message_like}
            ),
            "my_chat_member": message_like,
        },
    ),
)


@settings(max_examples=300, deadline=None)
@given(update_like)
def test_never_raises(update: object) -> None:
    for event in parse(update, AT):
        assert event.channel == "telegram"
        assert event.key.lstrip("-").isdigit()
        assert event.address.lstrip("-").isdigit()
        assert event.language is None or isinstance(event.language, str)
    assert isinstance(kind_of(update), str)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(keys, anything, max_size=4), max_size=3))
def test_looking_for_taps_never_raises(updates: list[dict[str, Any]]) -> None:
    for query in taps_in(updates):
        keyboard_of(query)


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_text_comes_through_unchanged(text: str) -> None:
    message = {"chat": {"id": 7, "type": "private"}, "text": text}
    [event] = parse({"update_id": 1, "message": message}, AT)
    assert isinstance(event, events.Started) or (isinstance(event, events.Message) and event.text == text)
