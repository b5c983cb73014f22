"""Korean spelling to sound, by rule: Hangul text in, respelling or IPA out.

``pronounce`` respells as the standard pronunciation has it (연락 -> 열락), ``ipa`` writes the
symbols that the Kokoro voices read. Refuses to know voices, numerals (write them out) and word
classes: what only a dictionary knows stands in ``_EXCEPTIONS``, the rest follows the rules of the
standard language (표준 발음법, chapters 4 to 6).
"""

import re
from dataclasses import dataclass

_ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_CODAS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
_FIRST, _LAST = 0xAC00, 0xD7A3
_PAUSES = ",.?!"

# Tensing and added ㄴ that spelling does not show; respelt before the rules are applied.
_EXCEPTIONS = {
    "결제": "결쩨", "발송": "발쏭", "설정": "설쩡", "일정": "일쩡", "실수": "실쑤", "출장": "출짱",
    "문자": "문짜", "사건": "사껀", "조건": "조껀", "여권": "여꿘", "십육": "심뉵",
    "꽃잎": "꼰닙", "무슨 일": "무슨 닐",
}  # fmt: skip
# endings and bound nouns that the ㄹ of a verb makes tense (rule 27)
_AFTER_ENDING = re.compile(
    r"([가-힣])"
    r"(게(?=[요 ,.?!]|$)| 수(?=[ 도가는]|$)| 것| 거(?=[ 예야]|$)| 데(?=[ 가는]|$)| 줄(?= |$))"
)
_CLUSTERS = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
# what is left of a coda that no vowel follows (rules 8 to 11)
_NEUTRAL = {
    "": "", **dict.fromkeys("ㄱㄲㅋㄳㄺ", "ㄱ"), **dict.fromkeys("ㄷㅅㅆㅈㅊㅌㅎ", "ㄷ"),
    **dict.fromkeys("ㅂㅍㅄㄿ", "ㅂ"), **dict.fromkeys("ㄴㄵㄶ", "ㄴ"),
    **dict.fromkeys("ㅁㄻ", "ㅁ"), **dict.fromkeys("ㄹㄼㄽㄾㅀ", "ㄹ"), "ㅇ": "ㅇ",
}  # fmt: skip
_TENSE = dict(zip("ㄱㄷㅂㅅㅈ", "ㄲㄸㅃㅆㅉ", strict=True))
_ASPIRATE = dict(zip("ㄱㄷㅂㅈ", "ㅋㅌㅍㅊ", strict=True))
_NASAL = dict(zip("ㄱㄷㅂ", "ㅇㄴㅁ", strict=True))

_ONSET_IPA = {
    "ㄱ": "k", "ㄲ": "k", "ㅋ": "kʰ", "ㄷ": "t", "ㄸ": "t", "ㅌ": "tʰ", "ㅂ": "p", "ㅃ": "p",
    "ㅍ": "pʰ", "ㅅ": "s", "ㅆ": "s", "ㅈ": "ʨ", "ㅉ": "ʨ", "ㅊ": "ʨʰ", "ㅎ": "h", "ㄴ": "n",
    "ㅁ": "m", "ㄹ": "ɾ", "ㅇ": "",
}  # fmt: skip
_VOICED_IPA = {"ㄱ": "ɡ", "ㄷ": "d", "ㅂ": "b", "ㅈ": "ʥ"}
_CODA_IPA = {"": "", "ㄱ": "k", "ㄷ": "t", "ㅂ": "p", "ㄴ": "n", "ㅁ": "m", "ㅇ": "ŋ", "ㄹ": "l"}
# ㅓ is ɔ and ㅐ is e to these voices: Vosk's Korean model hears them so, ʌ and ɛ it mishears
_VOWEL_IPA = {
    "ㅏ": "a", "ㅐ": "e", "ㅑ": "ja", "ㅒ": "je", "ㅓ": "ɔ", "ㅔ": "e", "ㅕ": "jɔ", "ㅖ": "je",
    "ㅗ": "o", "ㅘ": "wa", "ㅙ": "we", "ㅚ": "we", "ㅛ": "jo", "ㅜ": "u", "ㅝ": "wɔ",
    "ㅞ": "we", "ㅟ": "wi", "ㅠ": "ju", "ㅡ": "ɯ", "ㅢ": "ɰi", "ㅣ": "i",
}  # fmt: skip


@dataclass
class _Syllable:
    onset: str
    vowel: str
    coda: str


_Part = _Syllable | str  # a syllable, a space or a pause mark


def pronounce(text: str) -> str:
    """Return ``text`` respelt in Hangul as it is said. Raises ValueError on other scripts."""
    return "".join(p if isinstance(p, str) else _compose(p) for p in _sounds(text))


def ipa(text: str) -> str:
    """Return the IPA of ``text``, spaces and ``,.?!`` kept. Raises ValueError on other scripts."""
    out: list[str] = []
    before = "|"  # coda of the syllable before, also across a space; "|" after a pause
    for part in _sounds(text):
        if isinstance(part, str):
            out.append(part)
            before = before if part == " " else "|"
        else:
            out.append(_onset_ipa(part, before) + _VOWEL_IPA[part.vowel] + _CODA_IPA[part.coda])
            before = part.coda
    # held before a stop: these voices swallow a short ㄹ there, and 일 분 is heard as 이 분
    return re.sub("l( ?[bdɡʥ])", r"ll\1", "".join(out))


