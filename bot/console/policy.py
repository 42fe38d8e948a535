"""Who may do what in the console: role × area × action. What is not listed is refused, a route too.

The whole team sees every chat and every person: the centre is small, and whoever is on duty answers. But what stands
behind the wall (`storage/walls.py`: psychosocial notes and answers) is read by those who work in that area, and in an
emergency, with a reason that the coordinator sees. What belongs to one counsellor is looked at where it is done: only
who has a chat answers and closes it (`bot/receive/staff.py`) and hands it on (`bot/receive/moves.py`), only who has had
one with somebody, or a coordinator, says that two records are theirs (`bot/console/people/merging.py`), and an account,
its sessions and its phone are one's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["counsellor", "coordinator"]
Area: TypeAlias = Literal[
    "chats", "people", "tasks", "facts", "account", "team", "hours", "replies", "presence", "record", "report",
    "questions", "links", "clock",
]
Action: TypeAlias = Literal[
    "see", "take", "answer", "note", "close", "move", "distribute", "finish", "retry", "change", "override", "merge",
    "turn",
]
Rights: TypeAlias = Mapping[Area, frozenset[Action]]

_EVERYBODY: Rights = {
    "chats": frozenset({"see", "take", "answer", "note", "close", "move"}),
    "people": frozenset({"see", "note", "change", "override", "merge"}),
    "tasks": frozenset({"see", "finish", "retry"}),
    "facts": frozenset({"see"}),
    "account": frozenset({"see", "change"}),
    "presence": frozenset({"change"}),
    "replies": frozenset({"see"}),
    "links": frozenset({"see", "change"}),
    "clock": frozenset({"turn"}),
}
TABLE: Mapping[Role, Rights] = {
    "counsellor": _EVERYBODY,
    "coordinator": {**_EVERYBODY, "chats": _EVERYBODY["chats"] | {"distribute"}, "team": frozenset({"see", "change"}),
                    "hours": frozenset({"see", "change"}), "facts": frozenset({"see", "change"}),
                    "replies": frozenset({"see", "change"}),
                    "record": frozenset({"see", "change"}), "report": frozenset({"see"}),
                    "questions": frozenset({"see", "finish"})},
}
"""`clock` is the demo's: elsewhere it has no route."""

