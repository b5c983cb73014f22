"""Compiles a phrase pack for a Vosk model into a small model folder that stock Vosk loads.

Comes in: a Vosk model folder with a dynamic graph, a phrase pack. Goes out: a network's folder,
with ``phrases.json`` beside what Vosk reads. Refuses to know: audio.

A grammar list makes Vosk explain all speech by the phrases' own words, so they are heard
everywhere. Here a phrase must beat the best explanation by filler words, whole and in order, and
is entered at a cost, the bias.
"""

import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, product
from pathlib import Path

import numpy as np

from coach.errors import PhraseError
from coach.keywords.fillers import choose
from coach.keywords.fst import (
    ARC,
    Graph,
    Unigrams,
    read_lexicon,
    read_unigrams,
    write_const,
    write_lexicon,
)
from coach.keywords.ivector import BACKGROUND, EXTRACTOR, shrink
from coach.keywords.lexicon import cut, look_ahead
from coach.keywords.network import (
    HeardPhrase,
    Network,
    compiled_folder,
    is_fresh,
    load_network,
)
from coach.keywords.operating_point import NEUTRAL, OperatingPoint
from coach.keywords.pack import Pack, Phrase, normalise
from coach.sections import Keywords

MOST_SPELLINGS = 16  # of one phrase: which of a word's seams the model's lexicon put words at
# Scripts written without spaces within a phrase: their words are split where a model's are shorter.
_UNSPACED = re.compile("[가-힣ぁ-ヿ々一-鿿]")
UNTOUCHED = ("am", "graph/phones", "graph/phones.txt", "graph/disambig_tid.int")
# What the network is decoded with, instead of the model's own options. Beam: a small model's own 10
# loses phrases on the way. At most active, prune interval: in the small network as much is found
# with half the memory. Frames per chunk, of 10 ms: for Vosk's 20 the acoustic model spends most of
# its time packing its matrices anew, and as an utterance is decoded to its end, more cost nothing.
DECODING = {
    "--beam": 12,
    "--max-active": 1500,
    "--prune-interval": 15,
    "--frames-per-chunk": 99,
}

Progress = Callable[[str], None]


def compile_network(
    cache: Path,
    model: Path,
    pack: Pack,
    settings: Keywords,
    point: OperatingPoint = NEUTRAL,
    say: Progress = lambda _: None,
) -> Network:
    """Return the network of ``model`` and ``pack``, from the cache or compiled into it.

    The folder appears whole or not at all. Raises ModelError for a model that cannot be used,
    PhraseError when the model knows the words of no phrase.
    """
    folder = compiled_folder(cache, model, pack, settings, point)
    if is_fresh(folder):
        return load_network(folder)
    say(f"reading the words of {model.name}")
    unigrams = read_unigrams(model / "graph" / "Gr.fst")
    heard, lacking = spell(pack.phrases, unigrams.words)
    if not heard:
        raise PhraseError(f"{model.name} knows the words of no phrase of the {pack.language} pack")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".compiling-") as scratch:
        made = Path(scratch) / "network"
        costs = [_bias(h, settings) + point.cost(h.phrase) for h in heard]
        _write(made, model, heard, costs, unigrams, settings, say)
        table = [
            [h.words, h.phrase.category, h.phrase.words, h.phrase.gloss, h.phrase.seconds]
            for h in heard
        ]
        (made / "phrases.json").write_text(
            json.dumps({"phrases": table, "lacking": lacking}, ensure_ascii=False), "utf-8"
        )
        try:
            made.rename(folder)
        except OSError:  # another process was first, with the same content
            if not is_fresh(folder):
                raise
    return load_network(folder)


def spell(phrases: Sequence[Phrase], words: list[str]) -> tuple[list[HeardPhrase], list[str]]:
    """Spell each phrase in the model's own words; return those it can and the words it lacks.

    A phrase is there in each of its spellings, up to MOST_SPELLINGS.
    """
    parts = {
        w[a:b] for p in phrases for w in p.words for a in range(len(w)) for b in range(len(w) + 1)
    }
    known = {
        spoken: word
        for word in reversed(words)
        if word and word[0] not in "<#![" and (spoken := normalise(word)) in parts
    }
    heard: dict[tuple[str, ...], HeardPhrase] = {}
    lacking: dict[str, None] = {}
    for phrase in phrases:
        splits = [split_word(word, known) for word in phrase.words]
        lacking |= {w: None for w, ways in zip(phrase.words, splits, strict=True) if not ways}
        for ways in islice(product(*splits), MOST_SPELLINGS):
            spelled = tuple(piece for way in ways for piece in way)
            heard.setdefault(spelled, HeardPhrase(spelled, phrase))
    return list(heard.values()), list(lacking)


def split_word(word: str, known: dict[str, str]) -> list[list[str]]:
    """Return every way to make up ``word`` of the fewest model words; none where there is none."""
    if word in known:
        return [[known[word]]]
    if not _UNSPACED.search(word):  # "für" is no "f" and "ür"
        return []
    best: list[list[list[str]]] = [[[]], *([] for _ in word)]
    for end in range(1, len(word) + 1):
        ways = [
            [*head, known[word[begin:end]]]
            for begin in range(end)
            if word[begin:end] in known
            for head in best[begin]
        ]
        fewest = min(map(len, ways), default=0)
        best[end] = [way for way in ways if len(way) == fewest]
    return best[-1]


