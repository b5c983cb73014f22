"""Phrase packs: the key-phrases of a language as a team writes them.

Comes in: ``<lang>.toml`` with one table per phrase under its category. Goes out: every wording as
plain words with its category, gloss and promised seconds. Refuses to know: how any of it sounds.

In ``say``, ``[...]`` is optional, ``(a|b)`` is one of several (``[a|b]`` one of several or none),
``{duration}`` any key of ``[durations]``, which gives the phrase its seconds. ``negations``: the
words that turn a phrase into its opposite, wherever they stand.
"""

import re
import tomllib
import unicodedata
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from coach.errors import PhraseError, did_you_mean
from coach.names import Category

MOST_WORDINGS = 400  # of one entry: more is a slip in the brackets, not a phrase


class Phrase(NamedTuple):
    """One wording: its ``words`` normalised, and what it is for."""

    category: Category
    words: tuple[str, ...]
    gloss: str
    seconds: float | None

    @property
    def text(self) -> str:
        """The wording as one line."""
        return " ".join(self.words)


class Pack(NamedTuple):
    """All wordings of a language; no two have the same words.

    ``negations``: its words for no; ``times``: the words that promised times are made of.
    """

    language: str
    phrases: tuple[Phrase, ...]
    negations: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


def normalise(word: str) -> str:
    """Return a spoken word as packs, models and transcripts agree on it: lower case, no stops."""
    folded = unicodedata.normalize("NFC", word).replace("’", "'").casefold()
    return re.sub(r"^[^\w]+|[^\w]+$", "", folded)


def shipped_languages() -> list[str]:
    """Return the codes of the packs that come with the coach."""
    folder = resources.files("coach") / "phrases"
    return sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_pack(language: str) -> Pack:
    """Return the shipped pack of ``language``. Raises PhraseError naming those there are."""
    if language not in shipped_languages():
        known = shipped_languages()
        raise PhraseError(
            f"no phrase pack for language {language!r}; there are {', '.join(known)}"
            f"{did_you_mean(language, known)}"
        )
    file = resources.files("coach") / "phrases" / f"{language}.toml"
    return parse_pack(file.read_text("utf-8"), f"phrases/{language}.toml")


def read_pack(path: Path) -> Pack:
    """Return the pack in a file. Raises PhraseError naming the file and the entry."""
    try:
        return parse_pack(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise PhraseError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PhraseError(f"{path}: not UTF-8 text: {error}") from error


def parse_pack(text: str, origin: str) -> Pack:
    """Return the pack that TOML ``text`` holds; ``origin`` names it in errors."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PhraseError(f"{origin}: not valid TOML: {error}") from error
    language = table.pop("language", None)
    if not isinstance(language, str) or not re.fullmatch("[a-z]{2,3}", language):
        raise PhraseError(f'{origin}: expected language = "en" or another code, got {language!r}')
    table.pop("name", None)
    durations = _durations(table.pop("durations", {}), origin)
    negations = table.pop("negations", "")
    if not isinstance(negations, str):
        raise PhraseError(f"{origin}: negations: expected words in one text, got {negations!r}")
    phrases: dict[tuple[str, ...], Phrase] = {}
    for name, entries in table.items():
        if name not in list(Category):
            raise PhraseError(f"{origin}: unknown category {name!r}{did_you_mean(name, Category)}")
        if not isinstance(entries, list):
            raise PhraseError(f"{origin}: {name}: expected [[{name}]] before each phrase")
        for number, entry in enumerate(entries, 1):
            where = f"{origin}: {name} {number}"
            for phrase in _wordings(Category(name), entry, durations, where):
                known = phrases.setdefault(phrase.words, phrase)
                if known.category is not phrase.category:
                    raise PhraseError(f"{where}: {phrase.text!r} is in {known.category} already")
    if not phrases:
        raise PhraseError(f"{origin}: no phrases")
    return Pack(
        language,
        tuple(phrases.values()),
        tuple(map(normalise, negations.split())),
        tuple(sorted({normalise(word) for words in durations for word in words.split()})),
    )


def _durations(table: Any, origin: str) -> dict[str, float]:
    if not isinstance(table, dict):
        raise PhraseError(f"{origin}: durations must be a section, [durations]")
    for words, seconds in table.items():
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
            raise PhraseError(f"{origin}: durations: {words!r}: expected seconds, got {seconds!r}")
    return table


def _wordings(
    category: Category, entry: Any, durations: dict[str, float], where: str
) -> list[Phrase]:
    if not isinstance(entry, dict):
        raise PhraseError(f"{where}: expected say = and gloss =")
    if unknown := sorted(set(entry) - {"say", "gloss", "seconds"}):
        known = did_you_mean(unknown[0], ["say", "gloss", "seconds"])
        raise PhraseError(f"{where}: unknown key {unknown[0]!r}{known}")
    say, gloss, seconds = entry.get("say"), entry.get("gloss", ""), entry.get("seconds")
    if not isinstance(say, str) or not isinstance(gloss, str):
        raise PhraseError(f"{where}: expected say and gloss to be text")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
        raise PhraseError(f"{where}: seconds: expected a number, got {seconds!r}")
    spans: list[tuple[str, float | None]] = [(say, seconds)]
    if "{duration}" in say:
        spans = [(say.replace("{duration}", words), s) for words, s in durations.items()]
    phrases = []
    for span, promised in spans:
        for wording in expand(span, where):
            words = tuple(filter(None, map(normalise, wording.split())))
            if not words:
                raise PhraseError(f"{where}: {say!r} can be nothing at all")
            phrases.append(Phrase(category, words, gloss, promised))
    return phrases


def expand(say: str, where: str) -> list[str]:
    """Return every wording of ``say``. Raises PhraseError on brackets that do not match."""
    tokens = re.findall(r"[\[\]()|]|[^\[\]()|]+", say)
    wordings, rest = _sequence(tokens, "", where)
    if rest:
        raise PhraseError(f"{where}: {say!r}: a bracket too many")
    if stray := re.search(r"[{}]", say):
        raise PhraseError(f"{where}: {say!r}: unknown slot at {say[stray.start() :]!r}")
    return list(dict.fromkeys(wordings))


def _sequence(tokens: list[str], closing: str, where: str) -> tuple[list[str], list[str]]:
    """Return the wordings up to ``closing`` and the tokens after it."""
    choices: list[str] = []
    so_far = [""]
    while tokens:
        token, *tokens = tokens
        if token == closing:
            return choices + so_far, tokens
        if token == "|" and closing:
            choices, so_far = choices + so_far, [""]
        elif token in "[(":
            inner, tokens = _sequence(tokens, "]" if token == "[" else ")", where)
            inner = [*inner, ""] if token == "[" else inner
            so_far = [f"{head}{tail}" for head in so_far for tail in inner]
        elif token in "])|":
            raise PhraseError(f"{where}: {token!r} without its opening bracket")
        else:
            so_far = [head + token for head in so_far]
        if len(so_far) > MOST_WORDINGS:
            raise PhraseError(f"{where}: more than {MOST_WORDINGS} wordings; split the phrase")
    if closing:
        raise PhraseError(f"{where}: {closing!r} is missing")
    return so_far, []
