"""Whether a day's hearing grows: ``python -m bench.day [HOURS]``, 10 of audio unless told.

Comes in: a recorded call, again and again, both legs; the language's model. Goes out: the resident
memory after the first quarter of an hour and at the end. Refuses to know: what is heard. It takes a
few minutes an hour of audio, so it is not in the table.
"""

import resource
import sys
from pathlib import Path

from bench.figures import CALL, LANGUAGE, keep, one_core, settings_for
from bench.sound import frames, heard
from bench.whole import network
from coach.features import Features
from coach.frames import FRAME_S, Frame
from coach.keywords.engine import Model
from coach.keywords.spotter import VoskSpotter
from coach.names import Leg
from coach.settings import Settings

FIRST_H = 0.25
MOST_GROWTH = 0.05


def voiced_frames(settings: Settings) -> list[list[tuple[Frame, bool]]]:
    """Return the frames of each leg of the call, and whether they are voiced."""
    legs = []
    for name in CALL:
        features, leg = Features(settings), []
        for frame in frames(heard(name)):
            features.push(frame, None)
            leg.append((frame, features.voiced[Leg.AGENT]))
        legs.append(leg)
    return legs


def now_mb() -> float:
    """Return the resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Listen, print, keep."""
    one_core()
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    settings = settings_for(LANGUAGE)
    made = network(settings)
    model = Model(made.folder)
    legs = voiced_frames(settings)
    spotters = [VoskSpotter(leg, model, made.phrases, settings.keywords) for leg in Leg]
    call_h = len(legs[0]) * FRAME_S / 3600
    heard_h, first_mb = 0.0, 0.0
    while heard_h < hours:
        for spotter, leg in zip(spotters, legs, strict=True):
            spotter.new_call()
            for frame, voiced in leg:
                spotter.push(frame, voiced)
        heard_h += call_h
        if not first_mb and heard_h >= FIRST_H:
            first_mb = now_mb()
            print(f"{heard_h:5.2f} h: {first_mb:.1f} MB", flush=True)
    growth = now_mb() / first_mb - 1
    print(f"{heard_h:5.2f} h: {now_mb():.1f} MB, {growth:+.1%} (aim: at most {MOST_GROWTH:+.0%})")
    keep({"day_hours": heard_h, "day_growth": growth})


if __name__ == "__main__":
    main()
