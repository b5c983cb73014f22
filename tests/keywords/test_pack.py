from collections import Counter

import pytest

from coach.errors import PhraseError
from coach.keywords.near_search import NearSearch
from coach.keywords.pack import expand, load_pack, normalise, parse_pack, shipped_languages
from coach.keywords.search import Found, Word
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
    with pytest.raises(PhraseError, match=r"'koo'; there are de, .*, zh; did you mean 'ko'\?"):
        load_pack("koo")


# What cues and records of the call hang on; the Korean pack has fewer wordings of some.
CUED = {
    Category.GREETING,
    Category.HOLD_REQUEST,
    Category.HOLD_RETURN,
    Category.APOLOGY,
    Category.CALL_OUT,
    Category.DISCONNECT_NOTICE,
    Category.ASK_TO_HANG_UP,
    Category.ANYTHING_ELSE,
    Category.THANKS,
    Category.GOODBYE,
    Category.TRANSFER,
    Category.TIME_PROMISE,
}
LEAST_WORDINGS = {"en": 5, "ko": 4}
LACKING = {"ko": {Category.BLUNT}}


@pytest.mark.parametrize("language", shipped_languages())
def test_shipped_packs_hold_every_category_in_wordings_enough(language: str) -> None:
    pack = load_pack(language)
    assert pack.language == language
    wordings = Counter(phrase.category for phrase in pack.phrases)
    assert wordings.keys() == set(Category) - LACKING.get(language, set())
    few = {c.value: wordings[c] for c in CUED if wordings[c] < LEAST_WORDINGS.get(language, 8)}
    assert not few
    assert all(phrase.gloss for phrase in pack.phrases)
    assert pack.negations


@pytest.mark.parametrize("language", shipped_languages())
def test_shipped_packs_promise_times(language: str) -> None:
    pack = load_pack(language)
    promised = {phrase.seconds for phrase in pack.phrases} - {None}
    assert {60, 120, 180, 300} <= promised
    assert all(10 <= seconds <= 600 for seconds in promised if seconds)
    assert pack.times


def said(text: str, language: str) -> list[Found]:
    """What the search of transcripts finds in ``text``, its words 0.2 s long, all joined."""
    search = NearSearch(load_pack(language), 0.6)
    spoken = enumerate(filter(None, map(normalise, text.split())))
    words = [Word(word, n * 0.3, n * 0.3 + 0.2, 1.0) for n, word in spoken]
    return [found for word in words for found in search.push(word)] + search.flush()


