"""What the features cost, and how near speech is to a pace cue: ``python -m bench.features``.

The cost is CPU of both legs of a recorded call, per second of audio. For each recorded leg stand
the pace events' median and extremes, and the lowest and highest pace that was kept for as long as
a cue needs, beside the paces beyond which a cue begins. Then the paces of its breath groups.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import soundfile

from coach.events import BreathGroup, Event, Pace
from coach.features import Features
from coach.frames import Frame, Framer
from coach.settings import Settings, load

CALLS = Path(os.environ.get("COACH_CALLS", Path(__file__).parents[2] / "shared" / "calls"))
BOTH = ("Auto_Repairs_40_UTC_agent.wav", "Auto_Repairs_40_UTC_caller.wav")
REAL = {
    **dict.fromkeys((*BOTH, "agent1.wav"), "en"),
    "korean/speeches.flac": "ko",
}


def frames(file: Path, settings: Settings) -> list[Frame]:
    """Return a leg's frames."""
    samples, rate = soundfile.read(file, dtype="float32")
    return Framer(rate, settings.audio).push(samples)


def cost(settings: Settings, rounds: int = 3) -> float:
    """Return the least ms of CPU per second of audio, both legs together."""
    legs = [frames(CALLS / name, settings) for name in BOTH]
    seconds = min(leg[-1].t for leg in legs)
    spent = []
    for _ in range(rounds):
        features = Features(settings)
        began = time.process_time()
        for agent, customer in zip(*legs, strict=False):
            features.push(agent, customer)
        spent.append(time.process_time() - began)
    return 1000 * min(spent) / seconds


def paces(name: str, language: str) -> str:
    """Return one line of the table."""
    settings = load(files=(), pairs=[f"unit.language={language}"]).settings
    features, events = Features(settings), list[Event]()
    for frame in frames(CALLS / name, settings):
        events += features.push(frame, None)
    sps = np.array([e.syllables_per_s for e in events if isinstance(e, Pace)])
    breaths = [e.syllables_per_s for e in events if isinstance(e, BreathGroup)]
    band = settings.pace
    held = np.lib.stride_tricks.sliding_window_view(sps, round(band.hold_for_s / band.interval_s))
    change = band.cue_change_share
    cells = (
        *(float(value) for value in (np.median(sps), sps.min(), sps.max())),
        *(held.max(axis=1).min(), held.min(axis=1).max()),
        *(band.band_low_sps * (1 - change), band.band_high_sps * (1 + change)),
    )
    middle = np.quantile(breaths, (0.1, 0.5, 0.9))
    return (
        f"{name.rpartition('/')[2]:31}{language:4}"
        + "".join(f"{cell:7.2f}" for cell in cells)
        + f"{len(breaths):6}"
        + "".join(f"{sps:5.1f}" for sps in (*middle, max(breaths)))
    )


def main() -> None:
    """Print the table of paces and the cost."""
    sys.stdout.write(
        f"{'':35}{'pace: median, min, max':>21}{'held 8 s':>14}{'cue beyond':>14}"
        "  breaths: n, 10, 50, 90 %, max\n"
    )
    for name, language in REAL.items():
        sys.stdout.write(paces(name, language) + "\n")
    ms = cost(load(files=()).settings)
    sys.stdout.write(f"features of both legs: {ms:.2f} ms of CPU per s of audio\n")


if __name__ == "__main__":
    main()
