"""The words that compete with a pack's phrases in the network's loop.

Comes in: a model's unigrams, the words of the phrases. Goes out: labels and costs of the loop.
Refuses to know: how any of it sounds; what is written alike, letter by letter, sounds alike enough.

Three kinds: the commonest words, so that any speech can be explained; for each word of a phrase
those nearest to it, so that what only resembles a phrase has its own explanation; and the phrases'
own words, so that one of them alone does not make the rest of its phrase the best one.
"""

import unicodedata

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from coach.keywords.fst import Unigrams

# A word is near up to this many letters changed, or a third of its own, of what is decomposed
# (Hangul into jamo). Among the near ones a commoner word counts as nearer by that much a nat.
_NEAR = 2
_NEAR_SHARE = 3
_PER_NAT = 0.1


def choose(unigrams: Unigrams, own: set[int], commonest: int, near: int) -> Unigrams:
    """Return the loop: the ``commonest`` words, ``near`` for each word of ``own``, and those.

    ``own``: labels of the phrases' words.
    """
    labels = unigrams.labels
    a_word = np.array([unigrams.words[label][:1].isalpha() for label in labels])
    theirs = np.isin(labels, list(own))
    order = np.argsort(unigrams.costs, kind="stable")
    order = order[(a_word & ~theirs)[order]]
    chosen = {*order[:commonest].tolist(), *np.flatnonzero(theirs).tolist()}
    if near:
        chosen |= _nearest(unigrams, order[commonest:], sorted(own), near)
    at = np.array(sorted(chosen))
    return Unigrams(unigrams.words, labels[at], unigrams.costs[at])


def _nearest(
    unigrams: Unigrams, candidates: NDArray[np.int64], own: list[int], near: int
) -> set[int]:
    """Return the indices of the ``near`` nearest of ``candidates`` to each of ``own``."""
    spelled = [_letters(unigrams.words[unigrams.labels[n]]) for n in candidates]
    lengths = np.array([len(word) for word in spelled])
    found: set[int] = set()
    for word in (_letters(unigrams.words[label]) for label in own):
        most = max(_NEAR, len(word) // _NEAR_SHARE)
        alike = np.flatnonzero(abs(lengths - len(word)) <= most)
        edits = cdist(
            [word],
            [spelled[n] for n in alike],
            scorer=Levenshtein.distance,
            score_cutoff=most,
            dtype=np.uint16,
        )[0]
        close = alike[edits <= most]
        distance = edits[edits <= most] + _PER_NAT * unigrams.costs[candidates[close]]
        found |= set(candidates[close[np.argsort(distance, kind="stable")[:near]]].tolist())
    return found


def _letters(word: str) -> str:
    return unicodedata.normalize("NFD", word.casefold())