def sound_length(words: Iterable[str]) -> int:
    """Estimate the phones in ``words``.

    Three a Hangul syllable or ideograph, two a kana, else one a letter; ー lengthens by one.
    """
    return sum(_phones(c) for word in words for c in word)


def _phones(character: str) -> int:
    if "가" <= character <= "힣" or "一" <= character <= "鿿":
        return 3
    return 2 if "ぁ" <= character <= "ヺ" else 1


def _write(
    made: Path,
    model: Path,
    heard: list[HeardPhrase],
    costs: list[float],
    unigrams: Unigrams,
    settings: Keywords,
    say: Progress,
) -> None:
    said = {word for h in heard for word in h.words}
    label_of = {word: label for label, word in enumerate(unigrams.words) if word in said}
    own = set(label_of.values())
    fillers = choose(unigrams, own, settings.fillers, settings.near_fillers)
    say(f"cutting the lexicon to {len(fillers.labels)} words")
    lexicon = cut(read_lexicon(model / "graph" / "HCLr.fst"), fillers.labels)
    lexicon, reach, order = look_ahead(lexicon)
    say(f"writing the network: {len(lexicon.states)} states, {len(heard)} phrases")
    renumbered = {int(old): new for new, old in enumerate(order, 1)}
    (made / "graph").mkdir(parents=True)
    for name in UNTOUCHED:
        _share(model / name, made / name)
    _adaptation(model / "ivector", made / "ivector", settings.gaussians)
    _decoding(model / "conf", made / "conf")
    write_lexicon(made / "graph" / "HCLr.fst", lexicon, reach, len(order) + 1)
    phrases = [
        ([renumbered[label_of[word]] for word in h.words], cost)
        for h, cost in zip(heard, costs, strict=True)
        if all(label_of[word] in renumbered for word in h.words)
    ]
    loop = [
        (renumbered[int(label)], float(cost))
        for label, cost in zip(fillers.labels, fillers.costs, strict=True)
        if int(label) in renumbered
    ]
    with (made / "graph" / "Gr.fst").open("wb") as file:
        write_const(file, grammar(phrases, loop))
    names = ["<eps>", *(unigrams.words[label] for label in order)]
    table = "".join(f"{name} {number}\n" for number, name in enumerate(names))
    (made / "graph" / "words.txt").write_text(table, "utf-8")


def _bias(heard: HeardPhrase, settings: Keywords) -> float:
    short = max(0, settings.short_phones - sound_length(heard.words))
    return settings.bias + settings.bias_per_phone * short


def _adaptation(source: Path, target: Path, gaussians: int) -> None:
    """Put the i-vector extractor beside the network with as many Gaussians, or as it is."""
    if not source.is_dir():
        return
    target.mkdir()
    shrunk = shrink(source, target, gaussians)
    for file in source.iterdir():
        if not (shrunk and file.name in (EXTRACTOR, BACKGROUND)):
            _share(file, target / file.name)


def _decoding(source: Path, target: Path) -> None:
    """Put the model's configuration beside the network, with the options that suit it."""
    target.mkdir()
    for file in source.iterdir():
        if file.name != "model.conf":
            _share(file, target / file.name)
    lines = (source / "model.conf").read_text("utf-8").splitlines()
    kept = [line for line in lines if line.partition("=")[0] not in DECODING]
    text = "\n".join([*kept, *(f"{name}={value}" for name, value in DECODING.items()), ""])
    (target / "model.conf").write_text(text, "utf-8")


def _share(source: Path, target: Path) -> None:
    """Put a file or folder of the model beside the network: the same bytes where links work."""

    def link(a: str, b: str) -> None:
        try:
            os.link(a, b)
        except OSError:
            shutil.copy2(a, b)

    if source.is_dir():
        shutil.copytree(source, target, copy_function=link)
    elif source.exists():
        link(str(source), str(target))


class _Branch:
    """A node of the tree of phrases: what may follow, and the bias of a phrase that ends here."""

    def __init__(self) -> None:
        self.next: dict[int, _Branch] = {}
        self.ends = math.inf

    def least(self) -> float:
        """Return the lowest bias in this branch."""
        return min([self.ends, *(branch.least() for branch in self.next.values())])


def grammar(phrases: list[tuple[list[int], float]], fillers: list[tuple[int, float]]) -> Graph:
    """Return the language model: from state 0 a filler at its cost, or a phrase at its bias.

    Phrases that begin alike share their beginning. The bias is paid as early as it is known.
    """
    tree = _Branch()
    for labels, bias in phrases:
        branch = tree
        for label in labels:
            branch = branch.next.setdefault(label, _Branch())
        branch.ends = min(branch.ends, bias)
    of = [0] * len(fillers)
    arcs = [(label, label, cost, 0) for label, cost in fillers]
    states = 1
    waiting = [(tree, 0, 0.0)]
    while waiting:
        branch, here, paid = waiting.pop()
        for label, then in branch.next.items():
            if then.ends < math.inf:
                of.append(here)
                arcs.append((label, label, then.ends - paid, 0))
            if then.next:
                least = min(b.least() for b in then.next.values())
                of.append(here)
                arcs.append((label, label, least - paid, states))
                waiting.append((then, states, least))
                states += 1
    final = np.full(states, np.inf, np.float32)
    final[0] = 0.0
    return Graph.build(final, np.array(arcs, ARC), np.array(of), 0, "i")
