from coach.keywords.pack import Phrase
from coach.keywords.spelling import sound_length, spell, split_word
from coach.names import Category

WORDS = ["<eps>", "감사", "합니다", "감사합니다", "전화", "주셔서", "합", "니다", "#0", ""]


def phrase(text: str) -> Phrase:
    return Phrase(Category.THANKS, tuple(text.split()), "thanks", None)


def test_a_word_is_split_into_the_fewest_model_words() -> None:
    known = {word: word for word in WORDS if word}
    assert split_word("감사합니다", known) == [["감사합니다"]]
    assert split_word("전화합니다", known) == [["전화", "합니다"]]
    known |= {"전": "전", "화합니다": "화합니다"}
    assert split_word("전화합니다", known) == [["전", "화합니다"], ["전화", "합니다"]]
    assert split_word("전화기", known) == []
    assert split_word("calling", {"call": "call", "ing": "ing"}) == []


def test_only_scripts_without_spaces_are_split() -> None:
    pieces = ["電話", "を", "人", "々", "センタ", "ー", "挂", "断", "f", "ür", "prze", "łączę"]
    known = {piece: piece for piece in pieces}
    assert split_word("電話を", known) == [["電話", "を"]]
    assert split_word("人々", known) == [["人", "々"]]
    assert split_word("センター", known) == [["センタ", "ー"]]
    assert split_word("挂断", known) == [["挂", "断"]]
    assert split_word("für", known) == split_word("przełączę", known) == []


def test_spelling_names_the_words_the_model_lacks() -> None:
    heard, lacking = spell([phrase("전화 주셔서 감사합니다"), phrase("여보세요 전화")], WORDS)
    assert [h.words for h in heard] == [("전화", "주셔서", "감사합니다")]
    assert lacking == ["여보세요"]


def test_sound_length_counts_hangul_syllables_as_three_phones() -> None:
    assert sound_length(["감사", "call"]) == 10


def test_sound_length_of_kana_and_ideographs() -> None:
    assert sound_length(["もしもし"]) == 8
    assert sound_length(["センター"]) == 7
    assert sound_length(["再见"]) == 6
