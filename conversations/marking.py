"""Marking texts for translation without translating them here."""


def mark(text: str) -> str:
    """Give the text back unchanged; Babel finds it by the name it is imported under (`_`)."""
    return text


def mark_plural(one: str, many: str) -> tuple[str, str]:
    """Give both forms back; Babel finds them by the name they are imported under (`_n`)."""
    return one, many
