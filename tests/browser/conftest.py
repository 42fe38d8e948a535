"""The browser that these tests drive."""

from tests.support.chromium import browser

__all__ = ["browser"]