# The wordings that articles on etiquette name, by language and what they are for; a name stands
# for "…". Those in ALONE are too common to be phrases: they stand with the words beside them.
NAMED = {
    "en": {
        "greeting": "hello this is sam / good morning sam speaking my name is sam / "
        "how can i help you",
        "hold_request": "may i put you on hold / could you hold for a minute / "
        "one moment please / bear with me",
        "hold_return": "thank you for holding / thank you for waiting / sorry to keep you waiting",
        "apology": "i am sorry about that / i apologize",
        "call_out": "hello are you there / can you hear me",
        "disconnect_notice": "i am going to disconnect / i will end the call now",
        "ask_to_hang_up": "you may hang up now / please go ahead and hang up",
        "check_understanding": "does that make sense / is that clear",
        "read_back": "let me repeat that / let me confirm that",
        "back_channel": "i see / i understand",
        "anything_else": "is there anything else i can help you with",
        "thanks": "thank you for calling",
        "goodbye": "goodbye / bye bye / have a nice day / have a good weekend",
        "transfer": "let me transfer you / i will put you through to",
        "callback_offer": "i can call you back",
        "curt": "he is not here / wrong number / i don't know",
        "blunt": "why did you",
        "warning": "please mind your language / or i will end the call",
    },
    "de": {
        "greeting": "Guten Tag, Firma Beispiel, mein Name ist Schmidt",
        "hold_request": "Darf ich Sie für ein paar Minuten in die Warteschleife stellen / "
        "Ich stelle Sie jetzt in die Warteschleife",
        "hold_return": "Danke, dass Sie gewartet haben",
        "apology": "es tut mir leid / Entschuldigung",
        "call_out": "Hallo, sind Sie noch da",
        "disconnect_notice": "ich lege jetzt auf",
        "ask_to_hang_up": "Sie können jetzt auflegen",
        "check_understanding": "ist das soweit klar",
        "read_back": "ich wiederhole",
        "back_channel": "ja, ich verstehe / ich verstehe",
        "anything_else": "kann ich sonst noch etwas für Sie tun",
        "thanks": "vielen Dank für Ihren Anruf",
        "goodbye": "auf Wiederhören / schönes Wochenende / schönen Tag noch / "
        "Ich wünsche Ihnen einen schönen Rest des Tages",
        "transfer": "ich verbinde Sie mit",
        "callback_offer": "ich rufe Sie zurück",
        "curt": "weiß ich nicht / ist nicht da",
        "blunt": "warum haben Sie",
        "warning": "ich muss das Gespräch sonst beenden",
    },
    "pl": {
        "greeting": "dzień dobry, firma Przykład, słucham",
        "hold_request": "proszę chwilę poczekać / czy może pan poczekać / czy może pani poczekać",
        "hold_return": "dziękuję za cierpliwość / przepraszam, że musiał pan czekać / "
        "przepraszam, że musiała pani czekać",
        "apology": "bardzo przepraszam",
        "call_out": "halo, czy mnie słychać",
        "disconnect_notice": "muszę się rozłączyć / zakończę rozmowę",
        "ask_to_hang_up": "może się pan rozłączyć / może się pani rozłączyć",
        "check_understanding": "czy to jest jasne",
        "read_back": "powtórzę dla pewności",
        "back_channel": "tak, rozumiem",
        "anything_else": "czy mogę jeszcze w czymś pomóc",
        "thanks": "dziękuję za telefon",
        "goodbye": "do widzenia / do usłyszenia / miłego weekendu",
        "transfer": "przełączę pana do / przełączę panią do",
        "callback_offer": "oddzwonię do pana / oddzwonię do pani",
        "curt": "nie wiem / nie ma go",
        "blunt": "dlaczego pan tego nie zrobił",
        "warning": "w przeciwnym razie zakończę rozmowę",
    },
    "ja": {
        "greeting": "こんにちは、ネットワーク センター が サービス します。",
        "hold_request": "少々お待ちください / 状況を調べてもらえますか",
        "hold_return": "お待たせしました / お待たせして申し訳ございませんでした / "
        "お待たせしました。申し訳ございませんでした。",
        "apology": "申し訳ございません / ご迷惑をおかけしました",
        "call_out": "もしもし / お声が聞こえません / あなたの声が聞こえません",
        "disconnect_notice": "お電話が切れていないため、こちらから切断させていただきます / "
        "今電話を切ります",
        "ask_to_hang_up": "恐れ入りますが、お電話をお切りいただけますか / 電話を切ってください",
        "check_understanding": "分かりましたか / ここまでよろしいでしょうか",
        "read_back": "もう一度確認いたします",
        "back_channel": "はい、かしこまりました / そうですか / 気持ちが分かります",
        "anything_else": "他に何か助けが必要ですか / 他の業務がありますか",
        "thanks": "ありがとうございます / お電話ありがとうございます / "
        "お電話ありがとうございました",
        "goodbye": "さようなら / 失礼いたします / 週末を楽しく過ごしてください",
        "transfer": "担当者におつなぎします / 上司に相談してもいいですか",
        "callback_offer": "調べて連絡します",
        "curt": "担当者はいません / 知りません",
        "blunt": "なぜですか",
        "warning": "文明言語を使ってください / 今度の通話は終わります",
    },
    "zh": {
        "greeting": "您好，我是 小王",
        "hold_request": "请您稍等好吗 / 请您稍等一分钟好吗",
        "hold_return": "感谢您的等待 / 让您久等了",
        "apology": "对不起 / 非常抱歉",
        "call_out": "喂，您好 / 能听到吗",
        "disconnect_notice": "我先挂断电话了",
        "ask_to_hang_up": "请您先挂电话",
        "check_understanding": "您明白了吗",
        "read_back": "我再确认一下",
        "back_channel": "是的，我理解 / 我理解 / 对，不错",
        "anything_else": "还有其他需要吗",
        "thanks": "谢谢",
        "goodbye": "再见",
        "transfer": "我帮您转接",
        "callback_offer": "我稍后给您回电话",
        "curt": "他不在 / 打错了 / 没这人 / 我不知道",
        "blunt": "您为什么不",
        "warning": "请您文明用语",
    },
}
ALONE = {
    "de": "ja / warum / danke / hallo",
    "pl": "tak / rozumiem / dlaczego / słucham / nie rozumiem",
    "ja": "はい / いません / よろしいでしょうか / お名前を伺ってもよろしいでしょうか",
    "zh": "是的 / 不错 / 不知道 / 为什么 / 不知道您方便吗",
}
# promised times and the seconds that they stand for, in a phrase that says them
PROMISED = {
    "en": {"in one minute": 60, "in two minutes": 120, "could you hold for a moment": 60},
    "de": {
        "das dauert eine Minute": 60,
        "in einer Minute": 60,
        "das dauert einen Moment": 60,
        "könnten Sie ein paar Minuten warten": 180,
        "in ein paar Minuten": 180,
    },
    "pl": {
        "to potrwa minutę": 60,
        "za dwie minuty": 120,
        "za chwilę": 60,
        "około dwóch minut": 120,
        "czy mogłaby pani poczekać parę minut": 180,
    },
    "ja": {
        "一分 お待ち いただけますか": 60,
        "二分 ほど お待ち ください": 120,
        "少々 お時間を いただきます": 60,
        "五分 以内に ご連絡 いたします": 300,
    },
    "zh": {
        "请您稍等 一分钟": 60,
        "大概 需要 两分钟": 120,
        "请您稍等": 60,
        "给我 几分钟": 180,
    },
}


