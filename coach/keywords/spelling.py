"""Spells phrases in a model's own words.

Comes in: phrases, the words that a model knows. Goes out: the phrases in those words, and the words
that it lacks. Refuses to know: networks and their costs.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice, product

from coach.keywords.network import HeardPhrase
from coach.keywords.pack import Phrase, normalise

MOST_SPELLINGS = 16  # of one phrase: which of a word's seams the model's lexicon put words at
# Scripts written without spaces within a phrase: their words are split where a model's are shorter.
_UNSPACED = re.compile("[가-힣ぁ-ヿ々一-鿿]")


def spell(phrases: Sequence[Phrase], words: list[str]) -> tuple[list[HeardPhrase], list[str]]:
    """Spell each phrase in the model's own words; return those it can and the words it lacks.

    A phrase is there in each of its spellings, up to MOST_SPELLINGS.
    """
    parts = {
        w[a:b] for p in phrases for w in p.words for a in range(len(w)) for b in range(len(w) + 1)
    }
    known = {
        spoken: word
        for word in reversed(words)
        if word and word[0] not in "<#![" and (spoken := normalise(word)) in parts
    }
    heard: dict[tuple[str, ...], HeardPhrase] = {}
    lacking: dict[str, None] = {}
    for phrase in phrases:
        splits = [split_word(word, known) for word in phrase.words]
        lacking |= {w: None for w, ways in zip(phrase.words, splits, strict=True) if not ways}
        for ways in islice(product(*splits), MOST_SPELLINGS):
            spelled = tuple(piece for way in ways for piece in way)
            heard.setdefault(spelled, HeardPhrase(spelled, phrase))
    return list(heard.values()), list(lacking)


def split_word(word: str, known: dict[str, str]) -> list[list[str]]:
    """Return every way to make up ``word`` of the fewest model words; none where there is none."""
    if word in known:
        return [[known[word]]]
    if not _UNSPACED.search(word):  # "für" is no "f" and "ür"
        return []
    best: list[list[list[str]]] = [[[]], *([] for _ in word)]
    for end in range(1, len(word) + 1):
        ways = [
            [*head, known[word[begin:end]]]
            for begin in range(end)
            if word[begin:end] in known
            for head in best[begin]
        ]
        fewest = min(map(len, ways), default=0)
        best[end] = [way for way in ways if len(way) == fewest]
    return best[-1]


def sound_length(words: Iterable[str]) -> int:
    """Estimate the phones in ``words``.

    Three a Hangul syllable or ideograph, two a kana, else one a letter; ー lengthens by one.
    """
    return sum(_phones(c) for word in words for c in word)


def _phones(character: str) -> int:
    if "가" <= character <= "힣" or "一" <= character <= "鿿":
        return 3
    return 2 if "ぁ" <= character <= "ヺ" else 1
