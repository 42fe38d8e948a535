"""What a file is, by its content: its name and what its sender says of it are not believed. Pure."""

from __future__ import annotations

from collections.abc import Mapping

UNKNOWN = "application/octet-stream"
OFFICE = "application/vnd.openxmlformats-officedocument."
_BEGINS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"%PDF-", "application/pdf"),
)
_IN_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_SOUND_ONLY = (b"M4A ", b"M4B ")
LOOKED_AT = 4096
"""So many bytes tell what is in a container."""
SHOWN_AS: Mapping[str, str] = {
    "image/jpeg": "image", "image/png": "image", "image/gif": "image", "image/webp": "image",
    "audio/ogg": "sound", "audio/mpeg": "sound", "audio/wav": "sound", "audio/mp4": "sound",
    "video/mp4": "film", "video/webm": "film",
}
"""What a page shows by itself; everything else is only given to be stored."""
ENDINGS: Mapping[str, str] = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "audio/ogg": "ogg",
    "audio/mpeg": "mp3", "audio/wav": "wav", "audio/mp4": "m4a", "video/mp4": "mp4", "video/webm": "webm",
    "application/pdf": "pdf", "application/zip": "zip", f"{OFFICE}wordprocessingml.document": "docx",
    f"{OFFICE}spreadsheetml.sheet": "xlsx",
}


def type_of(content: bytes) -> str:
    known = next((kind for begin, kind in _BEGINS if content.startswith(begin)), None)
    if known is not None:
        return known
    if content[:4] == b"RIFF":
        return _IN_RIFF.get(content[8:12], UNKNOWN)
    if content[4:8] == b"ftyp":
        return "audio/mp4" if content[8:12] in _SOUND_ONLY else "video/mp4"
    if content.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in content[:LOOKED_AT] else UNKNOWN
    if content.startswith(b"PK\x03\x04"):
        return _in_zip(content[:LOOKED_AT])
    return "audio/mpeg" if _is_mpeg_frame(content[:4]) else UNKNOWN


def _in_zip(head: bytes) -> str:
    if b"[Content_Types].xml" in head and b"word/" in head:
        return f"{OFFICE}wordprocessingml.document"
    if b"[Content_Types].xml" in head and b"xl/" in head:
        return f"{OFFICE}spreadsheetml.sheet"
    return "application/zip"


def _is_mpeg_frame(head: bytes) -> bool:
    """Eleven bits that are set, then a version, a layer and a rate that there are."""
    return (len(head) == 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x18 != 0x08
            and head[1] & 0x06 != 0 and head[2] & 0xF0 not in (0x00, 0xF0) and head[2] & 0x0C != 0x0C)


def file_name(message_id: int, kind: str) -> str:
    """A name of ours: the sender's is not used."""
    return f"file-{message_id}.{ENDINGS.get(kind, 'bin')}"
