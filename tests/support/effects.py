"""What changed for a person since the last line, as lines that anyone can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from storage.tables import Address, Appointment, CaseClosing, Contact, PlanStep, Referral, Reminder, Task, Ticket
from tests.support.world import World

ZONE = ZoneInfo("Europe/Belgrade")
State = dict[str, str]


async def state_of(world: World, person: str) -> State:
    """Everything that is kept about a person, one short line for each thing."""
    contacts, addresses, tickets, tasks, reminders, plan, referrals, appointments, closed = await world.rows(
        person, Contact, Address, Ticket, Task, Reminder, PlanStep, Referral, Appointment, CaseClosing
    )
    if not contacts:
        return {}
    found = dict(_contact(contacts[0]))
    for one in addresses:
        found[f"address {one['id']}"] = "! blocked" if one["blocked_at"] else ""
    for one in tickets:
        found |= _ticket(one)
    for one in tasks:
        done = " (done)" if one["done_at"] else ""
        found[f"task {one['key']}"] = f'! task {one["kind"]} ({one["area"]}) "{_short(one["about"])}"{done}'
    for one in reminders:
        found[f"reminder {one['key']}"] = _reminder(one)
    for one in plan:
        found[f"plan {one['key']}"] = _plan_step(one)
    for one in appointments:
        found[f"appointment {one['id']}"] = _appointment(one)
    for one in closed:
        again = ", open again" if one["reopened_at"] else ""
        leaves = f", why: {one['why_leaves']}" if one["why_leaves"] else ""
        found[f"closed {one['id']}"] = f"! case closed ({one['why']}){leaves}{again}"
    for one in referrals:
        found[f"referral {one['key']}"] = _referral(one)
    return found


def _plan_step(one: dict[str, Any]) -> str:
    why = f" ({one['reason']})" if one["reason"] else ""
    offered = f", offered: {one['offer']['by']}" if one["offer"] else ""
    return f'! plan step "{one["what"]}" {one["state"]}{why}, by {one["by"]}{offered}'


def _contact(contact: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if contact["chose_language"]:
        yield "language", f"! language {contact['language']}"
    for purpose, given in contact["consents"].items():
        yield f"consent {purpose}", f"! consent {purpose} {'yes' if given else 'no'}"
    for path, value in contact["known"].items():
        yield f"known {path}", f"! known {path}={_value(value)}"
    if contact["rhythm_days"] is not None:
        yield "rhythm", f"! check-in every {contact['rhythm_days']} days"
    if contact["discreet"] is not None:
        hours = contact["discreet"]["hours"]
        when = f", {hours[0]}:00 to {hours[1]}:00" if hours else ""
        yield "discreet", f"! discreet{', without a sound' if contact['discreet']['silent'] else ''}{when}"
    if contact["is_minor"] is not None:
        yield "minor", f"! under age: {'yes' if contact['is_minor'] else 'no'}"
    if contact["stopped_at"] is not None:
        yield "stopped", "! stopped"
    if contact["paused_until"] is not None:
        yield "paused", f"! paused until {_local(contact['paused_until'])}"


def _ticket(one: dict[str, Any]) -> State:
    name = "! urgent ticket" if one["urgent"] else "! ticket"
    closed = f" by the {one['closed_by']}" if one["state"] == "closed" else ""
    found = {f"ticket {one['id']}": f'{name} {one["area"]} {one["state"]}{closed} "{one["reason"]}"'}
    if one["unread"]:
        found[f"unread {one['id']}"] = f"! unread by the counsellor: {one['unread']}"
    if one["rating"]:
        found[f"rating {one['id']}"] = f"! rating {one['rating']}"
    return found


def _reminder(one: dict[str, Any]) -> str:
    tries = ("", ", asked once", ", asked 2 times", ", not asked again")[one["attempt"]]
    if one["state"] != "waiting":
        return f"! reminder {one['opens']} {one['state']}"
    return f"! reminder {one['opens']} {_local(one['due_at'])}{tries}"


def _appointment(one: dict[str, Any]) -> str:
    at = f" {_local(one['starts_at'])}" if one["starts_at"] else ""
    return f"! meeting {one['state']}{at}{', a time is to be picked' if one['asks'] else ''}"


def _referral(one: dict[str, Any]) -> str:
    helped = f", helped: {one['helped']}" if one["helped"] else ""
    return f"! referral {one['partner']} {one['state']}{helped}"


def _local(moment: Any) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _value(value: Any) -> str:
    if isinstance(value, dict) and "picked" in value:
        return "+".join(value["picked"]) or "nothing"
    return "skipped" if value is None else _short(str(value))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


def changes(before: State, after: State) -> list[str]:
    """New and changed things as they are now; things that are gone by their names."""
    lines = [line for key, line in after.items() if line and before.get(key) != line]
    gone = [key for key, line in before.items() if line and not after.get(key)]
    names = [f"! no longer {_plain(key, before[key])}" for key in gone if not key.startswith("unread")]
    if len(names) > 5 and not any(key in after for key in before if key.startswith("consent")):
        return [*lines, "! everything is deleted"]
    return lines + names


def _plain(key: str, line: str) -> str:
    if key.startswith(("plan", "task", "ticket", "address", "stopped", "paused", "referral", "meeting")):
        return line.removeprefix("! ")
    return key
