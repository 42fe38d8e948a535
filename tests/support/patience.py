"""How long a test waits for what must come. What must come within a time of its own has a number of its own."""

from __future__ import annotations

PATIENCE = 30.0
"""Seconds. It comes in milliseconds; on a busy machine it takes many times that. Less than the minute after which the
bot looks through everything once more by itself: what it forgot must not be found that way."""
TO_START = 90.0
"""Seconds for a process to start, or to do its work and end."""
