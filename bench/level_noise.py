"""What is told of a level in an office: ``python -m bench.level_noise``.

Three rendered voices, a minute each, under an office of eight talkers, voices of their own. Counts
the levels of each second and of each talk-spurt that are told, and how far those of the window are
from the same second without the office. ``office``: nobody speaks on the leg.
"""

import numpy as np

from bench.noises import babble, noise_under
from bench.sound import FITTED, SETTINGS, frames, rendered
from coach.events import Level, Voice
from coach.features import Features
from coach.frames import Samples

SNRS_DB = (30, 20, 15, 10, 5, 0)
SECONDS = 60


def told(samples: Samples) -> tuple[dict[int, float], list[float | None]]:
    """Return the level in dBov of each second that has one, and of each talk-spurt."""
    features = Features(SETTINGS)
    levels: dict[int, float] = {}
    spurts: list[float | None] = []
    for frame in frames(samples):
        for event in features.push(frame, None):
            if isinstance(event, Level):
                levels[round(event.t)] = event.level_db
            elif isinstance(event, Voice) and not event.active:
                spurts.append(event.level_db)
    return levels, spurts


def main() -> None:
    """Print one line for each ratio of speech to office."""
    voices = [rendered(name, SECONDS) for name in FITTED[:3]]
    clean = [told(voice.samples)[0] for voice in voices]
    print(f"{'':12}{'levels':>8}{'mean off':>10}{'worst':>8}{'spurts':>12}")
    for snr_db in (*SNRS_DB, None):
        count, off, spurts = 0, [], []
        for seed, (voice, quiet) in enumerate(zip(voices, clean, strict=True)):
            office = babble(len(voice.samples), np.random.default_rng(seed))
            office = noise_under(voice, office, snr_db or 0)
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
