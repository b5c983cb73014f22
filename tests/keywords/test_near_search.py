import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.keywords.near_search import NearSearch
from coach.keywords.pack import Pack, load_pack, normalise
from coach.keywords.search import Found, Word
from coach.names import Category

GAP_S = 0.6
ENGLISH, KOREAN = load_pack("en"), load_pack("ko")


def spoken(text: str, step: float = 0.3) -> list[Word]:
    """Words of 0.2 s, one every ``step`` seconds, each surer than the one before."""
    return [
        Word(normalise(word), n * step, n * step + 0.2, 0.5 + n / 100)
        for n, word in enumerate(text.split())
    ]


def found_in(text: str, pack: Pack = ENGLISH) -> list[Found]:
    search = NearSearch(pack, GAP_S)
    return [found for word in spoken(text) for found in search.push(word)] + search.flush()


def told(text: str, pack: Pack = ENGLISH) -> list[str]:
    return [found.phrase.text for found in found_in(text, pack)]


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ("well thank you for calling us", "thank you for calling"),  # as it is
        ("thank you calling us", "thank you for calling"),  # dropped
        ("thank you for uh calling us", "thank you for calling"),  # put in
        ("thank you for falling us", "thank you for calling"),  # confused
        ("good bye", "goodbye"),  # split: costs nothing
        (
            "isthere anything el se i can help you with",
            "is there anything else i can help you with",
        ),
        ("Im going to dis connect the call", "i'm going to disconnect the call"),
        ("thank yo u for um calling", "thank you for calling"),  # split and one word wrong
    ],
)
def test_a_slip_is_forgiven(said: str, phrase: str) -> None:
    assert told(said) == [phrase]


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ("이용 해주셔서 감사합니다", "이용해 주셔서 감사합니다"),
        ("이용해 주셔서 감사함니다", "이용해 주셔서 감사합니다"),
        ("무엇을 좀 도와 드릴까요", "무엇을 도와드릴까요"),
    ],
)
def test_korean_slips(said: str, phrase: str) -> None:
    assert [text.replace(" ", "") for text in told(said, KOREAN)] == [phrase.replace(" ", "")]


@pytest.mark.parametrize(
    "said",
    [
        "thank you for um falling",  # two
        "please hold uh the um line",
        "you may not hang up now",
        "you can't disconnect now",
        "call you back",  # its first word may not be missing
        "that is the number",  # nor the word that tells it
        "see you son",  # short
        "you for thank calling",  # out of order
    ],
)
def test_what_is_not_forgiven(said: str) -> None:
    assert not any(found.phrase.text not in said for found in found_in(said))


def test_of_several_categories_none_is_told() -> None:
    nice, day = "have a nice day", "have a nine day"
    one = ENGLISH.phrases[0]._replace(words=tuple(nice.split()), category=Category.GOODBYE)
    other = one._replace(words=tuple(day.split()), category=Category.CURT)
    pack = Pack("en", (one, other))
    assert told("have a nite day", pack) == []
    assert told(day, pack) == [day]  # exact beats edited
    assert told("have a nite day", Pack("en", (one,))) == [nice]


def test_an_exact_phrase_that_begins_within_one_with_a_slip_and_goes_on_beats_it() -> None:
    assert told("i have good evening this is sam") == ["good evening this is"]
    assert told("i have good evening") == ["have a good evening"]


def test_a_promise_stands_only_where_its_own_words_are_right() -> None:
    def promises(text: str) -> list[float | None]:
        return [found.phrase.seconds for found in found_in(text)]

    assert promises("can i put you on hold for five minutes") == [300]
    assert promises("can i put yu on hold for five minutes") == [300]
    assert promises("can i put you on hold for fine minutes") == [None]
    assert promises("would you hold for twenty five minutes") == [None]


def test_a_gap_breaks_a_phrase_also_where_a_word_was_put_in() -> None:
    search = NearSearch(ENGLISH, GAP_S)
    words = spoken("thank you for um calling", step=0.7)
    assert [f for word in words for f in search.push(word)] + search.flush() != []
    search = NearSearch(ENGLISH, GAP_S)
    slow = [word for word in words if word.word != "um"]
    assert "calling" not in str([f for word in slow for f in search.push(word)] + search.flush())


def test_a_phrase_that_no_longer_one_begins_with_is_told_at_once() -> None:
    search = NearSearch(ENGLISH, GAP_S)
    *first, last = spoken("please hold line")
    before = [search.push(word) for word in first]
    assert before == [[], []]
    (found,) = search.push(last)
    assert found == Found(found.phrase, 0.0, last.end, 0.5)


def test_a_whole_phrase_does_not_wait_for_what_a_next_word_may_be_put_in() -> None:
    search = NearSearch(ENGLISH, GAP_S)
    thank, you, mister = spoken("thank you mister")
    assert search.push(thank) + search.push(you) == []
    assert [found.phrase.text for found in search.push(mister)] == ["thank you"]


WORDS = ["thank", "you", "for", "calling", "holding", "the", "um", "not", "bye", "good", "thankyou"]


@given(st.lists(st.sampled_from(WORDS), max_size=14), st.integers(0, 14))
def test_what_is_told_is_never_taken_back_nor_told_twice(said: list[str], cut: int) -> None:
    words = spoken(" ".join(said))

    def pushed(upto: list[Word]) -> list[Found]:
        search = NearSearch(ENGLISH, GAP_S)
        return [found for word in upto for found in search.push(word)]

    whole = pushed(words)
    assert whole[: len(pushed(words[:cut]))] == pushed(words[:cut])
    end = -1.0
    for found in whole:
        assert found.start > end
        end = found.end


@pytest.mark.parametrize("pack", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_every_phrase_of_a_pack_is_found_as_it_is_written(pack: Pack) -> None:
    for phrase in pack.phrases[:: max(1, len(pack.phrases) // 60)]:
        assert phrase.category in [found.phrase.category for found in found_in(phrase.text, pack)]
