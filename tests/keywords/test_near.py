import pytest

from coach.keywords.near import Forgiveness, is_near, letters
from coach.keywords.pack import load_pack

ENGLISH = load_pack("en")
FORGIVENESS = Forgiveness(ENGLISH)


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("i'm", "im"),
        ("bye-bye", "byebye"),
        ("é", "e\u0301"),
        ("님", "\u1102\u1175\u11b7"),
        ("…", ""),
    ],
)
def test_letters(word: str, same: str) -> None:
    assert letters(word) == same


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("holding", "folding", True),
        ("disconnect", "disconect", True),
        ("to", "go", True),
        ("a", "i", False),
        ("holding", "calling", False),
        ("wait", "what", False),
        ("没有", "所有", False),  # a character is a syllable
        ("ありがとう", "ありかとう", True),
    ],
)
def test_near_words(one: str, other: str, near: bool) -> None:
    assert is_near(one, other) is is_near(other, one) is near


def test_hangul_is_compared_by_its_jamo() -> None:
    assert is_near(letters("감사합니다"), letters("감사함니다"))
    assert not is_near(letters("기다리셨습니다"), letters("기다렸습니다"))


def test_short_phrases_forgive_nothing() -> None:
    forgiving = {phrase.text for phrase in ENGLISH.phrases if FORGIVENESS.forgives(phrase)}
    assert {"have a nice day", "thank you for calling", "one moment please"} <= forgiving
    assert not {"goodbye", "thank you", "are you there", "i don't know"} & forgiving


def test_small_words_may_be_dropped_telling_ones_not() -> None:
    assert all(map(FORGIVENESS.may_drop, ["a", "the", "to", "you"]))
    assert not any(map(FORGIVENESS.may_drop, ["wrong", "end", "hold", "not"]))


def test_a_negation_is_never_put_in_nor_taken_for_another_word() -> None:
    assert FORGIVENESS.may_insert("um")
    assert not any(map(FORGIVENESS.may_insert, ["not", "never", "dont"]))
    assert not FORGIVENESS.may_insert("goodbye")  # it tells a category
    assert is_near("can", "cant")
    assert not FORGIVENESS.confused("cant", "can")
    assert not FORGIVENESS.confused("now", "not")


def test_a_pack_without_negations_takes_no_word_in() -> None:
    assert not Forgiveness(ENGLISH._replace(negations=())).may_insert("um")
