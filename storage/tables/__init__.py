"""The schema. Moments are whole microseconds since 1970 in UTC; JSON columns hold what only Python looks into.

What tells of a person is `Sealed`: reading opens it, writing goes through `storage.sealed.keys.seal`. Every table is
named here, so that the schema is whole wherever one of them is taken from."""

from __future__ import annotations

from sqlalchemy import Table as Described

from storage.tables.base import EPOCH, MICROSECOND, NO_ID_AGAIN, WHERE, Id, Json, Moment, Table
from storage.tables.case import Appointment, BookedTime, CaseClosing, PlanStep, Referral
from storage.tables.desk import Change, Note, Override, Task, Ticket, TicketMove, Unanswered
from storage.tables.people import (
    Address,
    ChatPush,
    Consent,
    Contact,
    ContactKey,
    Drawer,
    JoinCode,
    Merge,
    SavedView,
    Sharer,
    SystemKey,
    WayBack,
    WayIn,
)
from storage.tables.register import Fact, FactVersion, Partner, PartnerVersion, ToldFact
from storage.tables.staff import (
    Audit,
    CannedReply,
    Counsellor,
    DeskPush,
    Pass,
    Presence,
    Session,
    StaffPost,
    StaffTopic,
)
from storage.tables.talk import RECEIPTS, Medium, MediumPart, Message, Reminder, Run
from storage.tables.upkeep import FileLink, RetentionRun, Setting, Statistic

__all__ = [
    "EPOCH",
    "MICROSECOND",
    "NO_ID_AGAIN",
    "RECEIPTS",
    "WHERE",
    "Address",
    "Appointment",
    "Audit",
    "BookedTime",
    "CannedReply",
    "CaseClosing",
    "Change",
    "ChatPush",
    "Consent",
    "Contact",
    "ContactKey",
    "Counsellor",
    "DeskPush",
    "Drawer",
    "Fact",
    "FactVersion",
    "FileLink",
    "Id",
    "JoinCode",
    "Json",
    "Medium",
    "MediumPart",
    "Merge",
    "Message",
    "Moment",
    "Note",
    "Override",
    "Partner",
    "PartnerVersion",
    "Pass",
    "PlanStep",
    "Presence",
    "Referral",
    "Reminder",
    "RetentionRun",
    "Run",
    "SavedView",
    "Session",
    "Setting",
    "Sharer",
    "StaffPost",
    "StaffTopic",
    "Statistic",
    "SystemKey",
    "Table",
    "Task",
    "Ticket",
    "TicketMove",
    "ToldFact",
    "Unanswered",
    "WayBack",
    "WayIn",
    "of_people",
]


def of_people() -> list[Described]:
    """Every table with rows of people beside their contact, whatever a table refers to before it; a table that is
    added later is among them by itself."""
    return [one for one in Table.metadata.sorted_tables if "contact_id" in one.c]
