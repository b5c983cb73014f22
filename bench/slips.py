"""Transcripts with the errors that recognisers make.

Comes in: phrases and ordinary sentences. Goes out: words with times, wrong at a given rate, and
what was said when. Refuses to know: how phrases are searched. Everything is drawn from one seed.
"""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from coach.keywords.near import letters
from coach.keywords.pack import Phrase
from coach.keywords.search import Word

KINDS = ("none", "dropped", "inserted", "split", "joined", "confused", "all")
_LETTER_S = 0.055  # about 2.7 words a second with their gaps
_PAUSES_S = (0.02, 0.05, 0.3, 0.5, 0.8, 1.2)  # between a phrase and what stands around it


class Said(NamedTuple):
    """A phrase that was said, and the words that a recogniser would write without an error."""

    phrase: Phrase
    start: float
    end: float


class Speech(NamedTuple):
    """A transcript: its words as recognised, the phrases said, its length in seconds."""

    words: list[Word]
    said: list[Said]
    seconds: float


class Slips:
    """Makes errors. ``vocabulary``: the words that a recogniser may put in place of another."""

    def __init__(self, rng: random.Random, texts: Sequence[Sequence[str]], words: set[str]) -> None:
        self._rng = rng
        self._common = [word for text in texts for word in text]  # as often as they are said
        vocabulary = words | set(self._common)
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(vocabulary):
            self._by_length.setdefault(len(letters(word)), []).append(word)
        self._alike: dict[str, list[str]] = {}

    def once(self, words: list[str], kind: str) -> list[str]:
        """Return ``words`` with one error of a kind, where one is possible."""
        at = self._place(words, kind)
        return words if at is None else self._make(words, kind, at)

    def everywhere(self, words: list[str], rate: float, kinds: Sequence[str]) -> list[str]:
        """Return ``words`` with an error of one of ``kinds`` at ``rate`` of them."""
        for _ in range(sum(self._rng.random() < rate for _ in words)):
            words = self.once(words, self._rng.choice(kinds))
        return words

    def _place(self, words: list[str], kind: str) -> int | None:
        if kind == "dropped":  # short words are lost first
            weights = [1 / max(1, len(letters(word))) ** 2 for word in words]
            return self._rng.choices(range(len(words)), weights)[0] if len(words) > 1 else None
        if kind == "split":
            return self._pick([n for n, word in enumerate(words) if len(word) >= 4])
        if kind in ("joined", "inserted"):
            return self._pick(list(range(len(words) - 1)))
        return self._pick(list(range(len(words))))

    def _pick(self, places: list[int]) -> int | None:
        return self._rng.choice(places) if places else None

    def _make(self, words: list[str], kind: str, at: int) -> list[str]:
        makes: dict[str, Callable[[str], list[str]]] = {
            "dropped": lambda word: [],
            "inserted": lambda word: [word, self._little_word()],
            "split": self._split,
            "confused": lambda word: [self._confuse(word)],
        }
        if kind == "joined":
            return [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]
        return [*words[:at], *makes[kind](words[at]), *words[at + 1 :]]

    def _little_word(self) -> str:
        """What is put in is short: three draws, the shortest of them."""
        return min((self._rng.choice(self._common) for _ in range(3)), key=len)

    def _split(self, word: str) -> list[str]:
        at = self._rng.randint(1, len(word) - 1)
        return [word[:at], word[at:]]

    def _confuse(self, word: str) -> str:
        """Return one of the words most like it that there are, or the word with one letter off."""
        if word not in self._alike:
            own = letters(word)
            others = [
                other
                for n in range(len(own) - 2, len(own) + 3)
                for other in self._by_length.get(n, [])
                if letters(other) != own
            ]
            others.sort(key=lambda other: Levenshtein.distance(letters(other), own))
            self._alike[word] = others[:5]
        if self._alike[word] and self._rng.random() < 0.7:
            return self._rng.choice(self._alike[word])
        at = self._rng.randrange(len(word))
        return (word[:at] + word[at + 1 :]) or word


def timed(words: list[str], start: float, rng: random.Random) -> list[Word]:
    """Return words one after the other from ``start``, as long as their letters."""
    spoken = []
    for word in words:
        end = start + 0.06 + _LETTER_S * len(letters(word))
        spoken.append(Word(word, start, end, 0.9))
        start = end + rng.choice((0.0, 0.02, 0.1, 0.25))
    return spoken


def speech(
    phrases: Sequence[Phrase],
    texts: Sequence[list[str]],
    slips: Slips,
    rng: random.Random,
    kind: str,
    rate: float,
) -> Speech:
    """Return a transcript in which each phrase stands between two of ``texts``.

    Each phrase has one error of ``kind``; with "all", every word of the transcript is wrong at
    ``rate``, in any way. The sentences around it are wrong at ``rate`` in any case but "none".
    """
    words: list[Word] = []
    said: list[Said] = []
    now = 0.0
    ways = [k for k in KINDS if k not in ("none", "all")]

    def say(spoken: list[str]) -> None:
        nonlocal now
        words.extend(timed(spoken, now, rng))
        now = (words[-1].end if spoken else now) + rng.choice(_PAUSES_S)

    for phrase in phrases:
        filler = list(rng.choice(texts))
        say(filler if kind == "none" else slips.everywhere(filler, rate, ways))
        own = list(phrase.words)
        if kind == "all":
            own = slips.everywhere(own, rate, ways)
        elif kind != "none":
            own = slips.once(own, kind)
        begin = now
        say(own)
        said.append(Said(phrase, begin, words[-1].end if own else now))
    return Speech(words, said, now)


def sentences(texts: Sequence[list[str]], slips: Slips, rng: random.Random, rate: float) -> Speech:
    """Return all of ``texts`` one after the other, wrong at ``rate`` in any way; no phrase."""
    ways = [k for k in KINDS if k not in ("none", "all")]
    words: list[Word] = []
    now = 0.0
    for text in texts:
        spoken = timed(slips.everywhere(list(text), rate, ways), now, rng)
        words += spoken
        now = (spoken[-1].end if spoken else now) + rng.choice(_PAUSES_S)
    return Speech(words, [], now)