def _onset_ipa(syllable: _Syllable, before: str) -> str:
    onset = syllable.onset
    if onset == "ㄹ" and before == "ㄹ":
        return "l"
    if onset in "ㅅㅆ" and syllable.vowel in "ㅣㅟㅑㅒㅕㅖㅛㅠ":
        return "ɕ"
    if before not in ("|", "ㄱ", "ㄷ", "ㅂ"):
        return _VOICED_IPA.get(onset, _ONSET_IPA[onset])
    return _ONSET_IPA[onset]


def _sounds(text: str) -> list[_Part]:
    for spelt, said in _EXCEPTIONS.items():
        text = text.replace(spelt, said)
    parts = [_decompose(c) for c in _tense_after_ending(re.sub(r"\s+", " ", text.strip()))]
    for i, part in enumerate(parts):
        if isinstance(part, _Syllable):
            _plain_vowel(part, word_start=i == 0 or isinstance(parts[i - 1], str))
            following = parts[i + 1 : i + 3]
            if following and isinstance(following[0], _Syllable):
                _meet(part, following[0])
                continue
            part.coda = _NEUTRAL[part.coda]
            if len(following) == 2 and following[0] == " " and isinstance(following[1], _Syllable):
                _assimilate(part, following[1])
    return parts


def _tense_after_ending(text: str) -> str:
    def tense(match: re.Match[str]) -> str:
        verb, after = match[1], _decompose(match[2].strip()[0])
        if (ord(verb) - _FIRST) % 28 != _CODAS.index("ㄹ") or isinstance(after, str):
            return match[0]
        after.onset = _TENSE[after.onset]
        return verb + match[2].replace(match[2].strip()[0], _compose(after))

    return _AFTER_ENDING.sub(tense, text)


def _decompose(c: str) -> _Part:
    if c == " " or c in _PAUSES:
        return c
    if not _FIRST <= ord(c) <= _LAST:
        raise ValueError(f"{c!r} is not Hangul, a space or one of {_PAUSES}; write it out")
    rest, coda = divmod(ord(c) - _FIRST, 28)
    onset, vowel = divmod(rest, 21)
    return _Syllable(_ONSETS[onset], _VOWELS[vowel], _CODAS[coda])


def _compose(s: _Syllable) -> str:
    index = (_ONSETS.index(s.onset) * 21 + _VOWELS.index(s.vowel)) * 28 + _CODAS.index(s.coda)
    return chr(_FIRST + index)


def _meet(here: _Syllable, after: _Syllable) -> None:
    """Change a coda and the onset after it, in one word, as they sound together."""
    coda = here.coda
    if not coda:
        return
    stays, last = _CLUSTERS.get(coda, coda)[:-1], _CLUSTERS.get(coda, coda)[-1]
    if last == "ㅎ" and _lose_h(here, after, stays):
        return
    if after.onset == "ㅎ" and last in "ㄱㄷㅂㅈㅅㅆㅊㅌㄺㄼ":
        palatal = last == "ㄷ" and after.vowel in "ㅣㅕ"
        after.onset = "ㅊ" if palatal else _ASPIRATE.get(last, "ㅌ")
        here.coda = stays
    elif after.onset == "ㅇ" and last != "ㅇ":
        if last in "ㄷㅌ" and after.vowel in "ㅣㅕ":
            last = "ㅈ" if last == "ㄷ" else "ㅊ"
        after.onset = "ㅆ" if stays and last == "ㅅ" else last
        here.coda = stays
    else:
        # verbs in ㄺ keep their ㄹ before ㄱ (읽고), and those in ㄵ ㄼ ㄾ make tense too (앉다)
        here.coda = "ㄹ" if coda == "ㄺ" and after.onset == "ㄱ" else _NEUTRAL[coda]
        if coda in ("ㄺ", "ㄵ", "ㄼ", "ㄾ"):
            after.onset = _TENSE.get(after.onset, after.onset)
        _assimilate(here, after)


def _lose_h(here: _Syllable, after: _Syllable, stays: str) -> bool:
    """Coda ㅎ goes into the onset after it, or away (rule 12); False where it is left as it is."""
    if after.onset in _ASPIRATE:
        after.onset = _ASPIRATE[after.onset]
    elif after.onset == "ㅅ":
        after.onset = "ㅆ"
    elif after.onset == "ㅇ":
        after.onset, stays = stays or "ㅇ", ""
    else:
        return False
    here.coda = stays
    return True


def _assimilate(here: _Syllable, after: _Syllable) -> None:
    """Tensing, aspiration, nasals and laterals between a neutral coda and the onset after it."""
    if here.coda in _NASAL:
        if after.onset == "ㅎ":
            here.coda, after.onset = "", _ASPIRATE[here.coda]
        elif after.onset in "ㄴㅁㄹ":
            here.coda = _NASAL[here.coda]
        else:
            after.onset = _TENSE.get(after.onset, after.onset)
    if after.onset == "ㄹ" and here.coda in ("ㅁ", "ㅇ"):
        after.onset = "ㄴ"
    elif (here.coda, after.onset) in (("ㄴ", "ㄹ"), ("ㄹ", "ㄴ")):
        here.coda = after.onset = "ㄹ"


def _plain_vowel(s: _Syllable, word_start: bool) -> None:
    if s.vowel == "ㅢ" and not (word_start and s.onset == "ㅇ"):
        s.vowel = "ㅣ"
    elif s.vowel == "ㅖ" and s.onset not in "ㅇㄹ":
        s.vowel = "ㅔ"
    elif s.vowel == "ㅕ" and s.onset in "ㅈㅉㅊ":
        s.vowel = "ㅓ"
