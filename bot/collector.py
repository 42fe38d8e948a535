"""Python's collector of garbage, as the service has it once everything is loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 5_000, 20, 20
"""It looks when there are so many new objects more than before. A turn of a hundred people makes some thousands, which
end with it: looked at in the middle, they are all still there. With 700, Python's own, it took 4 % of a turn."""


def settle() -> None:
    """Facts, texts and conversations stay for good: they need not be looked through each time."""
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    gc.enable()


@contextmanager
def lasting() -> Iterator[None]:
    """While much is made that stays, as the index of all facts: to look through what there is of it again and again
    holds everybody up, whichever thread makes it. One at a time."""
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count():
            gc.freeze()
        gc.enable()
