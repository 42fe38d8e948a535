"""One slip of the finger."""

from __future__ import annotations


def one_mistake_apart(one: str, other: str) -> bool:
    """At most one letter too many, missing, wrong, or changed with the next: an optimal string alignment distance of 1.
    A library for it would be 3 MB in memory, for a question that is asked at almost every message."""
    start, end = 0, 0
    shorter = min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    rest, left = one[start:len(one) - end], other[start:len(other) - end]
    return (len(rest) <= 1 and len(left) <= 1) or (len(rest) == 2 and rest == left[::-1])
