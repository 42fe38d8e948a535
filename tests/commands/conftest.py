"""People in a world of their own, and what these tests need to know of it."""

from __future__ import annotations

from tests.pipeline.conftest import prepared, quiet, world

__all__ = ["prepared", "quiet", "world"]
