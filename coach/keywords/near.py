"""One word off: which slips of a recogniser a phrase forgives, and which change what was said.

Comes in: a phrase pack and words. Goes out: whether one word may be dropped, put in or confused.
Refuses to know: times, and where in a phrase a word stands.

Words are compared by their letters alone, Hangul by its jamo, so that spaces, apostrophes and
hyphens never count: "good bye" is "goodbye". Long phrases alone forgive. What must not go wrong is
meaning, so a negation is never dropped, put in or confused; only a small word may be dropped, one
that phrases of several categories have, so that it tells none of them; and a promised time stands
only where its own words are right.
"""

import unicodedata
from collections import defaultdict
from functools import cache

from rapidfuzz.distance import Levenshtein

from coach.keywords.pack import Pack, Phrase

# Letters that a phrase must have to forgive; a wide character is a syllable, so counts for two.
LEAST_LETTERS = 12
# A word that phrases of so many categories have, and of so many letters at most, is a small one.
_SMALL_CATEGORIES = 3
_SMALL_LETTERS = 4
# Words from this long on may differ in one letter, and in one for every so many letters. Where a
# letter is a whole syllable, as kana and Chinese characters are, from twice that on.
_CONFUSED_LETTERS = 2
_LETTERS_PER_EDIT = 8


class Forgiveness:
    """What a pack's phrases forgive. All words are given as their ``letters``."""

    def __init__(self, pack: Pack) -> None:
        categories = defaultdict(set)
        for phrase in pack.phrases:
            for word in phrase.words:
                categories[letters(word)].add(phrase.category)
        self._negations = {letters(word) for word in pack.negations}
        self._times = {letters(word) for word in pack.times}
        self._small = {
            word
            for word, of in categories.items()
            if len(of) >= _SMALL_CATEGORIES and _size(word) <= _SMALL_LETTERS
        } - self._negations
        self._telling = {word for word, of in categories.items() if len(of) == 1}
        self._inserts = bool(pack.negations)

    def forgives(self, phrase: Phrase) -> bool:
        """Whether the phrase is long enough to be told with one word wrong."""
        return sum(map(_size, phrase.words)) >= LEAST_LETTERS

    def may_drop(self, word: str) -> bool:
        """Whether a phrase is still the same without this word of its."""
        return word in self._small

    def may_insert(self, word: str) -> bool:
        """Whether a phrase is still the same with this word in its midst.

        A word that tells a category is none, nor a negation; where a pack lists no negations,
        nobody knows, and no word is.
        """
        return self._inserts and word not in self._negations and word not in self._telling

    def confused(self, heard: str, written: str) -> bool:
        """Whether ``heard`` may be a recogniser's mistake for ``written``."""
        if heard in self._negations or written in self._negations:
            return False
        return is_near(heard, written)

    def is_time(self, word: str) -> bool:
        """Whether a promised time hangs on this word of a phrase."""
        return word in self._times


@cache
def letters(word: str) -> str:
    """Return the letters of a normalised word: decomposed, without apostrophes and hyphens."""
    return "".join(
        c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c)[0] in "LNM"
    )


@cache
def is_near(one: str, other: str) -> bool:
    """Whether two words differ in so few letters that one may be heard as the other."""
    shorter = min(len(one), len(other))
    if shorter < _CONFUSED_LETTERS * (2 if _is_syllabic(one) or _is_syllabic(other) else 1):
        return False
    most = max(1, shorter // _LETTERS_PER_EDIT)
    return Levenshtein.distance(one, other, score_cutoff=most) <= most


def _size(word: str) -> int:
    return sum(
        2 if _is_wide(c) else 1
        for c in unicodedata.normalize("NFC", word)
        if unicodedata.category(c)[0] in "LN"
    )


def _is_syllabic(word: str) -> bool:
    # jamo, into which Hangul is decomposed, are wide and no syllables
    return any(_is_wide(c) and not unicodedata.name(c, "").startswith("HANGUL") for c in word)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) == "W"
