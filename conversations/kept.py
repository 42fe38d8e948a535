"""What was made from the data files, kept for the next start as Python keeps its bytecode."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

_HASH = 32
"""Bytes."""


def kept(
    folder: Path, name: str, sources: Iterable[Path], make: Callable[[], tuple[Any, ...]]
) -> tuple[Any, ...]:
    """What `make` makes from these files, code among them: made anew where one of them changed. Only what `marshal`
    takes: numbers, strings, tuples, lists, dicts, frozen sets. It lies with the compiled code of the folder."""
    path = Path(cache_from_source(str(folder / f"{name}.py"))).with_suffix(f".{name}")
    made_from = _fingerprint(sources)
    with suppress(OSError, ValueError, EOFError, TypeError):
        return _stored(path.read_bytes(), made_from)
    made = make()
    with suppress(OSError):  # a folder that nobody may write to: it is made anew at the next start
        _store(made, path, made_from)
    return made


def _fingerprint(sources: Iterable[Path]) -> bytes:
    seen = sha256()
    for path in sources:
        seen.update(sha256(path.read_bytes()).digest())
    return seen.digest()


def _store(made: tuple[Any, ...], path: Path, made_from: bytes) -> None:
    content = marshal.dumps(made)
    path.parent.mkdir(exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_bytes(made_from + sha256(content).digest() + content)
    scratch.replace(path)


def _stored(raw: bytes, made_from: bytes) -> tuple[Any, ...]:
    """ValueError where it is of other files, or not whole."""
    content = memoryview(raw)[2 * _HASH:]
    if raw[:2 * _HASH] != made_from + sha256(content).digest():
        raise ValueError("other files")
    made: tuple[Any, ...] = marshal.loads(content)
    return made
