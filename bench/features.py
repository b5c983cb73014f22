"""What the features cost, and how near speech is to a pace cue: ``python -m bench.features``.

The cost is CPU of both legs of a recorded call, per second of audio. For each recorded leg stand
the pace events' median and extremes, and the lowest and highest pace that was kept for as long as
a cue needs, beside the paces beyond which a cue begins. Then the paces of its breath groups.
"""

from collections.abc import Iterator

import numpy as np

from bench.figures import CALL, REAL, Cpu, settings_for
from bench.sound import SETTINGS, frames, heard
from bench.table import Row
from coach.events import BreathGroup, Event, Pace
from coach.features import Features


def cost_ms(rounds: int = 3) -> float:
    """Return the least ms of CPU per second of audio, both legs of a call together."""
    legs = [list(frames(heard(name))) for name in CALL]
    seconds = min(leg[-1].t for leg in legs)
    spent = []
    for _ in range(rounds):
        features = Features(SETTINGS)
        with Cpu() as cpu:
            for agent, customer in zip(*legs, strict=False):
                features.push(agent, customer)
        spent.append(cpu.ms_per_s(seconds))
    return min(spent)


def paces(name: str, language: str) -> str:
    """Return one line of the table."""
    settings = settings_for(language)
    features, events = Features(settings), list[Event]()
    for frame in frames(heard(name)):
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


def rows() -> Iterator[Row]:
    """Yield the CPU of the features of both legs."""
    yield Row("CPU, both legs", cost_ms(), "ms per s", ".2f")


def main() -> None:
    """Print the table of paces and the cost."""
    print(
        f"{'':35}{'pace: median, min, max':>21}{'held 8 s':>14}{'cue beyond':>14}"
        "  breaths: n, 10, 50, 90 %, max"
    )
    for name, language in REAL.items():
        print(paces(name, language))
    print(f"features of both legs: {cost_ms():.2f} ms of CPU per s of audio")


if __name__ == "__main__":
    main()
