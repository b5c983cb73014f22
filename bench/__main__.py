"""``python -m bench``: prints the figures and writes them to ``build/bench.json``.

One thread on one core. Key-phrases are those of the Korean pack with real Vosk; false hits are
counted on speech in which every hit is false.
"""

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from bench.hearing import Score, events_of, key_phrases, score, utterances_of, vosk_spotters
from coach import settings as settings_of
from coach.blocks import Block
from coach.cli.spotting import compiled
from coach.drift import Legs
from coach.features import Features
from coach.keywords.engine import Model
from coach.keywords.pack import load_pack
from coach.keywords.spotter import DeafSpotter
from coach.names import Leg
from coach.recordings import Recording

ROOT = Path(__file__).parents[1]
CALLS = Path(os.environ.get("COACH_CALLS", ROOT.parent / "shared" / "calls"))
LANGUAGE = "ko"
EMPTY_OF_PHRASES = (
    "korean/speeches.flac",
    "Auto_Repairs_40_UTC_agent.wav",
    "Auto_Repairs_40_UTC_caller.wav",
    "agent1.wav",
)


def main() -> int:
    """Measure, print, write."""
    if not CALLS.is_dir():
        print(f"bench: no recorded calls at {CALLS}; set COACH_CALLS to their folder")
        return 2
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    settings = settings_of.load(pairs=[f"unit.language={LANGUAGE}"]).settings
    network = compiled(load_pack(LANGUAGE), settings, print)
    model = Model(network.folder)

    both = Recording(
        CALLS / "Auto_Repairs_40_UTC_agent.wav", CALLS / "Auto_Repairs_40_UTC_caller.wav"
    )
    began = time.process_time()
    events_of(both, vosk_spotters(network, model, settings, list(Leg)), settings)
    whole = (time.process_time() - began) / both.duration_s
    rss_mb = resident_mb()
    began = time.process_time()
    events_of(both, dict.fromkeys(Leg, DeafSpotter()), settings)
    without_keywords = (time.process_time() - began) / both.duration_s

    phrases = Score()
    for path in sorted((CALLS / "synth").glob(f"dev-{LANGUAGE}-*.json")):
        leg = Recording(path.with_suffix(".flac"))
        heard = key_phrases(
            events_of(leg, vosk_spotters(network, model, settings, [Leg.AGENT]), settings)
        )
        score(heard, utterances_of(path), phrases)
    empty = Score()
    for name in EMPTY_OF_PHRASES:
        leg = Recording(CALLS / name)
        heard = key_phrases(
            events_of(leg, vosk_spotters(network, model, settings, [Leg.AGENT]), settings)
        )
        score(heard, [], empty)
        empty.seconds += leg.duration_s

    figures = {
        "rtf_whole": whole,
        "rtf_dsp": dsp(both, settings),
        "rtf_keywords": whole - without_keywords,
        "rss_mb": rss_mb,
        "phrase_delay_s_median": statistics.median(phrases.delays_s),
        "phrase_delay_s_p95": float(np.quantile(phrases.delays_s, 0.95)),
        "phrase_miss": phrases.miss,
        "phrase_false_per_hour": empty.false_per_hour,
    }
    for name, value in figures.items():
        print(f"{name:24} {value:8.3f}")
    print(f"missed: {phrases.missed}\nfalse in the sets: {phrases.false}\nfalse: {empty.false}")
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "bench.json").write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def dsp(recording: Recording, settings: settings_of.Settings) -> float:
    """Return the share of real time that frames and features of both legs take."""
    began = time.process_time()
    legs = Legs(recording.rates[Leg.AGENT], recording.rates[Leg.CUSTOMER], settings.audio)
    features = Features(settings)
    with recording:
        for item in recording:
            if isinstance(item, Block):
                for agent, customer in legs.push(item.leg, item.samples):
                    features.push(agent, customer)
    return (time.process_time() - began) / recording.duration_s


def resident_mb() -> float:
    """Return the largest resident set of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


sys.exit(main())
