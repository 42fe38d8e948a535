"""Tables written as classes, and what is not loaded for them."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, Integer, MetaData, String, Text, select, update

from storage.declared import DeclaredTable, Mapped, mapped_column
from storage.tables import Moment

LOADED = "import sys, bot.app; print([name for name in sys.modules if name.startswith('sqlalchemy.orm')])"


class House(DeclaredTable):
    metadata = MetaData()
    types: ClassVar = {int: Integer, str: Text, datetime: Moment}


class Cat(House):
    __tablename__ = "cats"
    __table_args__ = (Index("cats_named", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(16))
    born: Mapped[datetime | None]
    lives: Mapped[int] = mapped_column(default=9)


class Toy(House):
    __tablename__ = "toys"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    cat_id: Mapped[int | None] = mapped_column(ForeignKey("cats.id"))
    what: Mapped[str]


def described(table: Any) -> list[tuple[str, str, bool]]:
    return [(one.name, str(one.type), bool(one.nullable)) for one in table.__table__.columns]


def test_a_column_is_what_its_annotation_says_where_nothing_else_is_said() -> None:
    assert described(Cat) == [("id", "INTEGER", False), ("name", "VARCHAR(16)", False), ("born", "BIGINT", True),
                              ("lives", "INTEGER", False)]
    assert described(Toy) == [("id", "INTEGER", False), ("cat_id", "INTEGER", True), ("what", "TEXT", False)]
    assert Cat.__table__.c.lives.default.arg == 9
    assert [index.name for index in Cat.__table__.indexes] == ["cats_named"]
    assert Cat.__table__.dialect_options["sqlite"]["autoincrement"] is True


def test_statements_take_the_class_for_its_table() -> None:
    rows = select(Cat.name, Toy.what).join(Toy, Toy.cat_id == Cat.id).where(Cat.lives > 1)
    assert " ".join(str(rows).split()) == (
        "SELECT cats.name, toys.what FROM cats JOIN toys ON toys.cat_id = cats.id WHERE cats.lives > :lives_1")
    assert str(update(Cat).values(name="Tom")) == "UPDATE cats SET name=:name"


def test_the_bot_maps_nothing() -> None:
    """A sixth of the start, and some ten megabytes: see docs/decisions/0015."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
