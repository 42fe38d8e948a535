"""Pushes in Chromium, where no push service can be reached: a browser's half of them, put in its place."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

ENDPOINT = "https://push.example.org/of-this-browser"
SUBSCRIBES = f"""
const made = {{ endpoint: {ENDPOINT!r}, unsubscribe: async () => {{ window.localStorage.removeItem("made"); }} }};
PushManager.prototype.subscribe = async (options) => {{
  if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("refused");
  window.localStorage.setItem("made", "1");
  return made;
}};
PushManager.prototype.getSubscription = async () => (window.localStorage.getItem("made") ? made : null);
"""
KEY = "B" + "A" * 86
"""As long as a key of ours."""


def deliver(page: Page, address: str, scope: str) -> None:
    """A push comes for the worker of these pages."""
    tools = page.context.new_cdp_session(page)
    known: list[Any] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(told["registrations"]))
    tools.send("ServiceWorker.enable")
    while not known:
        page.evaluate("0")
    [number] = {one["registrationId"] for one in known if one["scopeURL"] == address + scope}
    tools.send("ServiceWorker.deliverPushMessage", {"origin": address, "registrationId": number, "data": ""})
