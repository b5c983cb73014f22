"""Finds phrases in words with times, from a recogniser or from a transcript.

Comes in: words in order of time. Goes out: the longest phrases among them, whole, in order, with
no gap. Refuses to know: where the words come from.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from coach.keywords.network import HeardPhrase
from coach.keywords.pack import Phrase


class Word(NamedTuple):
    """A word heard from ``start`` to ``end`` in seconds of audio, with confidence 0..1."""

    word: str
    start: float
    end: float
    confidence: float


class Found(NamedTuple):
    """A phrase that was said: its words' first start, last end and lowest confidence."""

    phrase: Phrase
    start: float
    end: float
    confidence: float


@dataclass
class _Node:
    phrase: Phrase | None = None
    next: dict[str, "_Node"] = field(default_factory=dict)


class PhraseSearch:
    """Searches a stream of words; a phrase is told as soon as no longer one can still come."""

    def __init__(self, phrases: Iterable[HeardPhrase], gap_s: float) -> None:
        self._gap_s = gap_s
        self._waiting: list[Word] = []
        self._root = _Node()
        for words, phrase in phrases:
            node = self._root
            for word in words:
                node = node.next.setdefault(word, _Node())
            node.phrase = phrase

    def push(self, word: Word) -> list[Found]:
        """Take the next word and return the phrases that are now certain."""
        found = self.settle(word.start)
        self._waiting.append(word)
        return found + self._search(None)

    def settle(self, now: float) -> list[Found]:
        """Return what is certain because no word came within the gap before ``now``."""
        if self._waiting and now - self._waiting[-1].end > self._gap_s:
            return self._search(now)
        return []

    def flush(self) -> list[Found]:
        """Return what is left: no more words will come."""
        return self._search(float("inf"))

    def _search(self, now: float | None) -> list[Found]:
        """Consume the waiting words from the front as far as their meaning is settled."""
        found: list[Found] = []
        while self._waiting:
            node, best, used = self._root, None, 0
            for count, word in enumerate(self._waiting, 1):
                following = node.next.get(word.word)
                if following is None:
                    break
                node = following
                if node.phrase is not None:
                    best, used = node.phrase, count
            else:
                if now is None and node.next:
                    return found  # a longer phrase may still come
            if best is None:
                del self._waiting[0]
                continue
            words, self._waiting = self._waiting[:used], self._waiting[used:]
            lowest = min(word.confidence for word in words)
            found.append(Found(best, words[0].start, words[-1].end, lowest))
        return found
