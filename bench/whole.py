"""What a whole call costs: ``python -m bench.whole``.

Comes in: a recorded call, the language's model. Goes
out: CPU and memory of the whole pipeline with real Vosk on both legs, one thread on one core.
``BENCH_LANG`` names another language, for which there has to be a model. Refuses to know: which
phrases are heard (bench/phrases.py).
"""

import subprocess
import sys
from collections.abc import Iterator

from bench.figures import (
    CALL,
    LANGUAGE,
    Cpu,
    calls_folder,
    one_core,
    resident_mb,
    settings_for,
)
from bench.hearing import events_of, vosk_spotters
from bench.table import Row, at_most, keep, line
from coach import models
from coach.blocks import Block
from coach.cli.spotting import compiled
from coach.drift import Legs
from coach.features import Features
from coach.keywords.engine import Model
from coach.keywords.network import Network
from coach.keywords.pack import load_pack
from coach.keywords.spotter import DeafSpotter
from coach.names import Leg
from coach.recordings import Recording
from coach.settings import Settings


def network(settings: Settings) -> Network:
    """Return the compiled network; raises ModelError where the language has no model."""
    models.find(LANGUAGE, settings)
    # in a process of its own: compiling is not part of what a unit's memory holds
    subprocess.run([sys.executable, "-m", "coach.cli", "phrases", "compile", LANGUAGE], check=True)
    return compiled(load_pack(LANGUAGE), settings, print)


def dsp(recording: Recording, settings: Settings) -> float:
    """Return the share of real time that frames and features of both legs take."""
    with recording:
        blocks = [item for item in recording if isinstance(item, Block)]
    legs = Legs(recording.rates[Leg.AGENT], recording.rates[Leg.CUSTOMER], settings.audio)
    features = Features(settings)
    with Cpu() as cpu:
        for block in blocks:
            for agent, customer in legs.push(block.leg, block.samples):
                features.push(agent, customer)
    return cpu.seconds / recording.duration_s


def costs(made: Network, model: Model, settings: Settings) -> Iterator[Row]:
    """Yield CPU and memory of a recorded call, both legs."""
    both = Recording(*(calls_folder() / name for name in CALL))
    with Cpu() as whole:
        events_of(both, vosk_spotters(made, model, settings, list(Leg)), settings)
    rss_mb = resident_mb()
    with Cpu() as deaf:
        events_of(both, dict.fromkeys(Leg, DeafSpotter()), settings)
    rtf, keywords = (cpu / both.duration_s for cpu in (whole.seconds, whole.seconds - deaf.seconds))
    yield Row("CPU over the call's length", rtf, aim=at_most(0.05), key="rtf_whole")
    rtf_dsp = dsp(both, settings)
    yield Row("... of frames and features", rtf_dsp, aim=at_most(0.01), key="rtf_dsp")
    yield Row("... of key-phrases", keywords, key="rtf_keywords")
    yield Row("memory", rss_mb, "MB", ".0f", aim=at_most(120), key="rss_mb")


def rows() -> Iterator[Row]:
    """Yield what the call costs."""
    settings = settings_for(LANGUAGE)
    made = network(settings)
    model = Model(made.folder)
    yield from costs(made, model, settings)


def main() -> None:
    """Print the figures and keep them."""
    one_core()
    settings = settings_for(LANGUAGE)
    made = network(settings)
    model = Model(made.folder)
    found = list(costs(made, model, settings))
    for row in found:
        print(line("whole", row))
    keep("whole", found)


if __name__ == "__main__":
    main()
