"""Recorded callbacks -> what they are."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.viber.parse import kind_of, parse, sender_in

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RECORDED = sorted((Path(__file__).parent / "updates").glob("*.json"))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["event", "message", "sender", "id", "type", "text", "location", "lat", "message_token"]),
        inner, max_size=4),
    max_leaves=12,
)


def as_json(found: Any) -> dict[str, Any] | None:
    if found is None:
        return None
    values = {field.name: getattr(found, field.name) for field in fields(found) if field.name != "at"}
    return {"type": type(found).__name__, **values}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded(path: Path) -> None:
    recorded = json.loads(path.read_text())
    assert as_json(parse(recorded["update"], AT)) == recorded["found"]


@given(ANYTHING)
def test_whatever_is_posted(update: object) -> None:
    parse(update, AT)
    assert isinstance(kind_of(update), str)


@given(st.sampled_from(RECORDED), st.data())
def test_a_callback_with_something_else_in_it(path: Path, data: st.DataObject) -> None:
    update = json.loads(path.read_text())["update"]
    key = data.draw(st.sampled_from(sorted(update)))
    parse({**update, key: data.draw(ANYTHING)}, AT)


def test_the_kind_tells_nothing_that_somebody_wrote() -> None:
    kinds = {path.stem: kind_of(json.loads(path.read_text())["update"]) for path in RECORDED}
    assert kinds["unknown_message"] == "message:hologram" and kinds["webhook"] == "webhook"
    assert kind_of([]) == "empty"


def test_whose_it_is() -> None:
    assert sender_in({"sender": {"id": "a"}}) == sender_in({"user": {"id": "a"}}) == "a"
    assert sender_in({"sender": {"id": 7}}) == sender_in({}) == ""
