"""In Chromium: pictures are chosen, made smaller and sent without leaving the page, also without words."""

from __future__ import annotations

import struct
import zlib

from playwright.sync_api import Page, expect

from .conftest import World
from .test_console_browser import address, open_chat, page

__all__ = ["address", "page"]


def png(side: int) -> bytes:
    """A black square."""
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" * (side + 1)) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_pictures_are_made_smaller_and_sent(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    page.set_input_files("#pictures", [
        {"name": f"{side}.png", "mimeType": "image/png", "buffer": png(side)} for side in (2400, 30)])
    with page.expect_response("**/reply"):
        page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#pictures")).to_have_value("")
    sides = [int.from_bytes(one.content[16:20], "big") for one in world.desk.pictures]
    assert sides == [1600, 30]
    page.set_input_files("#pictures", [{"name": "a.gif", "mimeType": "image/gif", "buffer": b"GIF89a"}])
    with page.expect_response("**/reply"):
        page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#reply .error")).to_contain_text("take JPEG or PNG")
    assert len(world.desk.pictures) == 2
