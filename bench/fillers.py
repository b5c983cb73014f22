"""Ordinary sentences: what is said around key-phrases, and in which a key-phrase is a false hit.

Comes in: the recorded calls' transcripts, the rendered sets' texts, sentences written for the
purpose (``bench/sentences``), the Korean conversation and, where the package ``chatterbot-corpus``
is installed, its dialogues. Goes out: sentences as words. Refuses to know: how phrases are
searched; only sentences that hold one word for word are left out.
"""

import importlib.resources
import importlib.util
import re

from bench.figures import ROOT, all_sets
from bench.sound import TRANSCRIBED, transcript, utterances
from coach.keywords.network import HeardPhrase
from coach.keywords.pack import Pack, normalise
from coach.keywords.search import PhraseSearch, Word

_DIALOGUES = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "ja": "japanese",
    "ko": "korean",
    "pt": "portuguese",
    "ru": "russian",
    "zh": "chinese",
}
_UNSPACED = {"ja", "zh"}  # a sentence is its characters, one word each, but in bench/sentences
_LONGEST = 40  # words of a sentence: what is longer is prose


def fillers(pack: Pack) -> list[list[str]]:
    """Return the sentences of the pack's language that hold no phrase of it."""
    return [words for words in sentences(pack.language) if not holds_phrase(pack, words)]


def sentences(language: str) -> list[list[str]]:
    """Return all sentences of a language, each once."""
    texts = [*_calls(language), *_rendered(language), *_dialogues(language)]
    split = [s for text in texts for s in re.split(r"(?<=[.!?])\s+", text)]
    if language in _UNSPACED:
        split = [" ".join(sentence) for sentence in split]
    split += _written(language)
    words = [list(filter(None, map(normalise, s.split()))) for s in dict.fromkeys(split)]
    return [w for w in words if 0 < len(w) <= _LONGEST]


def holds_phrase(pack: Pack, words: list[str]) -> bool:
    """Whether a phrase stands in ``words`` word for word; without spaces, letter for letter."""
    if pack.language in _UNSPACED:
        return any("".join(phrase.words) in "".join(words) for phrase in pack.phrases)
    search = PhraseSearch([HeardPhrase(phrase.words, phrase) for phrase in pack.phrases], 1.0)
    found = [f for n, word in enumerate(words) for f in search.push(Word(word, n, n + 1, 1.0))]
    return bool(found + search.flush())


def has_dialogues() -> bool:
    """Whether the dialogues are installed."""
    return importlib.util.find_spec("chatterbot_corpus") is not None


def _written(language: str) -> list[str]:
    """Return the sentences written for the purpose, one a line, Japanese and Chinese in words."""
    files = (
        ROOT / "bench" / "sentences" / f"{language}.txt",
        ROOT / "speech" / f"{language}_conversation.txt",
    )
    return [s for f in files if f.exists() for s in f.read_text("utf-8").splitlines()]


def _calls(language: str) -> list[str]:
    if language != "en":
        return []
    return [" ".join(word["word"] for word in transcript(name)) for name in TRANSCRIBED]


def _rendered(language: str) -> list[str]:
    return [
        said["text"]
        for file, spoken in all_sets().items()
        if spoken == language
        for said in utterances(file)
        if said["category"] == "neg"
    ]


def _dialogues(language: str) -> list[str]:
    """Return the lines of the dialogues: the YAML's own are "- - question" and "  - answer"."""
    if not has_dialogues() or language not in _DIALOGUES:
        return []
    folder = importlib.resources.files("chatterbot_corpus") / "data" / _DIALOGUES[language]
    lines = [
        line.strip(" -'\"")
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if file.name.endswith(".yml") and file.name != "coding.yml"
        for line in file.read_text("utf-8").splitlines()
        if re.match(r"(- | +)- ", line)
    ]
    return [line for line in lines if line]
