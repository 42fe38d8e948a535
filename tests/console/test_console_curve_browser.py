"""In Chromium: how it goes, drawn on a person's page; and its picture for docs/."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.sides import PICTURES, Pictures

from .conftest import World, ago, handed_off, someone
from .test_console_asking import check_in
from .test_console_browser import address, page

__all__ = ["address", "page"]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_curve_is_wholly_seen(browser: Browser, page: Page, world: World, width: int) -> None:
    def add(connection: Any) -> int:
        drin = someone(connection, None, known={"name": "Drin"}, consents={"check_in": True, "keep": True})
        check_in(connection, drin, 200, money="bad", people="good")
        handed_off(connection, drin, "employment", ago(days=150))
        check_in(connection, drin, 120, money="so_so", people="so_so")
        check_in(connection, drin, 30, money="good", people="good")
        return drin

    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/console/people/{world.change(add)}")
    chart = page.locator("svg.chart")
    expect(chart).to_have_attribute("role", "img")
    box = chart.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
    pictures = Pictures(browser)
    if pictures.wanted and width == 1280:
        page.locator("section:has(svg.chart)").first.screenshot(path=PICTURES / "curve.png")