@pytest.mark.parametrize(
    ("language", "category", "text"),
    [
        (language, category, text)
        for language, named in NAMED.items()
        for category, texts in named.items()
        for text in texts.split(" / ")
    ],
)
def test_the_wordings_that_etiquette_names_are_found(
    language: str, category: str, text: str
) -> None:
    assert [found.phrase.category for found in said(text, language)] == [category]


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, text) for language, texts in ALONE.items() for text in texts.split(" / ")],
)
def test_words_of_ordinary_speech_are_no_phrases(language: str, text: str) -> None:
    assert said(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "seconds"),
    [(language, *promise) for language, of in PROMISED.items() for promise in of.items()],
)
def test_a_promised_time_is_told_in_seconds(language: str, text: str, seconds: float) -> None:
    assert [found.phrase.seconds for found in said(text, language)] == [seconds]


@pytest.mark.parametrize(
    ("language", "texts", "category"),
    [
        ("ja", ("少々 お待ち ください", "少 々 お 待 ち ください"), "hold_request"),
        (
            "ja",
            ("お電話 を お切り いただけます か", "お 電話をお 切り いただけ ますか"),
            "ask_to_hang_up",
        ),
        ("ja", ("サポート センター で ござい ます", "サポ ートセン ター でございます"), "greeting"),
        ("ja", ("ご 迷惑 を おかけ し まし た", "ご迷 惑をお かけしました"), "apology"),
        ("zh", ("请 您 稍 等 一 分钟 好 吗", "请您 稍等 一分钟 好吗"), "hold_request"),
        ("zh", ("我 先 挂断 电话 了", "我先 挂 断电话 了"), "disconnect_notice"),
        ("zh", ("请 您 先 挂 电话", "请您先 挂电话"), "ask_to_hang_up"),
    ],
)
def test_a_phrase_is_found_however_its_script_is_cut_into_words(
    language: str, texts: tuple[str, str], category: str
) -> None:
    one, other = ([found.phrase for found in said(text, language)] for text in texts)
    assert one == other
    assert [phrase.category for phrase in one] == [category]


@pytest.mark.parametrize(
    ("language", "text", "category"),
    [
        ("de", "bitte legen Sie nicht auf", Category.HOLD_REQUEST),
        ("de", "legen Sie bitte auf keinen Fall auf", Category.HOLD_REQUEST),
        ("pl", "proszę się nie rozłączać", Category.HOLD_REQUEST),
        ("ja", "お電話 を 切らないで ください", Category.HOLD_REQUEST),
        ("zh", "请 您 不要 挂断 电话", Category.HOLD_REQUEST),
        ("ja", "失礼 いたし ました", Category.APOLOGY),
        ("zh", "喂 您好 我是", Category.GREETING),
        ("pl", "w czym jeszcze mogę panu pomóc", Category.ANYTHING_ELSE),
    ],
)
def test_what_is_a_word_off_another_category_is_told_as_itself(
    language: str, text: str, category: Category
) -> None:
    assert [found.phrase.category for found in said(text, language)] == [category]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "ich lege jetzt nicht auf"),
        ("de", "Sie können jetzt noch nicht auflegen"),
        ("pl", "może się pan nie rozłączać"),
        ("ja", "お 電話 を 切り ません"),
        ("zh", "我 先 不 挂断 电话 了"),
    ],
)
def test_a_negation_within_is_never_forgiven(language: str, text: str) -> None:
    assert said(text, language) == []
