"""The ways to hear key-phrases with Vosk that are compared.

Comes in: the installed model of the language. Goes out: for each design what its spotter needs.
Refuses to know: audio and scores. All designs get the same voice activity and the same search for
whole phrases; what is the coach's own (looks, carrying over, the telephone band) only its own have.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import vosk

from bench.figures import LANGUAGE, settings_for
from coach import models
from coach.cli.spotting import compiled
from coach.keywords.engine import SAMPLE_RATE, Model, Recogniser
from coach.keywords.fst import read_unigrams
from coach.keywords.network import HeardPhrase
from coach.keywords.pack import load_pack
from coach.keywords.spelling import spell
from coach.keywords.spotter import VoskSpotter
from coach.names import Leg
from coach.settings import Settings

PLAIN = ("keywords.looks=0", "keywords.carry_s=0", "keywords.widen=false")


class Design(NamedTuple):
    """A loaded model, the phrases as it spells them, the settings."""

    model: Any
    phrases: list[HeardPhrase]
    settings: Settings

    def spotter(self) -> VoskSpotter:
        """Return a new spotter for one leg."""
        return VoskSpotter(Leg.AGENT, self.model, self.phrases, self.settings.keywords)


class _WholeModel:
    """The whole model, with the phrases as a grammar list, or decoding freely without one."""

    def __init__(self, folder: Path, grammar: list[str] | None) -> None:
        self._model = vosk.Model(str(folder))
        self._more = [] if grammar is None else [json.dumps(grammar, ensure_ascii=False)]

    def recogniser(self) -> Recogniser:
        """Return a recogniser with the grammar."""
        return Recogniser(vosk.KaldiRecognizer(self._model, SAMPLE_RATE, *self._more))


def network(*pairs: str) -> Design:
    """Return the coach's own way, with settings changed."""
    settings = settings_for(LANGUAGE, *pairs)
    made = compiled(load_pack(LANGUAGE), settings, lambda _: None)
    return Design(Model(made.folder), made.phrases, settings)


def network_once() -> Design:
    """Return the same network without looking again."""
    return network("keywords.looks=0")


def network_plain() -> Design:
    """Return the same network used as everybody uses Vosk."""
    return network(*PLAIN)


def grammar_list(with_grammar: bool = True) -> Design:
    """Return the phrases as Vosk's grammar."""
    settings = settings_for(LANGUAGE, *PLAIN)
    folder = models.find(LANGUAGE, settings).path
    heard, _ = spell(load_pack(LANGUAGE).phrases, read_unigrams(folder / "graph" / "Gr.fst").words)
    grammar = [" ".join(h.words) for h in heard] if with_grammar else None
    return Design(_WholeModel(folder, grammar), heard, settings)


def free_decoding() -> Design:
    """Return the whole language model, the phrases searched in its text."""
    return grammar_list(with_grammar=False)


OURS, PEER = "compiled network", "grammar list"
DESIGNS: dict[str, Callable[[], Design]] = {
    OURS: network,
    "... without looks": network_once,
    "... and carrying, widening": network_plain,
    PEER: grammar_list,
    "free decoding": free_decoding,
}
