"""Fits how loud the bands are that a telephone takes: ``python -m bench.wideband``.

From the tune part of the rendered speech and other wideband speech at hand, English and Korean,
each beside itself as the telephone has it: nothing that key-phrases are scored on but the tune
part. Writes ``coach/keywords/wideband.npy``, float32[predictors, bands], and prints per band how
much of the variance is explained and what is left, in dB.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench import heard_sets
from bench.figures import calls_folder
from coach import settings
from coach.frames import RATE, Framer, Samples
from coach.keywords import wideband
from speech import telephone

ENGLISH = ("af_heart", "am_puck", "am_michael", "bf_emma")
SECONDS = 120
QUIET = 2.0  # hops so far (natural logarithm of power) under the median are not speech
RIDGE = 100.0
TO_DB = 10 / np.log(10)


def sources() -> Iterator[Path]:
    """Yield the recordings to fit to."""
    calls = calls_folder()
    yield from (calls / "synth" / f"dev-{voice}.flac" for voice in ENGLISH)
    yield calls / "korean" / "speeches.flac"
    yield from (leg.path for leg in heard_sets.phrases("tune"))
    yield from (leg.path for leg in list(heard_sets.talk("tune"))[:: len(heard_sets.TURNED)])


def as_heard(samples: Samples) -> Samples:
    """Return wideband ``samples`` as a unit has them from a telephone line, at 16 kHz."""
    framer = Framer(telephone.LINE_RATE, settings.load(files=()).settings.audio)
    narrow = telephone.to_line(samples)
    return np.concatenate([f.samples for f in [*framer.push(narrow), *framer.flush()]])


def pairs(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return per hop of speech the predictors and the wanted log powers over their mean."""
    wide, _ = soundfile.read(path, SECONDS * RATE, dtype="float32")
    narrow = as_heard(wide)
    length = min(len(wide), len(narrow))
    seen, mean = wideband.predictors(wideband.log_powers(narrow[:length])[0])
    taken = wideband.log_powers(wide[:length])[1][wideband.CONTEXT : -wideband.CONTEXT]
    speech = mean[:, 0] > np.median(mean) - QUIET
    return seen[speech], (taken - mean)[speech]


def main() -> None:
    """Fit, print, write."""
    seen, wanted = (np.vstack(part) for part in zip(*map(pairs, sources()), strict=True))
    square = seen.T @ seen + RIDGE * np.eye(seen.shape[1])
    weights = np.linalg.solve(square, seen.T @ wanted).astype(np.float32)
    left = wanted - seen @ weights
    edges = [*zip(wideband.LOW_HZ, wideband.LOW_HZ[1:], strict=False)]
    edges += zip(wideband.HIGH_HZ, wideband.HIGH_HZ[1:], strict=False)
    for (low, high), explained, error in zip(
        edges, 1 - left.var(axis=0) / wanted.var(axis=0), left.std(axis=0) * TO_DB, strict=True
    ):
        print(f"{low:5} to {high:5} Hz: {explained:4.0%} explained, {error:4.1f} dB left")
    np.save(Path(wideband.__file__).with_suffix(".npy"), weights)


if __name__ == "__main__":
    main()
