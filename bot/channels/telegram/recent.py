"""A memory of the last things seen."""

from __future__ import annotations


class Recent:
    def __init__(self, size: int) -> None:
        self._size = size
        self._seen: dict[str, None] = {}

    def is_new(self, key: str) -> bool:
        """Whether this is the first time; it is remembered from now on."""
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > self._size:
            del self._seen[next(iter(self._seen))]
        return True
