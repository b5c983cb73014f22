"""Finds phrases in a recogniser's words, whole or with one word wrong.

Comes in: words in order of time. Goes out: the longest phrases among them, in order, no gap within
longer than allowed. Refuses to know: which slips are forgiven (``coach/keywords/near.py``), and
where the words come from.

Words split or joined otherwise than the phrase writes them cost nothing. One word may be wrong in
a phrase, put in or dropped, but neither before its first word nor after its last: "call you back"
is no "I'll call you back". Of phrases that cover the same words an exact one is told, and where
those with an edit are of several categories none is.
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
    """A place in a phrase: letters still missing to reach ``node``, and whether one word was wrong.

    ``unsure``: the wrong word may change a promised time.
    """

    node: _Node
    missing: str = ""
    edited: bool = False
    unsure: bool = False


class _Match(NamedTuple):
    """A phrase that the first ``used`` waiting words are."""

    used: int
    edited: bool
    phrase: Phrase


class NearSearch:
    """Searches a stream of words; a phrase is told as soon as no longer one can still come."""

    def __init__(self, pack: Pack, gap_s: float) -> None:
        self._gap_s = gap_s
        self._forgiveness = Forgiveness(pack)
        self._waiting: list[Word] = []
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
        return found + self._search(over=False)

    def settle(self, now: float) -> list[Found]:
        """Return what is certain because no word came within the gap before ``now``."""
        if self._waiting and now - self._waiting[-1].end > self._gap_s:
            return self.flush()
        return []

    def flush(self) -> list[Found]:
        """Return what is left: no more words will come."""
        return self._search(over=True)

    def _search(self, over: bool) -> list[Found]:
        """Consume the waiting words from the front as far as their meaning is settled."""
        found: list[Found] = []
        while self._waiting:
            matches, more = self._read()
            best = _best(matches)
            if best and best.edited:
                beaten, may_be = self._beaten(best)
                best, more = None if beaten else best, more or may_be
            if more and not over:
                break
            used = self._waiting[: best.used if best else 1]
            del self._waiting[: len(used)]
            if best:
                lowest = min(word.confidence for word in used)
                found.append(Found(best.phrase, used[0].start, used[-1].end, lowest))
        return found

    def _beaten(self, best: _Match) -> tuple[bool, bool]:
        """Return whether an exact phrase begins within one with a wrong word and goes on after it.

        And whether one still may: "have good evening this is" is no "have a good evening".
        """
        within = [(begin, *self._read(begin, exact=True)) for begin in range(1, best.used)]
        beaten = any(m.used + begin > best.used for begin, matches, _ in within for m in matches)
        return beaten, any(more for _, _, more in within)

    def _read(self, begin: int = 0, exact: bool = False) -> tuple[list[_Match], bool]:
        """Return the phrases that the words from ``begin`` are, and whether they may begin more.

        ``exact``: with no word wrong.
        """
        matches: list[_Match] = []
        # each place with the end of the last word that led there
        places = [(_At(self._root), self._waiting[begin].start)]
        for used, word in enumerate(self._waiting[begin:], 1):
            said = letters(word.word)
            reached: list[tuple[_At, float]] = []
            for at, end in places:
                if word.start - end > self._gap_s:
                    continue
                for step in _exact(at, said) if exact else self._steps(at, said):
                    reached.append((step, word.end))
                    if match := self._match(step, used):
                        matches.append(match)
                if not exact and self._may_skip(at, said):
                    # "for twenty five minutes" is not for five
                    reached.append((at._replace(edited=True, unsure=True), end))
            places = reached
        return matches, any(at.missing or at.node.next for at, _ in places)

    def _match(self, at: _At, used: int) -> _Match | None:
        phrase = at.node.phrase
        if at.missing or phrase is None or (at.edited and not self._forgiveness.forgives(phrase)):
            return None
        return _Match(used, at.edited, phrase._replace(seconds=None) if at.unsure else phrase)

    def _may_skip(self, at: _At, said: str) -> bool:
        """Whether a word may have been put in here: within a phrase, and after no whole one."""
        if at.edited or at.missing or at.node is self._root or at.node.phrase:
            return False
        return self._forgiveness.may_insert(said)

    def _steps(self, at: _At, said: str) -> Iterator[_At]:
        """Yield the places that a word leads to, as it is or for another, or past a dropped one."""
        yield from _exact(at, said)
        if at.edited or at.missing:
            return
        for word, child in at.node.next.items():
            wrong = _At(child, edited=True, unsure=self._forgiveness.is_time(word))
            if said != word and self._forgiveness.confused(said, word):
                yield wrong
            if at.node is not self._root and self._forgiveness.may_drop(word):
                yield from _exact(wrong, said)


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
