"""Spelling: every text that people read, against the dictionaries of Debian and our own lists of names and words.

    python -m tests.spelling           # says each word that no list knows, with where it stands
    python -m tests.spelling --keep    # writes those words into locales/<language>/words.txt: then read the diff

Dictionaries and hunspell are fetched as Debian packages into .venv/spelling and unpacked there, without root; what the
system has is used as it is. Where neither can be had it says so, loudly, and is no fault: whether a machine reaches
Debian says nothing about the texts.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.commands.check import extracted
from bot.commands.wording import texts_in
from bot.settings import LOCALES
from bot.translate import Translator, stored_languages
from conversations.eligibility import FOLDER as RULES
from conversations.eligibility import read as read_rules
from conversations.register import seed

DICTIONARIES = {
    "sq": ("sq_AL", "myspell-sq"), "sr": ("sr_Latn_RS", "hunspell-sr"), "bs": ("bs_BA", "hunspell-bs"),
    "de": ("de_DE", "hunspell-de-de"), "en": ("en_GB", "hunspell-en-gb"), "tr": ("tr_TR", "hunspell-tr"),
}
"""Of each language: the dictionary, and the package that holds it."""
PROGRAM = ("hunspell", "libhunspell-1.7-0")
FETCHED = Path(".venv/spelling")
SYSTEM = Path("/")
PATIENCE = 300
"""Seconds for fetching."""
NO_WORD = re.compile(r"\{\w+\}|https?://\S+|\b[\w.-]+\.\w{2,}(?:/\S*)?")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def main(arguments: list[str]) -> int:
    languages = [one for one in stored_languages(with_waiting=True) if one in DICTIONARIES]
    root = SYSTEM if _has_all(SYSTEM, languages) else _fetched(languages)
    if root is None:
        print("\n*** Spelling is NOT checked: hunspell and its dictionaries could not be fetched. Install "
              f"{' '.join(_packages(languages))}, or apt-get. ***\n", file=sys.stderr)
        return 0
    unknown = {language: _unknown(language, root) for language in languages}
    if "--keep" in arguments:
        for language, words in unknown.items():
            _keep(language, words)
        return 0
    for language, words in unknown.items():
        for word, where in words.items():
            print(f"{language}, {where}: no dictionary knows “{word}”. Correct it, or add it to "
                  f"locales/{language}/words.txt.")
    count = sum(map(len, unknown.values()))
    print(f"{count or 'No'} unknown words in {', '.join(languages)}.")
    return 1 if count else 0


# ------------------------------------------------------------------------ words


def _unknown(language: str, root: Path) -> dict[str, str]:
    """Words that neither the dictionary nor our lists know, with where each stands first."""
    ours = known_words(LOCALES) | known_words(LOCALES / language)
    words = {word: where for word, where in _words(language) if word not in ours}
    dictionary = root / "usr/share/hunspell" / DICTIONARIES[language][0]
    libraries = ":".join(str(path.parent) for path in root.glob("usr/lib/*/libhunspell*.so*")) if root != SYSTEM else ""
    found = subprocess.run(
        [root / "usr/bin/hunspell", "-i", "utf-8", "-d", dictionary, "-l"], input="\n".join(words), text=True,
        capture_output=True, check=True, encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8", "LD_LIBRARY_PATH": libraries},
    ).stdout.split()
    return {word: words[word] for word in sorted(set(found) & words.keys(), key=str.casefold)}


def _words(language: str) -> Iterator[tuple[str, str]]:
    translator = Translator(waiting=None)
    for said in texts_in(translator[language], seed(), read_rules(RULES).schemes, extracted()):
        yield from ((word, said.where) for word in WORD.findall(NO_WORD.sub(" ", said.text)))


def known_words(folder: Path) -> frozenset[str]:
    path = folder / "words.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _keep(language: str, words: dict[str, str]) -> None:
    kept = sorted(known_words(LOCALES / language) | words.keys(), key=str.casefold)
    (LOCALES / language / "words.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")


# -------------------------------------------------------------------- the program


def _packages(languages: list[str]) -> list[str]:
    return [*PROGRAM, *(DICTIONARIES[one][1] for one in languages)]


def _has_all(root: Path, languages: list[str]) -> bool:
    dictionaries = (root / "usr/share/hunspell" / f"{DICTIONARIES[one][0]}.dic" for one in languages)
    return (root / "usr/bin/hunspell").exists() and all(path.exists() for path in dictionaries)


def _fetched(languages: list[str]) -> Path | None:
    """Unpacked Debian packages: fetched once, kept for the day's next run."""
    if _has_all(FETCHED, languages):
        return FETCHED.absolute()
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return None
    FETCHED.mkdir(parents=True, exist_ok=True)
    try:
        fetching = subprocess.run(["apt-get", "-q", "download", *_packages(languages)], cwd=FETCHED,
                                  capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    for package in FETCHED.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package.name, "."], cwd=FETCHED, check=True)
    return FETCHED.absolute() if fetching.returncode == 0 and _has_all(FETCHED, languages) else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
