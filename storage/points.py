"""Named places on a message's way at which a test lets something fail. In service they do nothing."""

from __future__ import annotations

from collections.abc import Callable

POINTS = (
    "receive.begun",  # a batch is here, nothing of it is stored
    "receive.handled",  # what it leads to is worked out, not yet written
    "store.written",  # everything is written, not committed
    "store.committed",  # committed, and nobody knows yet
    "receive.stored",  # known to be stored, not yet offered for sending
    "deliver.sending",  # a message is about to be sent
    "deliver.sent",  # the platform has it, nothing is noted
    "deliver.marking",  # about to be noted as sent
    "deliver.marked",  # noted as sent
    "timers.due",  # what is due is known
    "timers.handed",  # what was due is handled
)
"""Every point, in the order of the way."""

_hook: Callable[[str], None] | None = None


def reach(point: str) -> None:
    """The process is at this point now."""
    if _hook is not None:
        _hook(point)


def watch(hook: Callable[[str], None] | None) -> None:
    """Call this at every point that is reached, from whichever thread; None: nothing any more."""
    global _hook
    _hook = hook
