"""``python -m bench``: prints the figures and writes them to ``build/bench.json``.

One thread on one core. Key-phrases are those of the pack with real Vosk; false hits are counted on
speech in which every hit is false. ``BENCH_LANG`` names another language, for which there have to
be rendered sets and a model.
"""

import os
import statistics
import subprocess
import sys
import time

import numpy as np

from bench.figures import (
    EMPTY_OF_PHRASES,
    LANGUAGE,
    calls_folder,
    keep,
    rendered_sets,
    resident_mb,
    settings_for,
)
from bench.hearing import Score, events_of, key_phrases, score, utterances_of, vosk_spotters
from coach.blocks import Block
from coach.cli.spotting import compiled
from coach.drift import Legs
from coach.features import Features
from coach.keywords.engine import Model
from coach.keywords.pack import load_pack
from coach.keywords.spotter import DeafSpotter
from coach.names import Leg
from coach.recordings import Recording
from coach.settings import Settings


def main() -> None:
    """Measure, print, keep."""
    calls = calls_folder()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    # in a process of its own: compiling is not part of what a unit's memory holds
    subprocess.run([sys.executable, "-m", "coach.cli", "phrases", "compile", LANGUAGE], check=True)
    settings = settings_for(LANGUAGE)
    network = compiled(load_pack(LANGUAGE), settings, print)
    model = Model(network.folder)

    both = Recording(
        calls / "Auto_Repairs_40_UTC_agent.wav", calls / "Auto_Repairs_40_UTC_caller.wav"
    )
    began = time.process_time()
    events_of(both, vosk_spotters(network, model, settings, list(Leg)), settings)
    whole = (time.process_time() - began) / both.duration_s
    rss_mb = resident_mb()
    began = time.process_time()
    events_of(both, dict.fromkeys(Leg, DeafSpotter()), settings)
    without_keywords = (time.process_time() - began) / both.duration_s

    said = Score()
    for path in rendered_sets():
        spotters = vosk_spotters(network, model, settings, [Leg.AGENT])
        events = events_of(Recording(path.with_suffix(".flac")), spotters, settings)
        score(key_phrases(events), utterances_of(path), said)
    empty = Score()
    for name in EMPTY_OF_PHRASES:
        leg = Recording(calls / name)
        spotters = vosk_spotters(network, model, settings, [Leg.AGENT])
        score(key_phrases(events_of(leg, spotters, settings)), [], empty)
        empty.seconds += leg.duration_s

    figures = {
        "rtf_whole": whole,
        "rtf_dsp": dsp(both, settings),
        "rtf_keywords": whole - without_keywords,
        "rss_mb": rss_mb,
        "phrase_delay_s_median": statistics.median(said.delays_s),
        "phrase_delay_s_p95": float(np.quantile(said.delays_s, 0.95)),
        "phrase_miss": said.miss,
        "phrase_false_per_hour": empty.false_per_hour,
    }
    for name, value in figures.items():
        print(f"{name:24} {value:8.3f}")
    print(f"missed: {said.missed}\nfalse in the sets: {said.false}\nfalse elsewhere: {empty.false}")
    keep(figures)


def dsp(recording: Recording, settings: Settings) -> float:
    """Return the share of real time that frames and features of both legs take."""
    with recording:
        blocks = [item for item in recording if isinstance(item, Block)]
    legs = Legs(recording.rates[Leg.AGENT], recording.rates[Leg.CUSTOMER], settings.audio)
    features = Features(settings)
    began = time.process_time()
    for block in blocks:
        for agent, customer in legs.push(block.leg, block.samples):
            features.push(agent, customer)
    return (time.process_time() - began) / recording.duration_s


if __name__ == "__main__":
    main()
