"""What axe-core finds wrong with an open page: WCAG 2.2 A and AA, and its best practices."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": {"type": "tag", "values": [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}, "resultTypes": ["violations"]}
"""What is right is not told in full: on a long page that took longer than looking at it."""


def faults(page: Page, colours: bool = True) -> list[str]:
    """Each in one line: the rule, how grave, and the first places. `colours`: their contrast is looked at too, which
    takes two thirds of the time."""
    rules = RULES if colours else {**RULES, "rules": {"color-contrast": {"enabled": False}}}
    found: list[dict[str, Any]] = Axe().run(page, options=rules).response["violations"]
    return [f"{one['id']} ({one['impact']}): {one['help']}: {_places(one['nodes'])}" for one in found]


def _places(nodes: list[dict[str, Any]]) -> str:
    return "; ".join(f"{' '.join(map(str, node['target']))} {node['html'][:120]}" for node in nodes[:4])
