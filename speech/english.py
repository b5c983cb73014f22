"""English spelling to sound: text in, the symbols that the Kokoro voices read out.

espeak-ng transcribes; its IPA is then rewritten as the Kokoro voices learnt it (one capital a
diphthong; table after misaki's ``espeak.py``, Apache-2.0). Refuses to know voices.
"""

import functools
import re
import subprocess

_SYMBOLS = {
    "a^ɪ": "I", "a^ʊ": "W", "d^ʒ": "ʤ", "e^ɪ": "A", "e": "A", "t^ʃ": "ʧ", "ɔ^ɪ": "Y", "ə^l": "ᵊl",
    "r": "ɹ", "x": "k", "ç": "k", "ɐ": "ə", "ɬ": "l", "ʔˌn̩": "tᵊn", "ʔn̩": "tᵊn", "ʔ": "t", "ʲ": "",
    "ɚ": "əɹ", "\u0303": "",
}  # fmt: skip
_AMERICAN = {"o^ʊ": "O", "ɜːɹ": "ɜɹ", "ɜː": "ɜɹ", "ɪə": "iə", "ː": "", "ɾ": "T", "o": "ɔ"}
_BRITISH = {"e^ə": "ɛː", "iə": "ɪə", "ə^ʊ": "Q"}


def ipa(text: str, *, british: bool = False) -> str:
    """Return the Kokoro symbols of English ``text``, ``,.;:?!`` kept.

    Raises RuntimeError where espeak-ng is not installed.
    """
    clauses = re.findall(r"([^,.;:?!]+)([,.;:?!]*)", text)
    return " ".join(_clause(words.strip(), british) + stop for words, stop in clauses)


@functools.cache
def _clause(words: str, british: bool) -> str:
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", "en-gb" if british else "en-us", words]
    try:
        said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    except FileNotFoundError:
        raise RuntimeError("espeak-ng is not installed; English speech needs it") from None
    said = " ".join(said.split()).replace("\u200d", "")
    local = _BRITISH if british else _AMERICAN
    table = sorted(_SYMBOLS.items(), key=lambda pair: -len(pair[0])) + list(local.items())
    for espeak, kokoro in table:
        said = said.replace(espeak, kokoro)
    said = re.sub(r"(\S)\u0329", r"ᵊ\1", said).replace("\u0329", "").replace("^", "")
    return said.replace("ɹɹ", "ɹ")
