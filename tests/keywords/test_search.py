from hypothesis import given
from hypothesis import strategies as st

from coach.keywords.network import HeardPhrase
from coach.keywords.pack import Phrase
from coach.keywords.search import Found, PhraseSearch, Word
from coach.names import Category

GAP_S = 0.6


def phrase(text: str, category: Category = Category.THANKS) -> HeardPhrase:
    words = tuple(text.split())
    return HeardPhrase(words, Phrase(category, words, text, None))


PHRASES = [
    phrase("thank you"),
    phrase("thank you for calling", Category.GREETING),
    phrase("for now", Category.GOODBYE),
]


def spoken(text: str, start: float = 0.0, step: float = 0.3) -> list[Word]:
    """Words of 0.2 s, one every ``step`` seconds, each surer than the one before."""
    return [
        Word(word, start + n * step, start + n * step + 0.2, 0.5 + n / 100)
        for n, word in enumerate(text.split())
    ]


def search(words: list[Word]) -> list[str]:
    searching = PhraseSearch(PHRASES, GAP_S)
    found = [f for word in words for f in searching.push(word)]
    return [f.phrase.text for f in found + searching.flush()]


def test_the_longest_phrase_wins() -> None:
    assert search(spoken("well thank you for calling us")) == ["thank you for calling"]


def test_what_began_a_longer_phrase_is_searched_again() -> None:
    assert search(spoken("thank you for now")) == ["thank you", "for now"]


def test_a_gap_within_a_phrase_breaks_it() -> None:
    assert search(spoken("thank you", step=1.0)) == []


def test_order_counts() -> None:
    assert search(spoken("you thank calling for")) == []


def test_times_and_the_lowest_confidence() -> None:
    searching = PhraseSearch(PHRASES, GAP_S)
    for word in spoken("thank you", start=2.0):
        assert searching.push(word) == []
    assert searching.settle(2.5 + GAP_S - 0.01) == []
    (found,) = searching.settle(2.5 + GAP_S + 0.01)
    assert found == Found(PHRASES[0].phrase, 2.0, 2.5, 0.5)


def test_a_phrase_that_no_longer_one_begins_with_is_told_at_once() -> None:
    searching = PhraseSearch(PHRASES, GAP_S)
    *first, last = spoken("thank you for calling")
    assert [searching.push(word) for word in first] == [[], [], []]
    assert [f.phrase.text for f in searching.push(last)] == ["thank you for calling"]


@given(st.lists(st.sampled_from(["thank", "you", "for", "calling", "now", "well"]), max_size=20))
def test_every_found_phrase_was_said_and_none_overlap(said: list[str]) -> None:
    searching = PhraseSearch(PHRASES, GAP_S)
    found = [f for w in spoken(" ".join(said)) for f in searching.push(w)] + searching.flush()
    end = -1.0
    for one in found:
        first, last = round(one.start / 0.3), round((one.end - 0.2) / 0.3)
        assert tuple(said[first : last + 1]) == one.phrase.words
        assert one.start > end
        end = one.end
