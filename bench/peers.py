"""``python -m bench.peers``: the compiled network beside the ways everybody uses Vosk.

The same audio, the same voice activity, the same search for whole phrases; each design in a
process of its own, on one core. Prints a table and adds it to ``build/bench.json``.
"""

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import vosk

from bench.figures import (
    EMPTY_OF_PHRASES,
    LANGUAGE,
    calls_folder,
    keep,
    rendered_sets,
    resident_mb,
    settings_for,
)
from bench.hearing import Score, events_of, key_phrases, score, utterances_of
from coach import models
from coach.cli.spotting import compiled
from coach.keywords.compiler import spell
from coach.keywords.engine import SAMPLE_RATE, Model, Recogniser
from coach.keywords.fst import read_unigrams
from coach.keywords.network import HeardPhrase
from coach.keywords.pack import load_pack
from coach.keywords.spotter import VoskSpotter
from coach.names import Leg
from coach.recordings import Recording
from coach.settings import Settings

Design = Callable[[], tuple[Any, list[HeardPhrase], Settings]]


class WholeModel:
    """The whole model, with the phrases as a grammar list, or decoding freely without one."""

    def __init__(self, folder: Path, grammar: list[str] | None) -> None:
        self._model = vosk.Model(str(folder))
        self._more = [] if grammar is None else [json.dumps(grammar, ensure_ascii=False)]

    def recogniser(self) -> Recogniser:
        """Return a recogniser with the grammar."""
        return Recogniser(vosk.KaldiRecognizer(self._model, SAMPLE_RATE, *self._more))


def network() -> tuple[Model, list[HeardPhrase], Settings]:
    """The coach's own way."""
    settings = settings_for(LANGUAGE)
    made = compiled(load_pack(LANGUAGE), settings, print)
    return Model(made.folder), made.phrases, settings


def network_once() -> tuple[Model, list[HeardPhrase], Settings]:
    """The same without its second look."""
    model, phrases, _ = network()
    return model, phrases, settings_for(LANGUAGE, "keywords.second_look_s=0")


def grammar_list(with_grammar: bool = True) -> tuple[WholeModel, list[HeardPhrase], Settings]:
    """The phrases as Vosk's grammar."""
    folder = models.find(LANGUAGE, settings_for(LANGUAGE)).path
    words = read_unigrams(folder / "graph" / "Gr.fst").words
    heard, _ = spell(load_pack(LANGUAGE).phrases, words)
    grammar = [" ".join(h.words) for h in heard] if with_grammar else None
    return WholeModel(folder, grammar), heard, settings_for(LANGUAGE, "keywords.second_look_s=0")


def free_decoding() -> tuple[WholeModel, list[HeardPhrase], Settings]:
    """The whole language model, the phrases searched in its text."""
    return grammar_list(with_grammar=False)


DESIGNS: dict[str, Design] = {
    "compiled network": network,
    "... without second look": network_once,
    "grammar list": grammar_list,
    "free decoding": free_decoding,
}


def measured(name: str) -> dict[str, float]:
    """Return the figures of one design."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    model, phrases, settings = DESIGNS[name]()
    said, empty, seconds = Score(), Score(), 0.0
    began = time.process_time()
    for path in rendered_sets():
        recording = Recording(path.with_suffix(".flac"))
        spotter = VoskSpotter(Leg.AGENT, model, phrases, settings.keywords)
        heard = key_phrases(events_of(recording, {Leg.AGENT: spotter}, settings))
        score(heard, utterances_of(path), said)
        seconds += recording.duration_s
    rtf = (time.process_time() - began) / seconds
    for file in EMPTY_OF_PHRASES:
        recording = Recording(calls_folder() / file)
        spotter = VoskSpotter(Leg.AGENT, model, phrases, settings.keywords)
        score(key_phrases(events_of(recording, {Leg.AGENT: spotter}, settings)), [], empty)
        empty.seconds += recording.duration_s
    return {
        "phrase_miss": said.miss,
        "false_in_sets": len(said.false),
        "false_per_hour": empty.false_per_hour,
        "rtf_one_leg": rtf,
        "rss_mb": resident_mb(),
    }


def main() -> None:
    """Measure every design, print the table, keep it."""
    table = {}
    print(f"{'design':26}{'miss':>8}{'false in sets':>15}{'false/h':>9}{'rtf':>8}{'MB':>6}")
    for name in DESIGNS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            row = table[name] = pool.apply(measured, (name,))
        print(
            f"{name:26}{row['phrase_miss']:8.3f}{row['false_in_sets']:15.0f}"
            f"{row['false_per_hour']:9.1f}{row['rtf_one_leg']:8.3f}{row['rss_mb']:6.0f}",
            flush=True,
        )
    keep({"peers": table})


if __name__ == "__main__":
    main()
