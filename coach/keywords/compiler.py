"""Compiles a phrase pack for a Vosk model into a small model folder that stock Vosk loads.

Comes in: a Vosk model folder with a dynamic graph, a phrase pack. Goes out: a network's folder,
with ``phrases.json`` beside what Vosk reads. Refuses to know: audio.

A grammar list makes Vosk explain all speech by the phrases' own words, so they are heard
everywhere. Here a phrase must beat the best explanation by filler words, whole and in order, and
is entered at a cost, the bias.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from coach.errors import PhraseError
from coach.keywords.fillers import choose
from coach.keywords.fst import (
    Unigrams,
    read_lexicon,
    read_unigrams,
    write_const,
    write_lexicon,
)
from coach.keywords.grammar import grammar
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
from coach.keywords.pack import Pack
from coach.keywords.spelling import sound_length, spell
from coach.sections import Keywords

UNTOUCHED = ("am", "graph/phones", "graph/phones.txt", "graph/disambig_tid.int")
# What the network is decoded with, instead of the model's own options. Beam: a small model's own 10
# loses phrases on the way. At most active, prune interval: in the small network as much is found
# with half the memory. Frames per chunk, of 10 ms: for Vosk's 20 the acoustic model spends most of
# its time packing its matrices anew, and as an utterance is decoded to its end, more cost nothing.
DECODING = {
    "--beam": 11,
    "--max-active": 1000,
    "--prune-interval": 10,
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
