"""The console's words for a message: what it is, what became of it, and the file that came with it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.console import tongue
from bot.console.labels import CHANNELS, Named, word
from bot.console.tongue import spoken
from bot.media.kinds import ENDINGS, SHOWN_AS
from conversations.marking import mark_for_desk as _d
from storage.desk import ThreadMessage
from storage.messages import PERHAPS

KINDS: Mapping[str, str] = Named({
    "photo": _d("Photo"), "voice": _d("Voice message"), "audio": _d("Audio"), "video": _d("Video"),
    "document": _d("Document"), "sticker": _d("Sticker"), "location": _d("Location"), "contact": _d("Contact card"),
    "other": _d("Attachment"),
})
FATES: Mapping[str, tuple[str, str]] = {
    "queued": ("◷", _d("Waiting to be sent")),
    "held": ("◷", _d("Waits until this person has the shared phone")),
    "sent": ("✓", _d("Sent")), "delivered": ("✓✓", _d("Delivered")),
    "seen": ("✓✓", _d("Read")),
}
"""How it stands with a message of ours: a sign, and the word that is read out."""
TELLS = frozenset({"viber", "web"})
"""Channels that tell whether a message has arrived and was read."""
BACK: Mapping[str, str] = {
    "going": _d("It is being taken away from the person's chat."),
    "unsent": _d("It did not reach the person."),
    "deleted": _d("It is gone from the person's chat. They may have read it before."),
    "too_late": _d("The person still has it: {channel} deletes only what is younger than two days. Write to them."),
    "kept": _d("The person still has it: {channel} keeps it, and nobody can delete it there. Write to them."),
    "perhaps": _d("It is not known whether it reached the person, so it could not be deleted. Write to them."),
    "twice": _d("It is gone from the person's chat. Perhaps an earlier try arrived as well: then that stays. Write to "
                "them."),
    "refused": _d("The person may still have it: it could not be deleted. Write to them, or call."),
}
"""What became of a message that was taken back, and what is to be done."""
WILL_GO: Mapping[str, str] = Named({
    "telegram": _d("It is deleted on the person's phone too, if it is younger than two days. They may have read it."),
    "web": _d("It disappears from the person's chat. They may have read it."),
})
"""Channels that take a message away again, and what that does."""
FAILURES: Mapping[str, str] = Named({
    "blocked": _d("The person has blocked the bot."),
    "taken_away": _d("The person talks to us in another app only."),
    "forbidden": _d("The person has blocked the bot."), "not found": _d("The chat does not exist any more."),
    "deactivated": _d("The person's account is gone."),
})
NOT_KEPT: Mapping[str, str] = Named({
    "too_large": _d("Too large to be kept: it is on the person's phone only. Ask for a smaller one, or for a photo of "
                    "it."),
    "full": _d("Not kept: this person has sent more files than we keep. Ask for what you need by another way."),
    "gone": _d("It could not be fetched. Ask the person to send it again."),
})
FILE_KINDS: Mapping[str, str] = Named({
    "jpg": _d("JPEG picture"), "png": _d("PNG picture"), "gif": _d("GIF picture"), "webp": _d("WebP picture"),
    "ogg": _d("Ogg sound"), "mp3": _d("MP3 sound"), "wav": _d("WAV sound"), "m4a": _d("MPEG-4 sound"),
    "mp4": _d("MPEG-4 film"), "webm": _d("WebM film"), "pdf": _d("PDF"), "zip": _d("ZIP archive"),
    "docx": _d("Word document"), "xlsx": _d("Excel sheet"),
})


def failure(error: str | None) -> str:
    """Why a message did not arrive, for people."""
    said = error or spoken("no reason given")
    known = (sentence for part, sentence in FAILURES.items() if part in said.lower())
    return next(known, None) or spoken("The channel said: {words}", words=said)


def taken_back(one: ThreadMessage) -> str:
    """What became of a message that was taken back."""
    assert one.taken is not None
    said = became(one.taken.fate, one.channel)
    return f"{said} {failure(one.taken.error)}" if one.taken.fate == "refused" else said


def became(fate: str, channel: str) -> str:
    return spoken(BACK[fate], channel=word(CHANNELS, channel))


def before_taking_back(one: ThreadMessage) -> str:
    """What taking it back does on the person's phone."""
    if one.state in ("queued", "failed") and (one.error or "").startswith(PERHAPS):
        return spoken("It was tried, and perhaps it has arrived: then it stays there. Write to the person.")
    if one.state == "queued":
        return spoken("It has not left yet: it is not sent.")
    if one.state == "failed":
        return spoken("It has not reached the person.")
    return WILL_GO.get(one.channel) or spoken(
        "{channel} keeps it: it stays on the person's phone. Write to the person.", channel=word(CHANNELS, one.channel))


def shown_as(kind: str) -> str:
    """image, sound or film; empty for what a page does not show."""
    return SHOWN_AS.get(kind, "")


def file_kind(kind: str) -> str:
    return FILE_KINDS.get(ENDINGS.get(kind, "")) or spoken("File of an unknown kind")


def file_size(size: int) -> str:
    """ "20 kB", "3.4 MB"."""
    return f"{tongue.decimal(size / 1e6)} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB"


def map_of(place: tuple[float, float]) -> str:
    latitude, longitude = place
    at = f"{latitude:.5f}", f"{longitude:.5f}"
    return f"https://www.openstreetmap.org/?mlat={at[0]}&mlon={at[1]}#map=16/{at[0]}/{at[1]}"
