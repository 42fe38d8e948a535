"""Finding people although what they said is locked: keyed hashes of a few words, kept beside them.

A drawer is a place of a register: "a name that begins with 'ver'", "lives in Gjakova". What stands in the table is only
its keyed hash, so that who has the table without the key can neither read nor guess what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert

from conversations.readers import fold
from storage.prepared import Prepared
from storage.sealed.vault import vault_of
from storage.tables import Drawer

FEWEST, MOST = 3, 10
"""A name is found by its first letters: from so many to so many. Fewer would tell too much about it."""
DIGITS = 4
"""A phone number is found by so many of its first digits, or of its last ones."""
LONGEST_NAME = 6
"""So many words of a name are filed."""
FILED = ("name", "phone", "municipality", "first_need", "situation")
"""The answers that have drawers."""
_ADD = Prepared(insert(Drawer).values(word=bindparam("word"), contact_id=bindparam("contact_id")))
_CLEAR = Prepared(delete(Drawer).where(Drawer.contact_id == bindparam("whose")))


def filed(known: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a person is found by; while this is the same, so are their drawers."""
    return tuple(known.get(one) for one in FILED)


def file(connection: Connection, people: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Put these people into the drawers that their answers say today, and into no others."""
    known = list(people)
    _CLEAR.each(connection, [{"whose": contact_id} for contact_id, _ in known])
    _ADD.each(connection, [
        {"word": word, "contact_id": contact_id}
        for contact_id, answers in known for word in hashed(connection, labels_of(answers))
    ])


def hashed(connection: Connection, labels: Iterable[str]) -> list[str]:
    vault = vault_of(connection.dialect)
    return [vault.drawer(label) for label in labels]


# ------------------------------------------------------------- which drawers


def labels_of(known: Mapping[str, Any]) -> list[str]:
    """The drawers of a person, each once."""
    return list(dict.fromkeys(_labels(known)))


def _labels(known: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(name := known.get("name"), str):
        for word in fold(name).split()[:LONGEST_NAME]:
            yield from (f"name:{begin}" for begin in _beginnings(word))
            yield f"name={word}"
    if isinstance(phone := known.get("phone"), str):
        yield from _of_phone(_digits(phone))
    for question in ("municipality", "first_need", "situation"):
        if isinstance(value := known.get(question), str):
            yield f"{question}={value}"


def _beginnings(word: str) -> Iterator[str]:
    return (word[:length] for length in range(FEWEST, min(len(word), MOST) + 1))


def _of_phone(digits: str) -> Iterator[str]:
    yield f"phone={digits}"
    if len(digits) >= DIGITS:
        yield f"phone-end:{digits[-DIGITS:]}"
    national = digits.removeprefix(HOME)
    yield from (f"phone:{national[:length]}" for length in range(DIGITS, len(national) + 1))


HOME = "383"
"""Kosovo's numbers are known without it."""


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())


# ------------------------------------------------------------- what is looked for


def wanted(typed: str) -> list[list[str]]:
    """What somebody typed into the search -> of each word, the drawers of which one must hold the person.

    Empty where nothing is looked for; a word that is too short is left out, unless it is the whole name."""
    words = fold(typed).split()[:LONGEST_NAME]
    if (digits := _as_number(typed)) is not None:
        return [[*_phones(digits), *(_of_word(words[0]) if len(words) == 1 else ())]]
    return [_of_word(word) for word in words]


def _of_word(word: str) -> list[str]:
    return [f"name={word}"] if len(word) < FEWEST else [f"name:{word[:MOST]}"]


def _as_number(typed: str) -> str | None:
    """The digits of a phone number, however it is written; None for anything else."""
    bare = typed.strip().replace("(0)", "")
    if not bare or any(not one.isdigit() and one not in "+ ()/-.–" for one in bare):
        return None
    digits = _digits(bare)
    return digits if len(digits) >= DIGITS else None


def _phones(digits: str) -> list[str]:
    """The whole number, its beginning in any of the ways it is written, or its end."""
    bare = digits.removeprefix("00")
    national = bare.removeprefix(HOME).removeprefix("0")
    found = [f"phone={bare}", f"phone={HOME}{national}", f"phone:{national}"]
    return [*found, f"phone-end:{digits}"] if len(digits) == DIGITS else found


def is_number(typed: str) -> int | None:
    """The number under which the record knows a person."""
    bare = typed.strip()
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 9 else None


def of_question(question: str, value: str) -> Sequence[str]:
    return (f"{question}={value}",)
