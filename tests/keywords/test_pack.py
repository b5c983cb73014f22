import pytest

from coach.errors import PhraseError
from coach.keywords.pack import expand, load_pack, normalise, parse_pack, shipped_languages
from coach.names import Category

HEAD = 'language = "en"\n'


def texts(toml: str) -> list[str]:
    return [phrase.text for phrase in parse_pack(HEAD + toml, "test.toml").phrases]


def test_optional_and_alternative_words() -> None:
    assert expand("[please] (hold|wait) [on|here]", "") == [
        f"{a}{b} {c}".rstrip(" ") + ("" if c else " ")
        for a in ("please ", " ")
        for b in ("hold", "wait")
        for c in ("on", "here", "")
    ]


def test_words_are_normalised_and_doubles_dropped() -> None:
    assert texts('[[thanks]]\nsay = "Thank you, [so] (much|much)!"') == [
        "thank you so much",
        "thank you much",
    ]


def test_duration_slot_gives_the_phrase_its_seconds() -> None:
    toml = (
        '[durations]\n"one minute" = 60\n"a few minutes" = 180\n'
        '[[hold_request]]\nsay = "hold for {duration}"\ngloss = "hold"\n'
    )
    pack = parse_pack(HEAD + toml, "test.toml")
    assert [(p.text, p.seconds, p.gloss) for p in pack.phrases] == [
        ("hold for one minute", 60, "hold"),
        ("hold for a few minutes", 180, "hold"),
    ]


def test_negations_and_the_words_of_times() -> None:
    toml = 'negations = "not Don’t"\n[durations]\n"a few minutes" = 180\n"a minute" = 60\n'
    pack = parse_pack(HEAD + toml + '[[thanks]]\nsay = "thanks"', "test.toml")
    assert pack.negations == ("not", "don't")
    assert pack.times == ("a", "few", "minute", "minutes")


@pytest.mark.parametrize(
    ("word", "same"), [("I’m", "i'm"), ("Bank.", "bank"), ("...", ""), ("Ａ", "ａ")]
)
def test_normalise(word: str, same: str) -> None:
    assert normalise(word) == same


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[[helo]]\nsay = "hi"', "unknown category 'helo'"),
        ('[[thanks]]\nsai = "thank you"', "thanks 1: unknown key 'sai'; did you mean 'say'?"),
        ('[[thanks]]\nsay = "thank [you"', "']' is missing"),
        ('[[thanks]]\nsay = "thank you)"', "')' without its opening bracket"),
        ('[[thanks]]\nsay = "[you]"', "can be nothing at all"),
        ('[[thanks]]\nsay = "thanks {nmae}"', "unknown slot at '{nmae}'"),
        ("[[thanks]]\nsay = 3", "expected say and gloss to be text"),
        ('[thanks]\nsay = "thank you"', "expected [[thanks]]"),
        ('[durations]\nx = "y"\n[[thanks]]\nsay = "a"', "durations: 'x': expected seconds"),
        ('[[thanks]]\nsay = "bye"\n[[goodbye]]\nsay = "bye"', "'bye' is in thanks already"),
        ("", "no phrases"),
        ("[[thanks", "not valid TOML"),
        ('negations = ["not"]\n[[thanks]]\nsay = "a"', "negations: expected words in one text"),
        ('[[thanks]]\nsay = "' + "(a|b|c)" * 9 + '"', "more than 400 wordings"),
    ],
)
def test_a_slip_in_a_pack_is_named(toml: str, message: str) -> None:
    with pytest.raises(PhraseError, match=r"test\.toml") as caught:
        parse_pack(HEAD + toml, "test.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_language_is_answered_with_those_there_are() -> None:
    with pytest.raises(PhraseError, match=r"'koo'; there are en, ko; did you mean 'ko'\?"):
        load_pack("koo")


@pytest.mark.parametrize("language", shipped_languages())
def test_shipped_packs_hold_every_category_that_a_cue_depends_on(language: str) -> None:
    pack = load_pack(language)
    assert pack.language == language
    categories = {phrase.category for phrase in pack.phrases}
    assert {
        Category.GREETING,
        Category.HOLD_REQUEST,
        Category.GOODBYE,
        Category.THANKS,
        Category.CALL_OUT,
        Category.DISCONNECT_NOTICE,
        Category.ASK_TO_HANG_UP,
        Category.ANYTHING_ELSE,
    } <= categories
    assert all(phrase.gloss for phrase in pack.phrases)
