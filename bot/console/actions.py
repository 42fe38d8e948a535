"""What the counsellors do: the POST routes. Each ends with a redirect, or with the same page and a sentence."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from bot.console import warnings
from bot.console.auth import Me
from bot.console.guard import HOME, Number, local_page
from bot.console.labels import OUTCOMES
from bot.console.live import typing_topic
from bot.console.pages import Pages, Trouble
from bot.console.parts import ConsoleParts
from bot.console.pictures import AS_FORM, LARGEST_BODY, TAKEN, read_reply
from bot.console.policy import may
from bot.console.tongue import reason_of, spoken
from bot.receive.staff import Picture
from bot.safely import clean
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import media, messages
from storage.desk import DeskError
from storage.staff import CounsellorView
from storage.store import StoreError

T = TypeVar("T")
LONGEST, MOST_REASON = 8000, 500
"""What a message on the web chat takes; where a channel takes less, it is said before."""
NOT_STORED = _d("This could not be stored just now. Nothing is lost: try again in a moment.")
Text = Annotated[str, Form()]


class Actions:
    def __init__(self, parts: ConsoleParts, pages: Pages) -> None:
        self.parts = parts
        self.desk = parts.desk
        self.pages = pages

    def add_to(self, router: APIRouter) -> None:
        for path, action in (
            ("/tickets/{ticket_id}/claim", self.claim),
            ("/tickets/{ticket_id}/messages/{message_id}/again", self.send_again),
            ("/tickets/{ticket_id}/messages/{message_id}/back", self.take_back),
            ("/tickets/{ticket_id}/typing", self.types),
            ("/tickets/{ticket_id}/form", self.ask_form),
            ("/tickets/{ticket_id}/form/end", self.end_form),
            ("/tickets/{ticket_id}/note", self.note),
            ("/tickets/{ticket_id}/close", self.close),
            ("/tasks/{task_id}/done", self.finish_task),
            ("/tasks/{task_id}/of-age", self.of_age),
            ("/tasks/{task_id}/confirmed", self.confirm_help),
            ("/tasks/{task_id}/retry", self.retry),
        ):
            router.add_api_route(path, action, methods=["POST"])
        router.add_api_route("/tickets/{ticket_id}/reply", self.reply, methods=["POST"], openapi_extra=dict(AS_FORM),
                             max_body_size=LARGEST_BODY)
        if self.parts.demo:
            router.add_api_route("/clock", self.turn_clock, methods=["POST"])

    async def claim(self, me: Me, ticket_id: Number) -> Response:
        try:
            other = await _stored(self.desk.claim(ticket_id, me.id))
        except DeskError as error:
            return await self._refused(me, ticket_id, Trouble("claim", reason_of(error)))
        if other is not None:
            taken = Phrase("{name} already has this chat.", name=other)
            return await self._refused(me, ticket_id, Trouble("claim", taken))
        return _to_chat(ticket_id)

    async def reply(self, me: Me, ticket_id: Number, request: Request) -> Response:
        given = await read_reply(request)
        text, key, pictures = typed(given.text), typed(given.key), given.pictures
        trouble = Trouble("reply", given.trouble or why_not(text, least=0 if pictures else 1), text, key)
        if trouble.sentence or not key:
            return await self._refused(me, ticket_id, trouble, 422)
        parts = self.parts
        if text and not given.sure and (warned := await warnings.before(
                parts.store, parts.settings, parts.register, parts.limits, ticket_id, me.id, text)):
            sentence = " ".join(spoken(one) for one in warned)
            return await self._refused(me, ticket_id, replace(trouble, sentence=sentence, asks=True))
        return await self._done(me, ticket_id, self.desk.reply(ticket_id, me.id, text, key, pictures=pictures), trouble)

    async def send_again(self, me: Me, ticket_id: Number, message_id: Number) -> Response:
        """Words that did not arrive go out once more, as a message of their own."""
        failed, file = await self.parts.store.read(lambda connection: (
            messages.failed_words(connection, ticket_id, message_id), media.load(connection, message_id)))
        trouble = Trouble("reply", _d("This message has arrived, or is not there any more."))
        if failed is None:
            return await self._refused(me, ticket_id, trouble)
        pictures = [Picture(file.type, file.content)] if file is not None and file.type in TAKEN else []
        work = self.desk.reply(ticket_id, me.id, failed, f"again-{message_id}", pictures=pictures)
        return await self._done(me, ticket_id, work, trouble)

    async def take_back(self, me: Me, ticket_id: Number, message_id: Number, again: Text = "") -> Response:
        """A message is not sent, or taken away where that can be; on wish its words are in the field, to be mended.
        They are in this answer only: in no address, and nowhere else any more."""
        try:
            words = await _stored(self.desk.take_back(ticket_id, message_id, me, may(me.role, "chats", "distribute")))
        except DeskError as error:
            return await self._refused(me, ticket_id, Trouble("reply", reason_of(error)))
        if again and words:
            return await self.pages.ticket_page(me, ticket_id, trouble=Trouble("reply", "", words))
        return _to_chat(ticket_id)

    async def types(self, me: Me, ticket_id: Number) -> Response:
        """Colleagues who look at this chat see that somebody is writing."""
        self.parts.live.publish(typing_topic(ticket_id, me.id))
        return Response(status_code=204)

    async def ask_form(self, me: Me, ticket_id: Number) -> Response:
        return await self._done(me, ticket_id, self.desk.ask_form(ticket_id, me.id), Trouble("form", ""))

    async def end_form(self, me: Me, ticket_id: Number) -> Response:
        return await self._done(me, ticket_id, self.desk.end_form(ticket_id, me.id), Trouble("form", ""))

    async def note(self, me: Me, ticket_id: Number, text: Text = "") -> Response:
        text = typed(text)
        trouble = Trouble("note", why_not(text), text)
        if trouble.sentence:
            return await self._refused(me, ticket_id, trouble, 422)
        return await self._done(me, ticket_id, self.desk.note(ticket_id, me.id, text), trouble)

    async def close(self, me: Me, ticket_id: Number, outcome: Text = "", reason: Text = "") -> Response:
        reason = typed(reason)
        trouble = Trouble("close", why_not(reason, least=0, most=MOST_REASON), reason, outcome)
        if outcome not in OUTCOMES:
            trouble = replace(trouble, sentence=_d("Choose how the chat ended, then close it."))
        if trouble.sentence:
            return await self._refused(me, ticket_id, trouble, 422)
        return await self._done(me, ticket_id, self.desk.close(ticket_id, me.id, outcome, reason), trouble)

    async def _done(
        self, me: CounsellorView, ticket_id: int, work: Awaitable[object], trouble: Trouble
    ) -> Response:
        return await done(self.pages, me, ticket_id, work, trouble)

    async def _refused(
        self, me: CounsellorView, ticket_id: int, trouble: Trouble, status: int = 409
    ) -> Response:
        return await self.pages.ticket_page(me, ticket_id, trouble=trouble, status=status)

    async def finish_task(self, me: Me, task_id: Number, back: Text = f"{HOME}/tasks") -> Response:
        return await self._to_task(me, self.desk.finish_task(task_id, me.id), back)

    async def of_age(self, me: Me, task_id: Number, back: Text = f"{HOME}/tasks") -> Response:
        return await self._to_task(me, self.desk.of_age(task_id, me.id), back)

    async def confirm_help(self, me: Me, task_id: Number, back: Text = f"{HOME}/tasks") -> Response:
        return await self._to_task(me, self.desk.confirm_help(task_id, me.id), back)

    async def retry(self, me: Me, task_id: Number, back: Text = f"{HOME}/tasks") -> Response:
        return await self._to_task(me, self.desk.retry(task_id, me.id), back)

    async def _to_task(self, me: CounsellorView, work: Awaitable[object], back: str) -> Response:
        """Back to where the task was, or all tasks with the reason."""
        try:
            await _stored(work)
        except DeskError as error:
            return await self.pages.tasks_page(me, reason_of(error), 409)
        return RedirectResponse(local_page(back, f"{HOME}/tasks"), 303)

    async def turn_clock(self, me: Me, days: Annotated[int, Form()] = 0, back: Text = HOME) -> Response:
        if days in (1, 7):
            await self.desk.turn_clock(days)
        return RedirectResponse(local_page(back), 303)


async def done(
    pages: Pages, me: CounsellorView, ticket_id: int, work: Awaitable[object], trouble: Trouble
) -> Response:
    """Back to the chat, or the chat with the reason and what was typed."""
    try:
        await _stored(work)
    except DeskError as error:
        trouble = replace(trouble, sentence=reason_of(error))
        return await pages.ticket_page(me, ticket_id, trouble=trouble, status=409)
    return _to_chat(ticket_id)


async def _stored(work: Awaitable[T]) -> T:
    try:
        return await work
    except StoreError:
        raise DeskError(NOT_STORED) from None


def _to_chat(ticket_id: int) -> Response:
    return RedirectResponse(f"{HOME}/tickets/{ticket_id}", 303)


def typed(text: str) -> str:
    """Browsers send each new line as two characters."""
    return clean(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def why_not(text: str, least: int = 1, most: int = LONGEST) -> str:
    """Why a text is not taken."""
    if len(text) < least:
        return _d("Write something first.")
    if len(text) > most:
        return Phrase("The text has {length} characters; this takes {most}. Make it shorter, or two of it.",
                      length=len(text), most=most)
    return ""