Route: TypeAlias = tuple[str, str]
"""Method and path below /console, as the router has it."""
OPEN: frozenset[Route] = frozenset({
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-out"),
    ("GET", "/code"), ("POST", "/code"),
    ("GET", "/set-up-code"), ("POST", "/set-up-code"),
    ("GET", "/new-password"), ("POST", "/new-password"),
    ("GET", "/static/{name}"),
})
"""For who is not signed in yet. Each of them asks for what it needs: a password, a pass, a link."""
ROUTES: Mapping[Route, tuple[Area, Action]] = {
    ("GET", "/files/{message_id}"): ("chats", "see"),
    ("POST", "/report/budget"): ("team", "change"),
    ("GET", ""): ("chats", "see"),
    ("GET", "/queue"): ("chats", "see"),
    ("GET", "/alert"): ("chats", "see"),
    ("GET", "/events"): ("chats", "see"),
    ("GET", "/tickets/{ticket_id}"): ("chats", "see"),
    ("GET", "/tickets/{ticket_id}/messages"): ("chats", "see"),
    ("POST", "/tickets/{ticket_id}/claim"): ("chats", "take"),
    ("POST", "/tickets/{ticket_id}/reply"): ("chats", "answer"),
    ("POST", "/tickets/{ticket_id}/note"): ("chats", "note"),
    ("POST", "/tickets/{ticket_id}/close"): ("chats", "close"),
    ("POST", "/tickets/{ticket_id}/messages/{message_id}/again"): ("chats", "answer"),
    ("POST", "/tickets/{ticket_id}/messages/{message_id}/back"): ("chats", "answer"),
    ("POST", "/tickets/{ticket_id}/typing"): ("chats", "answer"),
    ("POST", "/tickets/{ticket_id}/form"): ("chats", "answer"),
    ("POST", "/tickets/{ticket_id}/form/end"): ("chats", "answer"),
    ("GET", "/tickets/{ticket_id}/cards"): ("chats", "answer"),
    ("POST", "/tickets/{ticket_id}/take-over"): ("chats", "take"),
    ("POST", "/tickets/{ticket_id}/transfer"): ("chats", "move"),
    ("POST", "/tickets/{ticket_id}/consult"): ("chats", "move"),
    ("POST", "/tickets/{ticket_id}/sleep"): ("chats", "move"),
    ("POST", "/tickets/{ticket_id}/wake"): ("chats", "move"),
    ("POST", "/presence"): ("presence", "change"),
    ("POST", "/push"): ("presence", "change"),
    ("GET", "/people"): ("people", "see"),
    ("POST", "/people"): ("people", "see"),
    ("POST", "/people/views"): ("people", "see"),
    ("POST", "/people/views/{view_id}/drop"): ("people", "see"),
    ("GET", "/people/{contact_id}"): ("people", "see"),
    ("POST", "/people/{contact_id}/answers"): ("people", "change"),
    ("POST", "/people/{contact_id}/notes"): ("people", "note"),
    ("GET", "/people/{contact_id}/plan"): ("people", "see"),
    ("POST", "/people/{contact_id}/steps"): ("people", "change"),
    ("POST", "/people/{contact_id}/steps/{step_id}"): ("people", "change"),
    ("POST", "/people/{contact_id}/referrals"): ("people", "change"),
    ("POST", "/people/{contact_id}/steps/{step_id}/offer"): ("people", "change"),
    ("POST", "/people/{contact_id}/referrals/{referral_id}"): ("people", "change"),
    ("GET", "/people/{contact_id}/referrals/{referral_id}/letter"): ("people", "change"),
    ("POST", "/people/{contact_id}/appointments"): ("people", "change"),
    ("POST", "/people/{contact_id}/appointments/{appointment_id}"): ("people", "change"),
    ("POST", "/people/{contact_id}/appointments/{appointment_id}/times"): ("people", "change"),
    ("POST", "/people/{contact_id}/closing"): ("people", "change"),
    ("POST", "/people/{contact_id}/closing/announce"): ("people", "change"),
    ("POST", "/people/{contact_id}/closing/undo"): ("people", "change"),
    ("POST", "/people/{contact_id}/promises"): ("people", "change"),
    ("POST", "/people/{contact_id}/asking"): ("people", "change"),
    ("POST", "/people/{contact_id}/override"): ("people", "override"),
    ("GET", "/people/{contact_id}/merge"): ("people", "see"),
    ("POST", "/people/{contact_id}/merge"): ("people", "merge"),
    ("POST", "/people/{contact_id}/merges/{merge_id}/undo"): ("people", "merge"),
    ("GET", "/day"): ("tasks", "see"),
    ("GET", "/tasks"): ("tasks", "see"),
    ("POST", "/tasks/{task_id}/done"): ("tasks", "finish"),
    ("POST", "/tasks/{task_id}/of-age"): ("tasks", "finish"),
    ("POST", "/tasks/{task_id}/confirmed"): ("tasks", "finish"),
    ("POST", "/tasks/{task_id}/retry"): ("tasks", "retry"),
    ("GET", "/facts"): ("facts", "see"),
    ("GET", "/facts/file"): ("facts", "see"),
    ("POST", "/facts/file"): ("facts", "change"),
    ("GET", "/facts/languages"): ("facts", "change"),
    ("GET", "/facts/new"): ("facts", "change"),
    ("POST", "/facts/new"): ("facts", "change"),
    ("GET", "/facts/of/{fact_id}"): ("facts", "see"),
    ("POST", "/facts/of/{fact_id}"): ("facts", "change"),
    ("POST", "/facts/of/{fact_id}/tell"): ("facts", "change"),
    ("GET", "/partners"): ("facts", "see"),
    ("GET", "/partners/new"): ("facts", "change"),
    ("POST", "/partners"): ("facts", "change"),
    ("GET", "/partners/{slug}"): ("facts", "see"),
    ("POST", "/partners/{slug}"): ("facts", "change"),
    ("POST", "/partners/{slug}/end"): ("facts", "change"),
    ("GET", "/account"): ("account", "see"),
    ("POST", "/account/password"): ("account", "change"),
    ("POST", "/account/code"): ("account", "change"),
    ("POST", "/account/language"): ("account", "change"),
    ("POST", "/account/sessions"): ("account", "change"),
    ("POST", "/account/telegram"): ("account", "change"),
    ("GET", "/team"): ("team", "see"),
    ("POST", "/team"): ("team", "change"),
    ("POST", "/team/{counsellor_id}/link"): ("team", "change"),
    ("POST", "/team/{counsellor_id}/code"): ("team", "change"),
    ("POST", "/team/{counsellor_id}/sessions"): ("team", "change"),
    ("POST", "/team/{counsellor_id}/work"): ("team", "change"),
    ("POST", "/team/{counsellor_id}/role"): ("team", "change"),
    ("POST", "/team/{counsellor_id}/remove"): ("team", "change"),
    ("GET", "/hours"): ("hours", "see"),
    ("POST", "/hours"): ("hours", "change"),
    ("POST", "/hours/closures"): ("hours", "change"),
    ("POST", "/hours/closures/remove"): ("hours", "change"),
    ("GET", "/replies"): ("replies", "see"),
    ("POST", "/replies"): ("replies", "change"),
    ("POST", "/replies/{canned_id}"): ("replies", "change"),
    ("POST", "/replies/{canned_id}/remove"): ("replies", "change"),
    ("GET", "/links"): ("links", "see"),
    ("POST", "/links"): ("links", "change"),
    ("POST", "/links/{way_id}/end"): ("links", "change"),
    ("GET", "/links/{way_id}/poster"): ("links", "see"),
    ("GET", "/record"): ("record", "see"),
    ("POST", "/record/overrides/{override_id}"): ("record", "change"),
    ("GET", "/report"): ("report", "see"),
    ("GET", "/reports"): ("report", "see"),
    ("GET", "/reports/csv"): ("report", "see"),
    ("GET", "/reports/xlsx"): ("report", "see"),
    ("GET", "/reports/month"): ("report", "see"),
    ("GET", "/questions"): ("questions", "see"),
    ("POST", "/questions"): ("questions", "finish"),
    ("GET", "/questions/belongs"): ("questions", "finish"),
    ("POST", "/clock"): ("clock", "turn"),
}


def may(role: str, area: Area, action: Action) -> bool:
    """False for a role that is not in the table, too: the database has it as a text."""
    return any(action in rights.get(area, ()) for one, rights in TABLE.items() if one == role)


def may_go(role: str, method: str, path: str) -> bool:
    """Whether somebody who is signed in may use this route."""
    need = ROUTES.get((method, path))
    return need is not None and may(role, *need)
