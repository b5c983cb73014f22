"""What is told of a level in an office: ``python -m bench.level_noise``.

Three rendered voices, a minute each, under the office of ``bench.voice`` (eight talkers, voices of
their own). Counts the levels of each second and of each talk-spurt that are told, and how far those
of the window are from the same second without the office. ``office``: nobody speaks on the leg.
Needs the extra ``bench``.
"""

import numpy as np
from numpy.typing import NDArray

from bench.voice import SECONDS, SYNTH, babble, rendered
from coach import settings
from coach.events import Level, Voice
from coach.features import Features
from coach.frames import FRAME, FRAME_S, Frame

SETTINGS = settings.load(files=()).settings
SNRS_DB = (30, 20, 15, 10, 5, 0)

Samples = NDArray[np.float32]


def told(samples: Samples) -> tuple[dict[int, float], list[float | None]]:
    """Return the level in dBov of each second that has one, and of each talk-spurt."""
    features = Features(SETTINGS)
    levels: dict[int, float] = {}
    spurts: list[float | None] = []
    for index in range(len(samples) // FRAME):
        part = samples[index * FRAME : (index + 1) * FRAME].astype(np.float32)
        for event in features.push(Frame(index, (index + 1) * FRAME_S, part), None):
            if isinstance(event, Level):
                levels[round(event.t)] = event.level_db
            elif isinstance(event, Voice) and not event.active:
                spurts.append(event.level_db)
    return levels, spurts


def main() -> None:
    """Print one line for each ratio of speech to office."""
    voices = [rendered(name) for name in SYNTH[:3]]
    clean = [told(voice.samples)[0] for voice in voices]
    print(f"{'':12}{'levels':>8}{'mean off':>10}{'worst':>8}{'spurts':>12}")
    for snr_db in (*SNRS_DB, None):
        count, off, spurts = 0, [], []
        for seed, (voice, quiet) in enumerate(zip(voices, clean, strict=True)):
            spoken = voice.samples[: len(voice.truth) * FRAME][np.repeat(voice.truth, FRAME)]
            office = babble(len(voice.samples), np.random.default_rng(seed))
            office *= np.sqrt(np.mean(spoken**2) / np.mean(office**2)) * 10 ** (-(snr_db or 0) / 20)
            levels, ends = told(office if snr_db is None else voice.samples + office)
            count += len(levels)
            off += [level - quiet[t] for t, level in levels.items() if t in quiet]
            spurts += ends
        name = "office" if snr_db is None else f"{snr_db} dB"
        mean, worst = (np.mean(off), np.max(np.abs(off))) if off else (np.nan, np.nan)
        known = sum(level is not None for level in spurts)
        print(
            f"{name:12}{count:4d}/{len(voices) * SECONDS}{mean:10.2f}{worst:8.2f}"
            f"{known:8d}/{len(spurts)}"
        )


if __name__ == "__main__":
    main()
