"""Bring the catalogues up to the texts in the code: new ones arrive empty, old ones go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent.parent
LOCALES = ROOT / "locales"
WRITTEN = datetime(2026, 11, 22, tzinfo=UTC)
"""One date for every catalogue: what changed is in the history, not in the header."""
HEADER = "# Texts of the returnee bot. How to work on them: locales/README.md"
PYTHON = [("**.py", "python")]
OPTIONS = {"**.html": {"trim_blocks": "true", "silent": "false"}, "**.js": {"parse_template_string": "true"}}
PAGES = [("**.html", "jinja2.ext:babel_extract"), ("**.js", "javascript")]


@dataclass(frozen=True)
class Domain:
    """One catalogue: where its texts stand, and by which names Babel finds them."""

    name: str
    found: Sequence[tuple[str, Sequence[tuple[str, str]], Mapping[str, tuple[int, ...] | None]]]
    """Folder, kinds of files, names."""


DESK = {"_d": None, "Phrase": None, "spoken": None, "spoken_many": (1, 2)}
DOMAINS = (
    Domain("messages", [(folder, PYTHON, {"_": None, "_n": (1, 2)}) for folder in ("bot", "conversations")]),
    Domain("console", [*((folder, PYTHON, DESK) for folder in ("bot", "conversations", "storage")),
                       ("bot/console", PAGES, {"_": None, "_n": (1, 2)})]),
)
"""What people read, and what counsellors read in the console."""


def template(domain: Domain) -> Catalog:
    """Every text that the code marks, with the files that it stands in."""
    made = Catalog(project="returnee-bot", version="", creation_date=WRITTEN, revision_date=WRITTEN,
                   header_comment=HEADER, fuzzy=False, msgid_bugs_address="", last_translator="", language_team="")
    for folder, kinds, names in domain.found:
        for name, _line, message, comments, context in extract_from_dir(
            ROOT / folder, kinds, keywords=names, options_map=OPTIONS
        ):
            made.add(message, None, [(f"{folder}/{name}", 0)], auto_comments=comments, context=context)
    return made


def as_text(catalogue: Catalog) -> bytes:
    for message in catalogue:
        message.locations = sorted({(name, 0) for name, _line in message.locations})
    written = BytesIO()
    write_po(written, catalogue, width=0, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return written.getvalue().rstrip(b"\n") + b"\n"


def renew() -> list[str]:
    """Rewrite the template and each language's catalogue; says for each what is still to translate."""
    return [line for domain in DOMAINS for line in _renew(domain)]


def _renew(domain: Domain) -> list[str]:
    fresh = template(domain)
    (LOCALES / f"{domain.name}.pot").write_bytes(as_text(fresh))
    told = []
    for path in sorted(LOCALES.glob(f"*/LC_MESSAGES/{domain.name}.po")):
        language = path.parent.parent.name
        catalogue = read_po(BytesIO(path.read_bytes()), locale=language)
        catalogue.update(fresh, no_fuzzy_matching=True)
        catalogue.header_comment, catalogue.project, catalogue.version = HEADER, "returnee-bot", ""
        catalogue.creation_date = catalogue.revision_date = WRITTEN
        catalogue.fuzzy, catalogue.msgid_bugs_address = False, ""
        catalogue.last_translator = catalogue.language_team = ""
        path.write_bytes(as_text(catalogue))
        missing = sum(not _is_complete(one.string) for one in catalogue if one.id)
        told.append(f"{language}, {domain.name}: {missing} to translate")
    return told


def _is_complete(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)
