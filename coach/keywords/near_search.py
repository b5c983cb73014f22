"""Finds phrases in a recogniser's words, whole or with one word wrong.

Comes in: words in order of time. Goes out: the longest phrases among them, in order, no gap within
longer than allowed. Refuses to know: which slips are forgiven (``coach/keywords/near.py``), and
where the words come from.

Words split or joined otherwise than the phrase writes them cost nothing. One word may be wrong in
a phrase. Of phrases that cover the same words an exact one is told, and where those with an edit
are of several categories none is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from coach.keywords.near import Forgiveness, letters
from coach.keywords.pack import Pack, Phrase
from coach.keywords.search import Found, Word


@dataclass
class _Node:
    phrase: Phrase | None = None
    next: dict[str, "_Node"] = field(default_factory=dict)


class _At(NamedTuple):
    """A place in a phrase: letters still missing to reach ``node``, and what was forgiven."""

    node: _Node
    missing: str = ""
    edited: bool = False
    inserted: bool = False


class _Match(NamedTuple):
    """A phrase that the first ``used`` waiting words are."""

    used: int
    edited: bool
    phrase: Phrase


class _Reading(NamedTuple):
    """What the waiting words may be: phrases, and whether longer ones may still come."""

    matches: list[_Match]
    exact_open: bool
    edited_open: bool


class NearSearch:
    """Searches a stream of words; a phrase is told as soon as no longer one can still come.

    For a longer one with an edit it waits ``gap_s`` after the phrase at most.
    """

    def __init__(self, pack: Pack, gap_s: float) -> None:
        self._gap_s = gap_s
        self._forgiveness = Forgiveness(pack)
        self._waiting: list[Word] = []
        self._due = float("inf")  # when a phrase among them is told whatever may still come
        self._root = _Node()
        for phrase in pack.phrases:
            node = self._root
            for word in filter(None, map(letters, phrase.words)):
                node = node.next.setdefault(word, _Node())
            node.phrase = node.phrase or phrase

    def push(self, word: Word) -> list[Found]:
        """Take the next word, normalised; return the phrases that are now certain."""
        found = self.settle(word.start)
        if letters(word.word):
            self._waiting.append(word)
        return found + self._search(word.end)

    def settle(self, now: float, speaking: bool = False) -> list[Found]:
        """Return what is certain at ``now``; ``speaking``: a word is being said, not yet known."""
        if self._waiting and not speaking and now - self._waiting[-1].end > self._gap_s:
            return self.flush()
        return self._search(now) if now > self._due else []

    def flush(self) -> list[Found]:
        """Return what is left: no more words will come."""
        return self._search(float("inf"))

    def _search(self, now: float) -> list[Found]:
        """Consume the waiting words from the front as far as their meaning is settled."""
        found: list[Found] = []
        self._due = float("inf")
        while self._waiting:
            reading = self._read()
            best = _best(reading.matches)
            if now < float("inf") and self._may_grow(reading, best, now):
                break
            used = self._waiting[: best.used] if best else self._waiting[:1]
            del self._waiting[: len(used)]
            if best:
                lowest = min(word.confidence for word in used)
                found.append(Found(best.phrase, used[0].start, used[-1].end, lowest))
        return found

    def _may_grow(self, reading: _Reading, best: _Match | None, now: float) -> bool:
        if reading.exact_open or best is None or not reading.edited_open:
            return reading.exact_open or reading.edited_open
        self._due = self._waiting[best.used - 1].end + self._gap_s
        return now <= self._due

    def _read(self) -> _Reading:
        """Follow every phrase that the waiting words may begin."""
        matches: list[_Match] = []
        places = [_At(self._root)]
        ends = [self._waiting[0].start]  # of the last word matched, per place
        for used, word in enumerate(self._waiting, 1):
            following: list[_At] = []
            after: list[float] = []
            for at, end in zip(places, ends, strict=True):
                if word.start - end > self._gap_s:
                    continue
                for step in self._steps(at, letters(word.word)):
                    following.append(step)
                    after.append(word.end)
                    phrase = None if step.missing else step.node.phrase
                    if phrase and (not step.edited or self._forgiveness.forgives(phrase)):
                        if step.inserted:  # "for twenty five minutes" are not five
                            phrase = phrase._replace(seconds=None)
                        matches.append(_Match(used, step.edited, phrase))
                if used > 1 and self._may_skip(at, letters(word.word)):
                    following.append(at._replace(edited=True, inserted=True))
                    after.append(end)
            places, ends = following, after
        open_ = [at.edited for at in places if at.missing or at.node.next]
        return _Reading(matches, False in open_, True in open_)

    def _may_skip(self, at: _At, said: str) -> bool:
        free = not (at.edited or at.missing)
        return free and self._forgiveness.may_insert(said)

    def _steps(self, at: _At, said: str) -> Iterator[_At]:
        """Yield the places that a word leads to, as it is or for another, or past a dropped one."""
        yield from _exact(at, said)
        if at.edited or at.missing:
            return
        for word, child in at.node.next.items():
            if said != word and self._forgiveness.confused(said, word):
                yield _At(child, edited=True)
            if self._forgiveness.may_drop(word):
                yield from _exact(_At(child, edited=True), said)


def _exact(at: _At, said: str) -> Iterator[_At]:
    """Yield the places that the letters of a word lead to, wherever a space may stand."""
    if not at.missing:
        for word, child in at.node.next.items():
            if word[0] == said[0]:
                yield from _exact(at._replace(node=child, missing=word), said)
    elif at.missing.startswith(said):
        yield at._replace(missing=at.missing[len(said) :])
    elif said.startswith(at.missing):
        yield from _exact(at._replace(missing=""), said[len(at.missing) :])


def _best(matches: list[_Match]) -> _Match | None:
    """Return the longest match that is plain; promises that disagree leave it without one."""
    for used in sorted({match.used for match in matches}, reverse=True):
        same = [match for match in matches if match.used == used]
        same = [match for match in same if not match.edited] or same
        if len({match.phrase.category for match in same}) == 1:
            first = same[0]
            if len({match.phrase.seconds for match in same}) == 1:
                return first
            return first._replace(phrase=first.phrase._replace(seconds=None))
    return None
