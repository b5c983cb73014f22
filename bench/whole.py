"""What a whole call costs and what is heard in it: ``python -m bench.whole``.

Comes in: a recorded call, the rendered sets and speech without phrases; the language's model. Goes
out: CPU and memory of the whole pipeline with real Vosk on both legs, one thread on one core; and
key-phrases heard and missed, with their delays. False hits are counted on speech in which every hit
is false. ``BENCH_LANG`` names another language, for which there have to be rendered sets and a
model. Refuses to know: other ways to hear a phrase (bench/peers.py).
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from bench.figures import (
    CALL,
    EMPTY_OF_PHRASES,
    LANGUAGE,
    Cpu,
    calls_folder,
    one_core,
    rendered_sets,
    resident_mb,
    settings_for,
)
from bench.hearing import Score, events_of, key_phrases, score, utterances_of, vosk_spotters
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
    yield Row("CPU over the call's length", rtf, aim=at_most(0.08), key="rtf_whole")
    rtf_dsp = dsp(both, settings)
    yield Row("... of frames and features", rtf_dsp, aim=at_most(0.01), key="rtf_dsp")
    yield Row("... of key-phrases", keywords, key="rtf_keywords")
    yield Row("memory", rss_mb, "MB", ".0f", aim=at_most(200), key="rss_mb")


def heard(made: Network, model: Model, settings: Settings) -> tuple[Score, Score]:
    """Return the scores of the rendered sets and of speech without phrases."""
    said, empty = Score(), Score()
    for path in rendered_sets():
        spotters = vosk_spotters(made, model, settings, [Leg.AGENT])
        events = events_of(Recording(path.with_suffix(".flac")), spotters, settings)
        score(key_phrases(events), utterances_of(path), said)
    for name in EMPTY_OF_PHRASES:
        leg = Recording(calls_folder() / name)
        spotters = vosk_spotters(made, model, settings, [Leg.AGENT])
        score(key_phrases(events_of(leg, spotters, settings)), [], empty)
        empty.seconds += leg.duration_s
    return said, empty


def phrases(said: Score, empty: Score) -> Iterator[Row]:
    """Yield misses, false hits and delays."""
    late_s = said.delays_s
    middle, late = statistics.median(late_s), float(np.quantile(late_s, 0.95))
    yield Row(
        "phrase delay, median", middle, "s", ".2f", "", None, at_most(0.5), "phrase_delay_s_median"
    )
    yield Row("phrase delay, 95 %", late, "s", ".2f", key="phrase_delay_s_p95")
    yield Row("phrases missed", said.miss, aim=at_most(0.08), key="phrase_miss")
    false = empty.false_per_hour
    yield Row("phrases heard falsely, per hour", false, "", ".1f", key="phrase_false_per_hour")


def rows() -> Iterator[Row]:
    """Yield what the call costs, then what was heard."""
    settings = settings_for(LANGUAGE)
    made = network(settings)
    model = Model(made.folder)
    yield from costs(made, model, settings)
    yield from phrases(*heard(made, model, settings))


def main() -> None:
    """Print the figures, and every phrase that was missed or heard falsely; keep the figures."""
    one_core()
    settings = settings_for(LANGUAGE)
    made = network(settings)
    model = Model(made.folder)
    found = list(costs(made, model, settings))
    said, empty = heard(made, model, settings)
    found += phrases(said, empty)
    for row in found:
        print(line("whole", row))
    print(f"missed: {said.missed}\nfalse in the sets: {said.false}\nfalse elsewhere: {empty.false}")
    keep("whole", found)


if __name__ == "__main__":
    main()
