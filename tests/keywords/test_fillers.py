import numpy as np

from coach.keywords.fillers import choose
from coach.keywords.fst import Unigrams

WORDS = [
    "<eps>",
    "the",
    "of",
    "walk",
    "thank",
    "thanks",
    "tank",
    "you",
    "zebra",
    "[noise]",
    "rhino",
]


def unigrams() -> Unigrams:
    labels = np.arange(1, len(WORDS), dtype=np.int32)
    return Unigrams(WORDS, labels, labels.astype(np.float32))  # the later the rarer


def chosen(own: set[str], commonest: int, near: int) -> list[str]:
    loop = choose(unigrams(), {WORDS.index(word) for word in own}, commonest, near)
    return [WORDS[label] for label in loop.labels]


def test_commonest_words_and_the_phrases_own() -> None:
    assert chosen({"thank", "you"}, 2, 0) == ["the", "of", "thank", "you"]


def test_words_near_to_a_phrases_words_come_beside_them() -> None:
    assert chosen({"thank"}, 2, 1) == ["the", "of", "thank", "thanks"]
    assert chosen({"thank"}, 2, 5) == ["the", "of", "thank", "thanks", "tank"]


def test_what_is_no_word_is_no_filler() -> None:
    assert "[noise]" not in chosen({"you"}, 10, 10)


def test_costs_stay_with_their_words() -> None:
    loop = choose(unigrams(), {4}, 2, 5)
    assert loop.costs.tolist() == loop.labels.tolist()


def test_hangul_is_near_by_its_jamo() -> None:
    words = ["<eps>", "그", "감사합니다", "감사함니다", "건강합니까"]
    labels = np.arange(1, 5, dtype=np.int32)
    loop = choose(Unigrams(words, labels, labels.astype(np.float32)), {2}, 1, 1)
    assert [words[label] for label in loop.labels] == ["그", "감사합니다", "감사함니다"]
