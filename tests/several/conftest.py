from __future__ import annotations

from tests.pipeline.conftest import prepared

__all__ = ["prepared"]
